// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"os"

	"convscope/internal/progress"
)

func ExamplePlain() {
	bar := progress.Plain(os.Stdout, "climb", 40, progress.Steps)
	for step := range int64(40) {
		bar.Set(step + 1)
	}
	bar.Done()
	// Output:
	// climb: 40 steps ...
	// climb: 40 steps in 0.0 s
}
