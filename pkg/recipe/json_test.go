// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/recipe"
)

// The recipes of older versions, as they wrote them.
const (
	bookForm = `{"format":1,"kind":"grid","layer":"block3_conv1","filters":[0,7],"height":12,"width":9,` +
		`"steps":3,"step":1.5,"seed":1,"batch":2,` +
		`"taken":[3,1],"layout":{"margin":5,"order":"column","scale":1,"labels":false},"convolution":"auto",` +
		`"ways":{"convolution 3x3":"tiles"},` +
		`"weights":"random, seed 1, thin 16","backend":"XLA on CPU \u003cPJRT\u003e","platform":"linux/amd64",` +
		`"versions":{"go":"go1.26.5","gomlx":"v0.28.2"}}`
	methodForm = `{"format":2,"kind":"pattern","layer":"channel:block3_conv1:0 - 0.5*neuron:block2_pool:3",` +
		`"filters":[0],"height":12,"width":9,` +
		`"method":"crisp","rescue":true,"steps":3,"step":1,"seed":18446744073709551615,"batch":1,"convolution":"direct",` +
		`"weights":"random, seed 1, thin 16","backend":"XLA on CPU","platform":"linux/amd64","versions":{"go":"go1.26.5"}}`
	waysForm = `{"format":3,"kind":"pattern","layer":"block3_conv1","filters":[0],"height":12,"width":9,` +
		`"method":"clean","rescue":true,` +
		`"steps":3,"step":1,"seed":1,"batch":1,"convolution":"auto",` +
		`"ways":{"convolution 3x3, 64 to 128 channels, 2^10 positions":"direct",` +
		`"convolution 3x3, 64 to 64 channels, 2^12 positions":"lines"},"weights":"random, seed 1, thin 16",` +
		`"weights_input":"torch",` +
		`"backend":"XLA on CPU","platform":"linux/amd64","versions":{"go":"go1.26.5"},` +
		`"pixels":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}`
)

// TestOlderFormsStay reads older recipes, and writes them again as they were.
func TestOlderFormsStay(t *testing.T) {
	for name, form := range map[string]string{"1": bookForm, "2": methodForm, "3": waysForm} {
		t.Run(name, func(t *testing.T) {
			file := withChunk(plainPNG(t), "iTXt", []byte("convscope\x00\x00\x00\x00\x00"+form))
			r, err := recipe.Decode(bytes.NewReader(file))
			require.NoError(t, err)
			require.Equal(t, name == "1", r.Method == "book")
			again, err := recipe.Insert(file, r)
			require.NoError(t, err)
			require.Equal(t, string(file), string(again))
		})
	}
}
