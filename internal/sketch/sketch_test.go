// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sketch_test

import (
	"fmt"

	"convscope/internal/sketch"
)

func Example() {
	one, two := sketch.ONNX(sketch.Options{Channels: 1, Side: 12}), sketch.ONNX(sketch.Options{Channels: 2, Side: 12})
	fmt.Println(len(two)-len(one), "bytes for 4 kernels of 3x3 more")
	// Output: 144 bytes for 4 kernels of 3x3 more
}
