// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"errors"
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// value is one value of the graph: an array, something that is computed from sizes, or a layer's output.
type value struct {
	array *array
	sizes *expression

	// layer is the name of the row whose output it is, [layer.Picture] for the network's input.
	layer string
	// order says where each axis of the graph's value is in the layer's: 0 is the batch. The graph may count [batch,
	// channels, height, width]; the order then is [0, 3, 1, 2]. A transposition changes nothing but the order. Values
	// of a graph for one picture may lack the batch.
	order []int
	// shape is the layer's output's, without the batch, for the size that the file names.
	shape []int
	// lost says that the value can't be computed; it has no order and no shape.
	lost bool
}

// isHost says whether the value needs no picture but its size.
func (v *value) isHost() bool { return v.array != nil || v.sizes != nil }

// canonical is the order of a value that counts its channels second.
func canonical(rank int) []int {
	order := []int{0}
	if rank > 1 {
		order = append(order, rank-1)
	}
	for i := 2; i < rank; i++ {
		order = append(order, i-1)
	}
	return order
}

// natural is the order of a value whose axes lie as the graph counts them.
func natural(rank int) []int {
	order := make([]int, rank)
	for i := range order {
		order[i] = i
	}
	return order
}

// dims are the sizes as the graph counts them, for that many pictures.
func (v *value) dims(batch int) []int {
	dims := make([]int, len(v.order))
	for i, at := range v.order {
		if dims[i] = batch; at > 0 {
			dims[i] = v.shape[at-1]
		}
	}
	return dims
}

// stored are axes of the graph's as the layer counts them, without the batch.
func (v *value) stored(axes []int) ([]int, error) {
	given, err := axesIn(axes, len(v.order))
	if err != nil {
		return nil, err
	}
	out := make([]int, len(given))
	for i, axis := range given {
		if v.order[axis] == 0 {
			return nil, errBatch
		}
		out[i] = v.order[axis] - 1
	}
	return out, nil
}

// errBatch means that pictures would have to know of each other.
var errBatch = errors.New("it joins the pictures of a batch")

// without is the order of the axes that are left when those are gone: places says where they were stored, without the
// batch's.
func without(order, gone, places []int) (left []int) {
	for i, at := range order {
		if slices.Contains(gone, i) {
			continue
		}
		less := 0
		for _, place := range places {
			if place+1 < at {
				less++
			}
		}
		left = append(left, at-less)
	}
	return left
}

// inverse is which of the graph's axes lies at each place, -1 for a batch that it doesn't count.
func inverse(order []int, rank int) []int {
	at := make([]int, rank)
	for i := range at {
		at[i] = -1
	}
	for i, place := range order {
		at[place] = i
	}
	return at
}

// turned is the value with its axes laid out in that order, by a layer if they aren't.
func (r *reader) turned(n *node, v *value, order []int) (*value, error) {
	if slices.Equal(v.order, order) {
		return v, nil
	}
	if len(order) != len(v.order) {
		return nil, fmt.Errorf("it takes a value of %d axes, not %d", len(order), len(v.order))
	}
	if slices.Index(v.order, 0) != slices.Index(order, 0) {
		return nil, errBatch
	}
	key := fmt.Sprint(v.layer, "\x00", v.order, order)
	if known := r.turns[key]; known != nil {
		return known, nil
	}
	at := inverse(order, len(v.shape)+1)
	axes := make([]int, len(v.shape))
	for i := range axes {
		axes[i] = v.order[at[i+1]] - 1
	}
	out := r.row(n, "turned", layer.Permute{Axes: axes}, nil, order, v)
	if !out.lost {
		r.turns[key] = out
	}
	return out, nil
}

// channelsLast is the value with the axis that the graph counts second laid out last.
func (r *reader) channelsLast(n *node, v *value, rank int) (*value, error) {
	if rank > 0 && len(v.order) != rank {
		return nil, fmt.Errorf("it takes %d axes with the batch, not %d", rank, len(v.order))
	}
	if !slices.Contains(v.order, 0) {
		return nil, errBatch
	}
	return r.turned(n, v, canonical(len(v.order)))
}
