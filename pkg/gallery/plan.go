// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"convscope/pkg/ascent"
)

// planFormat is the version of a plan's form and of the files beside it.
const planFormat = 1

// Plan is all that decides what a gallery holds, byte for byte: two plans that differ can't share a folder. It lies in
// the folder as plan.json.
type Plan struct {
	// Format is the version of this form and of the files beside it.
	Format int `json:"format"`
	// Program is the version of convscope and of what it computes with, as recipe.Current has them.
	Program string `json:"program"`
	// Network is the file's base name or the name of a network that comes along, Fingerprint its weights' and table's,
	// Input what pictures it takes.
	Network     string `json:"network"`
	Fingerprint string `json:"fingerprint"`
	Input       string `json:"input"`
	// Layers are those whose filters are shown, with how many each has.
	Layers []Layer `json:"layers"`
	// Methods are how the pictures are made, Size their side in pixels, Seeds how many starts each has.
	Methods []string `json:"methods"`
	Size    int      `json:"size"`
	Seeds   int      `json:"seeds"`
	// Negative asks for pictures of what a filter answers to least, Large for each pattern in twice the size too.
	Negative bool `json:"negative"`
	Large    bool `json:"large"`
	// Photos is a hash over the photographs' names and contents, "" without any.
	Photos string `json:"photos"`
	// Shard is how many filters are one piece of work.
	Shard int `json:"shard"`
	// Batch is how many pictures climb at once: rounding depends on it.
	Batch int `json:"batch"`
}

// Layer is a layer of a plan.
type Layer struct {
	Name    string `json:"name"`
	Filters int    `json:"filters"`
}

// Kind is what a shard makes.
type Kind string

const (
	// Patterns are pictures of some filters.
	Patterns Kind = "patterns"
	// Examples are pieces of photographs for all filters of some layers, which one pass over the photographs finds.
	Examples Kind = "examples"
)

// layersTogether is how many layers one pass over the photographs looks at.
const layersTogether = 4

// Shard is a piece of work: some filters of one layer, or the examples of some layers.
type Shard struct {
	Kind Kind `json:"kind"`
	// Layer is the filters', or the first one.
	Layer string `json:"layer"`
	// First is the first filter, Count how many there are; of examples they count the plan's layers.
	First int `json:"first"`
	Count int `json:"count"`
}

// String names the shard for people.
func (s Shard) String() string {
	if s.Kind == Examples && s.Count == 1 {
		return "examples of " + s.Layer
	} else if s.Kind == Examples {
		return fmt.Sprintf("examples of %s and %d layers on", s.Layer, s.Count-1)
	}
	if s.Count == 1 {
		return fmt.Sprintf("%s, filter %d", s.Layer, s.First)
	}
	return fmt.Sprintf("%s, filters %d to %d", s.Layer, s.First, s.First+s.Count-1)
}

// Shards are the pieces of work, always in the same order.
func (p Plan) Shards() []Shard {
	var all []Shard
	for _, layer := range p.Layers {
		for first := 0; first < layer.Filters; first += p.Shard {
			all = append(all, Shard{Patterns, layer.Name, first, min(p.Shard, layer.Filters-first)})
		}
	}
	if p.Photos != "" {
		for first := 0; first < len(p.Layers); first += layersTogether {
			all = append(all, Shard{Examples, p.Layers[first].Name, first, min(layersTogether, len(p.Layers)-first)})
		}
	}
	return all
}

// Filters counts those of all layers.
func (p Plan) Filters() int {
	count := 0
	for _, layer := range p.Layers {
		count += layer.Filters
	}
	return count
}

// Hash tells plans apart: the SHA-256, in hex, of the plan as it lies in the folder.
func (p Plan) Hash() string {
	sum := sha256.Sum256(p.text())
	return hex.EncodeToString(sum[:])
}

// text is the plan as it lies in the folder.
func (p Plan) text() []byte {
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		panic(err) // text and numbers can be written
	}
	return append(text, '\n')
}

// Limits of what a plan may ask for.
const (
	maxLayers  = 1 << 14
	maxFilters = 1 << 20 // of a layer
	maxSeeds   = 100
	maxShard   = 1 << 16
	maxBatch   = 1 << 10
	maxMethods = 1 << 5
)

// check returns an error for a plan that nobody can carry out.
func (p Plan) check() error {
	switch {
	case p.Format != planFormat:
		return fmt.Errorf("it has the form %d, this convscope writes %d", p.Format, planFormat)
	case min(p.Size, p.Seeds, p.Shard, p.Batch) < 1 || p.Seeds > maxSeeds || p.Shard > maxShard || p.Batch > maxBatch:
		return fmt.Errorf("it asks for size %d, %d seeds, %d filters a shard and %d at once",
			p.Size, p.Seeds, p.Shard, p.Batch)
	case len(p.Layers) == 0 || len(p.Layers) > maxLayers || len(p.Methods) == 0 || len(p.Methods) > maxMethods:
		return fmt.Errorf("it has %d layers and %d methods", len(p.Layers), len(p.Methods))
	}
	for _, layer := range p.Layers {
		if layer.Name == "" || layer.Filters < 1 || layer.Filters > maxFilters {
			return fmt.Errorf("it has %d filters of a layer %.80q", layer.Filters, layer.Name)
		}
	}
	for _, method := range p.Methods {
		if _, err := ascent.ParseMethod(method); err != nil {
			return err
		}
	}
	return nil
}

// Differences says in what another plan differs, a few words each: what this one has, and what the other one asks for.
func (p Plan) Differences(other Plan) []string {
	var found []string
	compare := func(what string, has, asked any) {
		if was, is := fmt.Sprint(has), fmt.Sprint(asked); was != is {
			found = append(found, fmt.Sprintf("%s: the folder holds %s, asked was %s", what, named(was), named(is)))
		}
	}
	compare("form", p.Format, other.Format)
	compare("version", p.Program, other.Program)
	compare("network", p.Network, other.Network)
	compare("weights", shortened(p.Fingerprint), shortened(other.Fingerprint))
	compare("input", p.Input, other.Input)
	compare("layers", layersText(p.Layers), layersText(other.Layers))
	compare("methods", strings.Join(p.Methods, "; "), strings.Join(other.Methods, "; "))
	compare("size", p.Size, other.Size)
	compare("seeds", p.Seeds, other.Seeds)
	compare("negative", p.Negative, other.Negative)
	compare("large", p.Large, other.Large)
	compare("photographs", shortened(p.Photos), shortened(other.Photos))
	compare("filters a shard", p.Shard, other.Shard)
	compare("pictures at once", p.Batch, other.Batch)
	return found
}

// named puts a word where there is none.
func named(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// shortened is a hash's beginning, enough to tell two apart.
func shortened(hash string) string { return hash[:min(len(hash), 16)] }

// layersText lists layers; of many their number, so that two lists differ in the text where they differ.
func layersText(layers []Layer) string {
	const few = 8
	var names []string
	sum := sha256.New()
	for _, layer := range layers {
		names = append(names, fmt.Sprintf("%s (%d)", layer.Name, layer.Filters))
		fmt.Fprintf(sum, "%q %d\n", layer.Name, layer.Filters)
	}
	if len(layers) > few {
		return fmt.Sprintf("%d layers from %s to %s [%x]", len(layers), names[0], names[len(names)-1], sum.Sum(nil)[:4])
	}
	return strings.Join(names, ", ")
}
