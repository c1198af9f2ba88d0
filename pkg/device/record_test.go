// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

func TestIntact(t *testing.T) {
	for _, test := range []struct {
		name        string
		do          func(t *testing.T, path string)
		quick, full string // a part of the error, "" = intact
	}{
		{"untouched", func(*testing.T, string) {}, "", ""},
		{"no record", func(t *testing.T, path string) { require.NoError(t, os.Remove(path+".json")) }, "", ""},
		{"copied", func(t *testing.T, path string) {
			require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)))
		}, "", ""},
		{"truncated", func(t *testing.T, path string) {
			require.NoError(t, os.Truncate(path, 3))
		}, "3 bytes instead of 6", "3 bytes"},
		{"changed", func(t *testing.T, path string) {
			write(t, path, []byte("plugim"))
			touch(t, path)
		}, "its SHA-256 is", "its SHA-256 is"},
		{"changed under the same time", func(t *testing.T, path string) {
			info, err := os.Stat(path)
			require.NoError(t, err)
			write(t, path, []byte("plugim"))
			require.NoError(t, os.Chtimes(path, time.Time{}, info.ModTime()))
		}, "", "its SHA-256 is"},
		{"record cut short", func(t *testing.T, path string) {
			require.NoError(t, os.Truncate(path+".json", 20))
		}, "does not read", "does not read"},
		{"record of something else", func(t *testing.T, path string) {
			write(t, path+".json", []byte("{}"))
		}, "does not read", "does not read"},
		{"gone", func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }, "no such file", "no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), cpuFile)
			write(t, path, []byte("plugin"))
			require.NoError(t, device.Keep(path, "test", ""))
			test.do(t, path)
			for full, want := range map[bool]string{false: test.quick, true: test.full} {
				err := device.Intact(path, full)
				if want == "" {
					assert.NoError(t, err)
				} else {
					assert.ErrorContains(t, err, want)
				}
			}
		})
	}
}

// touch makes sure that the file's time differs from the one that was recorded a moment ago.
func touch(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Second)))
}
