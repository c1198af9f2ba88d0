// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "fmt"

// LRN is local response normalization across channels: x / (Bias + Alpha/Size * s)^Beta, where s is the sum of the
// squares of the Size channels around (ONNX's LRN). It has no weights.
type LRN struct {
	Size              int
	Alpha, Beta, Bias float64
}

// Shape is the input's.
func (l LRN) Shape(inputs ...[]int) ([]int, error) {
	in, err := withChannels(inputs)
	if err == nil && (l.Size < 1 || l.Size > most) {
		err = fmt.Errorf("a size of %d: use 1 to %d", l.Size, most)
	}
	return in, err
}

// Weights are none.
func (l LRN) Weights(...[]int) map[string][]int { return nil }
