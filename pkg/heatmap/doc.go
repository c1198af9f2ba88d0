// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package heatmap shows where in a photo a network sees a class: class-activation maps from the activations of one
// layer and the gradient of the class's score, as in part 3 of the chapter "Visualizing what convnets learn" of "Deep
// Learning with Python" (Chollet, 1st edition, 5.4.3).
//
//	target := net.MustClassifier("block5_conv3", classifier)
//	seen := heatmap.MustExplain(target, photo, heatmap.Options{Class: "cat"})
//	fmt.Println(seen.Name, seen.Probability, seen.Note())
//	overlay := seen.Overlay(picture.Jet, 0) // an image.Image
//
// [Methods] lists the ways to weigh the activations: Grad-CAM, HiResCAM, LayerCAM and Grad-CAM++. One pass computes
// all of them, so [Map.By] turns a map into another method's at once. A [Target] says how a model computes the layer
// and, from there on, the scores of the classes; any GoMLX model can make one. The package knows no model and no
// notebook.
//
// Scores are logits unless [Options.Softmax] asks for the book's probabilities. The book then takes the mean over the
// channels where these methods take the sum: it divides the map by the number of channels, which no picture shows,
// because a map is scaled by its maximum.
package heatmap
