// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"math"
	"strings"
)

var (
	relus    = []string{"block4_expand", "block4_depthwise", "block5_expand", "block5_depthwise", "head_conv"}
	linears  = []string{"block3_project", "block4_project", "block4_add"}
	textured = []string{"conv2d", "conv2d_1", "conv2d_2", "conv2d_3"}
)

// said are the percentages with which each texture's class is named, in the row of a way of feeding; 0 for a wrong
// one.
func (o output) said(way string) (certainty []float64) {
	for line := range strings.Lines(string(o)) {
		rest, found := strings.CutPrefix(line, way+" | ")
		if !found {
			continue
		}
		cells := strings.Split(rest, " | ")
		for i, name := range []string{"stripes", "checks", "dots", "rings"} {
			percent := 0.
			if number, is := strings.CutPrefix(cells[i], name+", "); is {
				percent = output(number).numbers()[0]
			}
			certainty = append(certainty, percent)
		}
	}
	return certainty
}

// fails says that a way of feeding gets all textures but one wrong.
func (o output) fails(way string) bool {
	wrong := 0
	for _, percent := range o.said(way) {
		if percent == 0 {
			wrong++
		}
	}
	return wrong == 3
}

var networkClaims = []claim{
	known("title", "The chapter's three parts", fact),
	known("title", "tells four textures apart", "texture.Classes, which its test holds"),
	known("where", "EfficientNet-Lite0 is fetched once, 19 MB", "the size of the package"),
	known("where", "of 7**", fact),
	known("where", "[6 · A network to find out](6-find-out.ipynb)", fact),
	known("where", "93 seconds to run on two cores", measured),
	known("choose-text", "up to 256 MB", "control's limit, which its tests hold"),
	known("says-text", "gray levels from 0 to 255", fact),
	shows("layers-text", "it is the last convolution, with 20,784 of 53,732 numbers", "layers", func(o output) bool {
		return o.nth("conv2d_3", -3) == 20784 && o.has("53,732")
	}),
	shows("layers-text", "the dense layer has two thirds of that", "layers", func(o output) bool {
		return within(0.6, 0.7, o.nth("dense", -1)/20784)
	}),
	shows("ways-text", "Three of the five ways end so.", "ways", func(o output) bool {
		return o.fails("imagenet") && o.fails("tf") && o.fails("unit")
	}),
	shows("ways-text", "is nearly as good as `raw` here", "ways", func(o output) bool {
		return within(20, 100, o.said("caffe")...) && within(95, 100, o.said("raw")...)
	}),
	known("ways-ask", "divides gray levels by 255", fact),
	known("silent-ask", "one channel in six silent", "lesson 1"),
	known("silent-ask", "four layers deep and knows four classes", "its table"),
	shows("silent-text", "of the last convolution about half of the channels", "silent",
		func(o output) bool { return within(35, 65, o.of("conv2d_3")) }),
	made("silent-text", "eight filters of each convolution", "eight: {0, 1, 2, 3, 4, 5, 6, 7}"),
	known("start-ask", "of how many of eight filters", question),
	shows("start-text", "Of the deeper convolutions all, or nearly all.", "start",
		func(o output) bool { return within(6, 8, o.each(textured[1:])...) }),
	shows("class-text", "names each picture as the class that it was climbed for", "class-show",
		func(o output) bool {
			return o.has("stripes: named stripes", "checks: named checks", "dots: named dots", "rings: named rings")
		}),
	shows("pair-text", "Yes.", "pair", func(o output) bool {
		rings, stripes := o.column("rings"), o.column("stripes")
		return rings > 40 && stripes < 40
	}),
	known("pair-ask", "Now two textures on one picture", question),
	known("pair-ask", "Can the other one's heatmap", question),
	known("parts-text", "widen the channels six times by a 1 x 1 convolution", "efficientnet's table"),
	known("parts-text", "which also stops at 6", fact),
	shows("block-text", "Only those with a ReLU6.", "block-show", func(o output) bool {
		return within(0, 0, o.each(linears)...) && within(0.1, 100, o.each(relus)...)
	}),
	shows("block-text", "about half of what they say is said by numbers below zero", "block-show", func(o output) bool {
		for _, name := range linears {
			if !within(35, 65, o.nth(name, 1)) {
				return false
			}
		}
		return true
	}),
	shows("block-text", "more than half are silent", "block-show",
		func(o output) bool { return o.of("head_conv") > 50 }),
	known("block-text", "1,280 channels", "efficientnet's table"),
	known("add-ask", "which of the two", question),
	known("own-text", "a number, from 0", fact),
	shows("add-text", "What came in.", "add", func(o output) bool {
		_, likeness, _ := strings.Cut(string(o), "what came in by ")
		values := output(likeness).numbers()
		return len(values) == 2 && values[0] > 0.6 && values[0] > values[1]+0.1
	}),
	made("add-text", "it has two patterns", "both: {filter, filter.Times(-1)}"),
	made("both-text", "in two sizes", `depth: {"block5_expand", "block5_depthwise"}`),
	known("norm-text", "in one of two ways", fact),
	shows("norm-text2", "It can, and in the first layers a few are.", "norm-show", func(o output) bool {
		return o.of("stem_conv") > 0 && o.of("block1_expand") > 0
	}),
	shows("swap-text", "A ReLU6 is flat below 0 and above 6", "silu", func(o output) bool {
		return o.nth("-1", 1) == 0 && o.nth("8", 1) == 0 && o.nth("-1", 3) != 0 && o.nth("8", 3) != 0
	}),
	shows("swap-ask", "with ReLU, no filter of the third convolution could climb", "swap-show",
		func(o output) bool { return within(6, 8, o.of("relu")) }),
	known("swap-ask", "how many of eight", question),
	shows("swap-text2", "All of them.", "swap-show", func(o output) bool {
		return within(0, 0, o.of("silu")) && o.count("rings") == 3
	}),
	known("swap-text2", "above zero the two are much alike", fact),
	known("exercises-text", "pictures as (level - 127) / 128", question),
	known("exercises-text", "None of the five names", "network.ConventionNames"),
	known("exercises-text", "Numbers above 1", "network.ParseInput"),
	known("exercise-3-text", "third convolution", question),
	known("exercise-3-text", "A convolution of 3 x 3 adds two steps", fact),
	known("exercise-3-text", "after each pool of 2 x 2 a step is twice as long", fact),
	known("summary", "the same three parts", fact),
	known("summary", "have two patterns", fact),
	known("review", "Three questions", fact),
	known("reading", "(https://arxiv.org/abs/1905.11946) (2019)", "a publication"),
	known("reading", "(https://arxiv.org/abs/1801.04381) (2018)", "a publication"),
	known("reading", "(https://arxiv.org/abs/1512.03385) (2015)", "a publication"),
	known("reading", "(https://arxiv.org/abs/1502.03167) (2015)", "a publication"),
	known("reading", "(https://arxiv.org/abs/1702.03118) (2017)", "a publication"),
	known("cite", "Manning (2017), section 5.4", "a publication"),
	known("cite", "(https://arxiv.org/abs/1610.02391) (2017)", "a publication"),
}

// nth is one of the row's numbers, counted from 0, or from -1 at the end; NaN where it has not so many.
func (o output) nth(name string, i int) float64 {
	values := o.row(name)
	if i < 0 {
		i += len(values)
	}
	if i < 0 || i >= len(values) {
		return math.NaN()
	}
	return values[i]
}

// column is the column of the warmest place that a line of the class says.
func (o output) column(class string) float64 {
	for line := range strings.Lines(string(o)) {
		if strings.HasPrefix(line, class+", ") {
			_, place, _ := strings.Cut(line, "column ")
			return output(place).numbers()[0]
		}
	}
	return -1
}
