// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// regroup is a reshape that says which axes become which, so that it goes with other sizes: first the axes are put in
// an order, then each group of neighbours becomes another group.
type regroup struct {
	// Order are the input's axes, without the batch, in the order in which they are grouped.
	Order []int
	// Groups follow one another.
	Groups []grouping
}

// grouping makes some axes of others.
type grouping struct {
	// In counts the axes that it takes; 0 makes new ones of size 1.
	In int
	// Out are the sizes of those it gives; one of them may be -1, which is what is left.
	Out []int
}

// Shape is the groups' sizes.
func (g regroup) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 1 || !isOrder(g.Order, len(inputs[0])) {
		return nil, fmt.Errorf("it takes one value of %d axes, not %v", len(g.Order), inputs)
	}
	var out []int
	at := 0
	for _, group := range g.Groups {
		whole := 1
		for range group.In {
			whole *= inputs[0][g.Order[at]]
			at++
		}
		open, rest := -1, whole
		for _, size := range group.Out {
			if size < 0 {
				open = len(out)
			} else if size == 0 || rest%size != 0 {
				return nil, fmt.Errorf("%d positions don't make %v", whole, group.Out)
			} else {
				rest /= size
			}
			out = append(out, size)
		}
		if open >= 0 {
			out[open] = rest
		} else if rest != 1 {
			return nil, fmt.Errorf("%d positions don't make %v", whole, group.Out)
		}
	}
	return out, nil
}

// Weights are none.
func (regroup) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (g regroup) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x := inputs[0]
	out, err := g.Shape(x.Shape().Dimensions[1:])
	if err != nil {
		panic(err)
	}
	axes := []int{0}
	for _, axis := range g.Order {
		axes = append(axes, axis+1)
	}
	if !slices.IsSorted(axes) {
		x = graph.TransposeAllAxes(x, axes...)
	}
	return graph.Reshape(x, append([]int{x.Shape().Dim(0)}, out...)...) // [batch, ...]
}

// matched says which axes become which where a shape is laid out as another of as many elements: for each group how
// many axes it takes and gives.
func matched(in, out []int) (groups [][2]int) {
	i, j := 0, 0
	for i < len(in) && j < len(out) {
		if out[j] == 1 && in[i] != 1 {
			groups = append(groups, [2]int{0, 1})
			j++
			continue
		}
		if in[i] == 1 && out[j] != 1 {
			groups = append(groups, [2]int{1, 0})
			i++
			continue
		}
		a, b, i2, j2 := in[i], out[j], i+1, j+1
		for a != b {
			if a < b {
				a *= in[i2]
				i2++
			} else {
				b *= out[j2]
				j2++
			}
		}
		groups = append(groups, [2]int{i2 - i, j2 - j})
		i, j = i2, j2
	}
	added := slices.ContainsFunc(groups, func(g [2]int) bool { return g[0] == 0 })
	for ; i < len(in); i++ {
		// A picture of one position that is flattened: with another size it has more.
		if last := len(groups) - 1; last >= 0 && groups[last][1] == 1 && !added {
			groups[last][0]++
		} else {
			groups = append(groups, [2]int{1, 0})
		}
	}
	for ; j < len(out); j++ {
		groups = append(groups, [2]int{0, 1})
	}
	return groups
}

// regrouped lays the value's axes but the batch, which the graph counts first, out in other sizes. open is which of
// these the file leaves open, or -1. It returns the order of the result's axes.
func regrouped(v *value, shape, to []int, open int) (op layer.Op, order []int, err error) {
	var in []int
	axes := slices.DeleteFunc(slices.Clone(v.order), func(at int) bool { return at == 0 })
	for _, at := range axes {
		in = append(in, shape[at-1])
	}
	a, err := count(in)
	if err != nil {
		return nil, nil, err
	}
	if b, err := count(to); err != nil || a != b || a == 0 {
		return nil, nil, fmt.Errorf("%v doesn't hold the %d values of %v", to, a, in)
	}
	if len(to) == 1 && len(in) > 1 {
		if slices.Equal(axes, canonical(len(in) + 1)[1:]) {
			return layer.Flatten{ChannelsFirst: true}, natural(2), nil
		}
		if slices.Equal(axes, natural(len(in) + 1)[1:]) {
			return layer.Flatten{}, natural(2), nil
		}
	}
	// Groups lie in the result as their first axes lie in the input, so that as little as can be is moved.
	type part struct {
		place    int
		in       []int // stored axes
		out      grouping
		from, to int // of the result's axes as the graph counts them
	}
	var parts []part
	i, j := 0, 0
	for _, g := range matched(in, to) {
		p := part{out: grouping{In: g[0]}, from: j, to: j + g[1]}
		for k := range g[0] {
			p.in = append(p.in, axes[i+k]-1)
		}
		if len(p.in) > 0 {
			p.place = p.in[0] + 1
		}
		p.out.Out = slices.Clone(to[j : j+g[1]])
		switch {
		case open >= j && open < j+g[1]:
			p.out.Out[open-j] = -1
		case g[0] == 0 || g[1] == 0:
		case len(p.in) > 1 && p.in[0] == len(shape)-1: // channels, then positions
			p.out.Out[g[1]-1] = -1
		default:
			p.out.Out[0] = -1
		}
		parts = append(parts, p)
		i, j = i+g[0], j+g[1]
	}
	slices.SortStableFunc(parts, func(a, b part) int { return a.place - b.place })
	g := regroup{Order: []int{}}
	order = make([]int, len(to))
	at := 1
	for _, p := range parts {
		g.Order = append(g.Order, p.in...)
		g.Groups = append(g.Groups, p.out)
		for k := p.from; k < p.to; k++ {
			order[k] = at
			at++
		}
	}
	return g, append([]int{0}, order...), nil
}

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
		rows, err := count(dims[:axis])
		if err != nil {
			return nil, 0, err
		}
		columns, err := count(dims[axis:])
		return []int{rows, columns}, 1, err
	}
	given, err := n.list(in, 1, "shape")
	if err != nil {
		return nil, 0, err
	}
	to, err = n.filled(given, dims)
	return to, slices.Index(given, -1), err
}

// squeeze is a Squeeze.
func (r *reader) squeeze(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, err
	}
	given, err := n.list(in, 1, "axes")
	if err != nil {
		return nil, err
	}
	if given, err = axesIn(given, len(x.order)); err != nil {
		return nil, err
	}
	dims := x.dims(r.batch)
	if len(given) == 0 {
		for i, d := range dims {
			if d == 1 && x.order[i] != 0 {
				given = append(given, i)
			}
		}
	}
	var axes []int
	for _, i := range given {
		if x.order[i] != 0 {
			axes = append(axes, x.order[i]-1)
		} else if r.batch != 1 {
			return nil, errBatch
		}
	}
	var order []int
	for i, at := range x.order {
		if slices.Contains(given, i) {
			continue
		}
		less := 0
		for _, gone := range axes {
			if gone+1 < at {
				less++
			}
		}
		order = append(order, at-less)
	}
	if len(axes) == 0 {
		return []*value{{layer: x.layer, order: order, shape: x.shape}}, nil
	}
	return []*value{r.row(n, "", layer.Squeeze{Axes: axes}, nil, order, x)}, nil
}

// unsqueeze is an Unsqueeze. The new axes lie before all others, which for one after the channels is where a
// position's lies.
func (r *reader) unsqueeze(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, err
	}
	given, err := n.list(in, 1, "axes")
	if err != nil {
		return nil, err
	}
	rank := len(x.order) + len(given)
	if given, err = axesIn(given, rank); err != nil {
		return nil, err
	}
	added := len(given)
	batch := -1 // the axis that is the batch again
	if !slices.Contains(x.order, 0) && slices.Contains(given, 0) {
		batch = 0
		added--
	}
	var order []int
	next, rest := 1, x.order
	for i := range rank {
		switch {
		case i == batch:
			order = append(order, 0)
		case slices.Contains(given, i):
			order = append(order, next)
			next++
		default:
			at := rest[0]
			if rest = rest[1:]; at > 0 {
				at += added
			}
			order = append(order, at)
		}
	}
	if added == 0 {
		return []*value{{layer: x.layer, order: order, shape: x.shape}}, nil
	}
	return []*value{r.row(n, "", layer.Expand{Axes: natural(added)}, nil, order, x)}, nil
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
		split := r.row(n, "split", regroup{natural(3), []grouping{{1, []int{-1, block}}, {1, []int{-1, block}}, keep}}, nil, natural(6), x)
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
