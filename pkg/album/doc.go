// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package album reads a folder of photographs, and the folders in it, one after the other: together they could fill
// the memory.
//
//	photos, err := album.Open("/home/me/Pictures")
//	if err != nil {
//		return err
//	}
//	for photo := range photos.All(ctx) { // those that can't be read are named and passed over
//		fmt.Println(photo.Name, photo.Image.Bounds())
//	}
//
// Folders are followed through symbolic links, each once however they lead in circles. Names that begin with a point
// are left out, as file managers do.
package album
