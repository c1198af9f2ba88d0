// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package page holds the pages of a gallery: HTML, style and script, and the data that they show.
//
//	err := page.Write(dir, page.Network{Title: "vgg16", Layers: summaries}, layers)
//
// What it writes opens from the disk by a double click: the script is a plain one, the data are scripts that call it,
// and nothing comes from elsewhere. The parts of the script and of the style lie in script/ and style/, and become one
// file each; none of them makes HTML of text, so that names of layers and files may hold anything.
package page
