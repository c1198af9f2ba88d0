// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

const (
	goxlaCPU  = "home/.local/lib/go-xla/" + cpuFile
	goxlaCUDA = "home/.local/lib/go-xla/nvidia/pjrt_c_api_cuda_plugin.so"
)

func TestChoice(t *testing.T) {
	damaged := device.FakeELF()[:4000]
	for _, test := range []struct {
		name    string
		host    device.Host
		files   []string // sound plugins
		broken  []string // damaged ones
		options device.Options
		kind    device.Kind // the choice
		opened  []string    // what the backend was asked to load
		told    []string    // a part of each line of news
		failure string      // a part of the error
		is      error
		notes   []string // parts of Explain
	}{{
		name: "cpu", files: []string{goxlaCPU}, kind: device.CPU, opened: []string{"cpu " + goxlaCPU + " "},
		notes: []string{"GOMLX_BACKEND: not set", "gpu: no NVIDIA GPU", goxlaCPU + ": works",
			"chosen: XLA on CPU (PJRT API 0.115)"},
	}, {
		name: "gpu first, in full float32", host: device.Host{GPU: true}, files: []string{goxlaCPU, goxlaCUDA},
		kind: device.GPU, opened: []string{"gpu " + goxlaCUDA + " notf32"},
		notes: []string{"chosen: XLA on an NVIDIA GPU (PJRT API 0.115)"},
	}, {
		name: "gpu with TF32", host: device.Host{GPU: true}, files: []string{goxlaCUDA},
		options: device.Options{TF32: true}, kind: device.GPU, opened: []string{"gpu " + goxlaCUDA + " tf32"},
	}, {
		name:  "gpu that does not work",
		host:  device.Host{GPU: true, Broken: map[string]error{goxlaCUDA: errors.New("no device found")}},
		files: []string{goxlaCPU, goxlaCUDA}, kind: device.CPU,
		opened: []string{"gpu " + goxlaCUDA + " notf32", "cpu " + goxlaCPU + " "},
		told: []string{"cuda_plugin.so: passed over: no device found",
			"there is an NVIDIA GPU, but it cannot be used (no PJRT plugin"},
	}, {
		name: "a CUDA plugin without a card", files: []string{goxlaCPU, goxlaCUDA},
		kind: device.CPU, opened: []string{"cpu " + goxlaCPU + " "},
	}, {
		name:  "a damaged plugin before a sound one",
		files: []string{"shared/gomlx/pjrt/" + cpuFile}, broken: []string{goxlaCPU},
		kind: device.CPU, opened: []string{"cpu shared/gomlx/pjrt/" + cpuFile + " "},
		told: []string{goxlaCPU + ": passed over: truncated"},
	}, {
		name: "nothing at all", kind: device.Go,
		told: []string{"XLA cannot be had (no PJRT plugin is installed, and nobody offers one for linux/amd64): " +
			"going on with GoMLX's pure Go backend, which is over two hundred times slower"},
		notes: []string{"go-xla: no plugin", "gopjrt", "cache", "chosen: GoMLX's pure Go backend"},
	}, {
		name: "no cache",
		host: device.Host{NoCache: errors.New("no home"),
			Sources: map[device.Kind][]device.Source{device.CPU: {{Name: "s"}}}},
		kind: device.Go, told: []string{"none can be got: no home"},
	}, {
		name: "forced cpu", options: device.Options{Kind: device.CPU},
		failure: "device: cpu was asked for and cannot be had: no PJRT plugin", is: device.ErrNoPlugin,
	}, {
		name: "forced gpu", options: device.Options{Kind: device.GPU},
		failure: "device: gpu was asked for and cannot be had: no NVIDIA GPU", is: device.ErrNoGPU,
	}, {
		name: "forced gpu without a plugin", host: device.Host{GPU: true}, files: []string{goxlaCPU},
		options: device.Options{Kind: device.GPU}, is: device.ErrNoPlugin,
	}, {
		name: "forced go", files: []string{goxlaCPU}, options: device.Options{Kind: device.Go}, kind: device.Go,
	}, {
		name: "forced cpu over the variable",
		host: device.Host{Env: map[string]string{"GOMLX_BACKEND": "go"}}, files: []string{goxlaCPU},
		options: device.Options{Kind: device.CPU}, kind: device.CPU, opened: []string{"cpu " + goxlaCPU + " "},
		notes: []string{"GOMLX_BACKEND=go: passed over, since cpu was asked for"},
	}, {
		name: "unknown kind", options: device.Options{Kind: "tpu"}, is: device.ErrKind,
		failure: "unknown device \"tpu\": it is one of auto, cpu, gpu and go",
	}} {
		t.Run(test.name, func(t *testing.T) {
			h := &test.host
			h.Dir = t.TempDir()
			put(t, h.Dir, test.files...)
			for _, name := range test.broken {
				write(t, filepath.Join(h.Dir, name), damaged)
			}
			var told []string
			test.options.Report = func(line string) { told = append(told, line) }
			d, err := h.New(context.Background(), test.options)
			if test.kind == device.Auto {
				require.ErrorIs(t, err, test.is)
				assert.ErrorContains(t, err, test.failure)
				assert.NotContains(t, err.Error(), "\n")
				return
			}
			require.NoError(t, err)
			defer d.Close()
			assert.Equal(t, test.kind, d.Kind())
			assert.Equal(t, test.opened, h.Opened)
			if assert.Len(t, told, len(test.told), strings.Join(told, "\n")) {
				for i, part := range test.told {
					assert.Contains(t, told[i], part)
					assert.NotContains(t, told[i], "\n")
				}
			}
			for _, part := range test.notes {
				assert.Contains(t, d.Explain(), part)
			}
		})
	}
}
