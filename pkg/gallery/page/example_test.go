// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"fmt"
	"os"
	"path/filepath"

	"convscope/pkg/gallery/page"
)

func ExampleWrite() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	conv := page.Summary{Name: "conv", File: "conv", Shown: true, Filters: 2, Done: 1}
	n := page.Network{Title: "small", Layers: []page.Summary{conv}}
	err := page.Write(dir, n, func(yield func(page.Layer, error) bool) {
		yield(page.Layer{Name: "conv", Filters: []page.Filter{{Index: 0, Fate: "alive"}}}, nil)
	})
	fmt.Println(err)
	files, _ := filepath.Glob(filepath.Join(dir, "*.*"))
	for _, file := range files {
		fmt.Println(filepath.Base(file))
	}
	// Output:
	// <nil>
	// gallery.css
	// gallery.js
	// index.html
}
