// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"maps"
	"math"
	"slices"
	"strings"
)

var patternClaims = []claim{
	shows("title", "over a quarter of the contrast that it draws is fine noise", "show", func(o output) bool {
		row := o.row("pixels")
		return len(row) == 3 && within(25, 34, row[2])
	}),
	shows("title", "some filters stay silent", "dead", func(o output) bool { return o.has("never answered") }),
	known("title", "forty steps", "ascent.BookSteps"),
	made("title", "all five blocks", "blocks: range 5"),
	known("where", "**Lesson 4 of 7** · before: [3 · Where in the photo does it see the class?](3-heatmaps.ipynb) · "+
		"after: [5 · The playground](5-playground.ipynb)", place),
	known("where", "166 seconds to run on two cores", measured),
	known("ladder-text", "waves shorter than four pixels", "what ascent.Rate counts"),
	made("border-text", "leaves two positions of the layer out at each side", "border: Border: 2"),
	shows("padding-text", "Filters 28 and 43 are such, 31 is not: first with the border, then without it. "+
		"Left to the inside, the two were silent and had to be woken.", "padding", func(o output) bool {
		return o.count("rescued") == 2 && o.has("filter 28 (rescued)", "filter 43 (rescued)")
	}),
	known("octaves-text", "enlarged twice on its way", "three octaves"),
	known("fourier-text", "which of the two climb", fact),
	known("fourier-text", "gray levels between 0 and 255", fact),
	shows("octaves-text", "Less: the climb has to please all windows at once. But more of it is *kept*", "all",
		func(o output) bool {
			before, after := o.row("colour"), o.row("jitter")
			return len(before) == 3 && len(after) == 3 && after[0] < 0.9*before[0] && after[1] > before[1]+5
		}),
	shows("octaves-text", "*Fine* hardly moves.", "all", func(o output) bool {
		before, after := o.row("colour"), o.row("jitter")
		return len(before) == 3 && len(after) == 3 && within(-4, 4, after[2]-before[2])
	}),
	shows("decorrelate-text", "more than three times that of the octaves", "all",
		func(o output) bool { return o.of("Fourier") > 3*o.of("octaves") }),
	known("decorrelate-text", "Forty steps end", "ascent.BookSteps"),
	shows("all-text", "*Fine* comes down to next to nothing", "all", func(o output) bool {
		row := o.row("MaCo")
		return len(row) == 3 && row[2] <= 3
	}),
	shows("all-text", "The activation falls too", "all",
		func(o output) bool { return o.of("MaCo") < 0.8*o.of("decorrelation") }),
	shows("photos-text", "*Fine*, at the last rung.", "all", func(o output) bool {
		before, after := o.row("decorrelation"), o.row("MaCo")
		return len(before) == 3 && len(after) == 3 && after[2]*3 < before[2]
	}),
	shows("photos-text", "The activation falls the furthest at the octaves and rises the furthest with the waves", "all",
		func(o output) bool {
			names := []string{"pixels", "border", "colour", "jitter", "octaves", "Fourier", "decorrelation", "MaCo"}
			last, falls, rises := math.NaN(), map[string]float64{}, map[string]float64{}
			for _, name := range names {
				if next := o.of(name); name != "pixels" {
					falls[name], rises[name] = last/next, next/last
				}
				last = o.of(name)
			}
			return falls["octaves"] == slices.Max(slices.Collect(maps.Values(falls))) &&
				rises["Fourier"] == slices.Max(slices.Collect(maps.Values(rises)))
		}),
	shows("photos-text", "*kept* climbs with jitter and with the octaves", "all", func(o output) bool {
		color, jitter, octaves := o.row("colour"), o.row("jitter"), o.row("octaves")
		return len(color)+len(jitter)+len(octaves) == 9 && jitter[1] > color[1]+5 && octaves[1] > jitter[1]+5
	}),
	known("photos-text", "an activation of some thousands", fact),
	known("photos-text", "Two of the photographs have real ones", fact),
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
	shows("peak-text", "And the cat comes last.", "photos", func(o output) bool {
		return o.of("chelsea") <= slices.Min(o.each([]string{"coffee", "rocket", "astronaut"}))
	}),
	made("peak-text", "two from each photograph here, at two scales", "examples: PerPhoto: 2, Scales: []float64{1, 2}"),
	shows("examples-text", "From the astronaut, and it is her eye.", "examples",
		func(o output) bool { return o.order("astronaut", "coffee", "rocket", "chelsea") }),
	shows("examples-text", "the shine on the cup, and the tip of a rocket come before the cat's eye", "examples",
		func(o output) bool { return o.order("astronaut", "coffee", "rocket", "chelsea") }),
	known("examples-text", "With thousands of photographs", fact),
	known("examples-text", "a dark disc with something bright in it", "what the pieces show"),
	made("examples-text", "finds the kernels with the largest norm", "neighbors: MustNeighbors(layer, 6, filter)"),
	known("examples-text", "Pooling lies between the two layers", fact),
	shows("neighbors-text", "the three largest weights belong to rings", "neighbors",
		func(o output) bool {
			return o.count("-0.") == 2 && o.count("+0.") == 4 && o.order("106", "69", "20", "172")
		}),
	shows("neighbors-text", "The fourth filter that speaks for them", "neighbors",
		func(o output) bool { return o.order("172", "171", "45") }),
	shows("neighbors-text", "Both that speak against them", "neighbors",
		func(o output) bool { return o.of("block3_conv3 172") < 0 && o.of("block3_conv3 45") < 0 }),
	known("neighbors-text", "Half of all weights are below zero", "127 of 256 are, by network.Table.Neighbors"),
	known("wake-text", "four starts", fact),
	shows("wake-text", "How many of the four", "wake", func(o output) bool { return o.count("filter ") >= 4 }),
	shows("wanted-text", "All four.", "wake", func(o output) bool { return o.count("rescued by") == 4 }),
	shows("wanted-text", "The curve begins below zero", "wake", func(o output) bool {
		found := curve.FindStringSubmatch(string(o))
		return found != nil && output(found[1]).numbers()[0] < 0 && output(found[2]).numbers()[0] > 0
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
	known("exercise-3-text", "pictures of 64 pixels", question),
	known("exercise-4-text", "need one change", question),
	known("review", "## Three questions", question),
	known("review", "twice as much as by another", question),
	shows("review", "Here a clasp and a cup came before a cat.", "examples",
		func(o output) bool { return o.order("coffee", "chelsea") }),
	known("reading", "doi.org/10.23915/distill.00007), 2017", reference),
	known("reading", "doi.org/10.23915/distill.00012), 2018", reference),
	known("reading", "arxiv.org/abs/2306.06805), 2023", reference),
	known("reading", "arxiv.org/abs/1311.2901), 2013", reference),
	known("reading", "doi.org/10.23915/distill.00024.001), 2020", reference),
	known("cite", "Manning, 2017", reference),
	known("cite", "Distill, 2017, doi:10.23915/distill.00007; for MaCo, T. Fel et al., 2023, arXiv:2306.06805",
		reference),
	shows("summary", "All silent filters of this lesson could be woken.", "padding wake wanted blocks",
		func(o output) bool {
			return o.count("rescued") >= 6 && !o.has("dead") && !o.has("never answered")
		}),
}

// order says whether the texts come one after the other, each where it first is.
func (o output) order(texts ...string) bool {
	at := -1
	for _, text := range texts {
		next := strings.Index(string(o), text)
		if next <= at {
			return false
		}
		at = next
	}
	return true
}
