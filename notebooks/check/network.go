// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"image"

	"convscope/pkg/activation"
	"convscope/pkg/heatmap"
	"convscope/pkg/network"
)

// Convention checks in what words, those of [network.ParseInput], the network takes pictures.
func Convention(net *network.Model, answer string) bool {
	return try(func() bool {
		in := net.Network().Input
		given, err := network.ParseInput(in, answer)
		if err != nil {
			return say(false, "%v", err)
		}
		want := network.InputText(in)
		return say(network.InputText(given) == want, "pictures as %s", network.InputText(given))
	})
}

// MostSilent checks which of a network's convolutions leaves the largest share of its channels silent for the photo.
func MostSilent(net *network.Model, photo image.Image, answer string) bool {
	return try(func() bool {
		if _, err := net.Find(answer); err != nil {
			return refuse(err)
		}
		height, width := net.OwnSize()
		input := net.PhotoTensor(photo, height, width)
		own, most := -1., 0.
		for _, layer := range net.Convolutions() {
			silent := activation.Silent(net.MustPhotoActivations(input, layer)[0])
			most = max(most, silent)
			if layer == answer {
				own = silent
			}
		}
		switch {
		case own < 0:
			return say(false, "%s is no convolution", answer)
		case own < most:
			return say(false, "%.1f %% of %s are silent, and of another one more", 100*own, answer)
		}
		return say(true, "%.1f %% of the channels of %s are silent", 100*own, answer)
	})
}

// Field checks how many pixels of the picture one place of a network's layer sees in each direction.
func Field(net *network.Model, layer string, answer int) bool {
	return try(func() bool {
		found, err := net.Find(layer)
		if err != nil {
			return refuse(err)
		}
		want := found.ReceptiveField()
		switch {
		case answer == want && want == 0:
			return say(true, "%s sees all of the picture, whatever its size", layer)
		case answer == want:
			return say(true, "one place of %s sees %d x %d pixels", layer, want, want)
		case want == 0:
			return say(false, "%s sees more: all of the picture, for which the answer is 0", layer)
		case answer < want:
			return say(false, "%d is too few", answer)
		}
		return say(false, "%d is too many", answer)
	})
}

// SpeaksFor checks for which class a heatmap speaks.
func SpeaksFor(m *heatmap.Map, answer string) bool {
	return try(func() bool {
		if answer == "" {
			return say(false, "name a class")
		}
		if answer != m.Name {
			return say(false, "it does not speak for %q", answer)
		}
		return say(true, "it speaks for %s, which the network gives %.1f %%", m.Name, 100*m.Probability)
	})
}
