// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"os"
	"path/filepath"
	"strings"
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
		}, "", ""},
		{"record of something else", func(t *testing.T, path string) {
			write(t, path+".json", []byte("{}"))
		}, "", ""},
		{"record emptied", func(t *testing.T, path string) { require.NoError(t, os.Truncate(path+".json", 0)) }, "", ""},
		{"another size in the record", func(t *testing.T, path string) {
			replace(t, path+".json", "\"bytes\": 6", "\"bytes\": 7")
		}, "", ""},
		{"an old record", func(t *testing.T, path string) {
			replace(t, path+".json", "\"check\": \"", "\"once\": \"")
			write(t, path, []byte("plugim"))
			touch(t, path)
		}, "its SHA-256 is", "its SHA-256 is"},
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

// TestDamagedRecord looks again at a plugin whose hash this program knows, and keeps it when it is whole.
func TestDamagedRecord(t *testing.T) {
	const wheel = "lammps-jax-pjrt-cpu-0.11.2"
	plugin := []byte("the bytes of a plugin")
	device.SetPublished(t, wheel, plugin)
	for name, do := range map[string]func(t *testing.T, path string){
		"cut short":         func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 20)) },
		"emptied":           func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
		"gone":              func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) },
		"binary":            func(t *testing.T, path string) { write(t, path, []byte{0, 255, 17}) },
		"another size":      func(t *testing.T, path string) { replace(t, path, "\"bytes\": 21", "\"bytes\": 22") },
		"another hash":      func(t *testing.T, path string) { replace(t, path, "\"sha256\": \"", "\"sha256\": \"0") },
		"an unknown source": func(t *testing.T, path string) { replace(t, path, "\"source\": \"", "\"source\": \"x") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), wheel, cpuFile)
			write(t, path, plugin)
			require.NoError(t, device.Keep(path, "test", ""))
			good, err := os.ReadFile(path + ".json")
			require.NoError(t, err)
			do(t, path+".json")
			require.NoError(t, device.Intact(path, false))
			again, err := os.ReadFile(path + ".json")
			require.NoError(t, err)
			require.Len(t, strings.Split(string(again), "\n"), len(strings.Split(string(good), "\n")), "it is recorded anew")
			require.Contains(t, string(again), "\"bytes\": 21")

			do(t, path+".json")
			write(t, path, []byte("the bytes of a plugim"))
			touch(t, path)
			require.ErrorIs(t, device.Intact(path, false), device.ErrDamaged, "a damaged plugin does not profit by it")
		})
	}
}

// replace changes the text of a file.
func replace(t *testing.T, path, old, fresh string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	write(t, path, []byte(strings.Replace(string(text), old, fresh, 1)))
}

// touch makes sure that the file's time differs from the one that was recorded a moment ago.
func touch(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Second)))
}
