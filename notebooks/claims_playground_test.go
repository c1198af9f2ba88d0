// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"math"
	"strings"
)

const (
	place     = "which lessons there are"
	reference = "a reference"
	tried     = "tried with ascent.Run, on two processors' instructions"
)

var playgroundClaims = []claim{
	known("where", "**Lesson 5 of 7** · before: [4 · Better patterns](4-better-patterns.ipynb) · "+
		"after: [6 · A network to find out](6-find-out.ipynb)", place),
	known("where", "35 seconds to run, without a browser, on two cores", measured),
	known("where", "half an hour to read and to play", "an estimate"),
	shows("start-text", "three settings side by side", "compare", func(o output) bool { return o.has("3 pictures") }),
	shows("start-text", "lets all three climb", "compare",
		func(o output) bool { return o.has("step 0.1; step 1; step 10") }),
	made("start-text", "the last step is a hundred times as long as the first. Which of the three pictures",
		"compare: ascent.Options{Step: 0.1}, ascent.Options{Step: 1}, ascent.Options{Step: 10}"),
	known("panel-text", "The two others are clear", "what the picture shows"),
	shows("panel-text", "the activation of the last is nine times that of the middle one", "compare",
		func(o output) bool {
			times := o.after("step 10: activation ") / o.after("step 1: activation ")
			return within(8.5, 9.5, times)
		}),
	known("questions", "With each of the seeds 1, 2 and 3 it is the same two of the twenty: filters 4 and 12.", tried),
	known("questions", "12 of the 20 answer", tried),
	known("questions", "Give it 10 steps, then 40, then 400.", question),
	known("questions", "think of the three steps at the top", "those of the cell compare"),
	known("questions", "ten steps fill the upper edge alone. After forty the pattern is everywhere", tried),
	known("questions", "about 800, then 5,700, then 76,000", tried),
	known("questions", "a step of 2", question),
	known("questions", "Give it ten steps at first", question),
	known("questions", "by the answer to 2", question),
	shows("questions", "filter 3 is silent", "after", func(o output) bool { return o.has("(rescued)") }),
	shows("after-text", "A pattern, with *rescued* in its caption.", "after",
		func(o output) bool { return o.has("block5_conv3, filter 3 (rescued)", "silent all the way: false") }),
	made("after-text", "steps of two gray levels", "photo: Step: 2"),
	shows("after-text", "After forty steps", "photo", func(o output) bool { return o.has("40 steps") }),
	known("summary", "[lesson 6](6-find-out.ipynb)", place),
	known("summary", "[Lesson 7](7-your-network.ipynb) does what the first three did", place),
	known("review", "## Three questions", question),
	known("review", "Two pictures of a filter", question),
	shows("review", "one excites it nine times as much", "compare", func(o output) bool {
		return within(8.5, 9.5, o.after("step 10: activation ")/o.after("step 1: activation "))
	}),
	known("reading", "arxiv.org/abs/1506.06579), 2015", reference),
	known("reading", "doi.org/10.23915/distill.00007), 2017", reference),
	known("reading", "into-neural-networks/), 2015", reference),
	known("cite", "Manning, 2017", reference),
	known("cite", "technical report 1341, 2009", reference),
}

// after is the first number behind a text; without one NaN.
func (o output) after(text string) float64 {
	if _, rest, found := strings.Cut(string(o), text); found && len(output(rest).numbers()) > 0 {
		return output(rest).numbers()[0]
	}
	return math.NaN()
}
