// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// TestJudgeDevice advises what can work.
func TestJudgeDevice(t *testing.T) {
	flags := fmt.Errorf("%w: XLA has no flag --nonsense", device.ErrFlags)
	cpu := map[device.Kind]bool{device.CPU: true}
	for name, test := range map[string]struct {
		wanted        device.Kind
		backend       string
		works         map[device.Kind]bool
		flags         error
		health        health
		about, advice string
	}{
		"cpu":           {"", "", cpu, nil, ok, "XLA on CPU", ""},
		"none":          {"", "", nil, nil, absent, "no plugin that works", "convscope run tries"},
		"cpu wanted":    {device.CPU, "", nil, nil, absent, "no plugin for cpu", "convscope run tries"},
		"go":            {device.Go, "", cpu, nil, warning, "pure Go, as asked for", "slower"},
		"no card":       {device.GPU, "", cpu, nil, broken, "no NVIDIA GPU", "leave --device gpu out"},
		"flags":         {"", "", nil, flags, broken, "--nonsense", "correct XLA_FLAGS"},
		"backend":       {"", "go", cpu, nil, ok, "GOMLX_BACKEND=go decides", ""},
		"wrong backend": {"", "tensorflow", cpu, nil, broken, "no backend called \"tensorflow\"", "correct GOMLX_BACKEND"},
		"passed over":   {device.CPU, "tensorflow", cpu, nil, ok, "XLA on CPU", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CUDA_VISIBLE_DEVICES", "")
			got := judgeDevice(test.wanted, test.backend, test.works, test.flags)
			var built *device.BuildError
			if errors.As(device.Built(), &built) && test.backend == "" && test.wanted != device.Go {
				require.Contains(t, got.About, built.Problem)
				require.Equal(t, built.Remedy, got.Advice)
				return
			}
			if device.Built() != nil && test.backend != "" && test.wanted != device.Auto {
				return
			}
			require.Equal(t, test.health, got.Health)
			require.Contains(t, got.About, test.about)
			require.Contains(t, got.Advice, test.advice)
		})
	}
}
