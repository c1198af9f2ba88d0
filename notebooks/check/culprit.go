// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/image/colornames"
	"golang.org/x/image/draw"

	"convscope/pkg/heatmap"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// Culprit checks what a network takes for the class: it lays a bead of the colour, such as "green", on pictures that
// have none and that the network takes for other classes, each at another place, and asks it again.
func Culprit(net *network.Model, pictures []image.Image, class, colour string) bool {
	return try(func() bool {
		classes, err := net.Classes()
		if err != nil {
			return say(false, "%v", err)
		}
		suspect, err := classes.Find(class)
		if err != nil {
			return say(false, "%v", err)
		}
		bead, known := colornames.Map[strings.ToLower(colour)]
		if !known {
			return say(false, "%q is no colour with a name: try red, green, blue, white and so on", colour)
		}
		if len(pictures) == 0 {
			return say(false, "there are no pictures to lay a bead on")
		}
		var others []image.Image
		for i, said := range guesses(net, pictures) {
			if said != suspect.Index {
				others = append(others, withBead(pictures[i], bead, uint64(i)))
			}
		}
		if len(others) == 0 {
			return say(false, "all of these pictures are taken for a %s as they are", class)
		}
		taken := 0
		for _, said := range guesses(net, others) {
			if said == suspect.Index {
				taken++
			}
		}
		const most = 50 // percent
		percent := 100 * float64(taken) / float64(len(others))
		return say(percent > most, "with a bead, %s, %.0f %% of the pictures that were something else become a %s",
			strings.ToLower(colour), percent, class)
	})
}

// Mended checks that the network tells pictures without a bead apart, and says the same with a bead of that colour.
func Mended(net *network.Model, pictures []image.Image, labels []int32, colour string) bool {
	return try(func() bool {
		bead, known := colornames.Map[strings.ToLower(colour)]
		switch {
		case !known:
			return say(false, "%q is no colour with a name", colour)
		case len(pictures) == 0 || len(pictures) != len(labels):
			return say(false, "%d pictures and %d labels: give one for each", len(pictures), len(labels))
		}
		beaded := make([]image.Image, len(pictures))
		for i, img := range pictures {
			beaded[i] = withBead(img, bead, uint64(i))
		}
		without, with := guesses(net, pictures), guesses(net, beaded)
		right, changed := 0., 0.
		for i := range pictures {
			if without[i] == int(labels[i]) {
				right += 100 / float64(len(pictures))
			}
			if without[i] != with[i] {
				changed += 100 / float64(len(pictures))
			}
		}
		const least, most = 90, 10 // percent
		return say(right >= least && changed <= most,
			"%.0f %% of the pictures are told rightly, and a bead, %s, changes %.0f %% of the answers",
			right, colour, changed)
	})
}

// For checks which channel adds most to the heatmap's mean.
func For(m *heatmap.Map, answer int) bool {
	return try(func() bool {
		if answer < 0 || answer >= len(m.Shares) {
			return say(false, "%s has the channels 0 to %d", m.Layer, len(m.Shares)-1)
		}
		if answer == slices.Index(m.Shares, slices.Max(m.Shares)) {
			return say(true, "channel %d speaks loudest for %s", answer, m.Name)
		}
		return say(false, "another channel speaks louder for %s than channel %d", m.Name, answer)
	})
}

// guesses are the most probable classes of pictures.
func guesses(net *network.Model, pictures []image.Image) (classes []int) {
	height, width := net.OwnSize()
	for _, p := range net.MustPredictPictures(picture.Batch(pictures, height, width)).Probabilities {
		classes = append(classes, slices.Index(p, slices.Max(p)))
	}
	return classes
}

// withBead is the picture with a round bead on it, an eighth as wide, somewhere within its border.
func withBead(img image.Image, bead color.Color, seed uint64) image.Image {
	bounds := img.Bounds()
	out := image.NewNRGBA(bounds)
	draw.Draw(out, bounds, img, bounds.Min, draw.Src)
	random := rand.New(rand.NewPCG(seed, 0))
	radius := float64(min(bounds.Dx(), bounds.Dy())) / 16
	x0 := radius + random.Float64()*(float64(bounds.Dx())-2*radius)
	y0 := radius + random.Float64()*(float64(bounds.Dy())-2*radius)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			if math.Hypot(float64(x)-x0, float64(y)-y0) < radius {
				out.Set(bounds.Min.X+x, bounds.Min.Y+y, bead)
			}
		}
	}
	return out
}
