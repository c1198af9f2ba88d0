// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/vgg16"
)

// TestStop stops the run that is on, one that waits for its turn, and one after which another is asked for.
func TestStop(t *testing.T) {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	r, of := newRunner(), newSubject(vgg16.Random(dev, 16, 3))
	set := func(steps int) setting {
		s, err := Options{Layer: "block1_conv1", Size: 16, Steps: steps}.setting(of)
		require.NoError(t, err)
		return s
	}
	const forever = 2000 // the most that the panel takes
	r.start(1, set(forever))
	r.stop() // it waits: nobody serves yet
	done := make(chan struct{})
	go func() { defer close(done); r.serve(t.Context()) }()
	end := <-r.outcomes
	require.NoError(t, end.err)
	require.Equal(t, 1, end.run)
	require.True(t, end.result.Stopped)
	require.Empty(t, end.result.Loss[0])

	r.start(2, set(forever))
	<-r.frames // it is on
	r.start(3, set(forever))
	r.stop() // the third waits until the second has ended, or is on
	for run := 2; run <= 3; run++ {
		end = <-r.outcomes
		require.Equal(t, run, end.run)
		require.NoError(t, end.err)
		require.True(t, end.result.Stopped)
	}
	r.start(4, set(2))
	end = <-r.outcomes
	require.False(t, end.result.Stopped, "a stop is over with what it stopped")
}
