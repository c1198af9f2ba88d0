// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package activation shows what a layer answers to a picture: single channels, and sheets of all of them, as section
// 5.4.1, "Visualizing intermediate activations", of the book draws them (Chollet, "Deep Learning with Python", 1st
// edition). A layer's output goes in, float32 [1, h, w, channels], images come out.
//
//	for _, channel := range activation.Strongest(output, 3) {
//		img, err := activation.Channel(output, channel, picture.Viridis)
//		...
//	}
//	sheet, err := activation.Sheet(output, activation.SheetOptions{}) // 16 channels a row
//	fmt.Printf("%.0f %% silent\n", 100*activation.Silent(output))
package activation
