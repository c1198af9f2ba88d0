// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package album_test

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"convscope/pkg/album"
)

func Example() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	_ = os.Mkdir(filepath.Join(dir, "holiday"), 0o755)
	file, _ := os.Create(filepath.Join(dir, "holiday", "sea.png"))
	_ = png.Encode(file, image.NewGray(image.Rect(0, 0, 4, 3)))
	_ = file.Close()

	photos, err := album.Open(dir)
	fmt.Println(photos.Names, err)
	sea, err := photos.Photo("holiday/sea.png")
	fmt.Println(sea.Bounds().Size(), err)
	// Output:
	// [holiday/sea.png] <nil>
	// (4,3) <nil>
}
