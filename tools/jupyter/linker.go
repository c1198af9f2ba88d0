// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"os/exec"
	"runtime"

	"convscope/internal/child"
	"convscope/internal/scratch"
)

// linkerEnv is the go command's variable (go help environment) that says which linker finishes a program with C code
// in it: 1 lets the C compiler do so, 0 Go's own linker.
const linkerEnv = "GO_EXTLINK_ENABLED"

// Linker returns the setting with which Go's own linker finishes cells, or none where that is not proven. It does so
// three tenths of a second faster than the C compiler, with which the go command links by itself.
//
// Go does so because its own linker knows only the kinds of objects that C compilers usually make. It refuses others,
// but for one: functions that C calls before main it forgets. The packages of cells have none. So what is left is to
// link and run a program with these packages, the probe in the clone, with the settings env that cells have. Go keeps
// it linked, and the next time it takes as long as its start.
//
// A choice of the user's own counts. Elsewhere than on Linux nothing was tried. The error is ctx's.
func Linker(ctx context.Context, clone string, env ...string) ([]string, error) {
	if runtime.GOOS != "linux" {
		return nil, nil
	}
	if chosen, err := goEnv(ctx, linkerEnv); err != nil || chosen != "" {
		return nil, ctx.Err()
	}
	dir, err := scratch.Make()
	if err != nil {
		return nil, nil // cells have no place, either, and whoever runs them says so
	}
	defer dir.Remove()
	setting := linkerEnv + "=0"
	cmd := exec.Command("go", "run", "-ldflags=-s -w", "./tools/jupyter/probe")
	cmd.Dir = clone
	dir.Lend(cmd)
	cmd.Env = append(child.Environ(child.Named("GOWORK", "GOTMPDIR"), env...), "GOWORK=off",
		"GOTMPDIR="+dir.Path, setting)
	if _, err := child.Run(ctx, cmd, nil); err != nil {
		return nil, ctx.Err()
	}
	return []string{setting}, nil
}
