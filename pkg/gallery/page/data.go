// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

// Network is what the first page shows: the map of a network's layers. It goes into data/network.js.
type Network struct {
	// Title is the network's name, Fingerprint its weights' and table's.
	Title       string `json:"title"`
	Fingerprint string `json:"fingerprint"`
	// Command makes the gallery again; Program is what made it, with its version.
	Command string `json:"command"`
	Program string `json:"program"`
	// Methods are the words of the methods, Size the side of a picture in pixels, Seeds how many starts each has.
	Methods []string `json:"methods"`
	Size    int      `json:"size"`
	Seeds   int      `json:"seeds"`
	// Photos counts the photographs that were looked at, 0 without any.
	Photos int `json:"photos"`
	// Layers are in the network's order, those that the gallery shows and those between them.
	Layers []Summary `json:"layers"`
}

// Summary is a layer on the network's map.
type Summary struct {
	Name string `json:"name"`
	// File is the base name, without an ending, of the layer's data (data/FILE.js): safe in any file system.
	File string `json:"file"`
	Kind string `json:"kind"`
	// Takes names the layers it takes.
	Takes []string `json:"takes"`
	// Shown says whether the gallery shows its filters; the others are only on the map.
	Shown bool `json:"shown"`
	// Filters counts its filters, Done those whose pictures are there; Dead, Rescued and Inert those of that fate.
	Filters int `json:"filters"`
	Done    int `json:"done"`
	Dead    int `json:"dead"`
	Rescued int `json:"rescued"`
	Inert   int `json:"inert"`
	// Field is the side in pixels of what one position sees, 0 for the whole picture.
	Field int `json:"field"`
	// Output is its output's shape on a picture of the gallery's size, such as "24 x 24 x 256".
	Output string `json:"output"`
	// Preview is a small strip of some patterns, relative to the folder, "" if there is none.
	Preview string `json:"preview"`
}

// Layer is all filters of one layer. It goes into a file of its own.
type Layer struct {
	Name    string   `json:"name"`
	Filters []Filter `json:"filters"`
}

// Filter is one filter's page. Whatever is not known is left out.
type Filter struct {
	Index int `json:"index"`
	// Pictures are the patterns; the first is the one on the wall.
	Pictures []Picture `json:"pictures"`
	// Film is a strip of frames from the climb, side by side, each of the strip's height.
	Film string `json:"film,omitempty"`
	// Fate is what became of the pattern: alive, rescued, inert or dead; How says how that came about.
	Fate string `json:"fate"`
	How  string `json:"how,omitempty"`
	// Score says in numbers how good the first picture is, by ascent.Score's names.
	Score map[string]float64 `json:"score,omitempty"`
	// Likeness is the filter's place when the layer is put in an order in which neighbours look alike, from 0.
	Likeness int `json:"likeness"`
	// Examples are pieces of photographs, the strongest first; Histogram is of the activation at all their positions.
	Examples  []Example  `json:"examples,omitempty"`
	Histogram *Histogram `json:"histogram,omitempty"`
	// FedBy are filters of the layer before that feed it most, Feeds those that it feeds, Alike those of its own layer
	// that answer most alike on the photographs.
	FedBy []Neighbor `json:"fedBy,omitempty"`
	Feeds []Neighbor `json:"feeds,omitempty"`
	Alike []Neighbor `json:"alike,omitempty"`
	// Command and Cell make the first picture again: on the command line, and in a notebook's cell.
	Command string `json:"command"`
	Cell    string `json:"cell"`
}

// Picture is a file with a pattern, relative to the folder.
type Picture struct {
	File   string `json:"file"`
	Method string `json:"method"`
	Size   int    `json:"size"`
	Seed   uint64 `json:"seed,string"` // as text: JavaScript rounds such numbers
	// Negative says that it is what the filter answers to least.
	Negative bool `json:"negative,omitempty"`
	// Text describes it to those who can't see it.
	Text string `json:"text"`
}

// Example is a piece of a photograph.
type Example struct {
	File string `json:"file"`
	// Photo is the photograph's name, Place the piece in it: left, top, width and height in pixels.
	Photo string `json:"photo"`
	Place [4]int `json:"place"`
	// Activation is the filter's there.
	Activation float64 `json:"activation"`
	Text       string  `json:"text"`
}

// Histogram counts activations in bins of equal width from From to To.
type Histogram struct {
	From   float64 `json:"from"`
	To     float64 `json:"to"`
	Counts []int64 `json:"counts"`
	// Fires is the share, 0 to 1, of the photographs in which the filter answers anywhere.
	Fires float64 `json:"fires"`
}

// Neighbor is another filter, with what joins them.
type Neighbor struct {
	Layer  string `json:"layer"`
	Filter int    `json:"filter"`
	// Weight is the kernel's norm with the sign of its sum, or, between filters of one layer, the correlation.
	Weight float64 `json:"weight"`
	// Kernel is the kernel between them, row by row; nil where there is none.
	Kernel [][]float64 `json:"kernel,omitempty"`
}
