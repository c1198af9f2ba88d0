// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// onlyGo leaves nothing on PATH but Go, and the other programs named.
func onlyGo(t *testing.T, others ...string) {
	t.Helper()
	path, err := exec.LookPath("go")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), fmt.Appendf(nil, "#!/bin/sh\nexec %q \"$@\"\n", path), 0o755))
	for _, name := range others {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755))
	}
	t.Setenv("PATH", dir)
}

func TestCellsHaveXLA(t *testing.T) {
	ctx := context.Background()
	t.Run("no compiler", func(t *testing.T) {
		onlyGo(t)
		t.Setenv("CGO_ENABLED", "")
		t.Setenv("CC", "")
		require.ErrorContains(t, cellsHaveXLA(ctx), "on PATH, which XLA needs: install one")
		kind, about, err := getDevice(ctx, choices{})
		require.NoError(t, err)
		require.Equal(t, device.Go, kind, "the cells' limit is that of pure Go")
		require.Contains(t, about, "pure Go, over two hundred times slower")
		_, _, err = getDevice(ctx, choices{device: device.CPU})
		require.ErrorContains(t, err, "cpu was asked for and the cells of notebooks cannot have it")
	})
	t.Run("one by another name", func(t *testing.T) {
		onlyGo(t, "mycc")
		t.Setenv("CGO_ENABLED", "")
		t.Setenv("CC", "mycc -m64")
		t.Setenv("GOENV", "off")
		require.NoError(t, cellsHaveXLA(ctx))
		t.Setenv("CGO_ENABLED", "0")
		require.ErrorContains(t, cellsHaveXLA(ctx), "CGO_ENABLED=0 is set, which leaves XLA out: unset it")
		t.Setenv("CC", "gone")
		require.ErrorContains(t, cellsHaveXLA(ctx), "\"gone\"")
	})
}

// TestJudgeDevice advises what can work.
func TestJudgeDevice(t *testing.T) {
	flags := fmt.Errorf("%w: XLA has no flag --nonsense", device.ErrFlags)
	cpu := map[device.Kind]bool{device.CPU: true}
	for name, test := range map[string]struct {
		wanted        device.Kind
		backend       string
		works         map[device.Kind]bool
		flags         error
		health        health
		about, advice string
	}{
		"cpu":           {"", "", cpu, nil, ok, "XLA on CPU", ""},
		"none":          {"", "", nil, nil, absent, "no plugin that works", "convscope run tries"},
		"cpu wanted":    {device.CPU, "", nil, nil, absent, "no plugin for cpu", "convscope run tries"},
		"go":            {device.Go, "", cpu, nil, warning, "pure Go, as asked for", "slower"},
		"no card":       {device.GPU, "", cpu, nil, broken, "no NVIDIA GPU", "leave --device gpu out"},
		"flags":         {"", "", nil, flags, broken, "--nonsense", "correct XLA_FLAGS"},
		"backend":       {"", "go", cpu, nil, ok, "GOMLX_BACKEND=go decides", ""},
		"wrong backend": {"", "tensorflow", cpu, nil, broken, "no backend called \"tensorflow\"", "correct GOMLX_BACKEND"},
		"passed over":   {device.CPU, "tensorflow", cpu, nil, ok, "XLA on CPU", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CUDA_VISIBLE_DEVICES", "")
			got := judgeDevice(test.wanted, test.backend, test.works, test.flags)
			var built *device.BuildError
			if errors.As(device.Built(), &built) && test.backend == "" && test.wanted != device.Go {
				require.Contains(t, got.About, built.Problem)
				require.Equal(t, built.Remedy, got.Advice)
				return
			}
			if device.Built() != nil && test.backend != "" && test.wanted != device.Auto {
				return
			}
			require.Equal(t, test.health, got.Health)
			require.Contains(t, got.About, test.about)
			require.Contains(t, got.Advice, test.advice)
		})
	}
}
