// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package check tells the readers of the lessons whether their answers to the exercises are right.
//
// Each check shows one line, which begins with "right" or "not yet", and says why without giving the answer away:
//
//	check.ReceptiveField("block2_conv1", 5) // not yet: ...
package check
