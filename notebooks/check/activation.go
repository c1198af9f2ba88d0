// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/activation"
	"convscope/pkg/picture"
	"convscope/vgg16"
)

// lessonSize is how large photos are in lesson 1, in pixels.
const lessonSize = 224

// OutputSize checks how many places, in each direction, a layer's output has for a photo of size x size pixels.
func OutputSize(layer string, size, answer int) bool {
	found, err := vgg16.Find(layer)
	if err != nil {
		return refuse(err)
	}
	want, _ := found.OutputSize(size, size)
	switch {
	case answer == want:
		return say(true, "%s has %d x %d places, each of which spans %d pixels", layer, want, want, found.Stride)
	case answer < want:
		return say(false, "%d is too few", answer)
	}
	return say(false, "%d is too many", answer)
}

// Loudest checks which channel of a layer answers most to the photo, on average.
func Loudest(net *vgg16.Model, photo image.Image, layer string, answer int) bool {
	return try(func() bool {
		output := look(net, photo, layer)[0]
		strongest := activation.Strongest(output, output.Shape().Dim(-1))
		for rank, channel := range strongest {
			switch {
			case channel == answer && rank == 0:
				return say(true, "channel %d answers most", answer)
			case channel == answer:
				return say(false, "%d channels answer more than channel %d", rank, answer)
			}
		}
		return say(false, "%s has no channel %d", layer, answer)
	})
}

// FirstSilent checks which layer is the first that has a channel which answers nowhere in the photo.
func FirstSilent(net *vgg16.Model, photo image.Image, answer string) bool {
	return try(func() bool {
		if _, err := vgg16.Find(answer); err != nil {
			return refuse(err)
		}
		for _, layer := range vgg16.Layers() {
			silent := activation.Silent(look(net, photo, layer.Name)[0])
			switch {
			case layer.Name == answer && silent > 0:
				return say(true, "%.1f %% of the channels of %s are silent", 100*silent, answer)
			case layer.Name == answer:
				return say(false, "all channels of %s answer somewhere", answer)
			case silent > 0:
				return say(false, "a layer before %s has one", answer)
			}
		}
		return say(false, "no layer has one")
	})
}

// look is the layer's output for the photo.
func look(net *vgg16.Model, photo image.Image, layers ...string) []*tensors.Tensor {
	return net.MustPhotoActivations(picture.Tensor(photo, lessonSize, lessonSize), layers...)
}
