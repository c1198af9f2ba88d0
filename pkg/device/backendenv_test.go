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

func TestBackendVariable(t *testing.T) {
	for _, test := range []struct {
		value  string
		kind   device.Kind
		opened string
		fails  string
	}{
		{"go", device.Go, "", ""},
		{"go:ops_sequential", device.Go, "", ""},
		{"xla", device.GPU, "gpu " + goxlaCUDA + " notf32", ""},
		{"xla:cpu", device.CPU, "cpu " + goxlaCPU + " ", ""},
		{"hlo:cpu,noshared_buffers", device.CPU, "cpu " + goxlaCPU + " noshared_buffers", ""},
		{"xla:cuda", device.GPU, "gpu " + goxlaCUDA + " notf32", ""},
		{"xla:cuda,tf32=true,preallocate", device.GPU, "gpu " + goxlaCUDA + " tf32=true,preallocate", ""},
		{"xla:cpu_v0.9.0", device.CPU, "cpu shared/gomlx/pjrt/pjrt_c_api_cpu_v0.9.0_plugin.so ", ""},
		{"xla:DIR/any/where.so,notf32", "", " any/where.so notf32", ""},
		{"xla:DIR/any/missing.so", "", "", "no such file"},
		{"xla:DIR/any/short.so", "", "", "truncated"},
		{"xla:tpu", "", "", "no PJRT plugin called \"tpu\" is installed"},
		{"xla:cpu,bogus=1", "", "", "XLA has no option \"bogus\""},
		{"xla:help", "", "", "the form is xla:PLUGIN,OPTION"},
		{"bogus", "", "", "this program has no backend called \"bogus\": it has go"},
		{"go:bogus", "", "", "bogus"},
		{":", "", "", "this program has no backend called \"\""},
	} {
		t.Run(strings.ReplaceAll(test.value, ",", " and "), func(t *testing.T) {
			h := &device.Host{Dir: t.TempDir(), GPU: true}
			put(t, h.Dir, goxlaCPU, goxlaCUDA, "any/where.so", "shared/gomlx/pjrt/pjrt_c_api_cpu_v0.9.0_plugin.so")
			write(t, filepath.Join(h.Dir, "any/short.so"), device.FakeELF()[:100])
			value := strings.ReplaceAll(test.value, "DIR", h.Dir)
			h.Env = map[string]string{"GOMLX_BACKEND": value}
			d, err := h.New(context.Background(), device.Options{Report: quiet})
			if test.fails != "" {
				require.ErrorContains(t, err, test.fails)
				assert.ErrorContains(t, err, "device: GOMLX_BACKEND="+value)
				return
			}
			require.NoError(t, err)
			defer d.Close()
			assert.Equal(t, test.kind, d.Kind())
			assert.Equal(t, test.opened, strings.Join(h.Opened, "; "))
			assert.Contains(t, d.Explain(), "GOMLX_BACKEND="+value+": obeyed")
		})
	}
}

func TestCheckBackend(t *testing.T) {
	for value, fails := range map[string]string{
		"go": "", "go:ops_sequential": "", "go:bogus": "bogus", "bogus": "no backend called \"bogus\": it has go",
	} {
		t.Run(value, func(t *testing.T) {
			if err := device.CheckBackend(value); fails == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, fails)
			}
		})
	}
	for value, fails := range map[string]string{
		"xla": "", "xla:cpu": "", "xla:cpu,bogus=1": "XLA has no option \"bogus\"",
		"xla:help": "the form is xla:PLUGIN,OPTION", "xla:/nonexistent.so": "no such file",
	} {
		t.Run(value, func(t *testing.T) {
			err := device.CheckBackend(value)
			var built *device.BuildError
			switch {
			case device.Built() != nil:
				require.ErrorAs(t, err, &built)
				assert.NotEmpty(t, built.Remedy)
			case fails == "":
				assert.NoError(t, err)
			default:
				assert.ErrorContains(t, err, fails)
			}
		})
	}
}
