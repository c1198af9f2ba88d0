// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
)

// TestTrialTellsFaults compares right values, and values in each other's places, as a plugin's atan2 gives them.
func TestTrialTellsFaults(t *testing.T) {
	for _, name := range device.Operations() {
		t.Run(name, func(t *testing.T) {
			values := device.Expected(name)
			require.NoError(t, device.Compare(name, values))
			assert.ErrorContains(t, device.Compare(name, append(values[8:], values[:8]...)), name+" is ")
		})
	}
}

// TestOperationsOnXLA says that this plugin is right in what convscope uses, and names what it is wrong in.
func TestOperationsOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	d, err := device.New(device.Options{Kind: device.CPU, Report: quiet})
	require.NoError(t, err)
	defer d.Close()
	faults, err := device.Try(d.Backend)
	require.NoError(t, err)
	assert.Subset(t, []string{"atan2(x, 1)"}, faults, "a new fault: see that nothing uses the operation")
	assert.Equal(t, faults, d.Faults(), "what was remembered is what is so")
	if len(faults) > 0 {
		assert.Contains(t, d.Explain(), "computes wrongly, and convscope does without it: "+faults[0])
	}
}

// TestKernel says that our own convolution runs on XLA's CPU, on Linux, and nowhere else.
func TestKernel(t *testing.T) {
	pure, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	assert.Equal(t, "direct", pure.Convolution())
	pure.Close()
	level.Real(t, "needs XLA")
	if os.Getenv(device.EnvKernel) == "off" {
		t.Skip(device.EnvKernel + " is off")
	}
	d, err := device.New(device.Options{Kind: device.CPU, Report: quiet})
	require.NoError(t, err)
	defer d.Close()
	own := d.Convolution() == "winograd"
	assert.Equal(t, runtime.GOOS == "linux", own)
	for _, plugin := range device.Find() {
		if plugin.Path == d.Plugin() {
			assert.Equal(t, own, plugin.Kernel)
		}
	}
}
