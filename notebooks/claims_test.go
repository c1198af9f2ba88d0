// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

// claims are those of each lesson, in its order.
var claims = map[string][]claim{
	"1-activations.ipynb":     activationClaims,
	"2-filters.ipynb":         filterClaims,
	"3-heatmaps.ipynb":        heatmapClaims,
	"4-better-patterns.ipynb": patternClaims,
	"5-playground.ipynb":      playgroundClaims,
	"6-find-out.ipynb":        findOutClaims,
	"7-your-network.ipynb":    networkClaims,
}

// shows is a claim that an output holds.
func shows(prose, words, output string, holds func(o output) bool) claim {
	return claim{prose: prose, words: words, output: output, holds: holds}
}

// made is a claim that is so because the code says so, CELL: text.
func made(prose, words, code string) claim { return claim{prose: prose, words: words, code: code} }

// known is a claim that no output shows.
func known(prose, words, because string) claim {
	return claim{prose: prose, words: words, because: because}
}

const (
	measured = "measured, with the tool's notebooks command"
	estimate = "an estimate, at a student's pace"
	fact     = "a fact that does not depend on a run"
	question = "a question's or an exercise's own"
)

var (
	convolutions = []string{"block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1",
		"block3_conv2",
		"block3_conv3", "block4_conv1", "block4_conv2", "block4_conv3", "block5_conv1", "block5_conv2", "block5_conv3"}
	lasts = []string{"block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3"}
	pools = []string{"block1_pool", "block2_pool", "block3_pool", "block4_pool", "block5_pool"}
)

// each are the values of several rows.
func (o output) each(names []string) (values []float64) {
	for _, name := range names {
		values = append(values, o.of(name))
	}
	return values
}

// sees says that a place of the layer sees so many pixels in each direction, by lesson 2's table of the layers.
func sees(layer string, pixels float64) func(o output) bool {
	return func(o output) bool {
		row := o.row(layer)
		return len(row) == 7 && row[6] == pixels
	}
}
