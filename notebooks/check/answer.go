// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/vgg16"
)

// ReceptiveField checks how many pixels of the picture one position of the layer sees in each direction.
func ReceptiveField(layer string, answer int) bool {
	found, err := vgg16.Find(layer)
	if err != nil {
		return refuse(err)
	}
	want := found.ReceptiveField()
	switch {
	case answer == want:
		return say(true, "one position of %s sees %d x %d pixels", layer, want, want)
	case answer < want:
		return say(false, "%d is too few", answer)
	}
	return say(false, "%d is too many", answer)
}

// Downhill checks that the reader's step, from a picture [1, height, width, 3] and its normalized gradient to the next
// picture, makes the loss of block3_conv1's filter 0 fall.
func Downhill(net *vgg16.Model, step func(x, grads *Node) *Node) bool {
	return try(func() bool {
		const size, steps = 64, 10
		exec := model.MustNewExec2(net.Backend, net.Store, func(scope *model.Scope, x *Node) (loss, next *Node) {
			filter := ScalarZero(x.Graph(), x.DType())
			filter = ConvertDType(Reshape(filter, 1), dtypes.Int32)       // [1]
			losses := vgg16.ChannelMean("block3_conv1")(scope, x, filter) // [1]
			grads, _ := ascent.Normalize(Gradient(ReduceAllSum(losses), x)[0])
			return ReduceAllSum(losses), step(x, grads)
		})
		x := noise(size)
		var losses []float32
		for range steps {
			loss, next := exec.MustCall(x)
			losses, x = append(losses, tensors.ToScalar[float32](loss)), next
		}
		first, last := losses[0], losses[steps-1]
		if last < first {
			return say(true, "the loss falls from %.3g to %.3g in %d steps", first, last, steps)
		}
		return say(false, "the loss goes from %.3g to %.3g in %d steps: it should fall", first, last, steps)
	})
}

// InnerLoss checks that the reader's loss, from an activation [1, h, w, filters] and a filter, leaves two positions
// away on each side.
func InnerLoss(net *vgg16.Model, loss func(activation *Node, filter int) *Node) bool {
	return try(func() bool {
		const filter = 5
		theirs, ours := model.MustNewExec2(net.Backend, net.Store,
			func(scope *model.Scope, x *Node) (theirs, ours *Node) {
				activation := vgg16.Activation(scope, x, "block3_conv1")
				height, width := activation.Shape().Dim(1), activation.Shape().Dim(2)
				inner := Slice(activation, AxisRange(), AxisRange(2, height-2), AxisRange(2, width-2), AxisElem(filter))
				return loss(activation, filter), ReduceAllMean(inner)
			}).MustCall(noise(64))
		got, want := tensors.ToScalar[float32](theirs), tensors.ToScalar[float32](ours)
		if math.Abs(float64(got-want)) <= 1e-4*math.Abs(float64(want)) {
			return say(true, "the mean without the border is %.4g", want)
		}
		return say(false, "the mean is %.4g, but without two positions on each side it is another number", got)
	})
}

// DeadFilter checks which one of the layer's first filters never answers at 64 x 64 pixels, by running them.
func DeadFilter(net *vgg16.Model, layer string, filters, answer int) bool {
	return try(func() bool {
		found, err := vgg16.Find(layer)
		if err != nil {
			return refuse(err)
		}
		indices := make([]int, min(max(filters, 0), found.Filters+1)) // one too many is refused below
		for i := range indices {
			indices[i] = i
		}
		target, err := net.Channels(layer, indices...)
		if err != nil {
			return refuse(err)
		}
		const steps = 3 // a filter that is still silent after three steps without a gradient stays so
		dead := ascent.MustRun(target, ascent.Options{Size: 64, Steps: steps, NoRescue: true}).DeadFilters()
		for _, filter := range dead {
			if filter == answer {
				return say(true, "filter %d of %s has no loss and no gradient", answer, layer)
			}
		}
		return say(false, "filter %d is not the one; it shows in result.DeadFilters()", answer)
	})
}

// noise is a gray noise picture, [1, size, size, 3].
func noise(size int) *tensors.Tensor {
	pixels := make([]float32, size*size*3)
	ascent.Noise(pixels, ascent.BookSeed, 0)
	return tensors.FromFlatDataAndDimensions(pixels, 1, size, size, 3)
}
