// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package scratch_test

import (
	"fmt"
	"os"

	"convscope/internal/scratch"
)

func ExampleMake() {
	dir, err := scratch.Make()
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := os.Stat(dir.Path)
	fmt.Println(info.IsDir(), err)
	dir.Remove()
	_, err = os.Stat(dir.Path)
	fmt.Println(os.IsNotExist(err))
	// Output:
	// true <nil>
	// true
}
