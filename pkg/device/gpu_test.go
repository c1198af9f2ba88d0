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

func TestGPU(t *testing.T) {
	ptr := func(s string) *string { return &s }
	n := device.NVIDIA{Dir: t.TempDir()}
	assert.ErrorIs(t, n.Absent(), device.ErrNoGPU)
	assert.Equal(t, "an NVIDIA GPU", n.Model())
	assert.Zero(t, n.Driver())
	assert.EqualValues(t, 2<<30, n.Memory())

	write(t, filepath.Join(n.Dir, "dev/nvidia0"), nil)
	assert.NoError(t, n.Absent())
	for value, hidden := range map[string]bool{"": true, "-1": true, "0": false, "1,0": false} {
		n.Visible = ptr(value)
		assert.Equal(t, hidden, n.Absent() != nil, "CUDA_VISIBLE_DEVICES=%q", value)
	}

	write(t, filepath.Join(n.Dir, "proc/gpus/0000:01:00.0/information"), []byte("Model: \t\t NVIDIA H200\nIRQ:   	 16\n"))
	assert.Equal(t, "NVIDIA H200", n.Model())

	for text, version := range map[string]int{
		"NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat\nGCC version:  gcc 12.3\n":                     535,
		"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\nGCC version:  gcc 13.3.0\n": 580,
		"something else": 0,
	} {
		write(t, filepath.Join(n.Dir, "proc/version"), []byte(text))
		assert.Equal(t, version, n.Driver(), text)
	}

	t.Run("old driver", func(t *testing.T) {
		write(t, filepath.Join(n.Dir, "proc/version"), []byte("NVRM version: NVIDIA UNIX x86_64  535.104.05  Sat"))
		err := n.CUDAGet(context.Background(), filepath.Join(n.Dir, "cuda"))
		assert.ErrorContains(t, err, "its driver is 535, and CUDA 13 needs 580 or newer")
	})

	t.Run("a driver without a card", func(t *testing.T) {
		n := device.NVIDIA{Dir: t.TempDir(), SMI: filepath.Join(t.TempDir(), "nvidia-smi")}
		require.NoError(t, os.WriteFile(n.SMI, []byte("#!/bin/sh\nexit 6\n"), 0o755))
		err := n.CUDAGet(context.Background(), filepath.Join(n.Dir, "cuda"))
		assert.ErrorIs(t, err, device.ErrNoGPU)
		assert.ErrorContains(t, err, "the driver finds none (nvidia-smi: exit status 6)")
	})

	t.Run("nvidia-smi", func(t *testing.T) {
		n := device.NVIDIA{Dir: t.TempDir(), SMI: filepath.Join(t.TempDir(), "nvidia-smi"), Visible: ptr("2,0")}
		script := "#!/bin/sh\ncase \"$1 $3\" in *name*) echo H200;; *--id=2) echo '4000, 8000';; *) echo '1, 8000';; esac\n"
		require.NoError(t, os.WriteFile(n.SMI, []byte(script), 0o755))
		assert.NoError(t, n.Absent())
		assert.EqualValues(t, 4000<<20, n.Memory())
		n.Visible = nil
		assert.EqualValues(t, 1<<20, n.Memory())
		require.NoError(t, os.WriteFile(n.SMI, []byte("#!/bin/sh\necho 'No devices were found'\n"), 0o755))
		assert.EqualValues(t, 2<<30, n.Memory())
		require.NoError(t, os.WriteFile(n.SMI, []byte("#!/bin/sh\nexit 9\n"), 0o755))
		assert.ErrorIs(t, n.Absent(), device.ErrNoGPU)
	})
}
