// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/jupyter"
)

// copyCache copies the installed Jupyter into a cache of the test's own, below a directory with an awkward name, and
// takes the network away.
func copyCache(t *testing.T) *jupyter.Jupyter {
	t.Helper()
	env := install(t)
	cache := filepath.Join(t.TempDir(), "it's [a] $cache")
	require.NoError(t, os.Mkdir(cache, 0o755))
	for _, dir := range []string{env.Venv.Dir, env.Kernel.Dir} {
		// Links take no time; where the cache is on another disk, copies do.
		if exec.Command("cp", "-al", dir, cache).Run() != nil {
			out, err := exec.Command("cp", "-a", dir, cache).CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
	}
	t.Setenv("CONVSCOPE_CACHE", cache)
	t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
	t.Setenv("PIP_FIND_LINKS", "")
	t.Setenv("PIP_NO_CACHE_DIR", "1")
	t.Setenv("GOPROXY", "off")
	copied, err := jupyter.Open(t.Context())
	require.NoError(t, err)
	require.Equal(t, cache, filepath.Dir(copied.Venv.Dir))
	return copied
}

// identity is what tells a directory from another of that name.
func identity(t *testing.T, dir string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(dir)
	require.NoError(t, err)
	return info
}

func TestMovedCache(t *testing.T) {
	env := copyCache(t)
	hello := notebook("%%\n" + `fmt.Println("hello")`)
	t.Run("works without a network", func(t *testing.T) {
		done, err := env.Run(t.Context(), hello, jupyter.RunOptions{Dir: t.TempDir()})
		require.NoError(t, err)
		require.Equal(t, "hello\n", done.Cells[0].Outputs[0].Text)
	})
	t.Run("to a machine with its Python in another place", func(t *testing.T) {
		before := identity(t, env.Venv.Dir)
		require.NoError(t, os.Remove(env.Venv.Python))
		require.NoError(t, os.Symlink("/nonexistent/python3", env.Venv.Python))
		_, err := jupyter.OpenVenv(t.Context())
		require.EqualError(t, err, "its Python is gone")
		again, err := jupyter.EnsureVenv(t.Context())
		require.NoError(t, err)
		require.Equal(t, env.Venv, again)
		require.False(t, os.SameFile(before, identity(t, env.Venv.Dir)), "it was made again, out of its own packages")
		page := filepath.Join(t.TempDir(), "a.html")
		source := filepath.Join(t.TempDir(), "a.ipynb")
		require.NoError(t, hello.Write(source))
		require.NoError(t, env.HTML(t.Context(), source, page), "nbconvert finds its templates")
	})
	t.Run("to a machine with another Go", func(t *testing.T) {
		t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "empty"))
		t.Setenv("GOFLAGS", "-modcacherw")
		other := filepath.Join(filepath.Dir(env.Kernel.Dir), "kernel-0123456789ab")
		require.NoError(t, os.Rename(env.Kernel.Dir, other))
		again, err := jupyter.EnsureKernel(t.Context())
		require.NoError(t, err)
		require.Equal(t, env.Kernel.Dir, again.Dir)
		require.NoError(t, os.RemoveAll(other))
		done, err := env.Run(t.Context(), hello, jupyter.RunOptions{Dir: t.TempDir()})
		require.NoError(t, err)
		require.Equal(t, "hello\n", done.Cells[0].Outputs[0].Text)
	})
	t.Run("packages that are missing are not made up", func(t *testing.T) {
		level.OnlyFull(t, "pip tries to reach its index for a while")
		found, err := filepath.EvalSymlinks(env.Venv.Dir)
		require.NoError(t, err)
		lost := 0
		require.NoError(t, filepath.WalkDir(found, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() == "zmq" && lost == 0 {
				lost++
				require.NoError(t, os.Rename(path, path+".lost"))
				return filepath.SkipDir
			}
			return err
		}))
		require.Equal(t, 1, lost)
		_, err = jupyter.OpenVenv(t.Context())
		require.EqualError(t, err, "its packages are damaged: zmq is missing")
		_, err = jupyter.EnsureVenv(t.Context())
		require.ErrorContains(t, err, "no connection")
		require.DirExists(t, env.Venv.Dir, "what is there of it stays")
	})
}

// TestUndecided starts Pythons that end without an answer: none of them proves that the environment is damaged.
func TestUndecided(t *testing.T) {
	env := copyCache(t)
	before, python := identity(t, env.Venv.Dir), env.Venv.Python
	real, err := os.Readlink(python)
	require.NoError(t, err)
	for name, script := range map[string]string{
		"killed":            "kill -9 $$",
		"out of memory":     "echo MemoryError >&2; exit 1",
		"out of processes":  "echo 'BlockingIOError: [Errno 11] Resource temporarily unavailable' >&2; exit 1",
		"out of files":      "echo 'OSError: [Errno 24] Too many open files' >&2; exit 1",
		"another answer":    "echo hello",
		"forbidden by mode": "",
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.Remove(python))
			mode := os.FileMode(0o755)
			if script == "" {
				mode = 0o644
			}
			require.NoError(t, os.WriteFile(python, []byte("#!/bin/sh\n"+script+"\n"), mode))
			_, err := jupyter.EnsureVenv(t.Context())
			require.ErrorContains(t, err, "could not be asked")
			require.ErrorContains(t, err, "if it stays so, remove "+env.Venv.Dir)
			require.NotContains(t, err.Error(), "\n")
			require.True(t, os.SameFile(before, identity(t, env.Venv.Dir)))
		})
	}
	t.Run("no time", func(t *testing.T) {
		require.NoError(t, os.Remove(python))
		require.NoError(t, os.WriteFile(python, []byte("#!/bin/sh\nsleep 600\n"), 0o755))
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer stop()
		_, err := jupyter.EnsureVenv(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, os.SameFile(before, identity(t, env.Venv.Dir)))
	})
	require.NoError(t, os.Remove(python))
	require.NoError(t, os.Symlink(real, python))
	t.Run("a context that has ended", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		_, err := jupyter.Install(ctx, jupyter.Options{})
		require.ErrorIs(t, err, context.Canceled)
		require.True(t, os.SameFile(before, identity(t, env.Venv.Dir)))
		_, err = jupyter.Open(t.Context())
		require.NoError(t, err)
	})
}

func TestProgramThatCannotBeStarted(t *testing.T) {
	env := copyCache(t)
	gonb := filepath.Join(env.Kernel.Dir, "bin", "gonb")
	text, err := os.ReadFile(gonb)
	require.NoError(t, err)
	require.NoError(t, os.Remove(gonb)) // a link
	require.NoError(t, os.WriteFile(gonb, text, 0o644))
	_, err = jupyter.OpenKernel(t.Context())
	require.EqualError(t, err, "gonb cannot be started")
}
