// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package control has knobs for a notebook cell: sliders, fields and choices with labels, that check what the reader
// gives and never wait for a browser that is not there.
//
//	knobs := []control.Control{
//		{Kind: control.Slider, Name: "filter", Label: "Filter", Max: 255, Whole: true, Value: "0"},
//		{Kind: control.Select, Name: "layer", Label: "Layer", Options: layers, Value: "block3_conv1"},
//	}
//	control.MustServe(knobs, func(ctx context.Context, v control.Values) (image.Image, string, error) {
//		result, err := ascent.Run(ctx, net.MustChannel(v["layer"], v.Int("filter")), ascent.Options{})
//		if err != nil {
//			return nil, "", err
//		}
//		return picture.MustDeprocess(result.Pictures), result.Caption(0), nil
//	})
package control
