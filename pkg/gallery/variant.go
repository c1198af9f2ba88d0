// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"convscope/pkg/ascent"
	"convscope/pkg/gallery/page"
	"convscope/pkg/network"
)

// variant is one of the pictures that every filter has.
type variant struct {
	method   ascent.Method
	text     string // of the method
	size     int
	seed     uint64
	negative bool
	large    bool
}

// variants are the pictures of a filter; the first is the one on the wall.
func (p Plan) variants() (all []variant) {
	for _, text := range p.Methods {
		method, err := ascent.ParseMethod(text)
		if err != nil {
			panic(err) // a plan was checked
		}
		first := variant{method: method, text: text, size: p.Size, seed: ascent.BookSeed}
		all = append(all, first)
		if p.Large {
			large := first
			large.size, large.large = 2*p.Size, true
			all = append(all, large)
		}
		for k := 1; k < p.Seeds; k++ {
			other := first
			other.seed += uint64(k)
			all = append(all, other)
		}
		if p.Negative {
			least := first
			least.negative, least.method.Wake = true, true // goes on below zero, where the activation is flat
			all = append(all, least)
		}
	}
	return all
}

// options are those of the ascent, in batches of that size.
func (v variant) options(batch int) ascent.Options {
	o := ascent.Options{Method: v.method, Height: v.size, Width: v.size, Seed: v.seed, Batch: batch, Fixed: true}
	if v.negative {
		o.Step = -v.step()
	}
	return o
}

// step is the length of a step.
func (v variant) step() float64 {
	if v.method.Step != 0 {
		return v.method.Step
	}
	return ascent.BookStep
}

// steps is how many steps the picture takes.
func (v variant) steps() int {
	if v.method.Steps != 0 {
		return v.method.Steps
	}
	return ascent.BookSteps
}

// check returns an error for pictures that the layer can't take, as the method shows them to it.
func (v variant) check(layer network.Layer) error {
	if err := v.options(1).Check(1); err != nil {
		return err
	}
	if err := v.method.CheckSize(v.size, v.size, layer.CheckSize); err != nil {
		return fmt.Errorf("size %d: %w", v.size, err)
	}
	return nil
}

// word is what tells the picture from the filter's others in its file's name: letters, digits and dashes.
func (v variant) word() string {
	word := v.text
	if strings.Contains(word, "=") { // its text may be long and hold anything
		name, _, _ := strings.Cut(word, ",")
		word = fmt.Sprintf("%s-%x", name, sha256.Sum256([]byte(v.text)))[:len(name)+1+8]
	}
	switch {
	case v.large:
		word += "-large"
	case v.negative:
		word += "-negative"
	case v.seed != ascent.BookSeed:
		word += fmt.Sprintf("-seed%d", v.seed)
	}
	return word
}

// picture is what the page has of it.
func (v variant) picture(layer, file string, filter int, fate ascent.Fate) page.Picture {
	text := fmt.Sprintf("What excites filter %d of %s most, method %s", filter, layer, v.text)
	switch {
	case v.negative:
		text = fmt.Sprintf("What filter %d of %s answers to least, method %s", filter, layer, v.text)
	case !fate.Shown():
		text = fmt.Sprintf("Noise: filter %d of %s stayed silent (%s), method %s", filter, layer, fate.Life, v.text)
	}
	if v.seed != ascent.BookSeed {
		text += fmt.Sprintf(", start %d", v.seed)
	}
	return page.Picture{File: file, Method: v.text, Size: v.size, Seed: v.seed, Negative: v.negative, Text: text}
}
