// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import (
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
// reads weights from the network and needs no device. Errors are a [*layer.UnknownLayerError], one that gives the
// range of the filters, and those of reading weights.
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
	known := make(map[int]*feeding) // of the layers with kernels that the filters stand for
	for i := range all {
		layer, filter, scale, list := at, all[i].Filter, 1., ranking{most: most}
		if !t.combines(at) {
			sources := t.trace(at, filter, true)
			if len(sources) != 1 || sources[0].window != nil {
				for _, s := range sources {
					list.add(t.name(s.layer), s.filter, s.times(one))
				}
				all[i].FedBy = list.best
				continue
			}
			layer, filter, scale = sources[0].layer, sources[0].filter, sources[0].scale
		}
		f, done := known[layer]
		if !done {
			f = t.feeding(layer)
			known[layer] = f
		}
		for _, feed := range f.of(filter) {
			if weight := f.weight(feed, filter) * scale; list.wants(weight) {
				list.add(t.name(feed.layer), feed.filter, f.kernel(feed, filter).scaled(scale))
			}
		}
		all[i].FedBy = list.best
	}
}

// feeds fills in what the filters of a layer feed.
func (t *tracer) feeds(at int, all []Filter, most int) {
	lists := make(map[int]*ranking, len(all))
	for i := range all {
		lists[all[i].Filter] = &ranking{most: most}
	}
	t.end = at
	for _, user := range t.users(at) {
		f := t.feeding(user)
		for filter := range t.channels(user) {
			for _, feed := range f.of(filter) {
				list := lists[feed.filter]
				if feed.layer == at && list != nil && list.wants(f.weight(feed, filter)) {
					list.add(t.name(user), filter, f.kernel(feed, filter))
				}
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

// wants says whether a weight is among the strongest.
func (r *ranking) wants(weight float64) bool {
	return r.place(weight) < r.most && weight != 0 && !math.IsInf(weight, 0) && !math.IsNaN(weight)
}

// place is where a weight belongs, behind those as strong as itself.
func (r *ranking) place(weight float64) int {
	at := len(r.best)
	for at > 0 && math.Abs(r.best[at-1].Weight) < math.Abs(weight) {
		at--
	}
	return at
}

// add puts a neighbour in its place, if it is strong enough.
func (r *ranking) add(layer string, filter int, kernel window) {
	weight := kernel.weight()
	if !r.wants(weight) {
		return
	}
	n := Neighbor{Layer: layer, Filter: filter, Weight: weight, Kernel: kernel.rowByRow()}
	r.best = slices.Insert(r.best, r.place(weight), n)
	r.best = r.best[:min(len(r.best), r.most)]
}
