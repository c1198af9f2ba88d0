// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
)

// checkMemory is [Layer.CheckMemory] for pictures of that shape, so many at once at most, and the memory of the
// device. The graph itself refuses what is no picture.
func (m *Model) checkMemory(pictures shapes.Shape, atOnce int, layers []string) error {
	if pictures.Rank() != 4 {
		return nil
	}
	for _, name := range layers {
		if err := mustFind(name).CheckMemory(min(pictures.Dim(0), atOnce), pictures.Dim(1), pictures.Dim(2), m.device.MemoryAvailable()); err != nil {
			return err
		}
	}
	return nil
}

// CheckMemory returns an error when the layer's outputs for so many pictures of height x width pixels, and a drawing
// of them, take more than the free bytes.
func (l Layer) CheckMemory(pictures, height, width int, free int64) error {
	const working, drawn = 16, 20 // bytes a value: as in heatmapBytes; the output, a copy by channels, and its picture
	var most float64              // no size overflows it
	for _, layer := range l.upTo() {
		h, w := layer.OutputSize(height, width)
		most = max(most, float64(h)*float64(w)*float64(layer.Filters)*working)
	}
	h, w := l.OutputSize(height, width)
	need := float64(pictures) * (most + float64(h)*float64(w)*float64(l.Filters)*drawn)
	if need > float64(free) {
		const mib = 1 << 20
		return fmt.Errorf("the outputs of %s for %d picture(s) of %dx%d pixels need about %.0f MiB, but %d MiB are free: choose a smaller size",
			l.Name, pictures, height, width, need/mib, free/mib)
	}
	return nil
}
