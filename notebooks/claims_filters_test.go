// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"regexp"
	"slices"
	"strings"
)

var neverAnswered = regexp.MustCompile(`(\d+) of \d+ filters never answered`)

// silent is how many filters of the sheets never answered.
func silent(sheets string) (count float64) {
	for _, found := range neverAnswered.FindAllStringSubmatch(sheets, -1) {
		count += output(found[1]).numbers()[0]
	}
	return count
}

var filterClaims = []claim{
	shows("title", "four sheets of 64 such pictures", "grid1 grid2 grid3 grid4", func(o output) bool {
		return o.count(" filters of 0 to ") == 4
	}),
	made("grid-text", "The first 64 filters of a layer, 64 x 64 pixels each",
		"grid1: filters(64)...), ascent.Options{Size: 64,"),
	known("where", "it takes 77 seconds, and 74 the second time, measured on two cores", measured),
	shows("model-text", "five blocks of convolutions, and a pool after each", "model", func(o output) bool {
		return o.count(" pool ") == 5 && o.count(" conv ") == 13
	}),
	known("model-text", "the weights (59 MB)", "the size of the file"),
	shows("noise-text", "256 filters, each of which sees 24 x 24 pixels", "model", func(o output) bool {
		return slices.Equal(o.row("block3_conv1"), []float64{37, 37, 256, 256, 295168, 24, 24})
	}),
	made("noise-text", "between 128 and 148", "noise: Float32()*20 + 128"),
	made("normalize-text", "The small number, 1e-5", "normalize: 1e-5"),
	shows("normalize-ask", "from the first block to the fourth", "normalize-show", func(o output) bool {
		return o.has("block1_conv1", "block4_conv1")
	}),
	shows("normalize-answer", "Larger, here by a factor of about a hundred", "normalize-show", func(o output) bool {
		return within(60, 150, o.of("block4_conv1")/o.of("block1_conv1"))
	}),
	shows("normalize-answer", "150 x 150 of them in the first block and 18 x 18 in the fourth", "model",
		func(o output) bool {
			return slices.Equal(o.row("block1_conv1")[:2], []float64{150, 150}) &&
				slices.Equal(o.row("block4_conv1")[:2], []float64{18, 18})
		}),
	shows("normalize-answer", "even 1e-5 is felt: its steps are a little shorter", "normalize-show",
		func(o output) bool {
			first, third := o.row("block1_conv1"), o.row("block3_conv1")
			return len(first) == 2 && len(third) == 2 && within(0.7, 0.95, first[1]) && within(0.99, 1, third[1])
		}),
	known("iterate-text", "The two pieces together", fact),
	shows("iterate-answer", "The loss is 0: on black this filter is silent", "iterate",
		func(o output) bool { return o.has("loss 0,") }),
	made("climb-text", "Forty steps uphill", "climb: range 40"),
	made("climb-text", "look again, forty times", "climb: range 40"),
	shows("climb-ask", "gray noise makes the filter answer with 69", "loss",
		func(o output) bool { return within(68.5, 69.5, o.numbers()[len(o.numbers())-1]) }),
	made("climb-ask", "after forty steps", "climb: range 40"),
	known("climb-ask", "twice as much, ten times", question),
	known("climb-ask", "moves the pixels by about one gray level", "the root mean square of a step, by normalize"),
	shows("climb-answer", "Over fifty times as much.", "climb", func(o output) bool { return o.rises(50) }),
	known("deprocess-text", "some values lie outside 0 to 255", fact),
	made("deprocess-text", "a standard deviation of 0.1", "deprocess: 0.1)"),
	made("deprocess-text", "the middle gray, 0.5", "deprocess: AddScalar(x, 0.5)"),
	made("deprocess-text", "from 0 to 1", "deprocess: 0, 1)"),
	shows("library-text", "the same forty steps", "library", func(o output) bool { return o.has("40 steps of 1,") }),
	shows("grid-text", "Some filters never answer to gray noise", "grid1", func(o output) bool {
		return o.has("never answered from this start")
	}),
	shows("grid2-text", "more does not fit into three pixels", "model", sees("block1_conv1", 3)),
	known("grid2-text", "the next two", fact),
	shows("grid4-answer", "Fewer.", "grid1 grid2 grid3 grid4", func(o output) bool {
		near, deep, found := strings.Cut(string(o), "block3_conv1: ")
		return found && silent(near) > silent(deep)
	}),
	known("grid4-answer", "In the fifth block it is otherwise", "lesson 4"),
	shows("grid1-text", "The first layer sees three pixels at a time.", "model", sees("block1_conv1", 3)),
	shows("grid3-text", "`block3_conv1` sees 24 pixels at a time", "model", sees("block3_conv1", 24)),
	shows("grid4-text", "`block4_conv1` sees 60 pixels, nearly the whole tile", "model", sees("block4_conv1", 60)),
	known("meaning-text", "Two remarks", fact),
	made("knobs-text", "Before you set `steps` to 80", "knobs: steps  = 40"),
	known("knobs-text", "And with 10?", question),
	known("knobs-answer", "With 80 steps the loss more than doubles, from about 5,700 to 13,000",
		"measured, with the command pattern, --seed 1"),
	known("knobs-answer", "With 10 the eyes have only begun to grow", "measured, with the command pattern, --seed 1"),
	known("exercises-text", "after `block1_conv1` a place sees 3 pixels", "the table of the lesson"),
	known("exercises-text", "behind it, two", fact),
	known("exercise-3-text", "four axes: batch, rows, columns, channels. Two of them are places", fact),
	known("exercise-3-text", "The second and the third of the four ranges", "of Slice's AxisRanges"),
	known("exercises-text", "a 3 x 3 convolution adds two pixels", fact),
	known("exercise-3-text", "cuts two positions off each side", "the book, 2nd edition"),
	known("exercise-4-text", "dead at 64 x 64 pixels", question),
	made("summary", "a normalized step, forty times", "climb: range 40"),
}
