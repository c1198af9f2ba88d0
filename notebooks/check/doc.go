// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package check tells the readers of the lessons whether their answers to the exercises are right.
//
// Each check shows one line, which begins with "right" or "not yet", and says why without giving the answer away:
//
//	check.ReceptiveField("block2_conv1", 5) // not yet: ...
//
// The line is in the language of the notebook's folder, if there are words for it in word/, or in that which the
// environment variable CONVSCOPE_LANG names. The same is kept beside it as data, for convscope grade.
package check
