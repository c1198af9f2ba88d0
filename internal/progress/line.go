// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"os"
)

// Line reports one line of news, without its line end: "weights: cache: not there". By default it goes to
// stderr, above the bar that is being drawn there, if any. display may replace it before the first use.
var Line = func(text string) {
	screen.Lock()
	defer screen.Unlock()
	if screen.bar != nil {
		_ = screen.bar.Clear()
	}
	fmt.Fprintln(os.Stderr, text)
	if screen.bar != nil {
		_ = screen.bar.RenderBlank()
	}
}
