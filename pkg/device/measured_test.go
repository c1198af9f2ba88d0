// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/pkg/device"
)

func TestMeasurements(t *testing.T) {
	cache := t.TempDir()
	t.Setenv(fetch.EnvCache, cache)
	const plugin = "/somewhere/plugin.so"
	files := func(t *testing.T) []string {
		found, err := filepath.Glob(filepath.Join(cache, "measured", "*.json"))
		require.NoError(t, err)
		return found
	}

	t.Run("nothing yet", func(t *testing.T) {
		var value int
		require.False(t, device.Recall(plugin, "answer", &value))
	})
	t.Run("kept", func(t *testing.T) {
		device.Remember(plugin, "answer", 42)
		var value int
		require.True(t, device.Recall(plugin, "answer", &value))
		require.Equal(t, 42, value)
		require.False(t, device.Recall(plugin, "question", &value))
	})
	t.Run("from many at once", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() { device.Remember(plugin, fmt.Sprint("n", i), i) })
		}
		all.Wait()
		for i := range 8 {
			var value int
			require.True(t, device.Recall(plugin, fmt.Sprint("n", i), &value))
			require.Equal(t, i, value)
		}
	})
	t.Run("another type", func(t *testing.T) {
		var text string
		require.False(t, device.Recall(plugin, "answer", &text))
	})
	t.Run("damaged, then mended", func(t *testing.T) {
		require.Len(t, files(t), 1)
		require.NoError(t, os.WriteFile(files(t)[0], []byte(`{"device": "`), 0o644))
		var value int
		require.False(t, device.Recall(plugin, "answer", &value))
		device.Remember(plugin, "answer", 43)
		require.True(t, device.Recall(plugin, "answer", &value))
		require.Equal(t, 43, value)
	})
	t.Run("of another device", func(t *testing.T) {
		require.NoError(t, os.WriteFile(files(t)[0], []byte(`{"device": "abacus", "values": {"answer": 7}}`), 0o644))
		var value int
		require.False(t, device.Recall(plugin, "answer", &value))
	})
	t.Run("nowhere to write", func(t *testing.T) {
		t.Setenv(fetch.EnvCache, filepath.Join(files(t)[0], "below-a-file"))
		device.Remember(plugin, "answer", 1)
		var value int
		require.False(t, device.Recall(plugin, "answer", &value))
	})
}
