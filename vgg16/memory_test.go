// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/vgg16"
)

// TestCheckMemory counts bytes, whatever the size: no product overflows.
func TestCheckMemory(t *testing.T) {
	first, err := vgg16.Find("block1_conv1")
	require.NoError(t, err)
	require.NoError(t, first.CheckMemory(1, 224, 224, 1<<30))
	require.EqualError(t, first.CheckMemory(1, 20_000, 20_000, 1<<30),
		"the outputs of block1_conv1 for 1 picture(s) of 20000x20000 pixels need about 878906 MiB, but 1024 MiB are "+
			"free: choose a smaller size")
	require.Error(t, first.CheckMemory(8, 1000, 1000, 4<<30), "several at once")
	require.Error(t, first.CheckMemory(1, math.MaxInt, math.MaxInt, math.MaxInt64))
	last, err := vgg16.Find("block5_pool")
	require.NoError(t, err)
	require.Error(t, last.CheckMemory(1, 20_000, 20_000, 1<<30), "the layers below count")
}
