// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"convscope/pkg/recipe"
)

// A picture carries its recipe.
func Example() {
	made := recipe.Recipe{
		Format: recipe.Format, Method: "book", Kind: recipe.Pattern, Layer: "block3_conv1", Filters: []int{7},
		Height: 64, Width: 48, Steps: 40, Step: 1, Seed: 1, Batch: 1, Convolution: recipe.Winograd,
		Weights: "random, seed 1, thin 16", Backend: "XLA on CPU", Platform: "linux/amd64",
		Versions: recipe.Versions{Go: "go1.26"},
	}
	var file bytes.Buffer
	if err := recipe.Encode(&file, image.NewGray(image.Rect(0, 0, 48, 64)), made); err != nil {
		fmt.Println(err)
		return
	}
	read, err := recipe.Decode(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(read)
	// Output:
	// picture      pattern of block3_conv1, filter 7
	// size         64x48 px
	// ascent       book, 40 steps of 1, 1 at once
	// start        noise, seed 1
	// convolution  winograd
	// weights      random, seed 1, thin 16
	// backend      XLA on CPU, linux/amd64
	// versions     go1.26
}

func ExampleDecode() {
	_, err := recipe.Decode(bytes.NewReader([]byte("GIF89a")))
	fmt.Println(errors.Is(err, recipe.ErrNotPNG))
	// Output: true
}
