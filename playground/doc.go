// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package playground is a panel in a notebook cell with every knob of the ascent: turn one, and the new pattern grows
// at once.
//
//	net := vgg16.MustLoad(device.MustNew(device.Options{}), vgg16.Options{})
//	playground.MustRun(net, playground.Options{})
//
// The first field names the network: a .keras, .h5 or .onnx file, or one that comes along, opens in the same panel,
// and the one before gives its memory back. Layers are found by a part of their names.
//
// One process serves the panel while its cell runs, so that only a new layer, method or size compiles anything. The
// cell ends by Done, by a closed page, by the notebook's Stop button, or after 15 minutes without a touch; the last
// picture stays in the notebook. Without a browser the panel's defaults are run once, so that the notebook comes to
// its end everywhere.
package playground
