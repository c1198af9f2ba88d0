// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"convscope/internal/child"
)

// ErrNoC means that cells are compiled without a C compiler, and so without XLA.
var ErrNoC = errors.New("no C compiler that works")

// CCompiler says whether the Go compiler has the C compiler that it needs for XLA. The error wraps [ErrNoC] and says
// what to do.
func CCompiler(ctx context.Context) error {
	enabled, err := goEnv(ctx, "CGO_ENABLED")
	if err != nil {
		return err
	}
	if enabled == "0" {
		return fmt.Errorf("%w: install gcc and libc6-dev, and see that CGO_ENABLED=0 is not set", ErrNoC)
	}
	compiler, err := goEnv(ctx, "CC")
	if err != nil {
		return err
	}
	words := strings.Fields(compiler)
	if len(words) == 0 {
		return fmt.Errorf("%w: CC is empty: install gcc and libc6-dev", ErrNoC)
	}
	cmd := exec.Command(words[0], append(words[1:], "-fsyntax-only", "-x", "c", "-")...)
	cmd.Stdin = strings.NewReader("#include <stdlib.h>\n")
	output, err := child.Run(ctx, cmd, nil)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	said := output.Last(func(line string) bool { return strings.Contains(line, "error: ") })
	if said == "" {
		said = err.Error()
	}
	return fmt.Errorf("%w: %s: install gcc and libc6-dev", ErrNoC, said)
}
