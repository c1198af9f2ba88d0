// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package level says how far a test run goes. There are three levels:
//
//	go test -short ./...                  nothing is fetched, no weights, no Python: seconds
//	go test ./...                         the real weights, XLA, a notebook in a clean kernel, a browser if there is one
//	CONVSCOPE_TESTS=full go test ./...    all lessons at full size, each way of convolving, all browser and fault tests
//
// A test that needs more than the shortest level says so in its first line:
//
//	func TestParity(t *testing.T) {
//		level.Real(t, "needs the weights (59 MB) and XLA")
//		...
//	}
package level
