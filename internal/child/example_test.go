// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child_test

import (
	"context"
	"fmt"
	"os/exec"

	"convscope/internal/child"
)

func ExampleRun() {
	lines := 0
	_, err := child.Run(context.Background(), exec.Command("go", "env", "GOOS", "GOARCH"), func(string) { lines++ })
	fmt.Println(lines, "lines,", err)
	// Output: 2 lines, <nil>
}
