// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package picture makes images: of what an ascent made (deprocessing by the book's recipe, grids as the book lays them
// out, captions), of numbers (colormaps, legends, overlays, boxes), and of the files that people bring (JPEG, PNG,
// GIF, WebP). Tensors, numbers and files go in, image.Image comes out.
//
//	images, err := picture.Deprocess(result.Pictures)
//	if err != nil {
//		return err
//	}
//	sheet := picture.Grid(images, picture.GridOptions{Badges: result.Badges()}) // 547 x 547 for 64 tiles of 64 pixels
//	err = png.Encode(file, sheet)
//
//	photo, err := picture.Open("cat.jpg")
//	if err != nil {
//		return err
//	}
//	heat := picture.Jet.Draw(values, 14, 14, 0, 1)
//	overlay := picture.Overlay(photo, heat, 0.4)
package picture
