// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"errors"
	"fmt"

	"convscope/pkg/keras"
)

func ExampleRead() {
	net, err := keras.Read("testdata")
	if errors.Is(err, keras.ErrForeign) {
		fmt.Println(err)
		return
	}
	for _, l := range net.Layers {
		fmt.Println(l.Name, l.Class)
	}
	// Output: testdata: not a network that Keras saved: it is a folder; give a file, .keras or .h5
}
