// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package vgg16 is VGG16 (Simonyan and Zisserman 2014, arXiv:1409.1556), the convolutions and on demand the top, as a
// GoMLX model, with the weights that it learned from ImageNet and with Keras' layer names.
//
//	net := vgg16.MustOpen()
//	target := net.MustChannel("block3_conv1", 0)
//	result := ascent.MustRun(target, ascent.Options{})
//	fmt.Println(result.Loss[0][0], "to", result.Loss[0][39])
//
// [Activation] is the graph function: from pictures to a layer's output, built no further than that layer. It takes
// any batch and any size that leaves something of the picture at the layer; odd sizes lose their last row or column at
// each pool, as in Keras. A layer's weights are read when a graph first asks for them.
//
// With Options.Top the model has its classifier as well, and says what photos show:
//
//	net := vgg16.MustLoad(dev, vgg16.Options{Top: true})
//	fmt.Println(net.MustPredict(photo).MustTop(5))
package vgg16
