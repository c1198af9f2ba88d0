// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package page holds the pages of a gallery: HTML, style and script, and the data that they show.
//
//	err := page.Write(dir, page.Network{Title: "vgg16", Layers: summaries}, layers)
//
// What it writes opens from the disk by a double click: the script is a plain one, the data are scripts that call it,
// and nothing comes from elsewhere. The script's parts lie in script/, and become one file; none of them makes HTML of
// text, so that names of layers and files may hold anything.
package page
