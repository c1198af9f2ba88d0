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
var ErrNoC = errors.New("cells are built without XLA")

// CCompiler says whether the Go compiler has the C compiler that it needs for XLA. The error wraps [ErrNoC] and says
// what to do.
func CCompiler(ctx context.Context) error {
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
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		if enabled, err := goEnv(ctx, "CGO_ENABLED"); err != nil || enabled != "0" {
			return err
		}
		return fmt.Errorf("%w: CGO_ENABLED=0 is set: unset it, or undo it by go env -u CGO_ENABLED", ErrNoC)
	}
	said := output.Last(func(line string) bool { return strings.Contains(line, "error: ") })
	if said == "" {
		said = err.Error()
	}
	return fmt.Errorf("%w: %s: install gcc and libc6-dev", ErrNoC, said)
}
