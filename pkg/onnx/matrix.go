// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// gemm is a Gemm: a dense layer, or one with a bias that is added afterwards.
func (r *reader) gemm(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if n.Int("transA", 0) != 0 {
		return nil, errBatch
	}
	if x, err = r.turned(n, x, natural(2)); err != nil || x.lost {
		return []*value{x}, err
	}
	kernel, err := n.weight(1)
	if err != nil {
		return nil, err
	}
	if len(kernel.dims) != 2 {
		return nil, fmt.Errorf("a matrix of shape %v", kernel.dims)
	}
	if n.Int("transB", 0) != 0 {
		if kernel, err = kernel.transposed([]int{1, 0}); err != nil {
			return nil, err
		}
	}
	scaled := func(a *array, by float64) (*array, error) {
		if by == 1 || a == nil {
			return a, nil
		}
		return r.sizing.budget.pairwise(a, newArray([]int{}, true, []float64{by}), hostBinary["Mul"])
	}
	if kernel, err = scaled(kernel, float64(n.Float("alpha", 1))); err != nil {
		return nil, err
	}
	weights := map[string]*array{"kernel": kernel}
	units := kernel.dims[1]
	if len(n.in) > 2 && n.in[2] != nil {
		bias, err := n.weight(2)
		if err != nil {
			return nil, err
		}
		if bias, err = scaled(bias, float64(n.Float("beta", 1))); err != nil {
			return nil, err
		}
		if bias.size() == units {
			bias, err = r.sizing.budget.reshaped(bias, []int{units})
		} else if bias.size() == 1 {
			values := []float64(nil)
			if bias, err = r.sizing.budget.reshaped(bias, []int{1}); err == nil {
				values, err = bias.spreadTo([]int{units}, units)
			}
			bias = newArray([]int{units}, true, values)
		} else {
			err = fmt.Errorf("a bias of shape %v for %d features", bias.dims, units)
		}
		if err != nil {
			return nil, err
		}
		weights["bias"] = bias
	}
	return r.dense(n, weights, units, x)
}

// dense adds a matrix product.
func (r *reader) dense(n *node, weights map[string]*array, units int, x *value) ([]*value, error) {
	op := layer.Dense{Units: units, NoBias: weights["bias"] == nil}
	if in := x.shape[len(x.shape)-1]; in != weights["kernel"].dims[0] {
		// Another size of the picture may fit.
		r.misfit++
		op := layer.Unsupported{Why: fmt.Sprintf("%s takes %d features, not %d: it goes with "+
			"pictures of one size only",
			n.name, weights["kernel"].dims[0], in)}
		return []*value{r.row(n, "", op, nil, nil, x)}, nil
	}
	return r.weighed(n, op, weights, x)
}

// matMul is a MatMul with a matrix, or of two values.
func (r *reader) matMul(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if len(n.in) == 2 && n.in[1] != nil && !n.in[1].isHost() {
		return r.product(n, x, n.in[1])
	}
	kernel, err := n.weight(1)
	if err != nil {
		return nil, err
	}
	for len(kernel.dims) > 2 && kernel.dims[0] == 1 {
		if kernel, err = r.sizing.budget.reshaped(kernel, kernel.dims[1:]); err != nil {
			return nil, err
		}
	}
	rank := len(x.order)
	if len(kernel.dims) != 2 || rank < 2 {
		return nil, fmt.Errorf("a product of %d axes with an array of shape %v", rank, kernel.dims)
	}
	// The axis that is summed must lie last; the others may stay as they are.
	order := slices.Clone(x.order)
	if last := order[rank-1]; last == 0 {
		return nil, errBatch
	} else if end := len(x.shape); last != end {
		for i, at := range order {
			if at > last {
				order[i]--
			}
		}
		order[rank-1] = end
	}
	if x, err = r.turned(n, x, order); err != nil || x.lost {
		return []*value{x}, err
	}
	return r.dense(n, map[string]*array{"kernel": kernel}, kernel.dims[1], x)
}

// product multiplies two values that are made from the picture.
func (r *reader) product(n *node, x, y *value) ([]*value, error) {
	rank := len(x.order)
	if rank != len(y.order) || rank < 3 {
		return nil, fmt.Errorf("a product of values of %d and %d axes", rank, len(y.order))
	}
	var err error
	if x, err = r.turned(n, x, natural(rank)); err != nil || x.lost {
		return []*value{x}, err
	}
	if y, err = r.turned(n, y, natural(rank)); err != nil || y.lost {
		return []*value{y}, err
	}
	return []*value{r.row(n, "", matrixProduct{}, nil, natural(rank), x, y)}, nil
}

// matrixProduct is the matrix product of two inputs, for each place along the axes before the last two.
type matrixProduct struct{}

// Shape is [..., rows of the first, columns of the second].
func (matrixProduct) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 2 {
		return nil, fmt.Errorf("it takes two inputs, not %d", len(inputs))
	}
	x, y := inputs[0], inputs[1]
	end := len(x) - 2
	if end < 0 || len(x) != len(y) || !slices.Equal(x[:end], y[:end]) || x[end+1] != y[end] {
		return nil, fmt.Errorf("shapes that don't fit: %v", inputs)
	}
	return append(slices.Clone(x[:end+1]), y[end+1]), nil
}

// Weights are none.
func (matrixProduct) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (matrixProduct) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x, y := inputs[0], inputs[1]
	rank := x.Rank()
	batch := natural(rank - 2)
	return graph.DotGeneral(x, []int{rank - 1}, batch, y, []int{rank - 2}, batch) // [batch, ..., rows, columns]
}
