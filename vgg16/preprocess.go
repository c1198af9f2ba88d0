// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Means are the average blue, green and red of the pictures that VGG16 learned from, in gray levels from 0 to 255
// (Simonyan and Zisserman 2014; Keras' "caffe" mode).
var Means = [3]float32{103.939, 116.779, 123.68}

// Preprocess turns photographs into what VGG16's weights expect: from red, green, blue to blue, green, red, minus
// [Means].
//
// pictures is [batch, height, width, 3] with values from 0 to 255; so is the result, in the other order and centred.
// The book's gradient ascent doesn't use it: it feeds gray noise as it is.
func Preprocess(pictures *Node) *Node {
	channel := func(c int) *Node {
		x := Slice(pictures, AxisRange(), AxisRange(), AxisRange(), AxisElem(c)) // [batch, height, width, 1]
		return AddScalar(x, -float64(Means[2-c]))
	}
	return Concatenate([]*Node{channel(2), channel(1), channel(0)}, -1) // [batch, height, width, 3]
}
