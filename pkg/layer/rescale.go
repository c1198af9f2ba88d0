// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "fmt"

// Rescale is x * Scale + Offset. Both are one number for each channel, or one for all; empty stands for 1 and 0.
type Rescale struct {
	Scale, Offset []float64
}

// Shape is the input's.
func (r Rescale) Shape(inputs ...[]int) ([]int, error) {
	in, err := withChannels(inputs)
	if err != nil {
		return nil, err
	}
	for _, list := range [][]float64{r.Scale, r.Offset} {
		if channels := in[len(in)-1]; len(list) > 1 && len(list) != channels {
			return nil, fmt.Errorf("it rescales %d channels, not %d", len(list), channels)
		}
	}
	return in, nil
}

// Weights are none.
func (r Rescale) Weights(...[]int) map[string][]int { return nil }
