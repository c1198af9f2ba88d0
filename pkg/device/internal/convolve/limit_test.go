// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo

package convolve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device/internal/convolve"
)

func TestLimit(t *testing.T) {
	widest := convolve.Limit("")
	defer convolve.Limit("")
	narrow := map[string][]string{"AVX-512": {"AVX-512", "AVX2", "plain"}, "AVX2": {"AVX2", "AVX2", "plain"}}[widest]
	if narrow == nil { // of another processor
		narrow = []string{widest, widest, widest}
	}
	for flags, want := range map[string]string{
		"--xla_cpu_max_isa=AVX512":                            narrow[0],
		"--xla_cpu_max_isa=AVX2":                              narrow[1],
		"--xla_cpu_max_isa=avx2 --xla_cpu_enable_fast_math=0": narrow[1],
		"--xla_cpu_max_isa=SSE4_2":                            narrow[2],
		"--xla_cpu_max_isa=AVX":                               narrow[2],
		"--xla_cpu_enable_fast_math=false":                    widest,
	} {
		require.Equal(t, want, convolve.Limit(flags), flags)
	}
}
