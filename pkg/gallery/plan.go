// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

// Plan is all that decides what a gallery holds, byte for byte: two plans that differ can't share a folder. It lies in
// the folder as plan.json.
type Plan struct {
	// Format is the version of this form and of the files beside it.
	Format int `json:"format"`
	// Program is the version of convscope, as recipe.Current has it.
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
}

// Layer is a layer of a plan.
type Layer struct {
	Name    string `json:"name"`
	Filters int    `json:"filters"`
}

// Shard is a piece of work: some filters of one layer.
type Shard struct {
	Layer string
	// First is the first filter, Count how many there are.
	First, Count int
}
