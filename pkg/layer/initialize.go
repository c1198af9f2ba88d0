// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// Initialize gives all layers seeded random weights, from which a network can be trained: kernels as He et al. (2015)
// draw them for ReLUs, other numbers so that they change nothing. The same table and seed give the same weights.
//
// A kernel before a ReLU, or in a layer with one, keeps the size of what goes through it; a layer without one, such as
// the last, begins at half of the variance. Errors are those of [Network.Check].
func (n *Network) Initialize(seed uint64) error {
	height, width := n.Size()
	shapes, errs := n.shapes(height, width, nil)
	random, places := rand.New(rand.NewPCG(seed, 0)), n.places()
	for i := range n.Layers {
		l := &n.Layers[i]
		if errs[i] != nil {
			return errs[i]
		}
		wanted := l.Op.Weights(n.inputShapes(i, []int{height, width, n.Input.Channels}, places, shapes)...)
		l.Weights = make(map[string]Weight, len(wanted))
		for _, role := range slices.Sorted(maps.Keys(wanted)) {
			values := initial(role, wanted[role], l.Activation != nil, random)
			l.Weights[role] = Weight{Shape: wanted[role], Read: func() (*tensors.Tensor, error) {
				return tensors.FromFlatDataAndDimensions(slices.Clone(values), wanted[role]...), nil
			}}
		}
	}
	return n.Check()
}

// initial are the numbers that one of a layer's weights begins with.
func initial(role string, shape []int, activated bool, random *rand.Rand) []float32 {
	values := make([]float32, size(shape))
	switch {
	case len(shape) > 1: // a kernel
		variance := 1 / float64(size(shape[:len(shape)-1])) // of a sum of so many products
		if activated {
			variance *= 2 // half of them a ReLU takes away
		}
		for i := range values {
			values[i] = float32(random.NormFloat64() * math.Sqrt(variance))
		}
	case role == gammaRole, role == varianceRole:
		for i := range values {
			values[i] = 1
		}
	}
	return values
}
