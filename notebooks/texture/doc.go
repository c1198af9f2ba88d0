// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package texture has a small network to look into where the reader has none: the book's convnet for cats and dogs,
// scaled down, which tells four textures apart. All of it is ours: the pictures that it learned from are drawn here.
//
//	net := network.MustOpen(texture.MustFile())
//	guess := net.MustPredict(texture.MustDraw("rings", 1)).MustTop(1)[0][0]
//	fmt.Println(guess.Name)
//
// Keras trained and saved it, in under a minute:
//
//	CONVSCOPE_TESTS=full go test ./notebooks/texture -run TestTrain -keep
//
// trains it anew and keeps it in the place of the one that is here. Without -keep the test only trains one, and holds
// that it is as good. On another processor training rounds otherwise, and the filters are others.
package texture
