// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

// Format is the version of the recipe's form that this package writes. It reads 1 as well, which knew the book's
// method only, 2, which kept neither the hash of the pixels nor the files of an objective, and 3, where the
// convolutions could be computed in several ways; such a recipe stays in its form when it is written again.
const Format = 4

// NetworkFormat is the version of recipes for other networks than VGG16: it has their names and how they take
// pictures.
const NetworkFormat = 5

// filesFormat is the version that brought the hash of the pixels and the files of an objective.
const filesFormat = 3

// Kind says what a picture shows.
type Kind string

// The kinds.
const (
	// Pattern is one filter's picture.
	Pattern Kind = "pattern"
	// Grid is a sheet of several filters' pictures.
	Grid Kind = "grid"
)

// Recipe is what has to be known to make a picture again.
type Recipe struct {
	// Format is the version of this form, [Format], [NetworkFormat] or an older one.
	Format int `json:"format"`
	// Kind says what the picture shows.
	Kind Kind `json:"kind"`
	// Layer and Filters are the ascent's target; filters count from 0. Layer may hold an objective's text, which has a
	// colon in it.
	Layer   string `json:"layer"`
	Filters []int  `json:"filters"`
	// Height and Width are those of one filter's picture, in pixels.
	Height int `json:"height"`
	Width  int `json:"width"`
	// Method is how the pictures were made, as ascent.ParseMethod reads it, such as "book". Rescue says whether silent
	// filters were woken.
	Method string `json:"method"`
	Rescue bool   `json:"rescue"`
	// Steps is how many steps each picture was to take, Step the length of one in gray levels.
	Steps int     `json:"steps"`
	Step  float64 `json:"step"`
	// Seed chose the noise that the pictures started from, unless there is a Start.
	Seed uint64 `json:"seed"`
	// Batch is how many pictures climbed at once: rounding depends on it. When settings are compared, others climb
	// along.
	Batch int `json:"batch"`
	// Taken holds the steps that each filter's picture took, when the run was stopped early; else it is nil.
	Taken []int `json:"taken,omitempty"`
	// Start is the picture that the ascent started from; nil for noise.
	Start *Start `json:"start,omitempty"`
	// Layout lays a grid out; nil for a pattern.
	Layout *Layout `json:"layout,omitempty"`
	// Convolution is how the convolutions were computed, [Winograd] or [Direct]. Before version 4 it is how the user
	// asked for that: "auto", "direct", "lines" or "tiles"; then Ways is how each kind of convolution was computed, by
	// the kind's name.
	Convolution string            `json:"convolution"`
	Ways        map[string]string `json:"ways,omitempty"`
	// Weights is the fingerprint of the model's weights, with the network's table if there is a Network: a SHA-256 in
	// hex, or what random ones were drawn from.
	Weights string `json:"weights"`
	// WeightsInput is what pictures the weights in the user's file took, as weights.Options.Input has it, when that
	// was said or the file told it: in another way its weights are others.
	WeightsInput string `json:"weights_input,omitempty"`
	// Network is the base name of the network's file, or the name of one that comes along; "" for VGG16. Input is what
	// pictures it takes, in the words of the option --input.
	Network string `json:"network,omitempty"`
	Input   string `json:"input,omitempty"`
	// Backend says in one line what ran it, Platform the operating system and processor, such as "linux/amd64".
	Backend  string `json:"backend"`
	Platform string `json:"platform"`
	// Versions are those of the programs that made it.
	Versions Versions `json:"versions"`
	// Files are the vectors and photographs that the objective names.
	Files []File `json:"files,omitempty"`
	// Pixels is the [picture.Hash] of the picture as it was saved, so that a change shows. [Encode] sets it.
	Pixels string `json:"pixels,omitempty"`
}

// Work counts the steps that all pictures took together.
func (r Recipe) Work() int {
	if r.Taken == nil {
		return r.Steps * len(r.Filters)
	}
	work := 0
	for _, steps := range r.Taken {
		work += steps
	}
	return work
}
