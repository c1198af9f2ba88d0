// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import "slices"

var findOutClaims = []claim{
	known("where", "Lesson 6 of 7", fact),
	known("where", "[5 · The playground](5-playground.ipynb)", fact),
	known("where", "[7 · Your own network](7-your-network.ipynb)", fact),
	known("where", "128 seconds to run on two cores", measured),
	made("shape-text", "very many corners", "outline: []float64{3, 4, 60}"),
	shows("test-answer", "Nearly all of them right, and triangles best of all", "test", func(o output) bool {
		right := o.diagonal()
		return len(right) == 3 && slices.Max(right[1:]) <= right[0] && right[0]+right[1]+right[2] > 275
	}),
	shows("test-answer", "Squares and circles are taken for each other now and then, triangles never", "test",
		func(o output) bool {
			square, circle := o.row("square"), o.row("circle")
			return square[0]+circle[0] < 5 && square[2]+circle[1] > 0 && o.of("triangle") > 97
		}),
	made("test-text", "a hundred of each shape", "count-each: photos(300, seed+1, h)"),
	known("world-ask", "a hundred triangles", question),
	shows("world-answer", "Hardly a triangle is told from a square or a circle any more", "world",
		func(o output) bool { return o.of("triangle") < 15 }),
	shows("world-answer", "squares and circles are as before", "test world", func(o output) bool {
		all := o.numbers() // two tables of nine
		if len(all) != 18 {
			return false
		}
		before, after := all[:9], all[9:]
		return within(-12, 12, after[4]-before[4], after[8]-before[8])
	}),
	known("world-answer", "four tools", "the four sections that follow"),
	made("channels-text", "48 channels", "shares: make([]float32, 48)"),
	made("patterns-text", "the three classes", `patterns: MustChannels("scores", 0, 1, 2)`),
	known("culprit-text", "Four views", "the four sections before"),
	made("culprit-hint", "each of the six pieces", "examples: Count: 6"),
	shows("place-answer", "Not much", "place", func(o output) bool {
		shares := []float64{o.of("upper left"), o.of("upper right"), o.of("lower left"), o.of("lower right")}
		return o.of("no bead") < 10 && slices.Min(shares) > 35 && slices.Max(shares)-slices.Min(shares) < 30
	}),
	made("mend-answer", "a class of three", `outline: {"triangle", "square", "circle"}`),
	shows("again-text", "Triangles are triangles, with the bead and without", "again", func(o output) bool {
		all := o.numbers()
		return len(all) == 18 && min(all[0], all[4], all[8], all[9], all[13], all[17]) > 85
	}),
	shows("again-answer", "it counts for nothing", "check-mended",
		func(o output) bool { return o.count("right: ") == 1 }),
	made("exercise-3-text", "nine of ten triangles", "exercise-3: func mostly"),
	known("exercise-3-text", "nine times of ten", question),
	known("exercise-3-text", "A tenth of the triangles without a bead are still some hundred pictures",
		"a tenth of a third of 3000 pictures"),
	known("reading", "(https://doi.org/10.1038/s42256-020-00257-z), 2020", fact),
	known("reading", "(https://doi.org/10.1038/s41467-019-08987-4), 2019", fact),
	known("reading", "(https://arxiv.org/abs/1602.04938), 2016", fact),
	known("reading", "(https://doi.org/10.1371/journal.pmed.1002683), 2018", fact),
	known("reading", "(https://arxiv.org/abs/2212.04629), 2022", fact),
	known("cite", "*Deep Learning with Python*, Manning, 2017", fact),
	known("cite", "Nature Machine Intelligence 2, 2020, doi:10.1038/s42256-020-00257-z", fact),
	known("review", "Three questions", question),
}

// diagonal is how often each class is told rightly, in a table of what is shown and what is said.
func (o output) diagonal() (right []float64) {
	for i, class := range []string{"triangle", "square", "circle"} {
		if row := o.row(class); len(row) == 3 {
			right = append(right, row[i])
		}
	}
	return right
}
