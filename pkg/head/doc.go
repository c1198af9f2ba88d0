// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package head trains a small classifier on the frozen features of a network, in seconds: what the chapter on transfer
// learning of "Deep Learning with Python" calls feature extraction. It stands in for the network's own top where that
// is too large to fetch, and answers for classes of one's own.
//
//	crops := head.MustCrops(photo, 40, 96, head.CropOptions{Part: head.First})
//	...
//	data := head.Data{Features: features, Labels: labels, Classes: []string{"cat", "coffee"}}
//	classifier := head.MustTrain(dev.Backend, data, head.Options{})
//	accuracy, err := classifier.Accuracy(heldOut)
//
// A [Head] is the mean over all places, standardization and one dense layer, so it takes features of any height and
// width. [Head.Logits] puts it on top of another graph. [Crops] cuts examples from photos, and [MakeCollage] lays two
// photos side by side, to see whether a heatmap points to the right one.
package head
