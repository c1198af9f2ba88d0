// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package progress tells a person how far a long task has come.
//
// A bar in a terminal, two plain lines where nobody watches (a log, a pipe, a test), and whatever display
// puts in its place inside a notebook:
//
//	bar := progress.New("download weights", 58889256, progress.Bytes)
//	defer bar.Done()
//	for n := int64(0); n < 58889256; n += 65536 {
//		bar.Set(n)
//	}
//
// Line is the other half: one line of news, such as the source that the weights came from. In a terminal it
// is printed above the bar that is being drawn, never through it.
package progress
