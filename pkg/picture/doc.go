// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package picture turns what an ascent made into images: deprocessing by the book's recipe, grids as the book lays them
// out, captions. Tensors go in, image.Image comes out.
//
//	images, err := picture.Deprocess(result.Pictures)
//	if err != nil {
//		return err
//	}
//	sheet := picture.Grid(images, picture.GridOptions{Dead: result.Dead}) // 547 x 547 for 64 tiles of 64 pixels
//	err = png.Encode(file, sheet)
package picture
