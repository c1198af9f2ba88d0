// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

func TestPipTable(t *testing.T) {
	wheels, err := device.ParsePipTable(device.PipTable)
	require.NoError(t, err)
	require.Len(t, wheels, 3)
	for _, w := range wheels {
		assert.Contains(t, w.File, "x86_64.whl")
		assert.Greater(t, w.Bytes, int64(50e6))
	}

	t.Run("is what was tried", func(t *testing.T) {
		var all []string
		for _, w := range wheels {
			all = append(all, w.Package+" "+w.Version+" "+w.SHA256+" "+w.MemberSHA256)
		}
		assert.Equal(t, []string{
			"lammps-jax-pjrt-cpu 0.11.2 1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1 " +
				"ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2",
			"xla-cpu-pjrt 0.0.1 55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc " +
				"88c3f28c5900f48ad4a82cab9e79bba9537809743395e341485f8794268820dc",
			"fastatomstruct-xla-cpu 2026.6.23 88b1c430b341b4bea40a37420311c9c75db6e22b46d2ff95b6986577bee6afe9 " +
				"0a0fe56ca17be9efc7b942e89e534e5e0ad4a0f1e369b66d27b62184509015b9",
		}, all)
	})

	hash := strings.Repeat("0", 64)
	for name, text := range map[string]string{
		"no JSON":         "plugins",
		"no hash":         `[{"package": "a", "version": "1", "member": "a.so"}]`,
		"no member":       `[{"package": "a", "version": "1", "sha256": "` + hash + `"}]`,
		"another's shape": `{"plugins": []}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := device.ParsePipTable([]byte(text))
			assert.ErrorContains(t, err, "table of pip packages")
		})
	}
}
