// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import "convscope/pkg/layer"

// kernel lists a layer's weights, in the order in which .keras files number them; older versions' names follow.
func kernel(bias bool, kernels ...want) []want {
	if bias {
		kernels = append(kernels, want{role: "bias", file: []string{"bias", "b"}})
	}
	return kernels
}

func (r *reading) conv() []part {
	bias := r.flag(true, "use_bias")
	return one(layer.Conv{
		Filters: r.whole(0, "filters"), Kernel: r.pair(0, "kernel_size"), Stride: r.pair(1, "strides"),
		Dilation: r.pair(1, "dilation_rate"), Groups: r.whole(1, "groups"), Padding: r.padding(), NoBias: !bias,
	}, r.activation(), kernel(bias, want{role: "kernel", file: []string{"kernel", "W"}})...)
}

func (r *reading) depthwise() []part {
	bias := r.flag(true, "use_bias")
	return one(layer.DepthwiseConv{
		Multiplier: r.whole(1, "depth_multiplier"), Kernel: r.pair(0, "kernel_size"), Stride: r.pair(1, "strides"),
		Dilation: r.pair(1, "dilation_rate"), Padding: r.padding(), NoBias: !bias,
	}, r.activation(), kernel(bias, want{role: "kernel", file: []string{"kernel", "depthwise_kernel"}})...)
}

func (r *reading) separable() []part {
	bias := r.flag(true, "use_bias")
	return one(layer.SeparableConv{
		Filters: r.whole(0, "filters"), Multiplier: r.whole(1, "depth_multiplier"), Kernel: r.pair(0, "kernel_size"),
		Stride: r.pair(1, "strides"), Dilation: r.pair(1, "dilation_rate"), Padding: r.padding(), NoBias: !bias,
	}, r.activation(), kernel(bias, want{role: "depthwise_kernel", file: []string{"depthwise_kernel"}},
		want{role: "pointwise_kernel", file: []string{"pointwise_kernel"}})...)
}

// transposed follows Keras' own sums for its padding: "valid" gives at least stride positions for each, and an
// output_padding says how much of the kernel's reach stays.
func (r *reading) transposed() []part {
	bias := r.flag(true, "use_bias")
	op := layer.ConvTranspose{
		Filters: r.whole(0, "filters"), Kernel: r.pair(0, "kernel_size"), Stride: r.pair(1, "strides"),
		Dilation: r.pair(1, "dilation_rate"), Groups: r.whole(1, "groups"), Padding: r.padding(), NoBias: !bias,
	}
	given := r.value("output_padding") != nil
	more := r.pair(0, "output_padding")
	for i := range 2 {
		reach := (op.Kernel[i]-1)*op.Dilation[i] + 1
		switch {
		case !given && !op.Padding.Same:
			op.OutputPadding[i] = max(op.Stride[i]-reach, 0)
		case given && op.Padding.Same:
			// TensorFlow cuts what makes (in-1)*stride + reach%2 + more positions, the larger half at the end.
			cut := 2*(reach/2) - more[i]
			op.OutputPadding[i] = max(-cut, 0)
			cut = max(cut, 0)
			op.Padding.Begin[i], op.Padding.End[i] = cut/2, cut-cut/2
		case given:
			op.OutputPadding[i] = more[i]
		}
	}
	if given {
		op.Padding.Same = false
	}
	return one(op, r.activation(), kernel(bias, want{role: "kernel", file: []string{"kernel", "W"}})...)
}

func (r *reading) dense() []part {
	bias := r.flag(true, "use_bias")
	return one(layer.Dense{Units: r.whole(0, "units"), NoBias: !bias}, r.activation(),
		kernel(bias, want{role: "kernel", file: []string{"kernel", "W"}})...)
}
