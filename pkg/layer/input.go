// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

// Input is what pictures a network takes.
type Input struct {
	// Channels is 1 for gray pictures, 3 for coloured ones, or any other number.
	Channels int
	// Height and Width are those the network was made for, in pixels; 0 stands for any. Up to the first layer that
	// fixes a size, every size goes.
	Height, Width int
	// Mean and Deviation, one for each channel or one for all, take gray levels 0 to 255 to what the first layer wants:
	// (levels - mean) / deviation. Empty stands for 0 and 1.
	Mean, Deviation []float64
	// BGR says that the first layer wants blue first.
	BGR bool
	// Source says in a few words how this is known: "from the file", "guessed for ResNet50", "given". "" if it isn't.
	Source string
}
