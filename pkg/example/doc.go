// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package example finds the pieces of photographs that excite a layer's filters most, in one pass over a folder that
// may hold any number of them.
//
//	photos, err := album.Open("/home/me/Pictures")
//	if err != nil {
//		return err
//	}
//	results, err := net.ExamplesOf(ctx, photos, []string{"block4_conv1"}, example.Options{})
//	if err != nil {
//		return err
//	}
//	seventeen := results[0].Filters[17]
//	fmt.Println(seventeen.Examples[0].Photo, seventeen.Examples[0].Place, seventeen.Fires)
//	err = results[0].Cut(ctx, photos, 0, 17) // the pieces' images
//
// A piece is what the position that answers sees: its receptive field, cut at the border. Beside the pieces there are
// a histogram of each filter's activations over all positions, in how many photographs it fires, and which filters
// answer alike.
package example
