// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"convscope/pkg/device"
)

func TestCgroupLeft(t *testing.T) {
	for _, test := range []struct {
		name    string
		list    string
		files   map[string]string
		left    int64
		limited bool
	}{
		{"none", "", nil, 0, false},
		{"v2 without a limit", "0::/user\n", map[string]string{"user/memory.max": "max\n"}, 0, false},
		{"v2", "0::/user\n", map[string]string{"user/memory.max": "1000\n", "user/memory.current": "400\n"}, 600, true},
		{"v2 with files in memory", "0::/user\n", map[string]string{
			"user/memory.max": "1000\n", "user/memory.current": "400\n",
			"user/memory.stat": "anon 5\ninactive_file 300\nactive_file 1\n"}, 900, true},
		{"v2 limited above", "0::/a/b\n", map[string]string{"a/b/memory.max": "1000\n", "a/b/memory.current": "100\n",
			"a/memory.max": "1000", "a/memory.current": "990"}, 10, true},
		{"v2 in a container", "0::/\n", map[string]string{"memory.max": "500\n"}, 500, true},
		{"v2 seen from a container", "0::/../../docker/x\n", map[string]string{"memory.max": "500\n"}, 500, true},
		{"over the limit", "0::/\n", map[string]string{"memory.max": "500\n", "memory.current": "600\n"}, 0, true},
		{"v1", "12:cpu:/x\n5:memory:/docker/a\n", map[string]string{"memory/docker/a/memory.limit_in_bytes": "2000\n",
			"memory/docker/a/memory.usage_in_bytes": "500\n",
			"memory/docker/a/memory.stat":           "total_inactive_file 100\n"}, 1600, true},
		{"rubbish", "a\n::\n0::/\n", map[string]string{"memory.max": "many"}, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			list := filepath.Join(dir, "list")
			write(t, list, []byte(test.list))
			for name, text := range test.files {
				write(t, filepath.Join(dir, "fs", name), []byte(text))
			}
			left, limited := device.CgroupLeft(list, filepath.Join(dir, "fs"))
			assert.Equal(t, test.limited, limited)
			assert.Equal(t, test.left, left)
		})
	}
	_, limited := device.CgroupLeft("/nonexistent", "/nonexistent")
	assert.False(t, limited)
}
