// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package translation keeps translated lessons beside the English ones: notebooks/ko/2-filters.ipynb has the cells of
// notebooks/2-filters.ipynb, with the same ids and the same code, and prose in Korean.
//
// Each prose cell of a translation keeps, in its metadata, the hash of the English text that it renders. So it can be
// told which cells fell behind when the English ones change:
//
//	korean, removed := translation.Follow(english, korean, "ko") // new cells, code and outputs
//	for _, cell := range translation.Open(english, korean) {     // what a translator has to do
//		fmt.Println(cell.ID, cell.Why)
//	}
//	err := translation.Fill(english, korean, map[string]string{"title": "# 2 · 합성곱 신경망의 필터"})
package translation
