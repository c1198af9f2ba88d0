// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import "time"

// Hurry shortens the waits, so that tests of silent sources are fast, and returns what undoes it.
func Hurry(dial, header, stall, pip time.Duration) (undo func()) {
	before, beforePip := patience, pipPatience
	patience.dial, patience.header, patience.stall = dial, header, stall
	pipPatience = pip
	return func() { patience, pipPatience = before, beforePip }
}
