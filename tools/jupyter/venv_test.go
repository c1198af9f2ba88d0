// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/jupyter"
)

func TestInstalled(t *testing.T) {
	env := install(t)
	t.Run("is found again", func(t *testing.T) {
		again, err := jupyter.Open(t.Context())
		require.NoError(t, err)
		require.Equal(t, env, again)
		require.Regexp(t, `^JupyterLab 4\.\d+\.\d+ on Python 3\.\d+\.\d+$`, again.Venv.About)
		require.Regexp(t, `^GoNB 0\.\d+\.\d+, built by go1\.\d+`, again.Kernel.About)
	})
}

func TestKernelFaults(t *testing.T) {
	dir := t.TempDir()
	err := jupyter.CheckKernel(dir)
	for _, missing := range []string{"gonb", "goimports", "kernel.json"} {
		require.ErrorContains(t, err, missing+" is missing")
	}
	level.Real(t, "the rest calls the Go compiler without a module proxy")
	t.Run("no network", func(t *testing.T) {
		t.Setenv("CONVSCOPE_CACHE", t.TempDir())
		t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "empty"))
		t.Setenv("GOPROXY", "http://127.0.0.1:9")
		t.Setenv("GOFLAGS", "-modcacherw")
		_, err := jupyter.EnsureKernel(t.Context())
		require.ErrorContains(t, err, "the Go kernel could not be built: ")
		require.ErrorContains(t, err, "connection refused")
		require.ErrorContains(t, err, "set GOPROXY")
		require.NotContains(t, err.Error(), "\n")
		_, err = jupyter.OpenKernel(t.Context())
		require.ErrorContains(t, err, "not built yet")
	})
}

func TestVenvFaults(t *testing.T) {
	level.OnlyFull(t, "makes virtual environments with the real Python")
	python, err := jupyter.FindPython(t.Context())
	require.NoError(t, err)

	name := install(t).Venv.Dir

	t.Run("no network", func(t *testing.T) {
		t.Setenv("CONVSCOPE_CACHE", t.TempDir())
		t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
		t.Setenv("PIP_NO_CACHE_DIR", "1")
		_, err := jupyter.EnsureVenv(t.Context())
		require.ErrorContains(t, err, "pip could not install JupyterLab: no connection: ")
		require.ErrorContains(t, err, "PIP_INDEX_URL")
		require.NotContains(t, err.Error(), "\n")
		_, err = jupyter.OpenVenv(t.Context())
		require.ErrorContains(t, err, "not built yet", "nothing half-built is left")
	})
	t.Run("an interrupt while pip works", func(t *testing.T) {
		cache := t.TempDir()
		t.Setenv("CONVSCOPE_CACHE", cache)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			for ctx.Err() == nil {
				if found, _ := filepath.Glob(filepath.Join(cache, ".jupyter-*", "requirements.txt")); len(found) > 0 {
					time.Sleep(time.Second)
					stop()
				}
				time.Sleep(50 * time.Millisecond)
			}
		}()
		_, err := jupyter.EnsureVenv(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, running(t, cache), "no pip")
		entries, err := os.ReadDir(cache)
		require.NoError(t, err)
		for _, entry := range entries {
			require.Equal(t, ".lock", filepath.Ext(entry.Name()))
		}
	})
	t.Run("a half-built one is noticed, and built again", func(t *testing.T) {
		cache := t.TempDir()
		t.Setenv("CONVSCOPE_CACHE", cache)
		half := filepath.Join(cache, filepath.Base(name))
		require.NoError(t, os.MkdirAll(filepath.Join(half, "bin"), 0o755))
		_, err := jupyter.OpenVenv(t.Context())
		require.ErrorContains(t, err, "half-built")
		venv, err := jupyter.EnsureVenv(t.Context())
		require.NoError(t, err)
		require.Equal(t, half, venv.Dir)
		require.NoError(t, os.Remove(venv.Python))
		_, err = jupyter.OpenVenv(t.Context())
		require.ErrorContains(t, err, "its Python is gone", "as after an upgrade of the system")
	})
	t.Run("Debian without python3-venv", func(t *testing.T) {
		if !python.Pip {
			t.Skip("this Python has no pip")
		}
		python.Ensurepip = false
		dir := filepath.Join(t.TempDir(), "venv")
		require.NoError(t, jupyter.CreateVenv(t.Context(), dir, python))
		out, err := exec.Command(filepath.Join(dir, "bin", "python"), "-I", "-m", "pip", "--version").Output()
		require.NoError(t, err)
		require.Contains(t, string(out), strings.Replace(strings.Fields(jupyter.BootstrapPip)[0], "==", " ", 1)+" from "+dir)
	})
}
