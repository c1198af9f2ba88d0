// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// ErrShape is returned, wrapped, for a tensor that is no layer's output for one picture.
var ErrShape = errors.New("not a layer's output")

// output is a layer's output for one picture, channel by channel.
type output struct {
	height, width int
	channels      [][]float32 // row by row
}

// read copies a tensor [1, h, w, channels].
func read(x *tensors.Tensor) (output, error) {
	if x == nil {
		return output{}, fmt.Errorf("%w: there is none", ErrShape)
	}
	dims := x.Shape().Dimensions
	if len(dims) != 4 || dims[0] != 1 || x.DType() != dtypes.Float32 || x.Size() == 0 {
		return output{}, fmt.Errorf("%w: %s; needed is float32 [1, height, width, channels]", ErrShape, x.Shape())
	}
	o := output{height: dims[1], width: dims[2], channels: make([][]float32, dims[3])}
	places := o.height * o.width
	all := make([]float32, places*dims[3])
	err := tensors.ConstFlatData(x, func(flat []float32) {
		for c := range o.channels {
			o.channels[c] = all[c*places : (c+1)*places]
			for i := range places {
				o.channels[c][i] = flat[i*dims[3]+c]
			}
		}
	})
	if err != nil {
		return output{}, fmt.Errorf("reading the layer's output: %w", err)
	}
	return o, nil
}
