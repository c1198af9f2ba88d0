// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package explain tells one story over the chapter's three parts: a photo goes in, and out come the channels of a
// layer that speak loudest; for each where in the photo it answers (its activation), what it likes to see (its
// pattern, by gradient ascent), and how much it adds to the heatmap of a class, or takes away.
//
//	net := vgg16.MustLoad(device.MustNew(device.Options{}), vgg16.Options{})
//	classifier, _, err := explain.Samples(ctx, net) // a small one, trained in seconds
//	if err != nil {
//		return err
//	}
//	story, err := explain.Tell(ctx, net, classifier, photo, explain.Options{Class: "cat"})
//	if err != nil {
//		return err
//	}
//	err = png.Encode(file, story.Figure())
package explain
