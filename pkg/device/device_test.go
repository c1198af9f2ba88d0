// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"testing"

	"github.com/gomlx/compute/gobackend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

func TestNew(t *testing.T) {
	t.Run("go", func(t *testing.T) {
		d, err := device.New(device.Options{Kind: device.Go})
		require.NoError(t, err)
		assert.Equal(t, device.Go, d.Kind())
		assert.NotNil(t, d.Backend)
		assert.Contains(t, d.Name(), "pure Go")
		assert.Empty(t, d.Plugin())
		assert.Greater(t, d.MemoryAvailable(), int64(1<<20))
		faults, err := device.Try(d.Backend)
		assert.NoError(t, err)
		assert.Empty(t, faults)
		assert.Empty(t, d.Faults())
		d.Close()
		assert.True(t, d.Backend.IsFinalized())
		d.Close()
	})
	t.Run("GOMLX_BACKEND=go", func(t *testing.T) {
		t.Setenv("GOMLX_BACKEND", "go")
		d, err := device.New(device.Options{})
		require.NoError(t, err)
		assert.Equal(t, device.Go, d.Kind())
		d.Close()
	})
	t.Run("GOMLX_BACKEND=tensorflow", func(t *testing.T) {
		t.Setenv("GOMLX_BACKEND", "tensorflow")
		_, err := device.New(device.Options{})
		assert.ErrorContains(t, err, "no backend called \"tensorflow\"")
		assert.Panics(t, func() { device.MustNew(device.Options{}) })
	})
}

func TestTry(t *testing.T) {
	b, err := gobackend.New("")
	require.NoError(t, err)
	faults, err := device.Try(b)
	assert.NoError(t, err)
	assert.Empty(t, faults)
	b.Finalize()
	_, err = device.Try(b)
	assert.Error(t, err, "a backend that is over")
	_, err = device.Try(nil)
	assert.Error(t, err, "a panic becomes an error")
}

func TestParseKind(t *testing.T) {
	for name, want := range map[string]device.Kind{
		"": device.Auto, "auto": device.Auto, "cpu": device.CPU, "gpu": device.GPU, "go": device.Go,
	} {
		got, err := device.ParseKind(name)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := device.ParseKind("GPU")
	assert.ErrorIs(t, err, device.ErrKind)
	assert.Equal(t, "auto", device.Auto.String())
	assert.Equal(t, "kind=gpu tf32=true", device.Options{Kind: device.GPU, TF32: true}.String())
}
