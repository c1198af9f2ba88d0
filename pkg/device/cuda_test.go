// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/pkg/device"
)

func TestCUDATable(t *testing.T) {
	var wheels []fetch.Wheel
	require.NoError(t, json.Unmarshal(device.CUDATable, &wheels))
	assert.Equal(t, "jax-cuda13-pjrt", wheels[0].Package)
	for i, w := range wheels {
		assert.Len(t, w.SHA256, 64)
		assert.NotEmpty(t, w.Version)
		assert.Positive(t, w.Bytes)
		start := strings.ReplaceAll(w.Package, "-", "_") + "-" + w.Version + "-py3-none-manylinux"
		assert.True(t, strings.HasPrefix(w.File, start), w.File)
		assert.True(t, i == 0 || strings.HasPrefix(w.Package, "nvidia-"))
	}
}

// wheel writes a zip file with the named members, each holding its own name.
func wheel(t *testing.T, path string, members ...string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(f)
	for _, name := range members {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(name))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
}

func TestInstallCUDA(t *testing.T) {
	wheels := []fetch.Wheel{
		{Package: "jax-cuda13-pjrt", File: "p.whl"},
		{Package: "nvidia-cublas", File: "b.whl"},
		{Package: "nvidia-nvcc", File: "n.whl"},
	}
	members := map[string][]string{
		"p.whl": {"jax_plugins/xla_cuda13/__init__.py", "jax_plugins/xla_cuda13/xla_cuda_plugin.so"},
		"b.whl": {"nvidia/cu13/lib/libcublas.so.13", "nvidia/cu13/lib/libcublasLt.so.13",
			"nvidia_cublas.dist-info/METADATA", "nvidia/../../../escape"},
		"n.whl": {"nvidia/cu13/bin/ptxas", "nvidia/cu13/nvvm/libdevice/libdevice.10.bc"},
	}
	ctx := context.Background()
	var got []string
	offline := errors.New("the network is gone")
	fail := ""
	download := func(w fetch.Wheel, _ context.Context, path string) error {
		if w.File == fail {
			return offline
		}
		got = append(got, w.File)
		wheel(t, path, members[w.File]...)
		return nil
	}

	root := t.TempDir()
	dir := filepath.Join(root, "cache", "cuda")
	fail = "n.whl"
	assert.ErrorIs(t, device.InstallCUDA(ctx, wheels, dir, download), offline)
	assert.NoDirExists(t, dir)
	fail = ""
	write(t, filepath.Join(dir, "lib/old"), nil) // something damaged
	require.NoError(t, device.InstallCUDA(ctx, wheels, dir, download))
	assert.Equal(t, []string{"p.whl", "b.whl", "n.whl"}, got, "what came before the interruption is not fetched again")

	nvidia := filepath.Join(dir, device.CUDABelow)
	for name, want := range map[string]string{
		"pjrt_c_api_cuda_plugin.so":          "jax_plugins/xla_cuda13/xla_cuda_plugin.so",
		"cu13/lib/libcublas.so.13":           "nvidia/cu13/lib/libcublas.so.13",
		"bin/ptxas":                          "nvidia/cu13/bin/ptxas",
		"nvvm/libdevice/libdevice.10.bc":     "nvidia/cu13/nvvm/libdevice/libdevice.10.bc",
		"../../libcublasLt.so.13":            "nvidia/cu13/lib/libcublasLt.so.13",
		"../nvidia/cu13/lib/../bin/ptxas":    "nvidia/cu13/bin/ptxas",
		"../../libcublas.so.13":              "nvidia/cu13/lib/libcublas.so.13",
		"../../go-xla/nvidia/cu13/bin/ptxas": "nvidia/cu13/bin/ptxas",
	} {
		text, err := os.ReadFile(filepath.Join(nvidia, name))
		if assert.NoError(t, err) {
			assert.Equal(t, want, string(text))
		}
	}
	info, err := os.Stat(filepath.Join(nvidia, "bin/ptxas"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&0o100, "ptxas must be executable")
	assert.NoError(t, device.Intact(filepath.Join(nvidia, "pjrt_c_api_cuda_plugin.so"), true))
	assert.FileExists(t, filepath.Join(nvidia, "pjrt_c_api_cuda_plugin.so.json"))
	for _, gone := range []string{"cache/cuda/lib/old", "escape", "cache/escape", "cache/cuda/b.whl"} {
		assert.NoFileExists(t, filepath.Join(root, gone))
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	assert.Len(t, left, 1)

	t.Run("wheels without what is needed", func(t *testing.T) {
		members["n.whl"] = []string{"nvidia/cu13/bin/nvcc"}
		dir := filepath.Join(t.TempDir(), "cuda")
		assert.ErrorContains(t, device.InstallCUDA(ctx, wheels, dir, download), "NVIDIA's wheels lack")
		members["p.whl"] = []string{"README"}
		assert.ErrorContains(t, device.InstallCUDA(ctx, wheels, filepath.Join(t.TempDir(), "cuda"), download),
			"unpack p.whl")
	})
}

func TestRoom(t *testing.T) {
	assert.NoError(t, device.Room(t.TempDir(), 1))
	assert.ErrorContains(t, device.Room(t.TempDir(), math.MaxInt64), "make room, or set CONVSCOPE_CACHE")
	assert.NoError(t, device.Room("/nonexistent/disk", 1))
}
