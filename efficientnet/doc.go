// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package efficientnet is EfficientNet-Lite0 (Tan and Le 2019, arXiv:1905.11946; Liu 2020) with the weights that it
// learned from ImageNet: a classifier of 1,000 classes in 19 MB, which Python's package index carries.
//
//	net := efficientnet.MustOpen()
//	fmt.Println(net.MustPredict(photo).MustTop(5))
//	target := net.MustChannel("block5_expand", 0)
//	result := ascent.MustRun(target, ascent.Options{})
//
// Its 16 blocks are those of MobileNetV2: a 1x1 convolution that makes the channels six times as many (block5_expand),
// one that looks at each channel by itself (block5_depthwise), and a 1x1 convolution down to few channels
// (block5_project), without an activation; where input and output have one shape, they are added (block4_add). Blocks
// count from 0, and the names that TensorFlow and PyTorch have for the layers find them too: _blocks.5._expand_conv.
//
// Batch normalization is part of the convolution before it, so that a layer's output, whose patterns are grown, is
// what fires: after its ReLU6. All else has no activation.
//
// Photographs go in as (level - 127) / 128, and so do all pictures that climb: gray levels as they are, which the
// book's method feeds VGG16, would be a hundred times what this network learned from. A step of one gray level stays
// one: the network sees 1/128 of it. See [convscope/pkg/ascent.Source].
//
// ReLU6 stops at 6, and with it the gradient. So a picture climbs by what its filter would give without that ceiling;
// what the layers below give stays as it is.
package efficientnet
