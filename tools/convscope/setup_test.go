// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/tools/jupyter"
)

// TestFailureBesideLab lets runs fail and be interrupted in their set-up, each at another moment: the Jupyter that a
// lab may be running from stays as it is.
func TestFailureBesideLab(t *testing.T) {
	command := build(t)
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	root := makeClone(t, lesson)
	cache := filepath.Join(root, "cache")
	require.NoError(t, os.Mkdir(cache, 0o755))
	for _, dir := range []string{env.Venv.Dir, env.Kernel.Dir} {
		out, err := exec.Command("cp", "-a", dir, cache).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	made := func() (all []os.FileInfo) {
		for _, dir := range []string{env.Venv.Dir, env.Kernel.Dir} {
			info, err := os.Stat(filepath.Join(cache, filepath.Base(dir)))
			require.NoError(t, err)
			all = append(all, info)
		}
		return all
	}
	before := made()
	for delay := time.Duration(0); delay < 200*time.Millisecond; delay += 20 * time.Millisecond {
		for _, stop := range []os.Signal{nil, os.Interrupt} {
			cmd := exec.Command(command, "run", "--weights", "/nonexistent.h5")
			cmd.Dir, cmd.Env = root, append(os.Environ(), "CONVSCOPE_CACHE="+cache)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			require.NoError(t, cmd.Start())
			if stop != nil {
				time.Sleep(delay)
				_ = cmd.Process.Signal(stop) // it may have failed already
			}
			require.Error(t, cmd.Wait())
			for i, info := range made() {
				require.True(t, os.SameFile(before[i], info), "%s", out.String())
			}
		}
	}
}

func TestNoCompiler(t *testing.T) {
	level.Real(t, "asks the go command for the C compiler")
	goPath, err := exec.LookPath("go")
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(goPath, filepath.Join(bin, "go")))
	t.Setenv("PATH", bin)
	t.Setenv("CC", "")
	os.Unsetenv("CC")
	t.Setenv("GOMLX_BACKEND", "")
	t.Run("cells compute in pure Go", func(t *testing.T) {
		env := &environment{kind: device.CPU}
		require.NoError(t, env.checkCompiler(t.Context(), choices{}))
		require.Equal(t, device.Go, env.kind)
		require.Equal(t, []string{"CGO_ENABLED=0"}, env.kernel)
	})
	t.Run("unless another device was asked for", func(t *testing.T) {
		env := &environment{kind: device.CPU}
		err := env.checkCompiler(t.Context(), choices{device: device.CPU})
		require.ErrorIs(t, err, jupyter.ErrNoC)
		require.ErrorContains(t, err, "install gcc")
	})
	t.Run("doctor says so", func(t *testing.T) {
		f := examineGo(t.Context(), choices{})[0]
		require.Equal(t, warning, f.Health)
		require.Contains(t, f.About, "pure Go")
		require.Contains(t, f.Advice, "install gcc")
	})
	t.Run("one that does not work", func(t *testing.T) {
		script := "#!/bin/sh\necho 'x.c:1: fatal error: stdlib.h: No such file' >&2\nexit 1\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, "gcc"), []byte(script), 0o755))
		require.ErrorContains(t, jupyter.CCompiler(t.Context()), "stdlib.h: No such file: install gcc")
	})
}

// TestNoHome starts a process without HOME and with nothing to do: no library writes to its log.
func TestNoHome(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.list=^$")
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "HOME=") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err)
	require.Empty(t, string(out))
}
