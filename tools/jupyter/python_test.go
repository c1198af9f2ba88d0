// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

// fakePython puts a command on PATH that answers as a Python of that version does, and nothing else.
func fakePython(t *testing.T, dir, name string, major, minor int, ensurepip, pip bool) {
	t.Helper()
	answer := fmt.Sprintf(`{"path": "/opt/%s", "info": [%d, %d, 1], "ensurepip": %t, "pip": %t}`,
		name, major, minor, ensurepip, pip)
	script := "#!/bin/sh\necho '" + answer + "'\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
}

func TestFindPython(t *testing.T) {
	ctx := context.Background()
	t.Run("none", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := jupyter.FindPython(ctx)
		require.ErrorIs(t, err, jupyter.ErrNoPython)
		require.ErrorContains(t, err, "install python3")
	})
	t.Run("only an old one", func(t *testing.T) {
		dir := t.TempDir()
		t.Setenv("PATH", dir)
		fakePython(t, dir, "python3", 3, 8, true, true)
		_, err := jupyter.FindPython(ctx)
		require.ErrorIs(t, err, jupyter.ErrNoPython)
		require.ErrorContains(t, err, "only 3.8.1: install Python 3.9 or later")
	})
	t.Run("a newer one beside an old and a broken one", func(t *testing.T) {
		dir := t.TempDir()
		t.Setenv("PATH", dir)
		fakePython(t, dir, "python3", 3, 8, true, true)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "python3.13"), []byte("#!/bin/sh\nexit 127\n"), 0o755))
		fakePython(t, dir, "python3.12", 3, 12, false, true)
		python, err := jupyter.FindPython(ctx)
		require.NoError(t, err)
		require.Equal(t, jupyter.Python{Path: "/opt/python3.12", Version: "3.12.1", Pip: true}, python)
	})
	t.Run("one with neither ensurepip nor pip", func(t *testing.T) {
		dir := t.TempDir()
		t.Setenv("PATH", dir)
		fakePython(t, dir, "python3", 3, 12, false, false)
		err := jupyter.BuildVenv(ctx, t.TempDir())
		require.ErrorIs(t, err, jupyter.ErrNoVenv)
		require.ErrorContains(t, err, "install python3-venv, or python3-pip")
	})
}

func TestGoMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := jupyter.EnsureKernel(context.Background())
	require.ErrorIs(t, err, jupyter.ErrNoGo)
	require.ErrorContains(t, err, "install Go 1.26 or later")
}
