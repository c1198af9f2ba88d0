// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package verdict is what a check of a lesson's exercise found, as data: cells keep it beside the line that people
// read, and programs that grade notebooks read it there.
//
//	v := verdict.Verdict{Check: "ReceptiveField", Right: true, Message: "one position sees 10 x 10 pixels"}
//	data := map[string]any{verdict.MIME: v.Data(), "text/plain": "right: " + v.Message} // an output of a cell
//	v, found := verdict.Of(data)
package verdict
