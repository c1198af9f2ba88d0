// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// reshape is a Reshape or a Flatten.
func (r *reader) reshape(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	batched := slices.Contains(x.order, 0)
	if batched && x.order[0] != 0 {
		// The batch is not the first axis: it must be moved there by the graph before.
		return nil, errBatch
	}
	hasBatch := false // of the result
	out, err := r.sized(n, func(in []*array, shapes [][]int) (layer.Op, []int, error) {
		v := &value{order: x.order, shape: shapes[0]}
		dims := v.dims(r.batch)
		to, open, err := n.target(in, dims)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case len(to) > 0 && to[0] == r.batch && (batched || r.batch == 1):
			hasBatch = true
			to, open = to[1:], open-1
		case r.batch != 1:
			return nil, nil, errBatch
		}
		if len(to) == 0 {
			return nil, nil, fmt.Errorf("nothing but the batch is left")
		}
		op, order, err := regrouped(v, shapes[0], to, open)
		if !hasBatch && err == nil {
			order = order[1:]
		}
		return op, order, err
	}, x)
	return []*value{out}, err
}

// target is the shape that a Reshape or Flatten gives, and which of its sizes the file leaves open, or -1.
func (n *node) target(in []*array, dims []int) (to []int, open int, err error) {
	if n.Op == "Flatten" {
		axis := int(n.Int("axis", 1))
		if axis < 0 {
			axis += len(dims)
		}
		if axis < 1 || axis > len(dims) {
			return nil, 0, errBatch
		}
		rows, err := product(dims[:axis], maxBatch)
		if err != nil {
			return nil, 0, err
		}
		columns, err := product(dims[axis:], maxBatch)
		return []int{rows, columns}, 1, err
	}
	given, err := n.list(in, 1, "shape")
	if err != nil {
		return nil, 0, err
	}
	to, err = n.filled(given, dims)
	return to, slices.Index(given, -1), err
}

// depthToSpace is a DepthToSpace or its reverse.
func (r *reader) depthToSpace(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 4); err != nil || x.lost {
		return []*value{x}, err
	}
	block, channels := int(n.Int("blocksize", 0)), x.shape[2]
	if block < 1 || block > maxGrown {
		return nil, fmt.Errorf("a blocksize of %d", block)
	}
	keep := grouping{1, []int{-1}}
	if n.Op == "SpaceToDepth" {
		half := grouping{1, []int{-1, block}}
		split := r.row(n, "split", regroup{natural(3), []grouping{half, half, keep}}, nil, natural(6), x)
		if split.lost {
			return []*value{split}, nil
		}
		joined := regroup{[]int{0, 2, 1, 3, 4}, []grouping{keep, keep, {3, []int{-1}}}}
		return []*value{r.row(n, "", joined, nil, canonical(4), split)}, nil
	}
	if channels%(block*block) != 0 {
		return nil, fmt.Errorf("%d channels don't make blocks of %dx%d", channels, block, block)
	}
	parts, order := []int{block, block, -1}, []int{0, 2, 1, 3, 4} // [h, w, block, block, channels]
	if n.Text("mode", "DCR") == "CRD" {
		parts, order = []int{-1, block, block}, []int{0, 3, 1, 4, 2} // [h, w, channels, block, block]
	}
	split := r.row(n, "split", regroup{natural(3), []grouping{keep, keep, {1, parts}}}, nil, natural(6), x)
	if split.lost {
		return []*value{split}, nil
	}
	joined := regroup{order, []grouping{{2, []int{-1}}, {2, []int{-1}}, keep}}
	return []*value{r.row(n, "", joined, nil, canonical(4), split)}, nil
}
