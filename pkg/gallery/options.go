// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/pkg/recipe"
)

// Options say what a gallery shows. The zero value is every filter that has a kernel, by the book's method.
type Options struct {
	// Layers are the names of the layers; nil is all that have kernels.
	Layers []string
	// Methods are how the pictures are made, as [ascent.ParseMethod] reads them; nil is the book's.
	Methods []string
	// Size is the side of the pictures in pixels; 0 means 128.
	Size int
	// Seeds is from how many starts each is made; 0 means 1.
	Seeds int
	// Negative makes pictures of what a filter answers to least, Large each pattern in twice the size too.
	Negative, Large bool
	// Photos is a hash over photographs, "" without any.
	Photos string
	// Shard is how many filters are one piece of work; 0 means 32.
	Shard int
	// Batch is how many pictures climb at once; 0 means 4. A graphics card wants more.
	Batch int
}

// What the zero [Options] stand for.
const (
	UsualSize  = 128
	UsualShard = 32
	UsualBatch = 4
)

// withDefaults fills the zero fields in.
func (o Options) withDefaults() Options {
	o.Size, o.Seeds = cmp.Or(o.Size, UsualSize), cmp.Or(o.Seeds, 1)
	o.Shard, o.Batch = cmp.Or(o.Shard, UsualShard), cmp.Or(o.Batch, UsualBatch)
	if len(o.Methods) == 0 {
		o.Methods = []string{"book"}
	}
	return o
}

// SplitMethods splits a list of methods with commas between them. A method may have parts of its own after commas,
// such as crisp,steps=200: what has an equals sign belongs to the method before it.
func SplitMethods(text string) []string {
	var all []string
	for piece := range strings.SplitSeq(text, ",") {
		piece = strings.TrimSpace(piece)
		if strings.Contains(piece, "=") && len(all) > 0 {
			all[len(all)-1] += "," + piece
		} else {
			all = append(all, piece)
		}
	}
	return all
}

// SplitLayers splits a list of layers with commas between them; a name of the network's may hold commas itself. "all"
// is nil.
func SplitLayers(table *network.Table, text string) []string {
	if text == "all" {
		if _, err := table.Find(text); err != nil {
			return nil
		}
	}
	pieces := strings.Split(text, ",")
	var all []string
	for len(pieces) > 0 {
		taken := 1
		for n := len(pieces); n > 1; n-- { // the longest name there is
			if _, err := table.Find(strings.Join(pieces[:n], ",")); err == nil {
				taken = n
				break
			}
		}
		name := strings.Join(pieces[:taken], ",")
		if _, err := table.Find(name); err != nil { // else its spaces are its own
			name = strings.TrimSpace(name)
		}
		all, pieces = append(all, name), pieces[taken:]
	}
	return all
}

// Check finds out what can't work before anything is fetched or computed.
func (o Options) Check(table *network.Table) error {
	_, err := o.plan(table)
	return err
}

// New plans a gallery of a network.
func New(net *network.Model, o Options) (Plan, error) {
	p, err := o.plan(net.Table)
	p.Program = recipe.Current().String()
	p.Network, p.Fingerprint = cmp.Or(net.File(), net.Network().Name), net.Fingerprint()
	return p, err
}

// plan is the plan of a network, as far as its table decides it.
func (o Options) plan(table *network.Table) (Plan, error) {
	o = o.withDefaults()
	p := Plan{
		Format: planFormat, Input: network.InputText(table.Network().Input), Size: o.Size, Seeds: o.Seeds,
		Negative: o.Negative, Large: o.Large, Photos: o.Photos, Shard: o.Shard, Batch: o.Batch,
	}
	switch {
	case o.Seeds < 1 || o.Seeds > maxSeeds:
		return p, fmt.Errorf("%d seeds: give 1 to %d", o.Seeds, maxSeeds)
	case o.Shard < 1 || o.Shard > maxShard:
		return p, fmt.Errorf("%d filters a shard: give 1 to %d", o.Shard, maxShard)
	case o.Batch < 1 || o.Batch > maxBatch:
		return p, fmt.Errorf("%d pictures at once: give 1 to %d", o.Batch, maxBatch)
	case len(o.Methods) > maxMethods:
		return p, fmt.Errorf("%d methods: give at most %d", len(o.Methods), maxMethods)
	}
	for _, text := range o.Methods {
		method, err := ascent.ParseMethod(text)
		if err != nil {
			return p, err
		}
		if slices.Contains(p.Methods, method.String()) {
			return p, fmt.Errorf("the method %s is there twice: leave one out", text)
		}
		p.Methods = append(p.Methods, method.String())
	}
	layers, err := o.layers(table)
	if err != nil {
		return p, err
	}
	for _, layer := range layers {
		p.Layers = append(p.Layers, Layer{layer.Name, layer.Filters})
		for _, v := range p.variants() {
			if err := v.check(layer); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// layers are those to show, in the network's order.
func (o Options) layers(table *network.Table) (chosen []network.Layer, err error) {
	all := table.Layers()
	if o.Layers == nil {
		chosen = slices.DeleteFunc(all, func(l network.Layer) bool { return !l.Kernels || l.Stride == 0 || l.Filters == 0 })
		if len(chosen) == 0 {
			return nil, errors.New("the network has no convolution: name its layers")
		}
		return chosen, nil
	}
	names := make(map[string]bool)
	for _, name := range o.Layers {
		found, err := table.Find(name)
		if err != nil {
			return nil, err
		}
		if found.Filters == 0 {
			return nil, fmt.Errorf("%s has no filters: choose another layer", found.Name)
		}
		names[found.Name] = true
	}
	return slices.DeleteFunc(all, func(l network.Layer) bool { return !names[l.Name] }), nil
}
