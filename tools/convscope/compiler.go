// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// installCompiler is how.
const installCompiler = "install one (on Debian and Ubuntu: apt install gcc libc6-dev; on a Mac: xcode-select --install)"

// cellsHaveXLA returns why the cells of notebooks have no XLA, nil if they do. Each cell is built when it runs, and XLA takes cgo: without a C
// compiler Go leaves it out and says nothing.
func cellsHaveXLA(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "-json", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return nil // whatever is wrong with Go is told elsewhere
	}
	var env struct {
		CGO string `json:"CGO_ENABLED"`
		CC  string
	}
	if json.Unmarshal(out, &env) != nil {
		return nil
	}
	compiler, _, _ := strings.Cut(env.CC, " ")
	if _, err := exec.LookPath(compiler); err != nil {
		return fmt.Errorf("there is no C compiler %q on PATH, which XLA needs: %s", compiler, installCompiler)
	}
	if env.CGO != "1" {
		if os.Getenv("CGO_ENABLED") == "" {
			return errors.New("go env -w has set CGO_ENABLED=0, which leaves XLA out: go env -u CGO_ENABLED takes it back")
		}
		return errors.New("CGO_ENABLED=0 is set, which leaves XLA out: unset it")
	}
	return nil
}
