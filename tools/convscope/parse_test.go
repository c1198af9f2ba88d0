// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSize(t *testing.T) {
	tests := map[string][2]int{ // zero: an error
		"150": {150, 150}, "101x83": {101, 83}, "1": {1, 1},
		"": {}, "0": {}, "-5": {}, "x": {}, "10x": {}, "x10": {}, "10x0": {}, "10x20x30": {}, "large": {},
		"99999999999999999999": {}, "65536": {65536, 65536},
	}
	for _, text := range []string{"65537", "10x1000000", "4611686018427387904x4"} {
		_, _, err := parseSize(text)
		require.ErrorContains(t, err, "at most 65536 pixels a side")
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			height, width, err := parseSize(text)
			if want == [2]int{} {
				require.ErrorContains(t, err, "HEIGHTxWIDTH")
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, [2]int{height, width})
		})
	}
}

func TestParseFilters(t *testing.T) {
	tests := map[string]struct {
		text string
		want []int
		err  string
	}{
		"one":          {"7", []int{7}, ""},
		"range":        {"2-5", []int{2, 3, 4, 5}, ""},
		"list":         {"0, 3,8-9", []int{0, 3, 8, 9}, ""},
		"own order":    {"9,1", []int{9, 1}, ""},
		"empty":        {"", nil, "no filter or range"},
		"letters":      {"a-b", nil, "no filter or range"},
		"backwards":    {"5-2", nil, "no filter or range"},
		"negative":     {"-1", nil, "no filter or range"},
		"open":         {"3-", nil, "no filter or range"},
		"twice":        {"1,0-3", nil, "1 is named twice"},
		"endless":      {"0-99999999999", nil, "no filter or range"},
		"comma at end": {"1,", nil, "no filter or range"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseFilters(test.text)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}
