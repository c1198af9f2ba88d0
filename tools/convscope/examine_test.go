// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/efficientnet"
	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/weights"
)

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

// TestDoctorKernel sees who computes the convolutions on this machine.
func TestDoctorKernel(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := device.New(device.Options{Kind: device.CPU})
	require.NoError(t, err)
	own := dev.Convolution() == "winograd"
	dev.Close()
	found := examineDevices(t.Context(), choices{device: device.CPU})
	about := found[len(found)-1].About
	require.Equal(t, own, strings.HasSuffix(about, "by convscope's own kernel"), about)
	require.Equal(t, !own, strings.HasSuffix(about, "by XLA"), about)
}

// TestDoctorTemp gives doctor directories for temporary files with which run cannot work.
func TestDoctorTemp(t *testing.T) {
	mount := func(options string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if runtime.GOOS != "linux" || os.Getuid() != 0 {
				t.Skip("only root on Linux can mount a file system")
			}
			if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
				t.Skipf("no file system can be mounted here: %v: %s", err, out)
			}
			t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
		}
	}
	for name, test := range map[string]struct {
		make  func(t *testing.T, dir string)
		about string // what is wrong, "" if nothing
	}{
		"fine":    {func(*testing.T, string) {}, ""},
		"missing": {func(t *testing.T, dir string) { require.NoError(t, os.Remove(dir)) }, "no such file or directory"},
		"a file": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(dir))
			require.NoError(t, os.WriteFile(dir, nil, 0o600))
		}, "not a directory"},
		"noexec":    {mount("size=200m,noexec"), "noexec"},
		"too small": {mount("size=10m"), "are free for temporary files"},
		"full":      {mount("size=4k,nr_inodes=2"), "no space left"},
		"read-only": {mount("size=200m,ro"), "read-only file system"},
	} {
		t.Run(name, func(t *testing.T) {
			// What else doctor looks at is not there, so that it is quick.
			t.Setenv("CONVSCOPE_CACHE", filepath.Join(t.TempDir(), "none"))
			t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
			t.Setenv("CONVSCOPE_WEIGHTS", "")
			dir := filepath.Join(t.TempDir(), "tmp")
			require.NoError(t, os.Mkdir(dir, 0o700))
			test.make(t, dir)
			t.Setenv("TMPDIR", dir)
			_, stdout, stderr := runCommand(t, "doctor", "--json")
			var findings []finding
			require.NoError(t, json.Unmarshal([]byte(stdout), &findings))
			var found []finding
			for _, f := range findings {
				if f.Part == "tmp" {
					found = append(found, f)
				}
			}
			require.Len(t, found, 1)
			if test.about == "" {
				require.Equal(t, ok, found[0].Health)
				require.Contains(t, found[0].About, dir)
				left, err := os.ReadDir(dir)
				require.NoError(t, err)
				require.Empty(t, left)
				return
			}
			require.Equal(t, broken, found[0].Health)
			require.Contains(t, found[0].About, test.about)
			require.Contains(t, found[0].About, dir)
			require.Contains(t, found[0].Advice, "set TMPDIR")
			require.Contains(t, stderr, "tmp")
		})
	}
}

// TestDoctorLite0 looks for the second network's weights: none, a wrong file, a damaged copy, and the real ones.
func TestDoctorLite0(t *testing.T) {
	look := func() finding { return examineLite0(t.Context(), choices{})[0] }
	t.Run("none", func(t *testing.T) {
		t.Setenv("CONVSCOPE_CACHE", t.TempDir())
		found := look()
		require.Equal(t, absent, found.Health)
		require.Contains(t, found.Advice, efficientnet.EnvWeights)
	})
	t.Run("a wrong file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "other.pth")
		require.NoError(t, os.WriteFile(path, []byte("PK"), 0o600))
		t.Setenv(efficientnet.EnvWeights, path)
		found := look()
		require.Equal(t, broken, found.Health)
		require.Contains(t, found.About, path)
		require.Contains(t, found.About, efficientnet.EnvWeights)
	})
	t.Run("real ones", func(t *testing.T) {
		level.Real(t, "needs the weights")
		net, err := efficientnet.Load(device.MustNew(device.Options{Kind: device.Go}), efficientnet.Options{})
		require.NoError(t, err)
		require.NoError(t, net.Close())
		found := look()
		require.Equal(t, ok, found.Health, found.About)
		require.Contains(t, found.About, "all 247 tensors")
		manifest, err := efficientnet.Manifest()
		require.NoError(t, err)
		state, err := weights.State(manifest)
		require.NoError(t, err)
		whole, err := os.ReadFile(state.Path)
		require.NoError(t, err)
		cache := t.TempDir()
		t.Setenv("CONVSCOPE_CACHE", cache)
		require.NoError(t, os.Mkdir(filepath.Join(cache, "weights"), 0o700))
		whole[len(whole)/2] ^= 1
		require.NoError(t, os.WriteFile(filepath.Join(cache, "weights", filepath.Base(state.Path)), whole, 0o600))
		found = look()
		require.Equal(t, absent, found.Health, found.About)
		require.Contains(t, found.About, "1 of 247 tensors")
	})
}
