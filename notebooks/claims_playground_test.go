// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

var playgroundClaims = []claim{
	shows("start-text", "three settings side by side", "compare", func(o output) bool { return o.has("3 pictures") }),
	shows("start-text", "lets all three climb", "compare",
		func(o output) bool { return o.has("step 0.1; step 1; step 10") }),
	known("title", "it took 19 seconds on two cores", measured),
	known("questions", "Give it 10 steps, then 40, then 400.", question),
	known("questions", "a step of 2", question),
}
