// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

const cpuFile = "pjrt_c_api_cpu_plugin.so"

// put writes a fake plugin below dir.
func put(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		write(t, filepath.Join(dir, name), device.FakeELF())
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, text, 0o644))
}

// quiet throws news away.
func quiet(string) {}

func TestSearchOrder(t *testing.T) {
	// From the last place to the first: each new file must win over all before it.
	const user, shared = "home/.local/lib/", "shared/"
	order := []string{
		"cache/pjrt/other-1/" + cpuFile,
		"cache/pjrt/known-1/" + cpuFile,
		"libs/pjrt-plugin-cpu.so",
		shared + "gomlx/pjrt/" + cpuFile,
		shared + "go-xla/nvidia/" + cpuFile,
		shared + "go-xla/pjrt_c_api_cpu_v0.98.0_plugin.so",
		shared + "go-xla/pjrt_c_api_cpu_v0.114.0_plugin.so",
		shared + "go-xla/" + cpuFile,
		user + "gomlx/pjrt/" + cpuFile,
		user + "go-xla/nvidia/" + cpuFile,
		user + "go-xla/" + cpuFile,
		"two/" + cpuFile,
		"one/" + cpuFile,
	}
	h := &device.Host{Dir: t.TempDir()}
	h.Env = map[string]string{
		"PJRT_PLUGIN_LIBRARY_PATH": filepath.Join(h.Dir, "one") + "::" + filepath.Join(h.Dir, "two"),
		"LD_LIBRARY_PATH":          "relative:" + filepath.Join(h.Dir, "libs"),
	}
	h.Sources = map[device.Kind][]device.Source{device.CPU: {{Name: "known", ID: "known-1"}}}
	put(t, h.Dir, "one/pjrt_c_api_cuda_plugin.so", "one/libcpu.so", "libs/pjrt_c_api_tpu_plugin.so") // not for us
	for _, name := range order {
		put(t, h.Dir, name)
		d, err := h.New(context.Background(), device.Options{Report: quiet})
		require.NoError(t, err, name)
		assert.Equal(t, filepath.Join(h.Dir, name), d.Plugin())
		assert.Equal(t, device.CPU, d.Kind())
		d.Close()
	}

	t.Run("find lists them all, once", func(t *testing.T) {
		require.NoError(t, os.Symlink(cpuFile, filepath.Join(h.Dir, "one", "pjrt_c_api_cpu_v0.1.0_plugin.so")))
		var cpu, gpu []string
		for _, p := range h.Find() {
			rel, _ := filepath.Rel(h.Dir, p.Path)
			if p.Kind == device.GPU {
				gpu = append(gpu, rel)
				assert.ErrorIs(t, p.Problem, device.ErrNoGPU)
				continue
			}
			cpu = append([]string{rel}, cpu...)
			assert.NoError(t, p.Problem)
			assert.Equal(t, "0.115", p.API)
			assert.EqualValues(t, 4096, p.Bytes)
			assert.Contains(t, p.String(), "works, PJRT API 0.115, 1 device(s): fake:0")
		}
		assert.Equal(t, order, cpu)
		assert.Equal(t, []string{"one/pjrt_c_api_cuda_plugin.so"}, gpu)
	})
}

func TestSameFileIsTriedOnce(t *testing.T) {
	h := &device.Host{Dir: t.TempDir(), Broken: map[string]error{
		"home/.local/lib/go-xla/" + cpuFile: assert.AnError,
	}}
	dir := filepath.Join(h.Dir, "home/.local/lib/go-xla")
	put(t, dir, "pjrt_c_api_cpu_v0.114.0_plugin.so")
	require.NoError(t, os.Symlink("pjrt_c_api_cpu_v0.114.0_plugin.so", filepath.Join(dir, cpuFile)))
	d, err := h.New(context.Background(), device.Options{Report: quiet})
	require.NoError(t, err)
	assert.Equal(t, device.Go, d.Kind())
	assert.Len(t, h.Opened, 1)
}
