// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"math"
	"slices"

	"convscope/pkg/layer"
)

// affine lists gamma and beta, where they are.
func affine(scale, center bool) (wants []want) {
	if scale {
		wants = append(wants, want{role: "gamma", file: []string{"gamma"}})
	}
	if center {
		wants = append(wants, want{role: "beta", file: []string{"beta"}})
	}
	return wants
}

func (r *reading) batchNorm() []part {
	scale, center := r.flag(true, "scale"), r.flag(true, "center")
	r.onChannels("axis")
	wants := append(affine(scale, center), want{role: "mean", file: []string{"moving_mean", "running_mean"}},
		want{role: "variance", file: []string{"moving_variance", "running_std"}})
	return one(layer.BatchNorm{Epsilon: r.number(1e-3, "epsilon"), NoScale: !scale, NoCenter: !center}, nil, wants...)
}

func (r *reading) layerNorm() []part {
	scale, center := r.flag(true, "scale"), r.flag(true, "center")
	op := layer.LayerNorm{Epsilon: r.number(1e-3, "epsilon"), NoScale: !scale, NoCenter: !center}
	axes, ok := integers(r.value("axis"))
	if r.value("axis") == nil {
		axes, ok = []int{-1}, true
	}
	if !ok {
		r.fail("its axis is no list of whole numbers")
	}
	for _, axis := range axes {
		op.Axes = append(op.Axes, r.axis(axis))
	}
	if !slices.IsSorted(op.Axes) {
		r.fail("its axes are not in order")
	}
	if r.flag(false, "rms_scaling") {
		r.fail("its rms_scaling is not known here")
	}
	return one(op, nil, affine(scale, center)...)
}

func (r *reading) groupNorm() []part {
	scale, center := r.flag(true, "scale"), r.flag(true, "center")
	r.onChannels("axis")
	op := layer.GroupNorm{Groups: r.whole(32, "groups"), Epsilon: r.number(1e-3, "epsilon"), NoScale: !scale,
		NoCenter: !center}
	return one(op, nil, affine(scale, center)...)
}

// normalization reads a Normalization, whose means are in the description or among the weights.
func (r *reading) normalization() []part {
	if r.flag(false, "invert") {
		r.fail("it inverts, which is not known here")
	}
	if r.value("axis") != nil {
		if list, ok := r.value("axis").([]any); !ok || len(list) > 0 {
			r.onChannels("axis")
		}
	}
	mean, ok := floats(r.options["mean"])
	variance, same := floats(r.options["variance"])
	negative := func(v float64) bool { return !(v >= 0) }
	if !ok || !same || (len(mean) == 0) != (len(variance) == 0) || slices.ContainsFunc(variance, negative) {
		r.fail("its mean and variance are no lists of numbers")
	}
	const guard = 1e-7 // of the deviation
	if len(mean) == 0 {
		return one(layer.BatchNorm{Epsilon: guard * guard, NoScale: true, NoCenter: true}, nil,
			want{role: "mean", file: []string{"mean"}, spread: true},
			want{role: "variance", file: []string{"variance"}, spread: true})
	}
	if r.fault != "" {
		return nil
	}
	n := max(len(mean), len(variance))
	op := layer.Rescale{}
	for i := range n {
		scale := 1 / max(math.Sqrt(variance[min(i, len(variance)-1)]), guard)
		op.Scale, op.Offset = append(op.Scale, scale), append(op.Offset, -mean[min(i, len(mean)-1)]*scale)
	}
	return one(op, nil)
}

func (r *reading) rescaling() []part {
	scale, ok := floats(r.value("scale"))
	offset, okay := floats(r.value("offset"))
	if !ok || !okay {
		r.fail("its scale and offset are no numbers")
	}
	return one(layer.Rescale{Scale: scale, Offset: offset}, nil)
}

// prelu reads a PReLU. Axes that it shares have one number in its alpha.
func (r *reading) prelu() []part {
	shape := slices.Clone(r.shapes[0])
	if v := r.value("shared_axes"); v != nil {
		axes, ok := integers(v)
		if !ok {
			r.fail("its shared_axes are no list of whole numbers")
		}
		for _, axis := range axes {
			shape[r.axis(axis)] = 1
		}
	}
	if r.first && product(trim(shape)) != shape[len(shape)-1] {
		r.fail("it has an alpha for each position, with the channels first, which is not known here")
	}
	return one(layer.PReLU{Alpha: shape}, nil, want{role: "alpha", file: []string{"alpha"}})
}

// layerScale reads ConvNeXt's: a factor for each channel.
func (r *reading) layerScale() []part {
	shape := []int{r.whole(0, "projection_dim")}
	return one(layer.Arithmetic{Operation: layer.Multiply, Constant: shape}, nil,
		want{role: "constant", file: []string{"gamma", "variable", "Variable"}})
}

// scaledSum reads InceptionResNetV2's: the first input and a part of the second.
func (r *reading) scaledSum() []part {
	if len(r.shapes) != 2 {
		r.fail("it takes two inputs, not %d", len(r.shapes))
	}
	return []part{
		{suffix: "/scale", op: layer.Rescale{Scale: []float64{r.number(1, "scale")}}, take: []int{1}},
		{op: layer.Arithmetic{Operation: layer.Add}, take: []int{0, 2}},
	}
}
