// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package recipe keeps, inside a picture's PNG file, the recipe that made it: layer, filters, knobs, the hash of the
// weights, how the convolutions were computed and the versions, as JSON in a text chunk with the keyword "convscope".
// Programs that show pictures pass it over.
//
//	made, err := net.Recipe(result) // a network.Model's
//	if err != nil {
//		return err
//	}
//	err = recipe.Encode(file, img, made)
//	...
//	made, err = recipe.Decode(file)
//	fmt.Println(made)
//
// A recipe holds nothing that changes from run to run, such as times or paths: the same run gives the same file, byte
// for byte.
package recipe
