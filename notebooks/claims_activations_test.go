// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import "slices"

var activationClaims = []claim{
	shows("title", "13 convolutions and 5 pools", "look", func(o output) bool {
		return o.count("_conv") == 13 && o.count("_pool") == 5
	}),
	known("where", "it takes 36 seconds, measured on two cores", measured),
	known("where", "about 40 minutes to read", estimate),
	made("input-text", "the middle of the photo in 224 x 224 pixels", "input: photo(), 224, 224)"),
	known("input-text", "three gray levels from 0 to 255 each", fact),
	known("look-ask", "the photo is 224 x 224 x 3 numbers", fact),
	shows("look-answer", "makes 21 times as many of them: it keeps all places, and has 64 channels where the photo has 3",
		"look", func(o output) bool { return slices.Equal(o.row("block1_conv1"), []float64{1, 224, 224, 64}) }),
	shows("look-answer", "each pool leaves a quarter of the places, while a block has at most twice the channels",
		"look", func(o output) bool {
			for i, pool := range pools {
				before, after := o.row(lasts[i]), o.row(pool)
				if before[1] != 2*after[1] || before[2] != 2*after[2] || before[3] != after[3] ||
					i > 0 && after[3] > 2*o.row(pools[i-1])[3] {
					return false
				}
			}
			return true
		}),
	shows("look-answer", "The last pool puts out 25,088 numbers, a sixth of what came in", "look",
		func(o output) bool { return slices.Equal(o.row("block5_pool"), []float64{1, 7, 7, 512}) }),
	shows("model-text", "the outputs of all 18 layers at once", "look", func(o output) bool {
		return o.count("\nblock") == 18
	}),
	shows("channel-text", "224 x 224 places, 64 channels", "look", func(o output) bool {
		return slices.Equal(o.row("block1_conv1"), []float64{1, 224, 224, 64})
	}),
	known("channel-ask", "a place of this layer sees 3 x 3 pixels", "the table of lesson 2"),
	shows("deep-text", "Two of these channels are bright at the eyes", "channel-show", func(o output) bool {
		return slices.Equal(o.channels(), []string{"9", "24", "31"})
	}),
	known("deep-text", "The third answers to a colour", "channel 31 of the three"),
	shows("deep-text", "14 x 14 places are left of the photo, and 512 channels", "look", func(o output) bool {
		return slices.Equal(o.row("block5_conv3"), []float64{1, 14, 14, 512})
	}),
	known("sheets-text", "sixteen channels a row", "what display.Sheet does"),
	known("sheets-text", "times 64, plus 128", "the formula of activation.Sheet, which its tests hold"),
	shows("sheets2-text", "any of the four rows", "sheets", func(o output) bool { return o.has("64 channels") }),
	known("sheets3-text", "In the third block", "block3_conv1"),
	shows("meaning-text", "In the last sheet many tiles are dark", "silent", func(o output) bool {
		return o.of("block5_conv3") > 10
	}),
	shows("sparse-text",
		"Of the 13 convolutions nine leave no channel silent, three leave one in a hundred or fewer, "+
			"and the last about one in six.", "silent", func(o output) bool {
			var none, few int
			for _, share := range o.each(convolutions[:12]) {
				if share == 0 {
					none++
				} else if share <= 1.1 {
					few++
				}
			}
			return none == 9 && few == 3 && within(15, 18.5, o.of("block5_conv3"))
		}),
	shows("sparse-text", "Up to there nearly every channel finds something", "silent", func(o output) bool {
		return within(0, 3, o.each(convolutions[:12])...)
	}),
	known("sparse-text", "the largest of four neighbours", fact),
	shows("climb-text", "Each pool lowers the share: it keeps the largest of four neighbours", "sparse",
		func(o output) bool {
			for i, pool := range pools {
				if !(o.of(pool) < o.of(lasts[i])) {
					return false
				}
			}
			return true
		}),
	shows("climb-text", "within a block it may fall or rise", "sparse", func(o output) bool {
		return o.of("block1_conv2") < o.of("block1_conv1") && o.of("block2_conv2") > o.of("block2_conv1")
	}),
	shows("climb-text", "the last convolutions of the five blocks: each has more zeros than the one before, "+
		"from a third to nine tenths", "sparse", func(o output) bool {
		shares := o.each(lasts)
		return slices.IsSorted(shares) && within(30, 36, shares[0]) && within(87, 93, shares[4])
	}),
	shows("over-text", "the four loudest channels of the last convolution again", "deep over", func(o output) bool {
		numbers := o.channels()
		return len(numbers) == 8 && slices.Equal(numbers[:4], numbers[4:])
	}),
	shows("over-text", "all four are loud", "over", func(o output) bool { return len(o.channels()) == 4 }),
	known("review", "Of each square of four it keeps the largest", fact),
	known("review", "Two sheets of the same layer come from two photos", question),
	made("exercises-text", "a photo of 300 x 300 pixels? Each pool halves the size",
		`exercise-1: "block4_pool", 300`),
	shows("exercise-3-text", "the first layer that has a channel without any answer", "exercise-3 silent",
		func(o output) bool {
			return o.has("a layer before block5_pool has one") && o.of("block1_conv1") == 0
		}),
}
