// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"convscope/pkg/layer"
)

// Neighbor is another filter, and the kernel that joins it with the one that was asked for.
type Neighbor struct {
	// Layer is the layer's name, Filter counts from 0.
	Layer  string
	Filter int
	// Weight is the kernel's L2 norm, with the sign of its sum.
	Weight float64
	// Kernel is what the values of the feeding filter are multiplied with before they are added up, row by row, with what
	// lies on the way (see the package) multiplied in.
	Kernel [][]float64
}

// Filter is one filter's neighbours.
type Filter struct {
	Filter int
	// FedBy are the filters that feed it most, Feeds those that it feeds most: the largest weights first, whatever their
	// sign. They are nil where nothing can be said.
	FedBy, Feeds []Neighbor
}

// Find returns the neighbours of filters of a layer, at most so many of each kind; without filters, those of all. It
// reads weights from the network and needs no device. Errors are a [*layer.UnknownLayerError], one that gives the range
// of the filters, and those of reading weights.
func Find(net *layer.Network, name string, most int, filters ...int) ([]Filter, error) {
	found, err := net.Find(name)
	if err != nil {
		return nil, err
	}
	t := newTracer(net)
	at := t.places[found.Name]
	channels := t.channels(at)
	if len(filters) == 0 {
		for filter := range channels {
			filters = append(filters, filter)
		}
	}
	all := make([]Filter, len(filters))
	for i, filter := range filters {
		if filter < 0 || filter >= channels {
			return nil, fmt.Errorf("%s has no filter %d: choose 0 to %d", found.Name, filter, channels-1)
		}
		all[i].Filter = filter
	}
	t.fedBy(at, all, most)
	t.feeds(at, all, most)
	if t.err != nil {
		return nil, fmt.Errorf("neighbours of %s: %w", found.Name, t.err)
	}
	return all, nil
}

// fedBy fills in what feeds the filters of a layer.
func (t *tracer) fedBy(at int, all []Filter, most int) {
	kernels := make(map[int]*combination) // of the layers with kernels that the filters stand for
	for i := range all {
		layer, filter, scale := at, all[i].Filter, 1.
		if !t.combines(at) {
			sources := t.trace(at, filter, true)
			if len(sources) != 1 || sources[0].window != nil {
				list := ranking{most: most}
				for _, s := range sources {
					list.add(Neighbor{Layer: t.name(s.layer), Filter: s.filter}, s.times(one))
				}
				all[i].FedBy = list.best
				continue
			}
			layer, filter, scale = sources[0].layer, sources[0].filter, sources[0].scale
		}
		c, known := kernels[layer]
		if !known {
			c = t.combination(layer)
			kernels[layer] = c
		}
		if c != nil {
			all[i].FedBy = t.sourcesOf(c, filter, scale, most)
		}
	}
}

// sourcesOf are the filters that feed one filter of a layer with a kernel.
func (t *tracer) sourcesOf(c *combination, filter int, scale float64, most int) []Neighbor {
	var order []place
	sums := make(map[place]window)
	from, to := c.reads(filter)
	for channel := from; channel < to; channel++ {
		kernel := c.kernel(channel, filter)
		for _, s := range t.trace(c.input, channel, c.pointwise()) {
			sum, known := sums[s.place]
			if !known {
				order = append(order, s.place)
			}
			sums[s.place] = sum.plus(s.times(kernel))
		}
	}
	list := ranking{most: most}
	for _, p := range order {
		list.add(Neighbor{Layer: t.name(p.layer), Filter: p.filter}, sums[p].scaled(scale))
	}
	return list.best
}

// feeds fills in what the filters of a layer feed.
func (t *tracer) feeds(at int, all []Filter, most int) {
	lists := make(map[int]*ranking, len(all))
	for i := range all {
		lists[all[i].Filter] = &ranking{most: most}
	}
	t.end = at
	for _, user := range t.users(at) {
		c := t.combination(user)
		if c == nil {
			continue
		}
		// terms are what of each filter reaches which channel of the user's input.
		type term struct {
			channel int
			source
		}
		terms := make(map[int][]term)
		for channel := range c.in {
			for _, s := range t.trace(c.input, channel, c.pointwise()) {
				if s.layer == at && lists[s.filter] != nil {
					terms[s.filter] = append(terms[s.filter], term{channel, s})
				}
			}
		}
		for i := range all {
			own := terms[all[i].Filter]
			for filter := range c.filters {
				from, to := c.reads(filter)
				var sum window
				for _, term := range own {
					if term.channel >= from && term.channel < to {
						sum = sum.plus(term.times(c.kernel(term.channel, filter)))
					}
				}
				lists[all[i].Filter].add(Neighbor{Layer: t.name(user), Filter: filter}, sum)
			}
		}
	}
	for i := range all {
		all[i].Feeds = lists[all[i].Filter].best
	}
}

// ranking keeps the strongest neighbours.
type ranking struct {
	most int
	best []Neighbor
}

// add puts a neighbour in its place, if it is strong enough. Of equal ones the first stays first.
func (r *ranking) add(n Neighbor, kernel window) {
	n.Weight = kernel.weight()
	if n.Weight == 0 || math.IsNaN(n.Weight) || math.IsInf(n.Weight, 0) {
		return
	}
	at, _ := slices.BinarySearchFunc(r.best, n, func(kept, n Neighbor) int {
		return cmp.Or(cmp.Compare(math.Abs(n.Weight), math.Abs(kept.Weight)), -1)
	})
	if at >= r.most {
		return
	}
	n.Kernel = kernel.rowByRow()
	r.best = slices.Insert(r.best, at, n)
	r.best = r.best[:min(len(r.best), r.most)]
}
