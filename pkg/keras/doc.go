// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package keras reads convnets out of the files that Keras saves: .keras and .h5, of Keras 3, tf.keras 2 and Keras 2,
// of Sequential and keras.Model(inputs, outputs), also within each other.
//
//	net, err := keras.Read("my.keras")
//	if err != nil { ... }
//	for _, l := range net.Layers {
//		fmt.Println(l.Name, l.Class)
//	}
//
// # Names
//
// Layers keep their names. One in a network within the network is found by its own name, "Conv1", if no other has it,
// and always by its path, "mobilenetv2_1.00_224/Conv1"; the inner network's name stands for its last layer. What is
// used twice has a second row with "#2" behind its name. A SeparableConv2D is two rows, of which the first has
// "/depthwise" behind its name. Those without an effect on a trained network, like dropout and augmentation, are rows
// too; inputs are not.
//
// # What is not known
//
// A layer of a class that is not known here, such as one of one's own, is a row whose shape is an error that names it.
// What comes before it works. No Python in a file is run, and no pickle read.
//
// # Classes
//
// Keras' files hold no names of classes. A network that ends in one unit with a sigmoid tells two classes apart, and
// its one logit is that of the second.
package keras
