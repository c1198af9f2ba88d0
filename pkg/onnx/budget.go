// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import "fmt"

const (
	// baseBytes and perByte are what arithmetic while reading may make: so many bytes, and so many for each byte of
	// the file and of those beside it. To make floats of a weight of a byte takes 24, of larger weights less a byte.
	baseBytes = 32 << 20
	perByte   = 24
	// mostBytes is the most for any file.
	mostBytes = 1 << 30
	// sizeBytes is what an operation whose options follow from its inputs' sizes may make of them.
	sizeBytes = 8 << 20
)

// budget is how many bytes may still be made of constants. A file of some hundred bytes could ask for any number.
type budget struct{ left int64 }

// fileBudget is that for reading a file of that size.
func fileBudget(size int64) *budget {
	return &budget{min(baseBytes+perByte*min(size, mostBytes), mostBytes)}
}

// lazy are operations that of an initializer make no other array.
var lazy = map[string]bool{"Identity": true, "Dropout": true, "Cast": true, "CastLike": true, "Transpose": true,
	"Reshape": true, "Flatten": true, "Squeeze": true, "Unsqueeze": true, "Constant": true}

// compute does a node's operation within the budget. What one makes is not much more than what it takes, so that it is
// enough to have room for that before.
func (b *budget) compute(n *node, in []*array) ([]*array, error) {
	const size = 8 // of an element
	takes, reads := int64(0), int64(0)
	for _, a := range in {
		switch {
		case a == nil:
		case a.file == nil:
			takes += size * int64(a.size())
		case !lazy[n.Op]:
			reads += size * int64(a.size())
		}
	}
	if takes+reads > b.left {
		return nil, b.spent()
	}
	out, err := n.compute(in)
	for _, a := range out {
		if a != nil {
			reads += size * int64(len(a.values))
		}
	}
	if b.left -= reads; b.left < 0 {
		return nil, b.spent()
	}
	return out, err
}

// take uses some of it for arrays of that many elements.
func (b *budget) take(elements int) error {
	if b.left -= 8 * int64(elements); b.left < 0 {
		return b.spent()
	}
	return nil
}

// reshaped is the array's own method within the budget.
func (b *budget) reshaped(a *array, dims []int) (*array, error) {
	if a.turned != nil { // else nothing is copied
		if err := b.take(a.size()); err != nil {
			return nil, err
		}
	}
	return a.reshaped(dims)
}

// pairwise is the function within the budget.
func (b *budget) pairwise(x, y *array, f func(x, y float64) float64) (*array, error) {
	const copies = 3 // what is read of the larger one, the smaller one spread to its shape, and the result
	if err := b.take(copies * max(x.size(), y.size())); err != nil {
		return nil, err
	}
	return pairwise(x, y, f)
}

func (b *budget) spent() error {
	return fmt.Errorf("the file asks for more arithmetic with constants than is done while reading")
}
