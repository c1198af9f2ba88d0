// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import "slices"

var filterClaims = []claim{
	shows("title", "four sheets of 64 such pictures", "grid1 grid2 grid3 grid4", func(o output) bool {
		return o.count(" filters of 0 to ") == 4
	}),
	made("grid-text", "The first 64 filters of a layer, 64 x 64 pixels each",
		"grid1: filters(64)...), ascent.Options{Size: 64,"),
	known("title", "took 77 seconds, and 74 the second time, on two cores", measured),
	shows("model-text", "five blocks of convolutions, and a pool after each", "model", func(o output) bool {
		return o.count(" pool ") == 5 && o.count(" conv ") == 13
	}),
	known("model-text", "the weights (59 MB)", "the size of the file"),
	shows("noise-text", "256 filters, each of which sees 24 x 24 pixels", "model", func(o output) bool {
		return slices.Equal(o.row("block3_conv1"), []float64{37, 37, 256, 256, 295168, 24, 24})
	}),
	made("noise-text", "between 128 and 148", "noise: Float32()*20 + 128"),
	shows("normalize-text", "here by a factor of about a hundred", "normalize-show", func(o output) bool {
		return within(60, 150, o.of("block4_conv1")/o.of("block1_conv1"))
	}),
	made("normalize-text", "The small number, 1e-5", "normalize: 1e-5"),
	shows("normalize-text",
		"In the first block the\ngradient is so small that this number is felt: its steps are a little shorter.",
		"normalize-show", func(o output) bool {
			first, third := o.row("block1_conv1"), o.row("block3_conv1")
			return len(first) == 2 && len(third) == 2 && within(0.7, 0.95, first[1]) && within(0.99, 1, third[1])
		}),
	known("iterate-text", "The two pieces together", fact),
	shows("iterate-text", "The loss is 0: on black this filter is silent", "iterate",
		func(o output) bool { return o.has("loss 0,") }),
	made("climb-text", "Forty steps uphill", "climb: range 40"),
	made("climb-text", "look again, forty times", "climb: range 40"),
	shows("climb-text", "The loss curve shows how the filter wakes up.", "climb",
		func(o output) bool { return o.rises(10) }),
	known("deprocess-text", "some values lie outside 0 to 255", fact),
	made("deprocess-text", "a standard deviation of 0.1", "deprocess: 0.1)"),
	made("deprocess-text", "the middle gray, 0.5", "deprocess: AddScalar(x, 0.5)"),
	made("deprocess-text", "from 0 to 1", "deprocess: 0, 1)"),
	shows("library-text", "the same forty steps", "library", func(o output) bool { return o.has("40 steps of 1,") }),
	shows("grid-text", "Some filters never answer to gray noise", "grid1", func(o output) bool {
		return o.has("never answered from this start")
	}),
	shows("grid1-text", "The first layer sees three pixels at a time.", "model", sees("block1_conv1", 3)),
	shows("grid3-text", "`block3_conv1` sees 24 pixels at a time", "model", sees("block3_conv1", 24)),
	shows("grid4-text", "`block4_conv1` sees 60 pixels, nearly the whole tile", "model", sees("block4_conv1", 60)),
	known("meaning-text", "Two remarks", fact),
	known("exercises-text", "a 3 x 3 convolution adds two pixels", fact),
	known("exercise-3-text", "cuts two positions off each side", "the book, 2nd edition"),
	known("exercise-4-text", "dead at 64 x 64 pixels", question),
	made("summary", "a normalized step, forty times", "climb: range 40"),
}
