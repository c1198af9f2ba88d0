// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/heatmap"
	"convscope/vgg16"
)

// HiResCAM checks that the reader's graph function makes HiResCAM's map, [h, w], of maps and gradients, both [1, h, w,
// channels]: the sum over the channels, or their mean, of each place's own product.
func HiResCAM(net *vgg16.Model, answer func(maps, gradients *Node) *Node) bool {
	return try(func() bool {
		const side, channels = 5, 7
		random := rand.New(rand.NewPCG(1, 0))
		maps, gradients := make([]float32, side*side*channels), make([]float32, side*side*channels)
		for i := range maps {
			maps[i], gradients[i] = random.Float32(), random.Float32()-0.5
		}
		put := func(values []float32) *tensors.Tensor {
			return tensors.FromFlatDataAndDimensions(values, 1, side, side, channels)
		}
		// MustExecOnce would wait without end where the graph can't be built, as for an answer that returns nil.
		exec := MustNewExec(net.Backend, answer)
		out := exec.MustCall(put(maps), put(gradients))[0]
		exec.Finalize()
		if got := out.Shape().Dimensions; !slices.Equal(got, []int{side, side}) {
			return say(false, "the map has the shape %v, not %v", got, []int{side, side})
		}
		got := tensors.MustCopyFlatData[float32](out)
		for at, value := range got {
			sum := 0.0
			for c := range channels {
				sum += float64(maps[at*channels+c]) * float64(gradients[at*channels+c])
			}
			if !near(float64(value), sum) && !near(float64(value)*channels, sum) {
				return say(false, "at row %d, column %d the map is %.3g; the products there add up to %.3g",
					at/side, at%side, value, sum)
			}
		}
		return say(true, "each place weighs its own gradient")
	})
}

// near says that two numbers agree but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-4*(1+math.Abs(b)) }

// Against checks which channel takes most away from the heatmap's mean.
func Against(m *heatmap.Map, answer int) bool {
	return try(func() bool {
		if answer < 0 || answer >= len(m.Shares) {
			return say(false, "%s has the channels 0 to %d", m.Layer, len(m.Shares)-1)
		}
		least := slices.Index(m.Shares, slices.Min(m.Shares))
		switch {
		case answer == least:
			return say(true, "channel %d speaks loudest against %s", answer, m.Name)
		case m.Shares[answer] > 0:
			return say(false, "channel %d speaks for %s", answer, m.Name)
		case m.Shares[answer] == 0:
			return say(false, "channel %d says nothing", answer)
		}
		return say(false, "channel %d speaks against %s, but another one does so louder", answer, m.Name)
	})
}

// Sees checks which layer is the first whose places see that many pixels of the photo in each direction.
func Sees(pixels int, answer string) bool {
	if _, err := vgg16.Find(answer); err != nil {
		return refuse(err)
	}
	for _, layer := range vgg16.Layers() {
		field := layer.ReceptiveField()
		switch {
		case layer.Name == answer && field >= pixels:
			return say(true, "a place of %s sees %d x %d pixels", answer, field, field)
		case layer.Name == answer:
			return say(false, "a place of %s sees only %d pixels in each direction", answer, field)
		case field >= pixels:
			return say(false, "a layer before %s sees that many", answer)
		}
	}
	return say(false, "no layer sees that many")
}
