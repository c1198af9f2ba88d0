// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package network runs a convnet: one that comes along, such as VGG16, or one of the reader's own, from a Keras or an
// ONNX file.
//
//	net := network.MustOpen("my.keras")
//	for _, layer := range net.Layers() {
//		fmt.Println(layer.Name, layer.Filters)
//	}
//	result := ascent.MustRun(net.MustChannel("conv2d_3", 0), ascent.Options{})
//
// A [Table] is what is known of a network without a device: names, sizes, receptive fields, and what a recipe or an
// objective may ask of it. A [Model] has the weights on a device as well: it makes targets for patterns,
// [Model.Channels] and [Model.Objective], answers to pictures, [Model.Responses] and [Model.PhotoActivations], finds
// what in the reader's photographs excites filters, [Model.Examples] and [Model.ActivationMap], tells classes,
// [Model.Predict], and makes targets for heatmaps, [Model.Classifier]. Weights are read when a graph first asks for
// them.
package network
