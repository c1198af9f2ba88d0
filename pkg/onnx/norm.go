// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// perChannel are inputs of the node that hold one number a channel, by their roles.
func (n *node) perChannel(roles ...string) (map[string]*array, error) {
	weights := map[string]*array{}
	for i, role := range roles {
		a, err := n.weight(i + 1)
		if err != nil {
			return nil, err
		}
		weights[role] = a
	}
	return weights, nil
}

// batchNorm is a BatchNormalization, with the means of the file even where it was exported for training.
func (r *reader) batchNorm(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	weights, err := n.perChannel("gamma", "beta", "mean", "variance")
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 0); err != nil || x.lost {
		return []*value{x}, err
	}
	out, err := r.weighed(n, layer.BatchNorm{Epsilon: float64(n.Float("epsilon", 1e-5))}, weights, x)
	if err == nil {
		for len(out) < len(n.Outputs) { // means for training, which nothing else uses
			out = append(out, out[0])
		}
	}
	return out, err
}

// scaled are what a node normalizes, its channels last, and its scale and bias.
func (r *reader) scaled(n *node) (x *value, weights map[string]*array, err error) {
	if x, err = n.device(0); err != nil {
		return nil, nil, err
	}
	if weights, err = n.perChannel("gamma", "beta"); err != nil {
		return nil, nil, err
	}
	x, err = r.channelsLast(n, x, 0)
	return x, weights, err
}

// instanceNorm is an InstanceNormalization.
func (r *reader) instanceNorm(n *node) ([]*value, error) {
	x, weights, err := r.scaled(n)
	if err != nil || x.lost {
		return []*value{x}, err
	}
	return r.weighed(n, layer.GroupNorm{Epsilon: float64(n.Float("epsilon", 1e-5))}, weights, x)
}

// groupNorm is a GroupNormalization. Up to version 20 it has one scale and one bias a group.
func (r *reader) groupNorm(n *node) ([]*value, error) {
	x, weights, err := r.scaled(n)
	if err != nil || x.lost {
		return []*value{x}, err
	}
	groups, channels := int(n.Int("num_groups", 0)), x.shape[len(x.shape)-1]
	if groups < 1 || channels%groups != 0 {
		return nil, fmt.Errorf("%d channels don't make %d groups", channels, groups)
	}
	if r.model.Opset < 21 {
		at := make([]int, channels)
		for i := range at {
			at[i] = i / (channels / groups)
		}
		for role, a := range weights {
			if !slices.Equal(a.dims, []int{groups}) {
				return nil, fmt.Errorf("its %s has shape %v for %d groups", role, a.dims, groups)
			}
			if weights[role], err = a.taken(0, at); err != nil {
				return nil, err
			}
		}
	}
	return r.weighed(n, layer.GroupNorm{Groups: groups, Epsilon: float64(n.Float("epsilon", 1e-5))}, weights, x)
}

// layerNorm is a LayerNormalization over the last axes.
func (r *reader) layerNorm(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	first, err := axisIn(int(n.Int("axis", -1)), len(x.order))
	if err != nil {
		return nil, err
	}
	var axes []int
	for i := first; i < len(x.order); i++ {
		axes = append(axes, i)
	}
	at, err := x.stored(axes)
	if err != nil {
		return nil, err
	}
	// The layer counts its weights' axes as its input has them.
	order := natural(len(at))
	slices.SortFunc(order, func(a, b int) int { return at[a] - at[b] })
	weights := map[string]*array{}
	for i, role := range []string{"gamma", "beta"} {
		a, err := n.array(i + 1)
		if err != nil {
			return nil, err
		}
		if a == nil {
			continue
		}
		for len(a.dims) < len(order) {
			if a, err = r.sizing.budget.reshaped(a, slices.Insert(slices.Clone(a.dims), 0, 1)); err != nil {
				return nil, err
			}
		}
		if weights[role], err = a.transposed(order); err != nil {
			return nil, err
		}
	}
	op := layer.LayerNorm{Epsilon: float64(n.Float("epsilon", 1e-5)), Axes: slices.Sorted(slices.Values(at)),
		NoScale: weights["gamma"] == nil, NoCenter: weights["beta"] == nil}
	return r.weighed(n, op, weights, x)
}

// meanVariance is a MeanVarianceNormalization. It may take the mean of several pictures, which is not supported.
func (r *reader) meanVariance(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	axes, err := n.ints("axes")
	if err != nil {
		return nil, err
	}
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	at, err := x.stored(axes)
	if err != nil {
		return nil, err
	}
	op := layer.LayerNorm{Epsilon: 1e-9, Axes: at, NoScale: true, NoCenter: true}
	return []*value{r.row(n, "", op, nil, x.order, x)}, nil
}

// lrn is an LRN.
func (r *reader) lrn(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 0); err != nil || x.lost {
		return []*value{x}, err
	}
	op := layer.LRN{Size: int(n.Int("size", 0)), Alpha: float64(n.Float("alpha", 1e-4)),
		Beta: float64(n.Float("beta", 0.75)), Bias: float64(n.Float("bias", 1))}
	return []*value{r.row(n, "", op, nil, x.order, x)}, nil
}
