// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// TestFlags answers XLA_FLAGS that XLA would end the process for, and opens nothing then.
func TestFlags(t *testing.T) {
	for _, test := range []struct{ flags, fails string }{
		{"", ""},
		{"--xla_cpu_max_isa=AVX2", ""},
		{"  --xla_cpu_max_isa=AVX2 --xla_dump_to=DIR", ""},
		{"DIR/flags", ""},
		{"--nonsense=3", "has no flag --nonsense: correct it, or unset it"},
		{"--xla_cpu_max_isa=AVX2 --nonsense", "has no flag --nonsense"},
		{"--xla_cpu_max", "has no flag --xla_cpu_max:"},
		{"DIR/wrong", "has no flag --nonsense"},
		{"DIR/missing", "there is no such file of flags"},
		{"xla_cpu_max_isa=AVX2", "flags begin with --"},
	} {
		t.Run(strings.ReplaceAll(test.flags, "/", " "), func(t *testing.T) {
			h := &device.Host{Dir: t.TempDir()}
			write(t, filepath.Join(h.Dir, goxlaCPU), append(device.FakeELF(), "\x00xla_cpu_max_isa\x00xla_dump_to\x00"...))
			write(t, filepath.Join(h.Dir, "flags"), []byte("--xla_cpu_max_isa=AVX2\n--xla_dump_to=/tmp\n"))
			write(t, filepath.Join(h.Dir, "wrong"), []byte("--nonsense\n"))
			h.Env = map[string]string{"XLA_FLAGS": strings.ReplaceAll(test.flags, "DIR", h.Dir)}
			h.Sources = map[device.Kind][]device.Source{device.CPU: {
				{Name: "first", ID: "a-1", Get: func(string) error { panic("another plugin is not wanted") }},
			}}
			for _, kind := range []device.Kind{device.Auto, device.CPU} {
				d, err := h.New(context.Background(), device.Options{Kind: kind, Report: quiet})
				if test.fails == "" {
					require.NoError(t, err)
					assert.Equal(t, device.CPU, d.Kind())
					d.Close()
					continue
				}
				require.ErrorIs(t, err, device.ErrFlags)
				assert.ErrorContains(t, err, "XLA_FLAGS")
				assert.ErrorContains(t, err, test.fails)
				assert.Empty(t, h.Opened)
			}
		})
	}
}
