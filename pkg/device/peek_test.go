// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && linux && (amd64 || arm64)

package device_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

func TestPeek(t *testing.T) {
	out, err := exec.Command("go", "env", "CC").Output() // the one that built this test
	require.NoError(t, err)
	cc := strings.Fields(string(out))
	require.NotEmpty(t, cc)
	const table = `#include <stddef.h>
struct { size_t size; void *e; size_t vsize; void *ve; int major, minor; void *calls[200]; }
api = {%d, 0, 24, 0, %d, %d};
const void *GetPjrtApi(void) { return &api; }`
	for _, test := range []struct{ name, source, version, fails string }{
		{"today's", fmt.Sprintf(table, 1200, 0, 115), "0.115", ""},
		{"another age", fmt.Sprintf(table, 1200, 1, 3), "1.3", "PJRT API 1.3: this program speaks 0.x"},
		{"too old", fmt.Sprintf(table, 40+97*8, 0, 20), "0.20", "PJRT API 0.20 is too old"},
		{"no plugin", "int answer(void) { return 42; }", "", "not a PJRT plugin: it does not export GetPjrtApi"},
		{"no table", "void *GetPjrtApi(void) { return 0; }", "", "its GetPjrtApi returns nothing"},
		{"a library that is not there", "void nowhere(void); void *GetPjrtApi(void) { return 0; } void *p = nowhere;", "",
			"does not load: undefined symbol: nowhere"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			source, plugin := filepath.Join(dir, "p.c"), filepath.Join(dir, cpuFile)
			write(t, source, []byte(test.source))
			out, err := exec.Command(cc[0], append(cc[1:], "-shared", "-fPIC", "-o", plugin, source)...).CombinedOutput()
			require.NoError(t, err, string(out))
			require.NoError(t, device.CheckFile(plugin))
			version, err := device.Peek(plugin)
			assert.Equal(t, test.version, version)
			if test.fails == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.fails)
			}
		})
	}
}

func TestNeutralPath(t *testing.T) {
	for _, test := range []struct {
		path string
		kind device.Kind
		same bool
		ok   bool
	}{
		{"/home/ada/" + cpuFile, device.CPU, true, true},
		{"/home/nvidia/" + cpuFile, device.CPU, false, true},
		{"/home/a,b/" + cpuFile, device.CPU, false, true},
		{"/home/ada/pjrt_c_api_cuda_plugin.so", device.GPU, true, true},
		{"/home/cpuser/pjrt_c_api_cuda_plugin.so", device.GPU, false, false},
		{"/home/nvidia/any.so", device.Auto, true, true},
	} {
		t.Run(string(test.kind)+test.path, func(t *testing.T) {
			t.Setenv("TMPDIR", filepath.Join("/tmp"))
			got, err := device.NeutralPath(test.path, test.kind)
			assert.Equal(t, test.ok, err == nil, err)
			assert.Equal(t, test.same, got == test.path)
			if test.ok && !test.same {
				target, err := os.Readlink(got)
				require.NoError(t, err)
				assert.Equal(t, test.path, target)
				require.NoError(t, os.RemoveAll(filepath.Dir(got)))
			}
		})
	}
}
