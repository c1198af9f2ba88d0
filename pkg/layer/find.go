// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// UnknownLayerError is what a layer name that the network doesn't have is answered with.
type UnknownLayerError struct {
	// Network is the network's name, which may be empty.
	Network string
	// Name is the name asked for.
	Name string
	// Valid holds the names there are, the most similar first.
	Valid []string
}

// Error names the nearest layers, and all where there are few.
func (e *UnknownLayerError) Error() string {
	const few, several = 24, 5
	whose := cmp.Or(e.Network, "the network")
	if len(e.Valid) == 0 {
		return fmt.Sprintf("%s has no layer %q: it has none at all", whose, e.Name)
	}
	if len(e.Valid) <= few {
		return fmt.Sprintf("%s has no layer %q: did you mean %s? (all: %s)",
			whose, e.Name, e.Valid[0], strings.Join(e.Valid, ", "))
	}
	return fmt.Sprintf("%s has no layer %q: did you mean %s? (the nearest of %d: %s)",
		whose, e.Name, e.Valid[0], len(e.Valid), strings.Join(e.Valid[:several], ", "))
}

// Find returns the layer of that name, or else with that alias, or an [*UnknownLayerError].
func (n *Network) Find(name string) (Layer, error) {
	i, err := n.find(name)
	if err != nil {
		return Layer{}, err
	}
	return n.Layers[i], nil
}

// find is Find for the layer's place.
func (n *Network) find(name string) (int, error) {
	for i := range n.Layers {
		if n.Layers[i].Name == name {
			return i, nil
		}
	}
	for i := range n.Layers {
		if slices.Contains(n.Layers[i].Aliases, name) {
			return i, nil
		}
	}
	return 0, &UnknownLayerError{Network: n.Name, Name: name, Valid: n.nearest(name)}
}

// nearest returns the names, those first that hold what was asked for, and by how much they differ.
func (n *Network) nearest(name string) []string {
	type candidate struct {
		name     string
		distance int
	}
	const long = 200 // what is longer is nobody's name
	short := name[:min(len(name), long)]
	candidates := make([]candidate, len(n.Layers))
	for i := range n.Layers {
		layer := &n.Layers[i]
		best := candidate{layer.Name, 1 << 20}
		for _, called := range append([]string{layer.Name}, layer.Aliases...) {
			distance := levenshtein.ComputeDistance(short, called[:min(len(called), long)])
			if short == "" || !strings.Contains(strings.ToLower(called), strings.ToLower(short)) {
				distance += long
			}
			best.distance = min(best.distance, distance)
		}
		candidates[i] = best
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return a.distance - b.distance })
	names := make([]string, len(candidates))
	for i, c := range candidates {
		names[i] = c.name
	}
	return names
}

// places maps the layers' names to their places.
func (n *Network) places() map[string]int {
	places := make(map[string]int, len(n.Layers))
	for i := range n.Layers {
		places[n.Layers[i].Name] = i
	}
	return places
}

// needed says which layers some need, with themselves.
func (n *Network) needed(layers ...int) []bool {
	places := n.places()
	needed := make([]bool, len(n.Layers))
	for _, i := range layers {
		needed[i] = true
	}
	for i := len(needed) - 1; i >= 0; i-- { // inputs come before
		if !needed[i] {
			continue
		}
		for _, name := range n.Layers[i].Inputs {
			if at, known := places[name]; known && at < i {
				needed[at] = true
			}
		}
	}
	return needed
}

// UpTo returns the layers that one needs, with itself last, in order.
func (n *Network) UpTo(layer string) ([]Layer, error) {
	at, err := n.find(layer)
	if err != nil {
		return nil, err
	}
	var all []Layer
	for i, needed := range n.needed(at) {
		if needed {
			all = append(all, n.Layers[i])
		}
	}
	return all, nil
}
