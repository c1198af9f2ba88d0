// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import "slices"

var patternClaims = []claim{
	shows("title", "over a quarter of the contrast that it draws is fine noise", "show", func(o output) bool {
		row := o.row("pixels")
		return len(row) == 3 && within(25, 34, row[2])
	}),
	shows("title", "some filters stay silent", "dead", func(o output) bool { return o.has("never answered") }),
	known("title", "it took 111 seconds on two cores", measured),
	known("title", "forty steps", "ascent.BookSteps"),
	made("title", "all five blocks", "blocks: range 5"),
	known("ladder-text", "waves shorter than four pixels", "what ascent.Rate counts"),
	made("border-text", "leaves two positions of the layer out at each side", "border: Border: 2"),
	shows("padding-text", "Filters 28 and 43 are such, 31 is not: first with the border, then without it. "+
		"Left to the inside, the two were silent and had to be woken.", "padding", func(o output) bool {
		return o.count("rescued") == 2 && o.has("filter 28 (rescued)", "filter 43 (rescued)")
	}),
	known("octaves-text", "enlarged twice on its way", "three octaves"),
	known("fourier-text", "gray levels between 0 and 255", fact),
	shows("maco-text", "takes away what made the noise possible at all", "all", func(o output) bool {
		rows := append(o.row("MaCo"), o.row("decorrelation")...)
		return len(rows) == 6 && rows[2] <= 3 && rows[5] >= 8
	}),
	shows("jitter-text", "Only what survives that pays.", "all", func(o output) bool {
		before, after := o.row("colour"), o.row("jitter")
		return len(before) == 3 && len(after) == 3 && after[1] > before[1]+5
	}),
	known("photos-text", "of the two pictures", fact),
	known("photos-text", "of four photographs", fact),
	shows("peak-text",
		"Both pictures excite the filter more than three times as much, at their best place, as any "+
			"of the four photographs does anywhere.",
		"photos", func(o output) bool {
			patterns := o.each([]string{"book", "crisp"})
			return slices.Min(patterns) > 3*slices.Max(o.each([]string{"chelsea", "coffee", "rocket", "astronaut"}))
		}),
	shows("dead-text", "Filters 1 to 4 of the deepest layer give no answer to gray noise.", "dead",
		func(o output) bool {
			return o.has("4 of 4 filters never answered", "dead: [1 2 3 4]")
		}),
	known("dead-text", "after forty steps", "ascent.BookSteps"),
	made("objective-text", "here two filters together, and the first of them with the second held down",
		"objective: .Minus("),
	known("exercises-text", "at least 55 %", question),
	known("exercise-2-text", "less than a tenth", question),
	shows("summary", "All silent filters of this lesson could be woken.", "padding wake wanted blocks",
		func(o output) bool {
			return o.count("rescued") >= 6 && !o.has("dead") && !o.has("never answered")
		}),
}
