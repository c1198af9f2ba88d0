// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"slices"

	"convscope/pkg/layer"
)

func (r *reading) maxPool() []part {
	return one(layer.MaxPool{Size: r.pair(2, "pool_size"), Stride: r.pair(0, "strides"), Padding: r.padding()}, nil)
}

func (r *reading) averagePool() []part {
	return one(layer.AveragePool{Size: r.pair(2, "pool_size"), Stride: r.pair(0, "strides"),
		Padding: r.padding()}, nil)
}

// global is a pool over all positions.
func global(to layer.Reduction) func(*reading) []part {
	return func(r *reading) []part {
		if r.rank() != 3 {
			r.fail("it takes [height, width, channels], not %v", r.shapes[0])
		}
		return one(layer.Reduce{To: to, Axes: []int{0, 1}, Keep: r.flag(false, "keepdims")}, nil)
	}
}

func (r *reading) zeroPadding() []part {
	begin, end := r.sides("padding")
	return one(layer.Pad{Begin: begin, End: end}, nil)
}

func (r *reading) cropping() []part {
	begin, end := r.sides("cropping")
	for i := range begin {
		begin[i], end[i] = -begin[i], -end[i]
	}
	return one(layer.Pad{Begin: begin, End: end}, nil)
}

func (r *reading) upSampling() []part {
	size := r.pair(2, "size")
	op := layer.Resize{Scale: [2]float64{float64(size[0]), float64(size[1])}}
	if r.word("interpolation", "nearest", "bilinear") == "bilinear" {
		op.Sampling = layer.Bilinear
	}
	return one(op, nil)
}

func (r *reading) resizing() []part {
	op := layer.Resize{Height: r.whole(0, "height"), Width: r.whole(0, "width")}
	if op.Height < 1 || op.Width < 1 {
		r.fail("a size of %dx%d", op.Height, op.Width)
	}
	if r.word("interpolation", "bilinear", "nearest") == "bilinear" {
		op.Sampling = layer.Bilinear
	} else {
		op.Rounding = layer.PreferCeil
	}
	for _, option := range []string{"crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"} {
		if r.flag(false, option) {
			r.fail("its %s is not known here", option)
		}
	}
	return one(op, nil)
}

// flatten reads a Flatten. With the channels first Keras brings them to the end before, so that nothing changes.
func (r *reading) flatten() []part {
	if r.first && r.rank() == 3 && text(r.value("data_format")) == "channels_last" {
		r.fail("it takes the channels to be last where they are first")
	}
	return one(layer.Flatten{}, nil)
}

func (r *reading) reshape() []part {
	shape, ok := integers(r.value("target_shape"))
	if !ok {
		r.fail("its target_shape is no list of whole numbers")
	}
	return r.reshaped(shape)
}

// reshaped lays values out anew. With the channels first that works between shapes of one axis that isn't 1.
func (r *reading) reshaped(shape []int) []part {
	if r.first && (len(shape) == 3 || r.rank() == 3) {
		if large := func(d int) bool { return d != 1 }; len(trimAll(r.shapes[0])) > 1 ||
			slices.IndexFunc(shape, large) != lastIndexFunc(shape, large) {
			r.fail("it lays out channels that come first, which is not known here")
		} else if len(shape) == 3 {
			shape = []int{shape[1], shape[2], shape[0]}
		}
	}
	if len(shape) == 0 {
		r.fail("its shape is empty")
	}
	return one(layer.Reshape{To: shape}, nil)
}

func trimAll(shape []int) (large []int) {
	for _, d := range shape {
		if d != 1 {
			large = append(large, d)
		}
	}
	return large
}

func lastIndexFunc(list []int, test func(int) bool) int {
	for i := len(list) - 1; i >= 0; i-- {
		if test(list[i]) {
			return i
		}
	}
	return -1
}

func (r *reading) permute() []part {
	dims, ok := integers(r.value("dims"))
	if !ok {
		r.fail("its dims are no list of whole numbers")
	}
	return r.permuted(dims)
}

// permuted puts axes, which count with the batch, in another order.
func (r *reading) permuted(dims []int) []part {
	if r.first && r.rank() == 3 {
		r.fail("it turns axes around where channels come first, which is not known here")
	}
	axes := make([]int, len(dims))
	for i, axis := range dims {
		axes[i] = r.axis(axis)
	}
	return one(layer.Permute{Axes: axes}, nil)
}
