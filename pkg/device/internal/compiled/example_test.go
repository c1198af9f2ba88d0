// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package compiled_test

import (
	"fmt"
	"os"

	"convscope/pkg/device/internal/compiled"
)

func ExampleUsage() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	os.Setenv("CONVSCOPE_CACHE", dir)
	defer os.Unsetenv("CONVSCOPE_CACHE")
	use, err := compiled.Usage()
	fmt.Println(use.Entries, "programs,", use.Bytes, "bytes,", err)
	// Output: 0 programs, 0 bytes, <nil>
}
