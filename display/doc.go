// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package display shows pictures, grids, curves and tables inline in a Go notebook (Jupyter with the GoNB kernel).
//
//	net := vgg16.MustLoad(device.MustNew(device.Options{}), vgg16.Options{})
//	result := ascent.MustRun(net.MustChannel("block3_conv1", 0), ascent.Options{
//		Progress: display.Progress("block3_conv1"),
//	})
//	display.Pattern(result)
//	display.Curve("loss", result.Loss[0])
//
// Outside a notebook each call prints one line of text instead, and none ever waits for a browser. What it shows
// is part of the saved notebook: opening or exporting it later needs no kernel and no network.
//
// It is the only package that knows it is in a notebook. Importing it also makes downloads draw their progress in the cell.
package display
