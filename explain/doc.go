// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package explain tells one story over the chapter's three parts: a photo goes in, and out come the channels of a
// layer that speak loudest; for each where in the photo it answers (its activation), what it likes to see (its
// pattern, by gradient ascent), and how much it adds to the heatmap of a class, or takes away.
//
//	net := efficientnet.MustLoad(device.MustNew(device.Options{}), efficientnet.Options{})
//	story, err := explain.Tell(ctx, net, nil, photo, explain.Options{Class: "tabby"})
//	if err != nil {
//		return err
//	}
//	err = png.Encode(file, story.Figure())
//
// A network without a classifier of its own, as VGG16 is without its top, takes a small one: [Samples] trains it in
// seconds.
package explain
