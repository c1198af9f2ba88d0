// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
)

// TestLayersInQuotes writes and reads objectives of layers with any names.
func TestLayersInQuotes(t *testing.T) {
	for _, name := range []string{"a:b", "deep conv", "/layer2/layer2.0/conv1/Conv_output_0", `say "hi"`,
		`back\\slash`, "plus + minus - times*", "a=1,2", "x\ty", "\u3000", "é:ü", `"`, "-", "+"} {
		t.Run(name, func(t *testing.T) {
			want := ascent.Channel(name, 3).Minus(ascent.Layer(name).Times(0.5)).Plus(ascent.Interpolation(name, 1, name, 2)).
				Plus(ascent.Neuron("plain", 1, 2, 3)).Plus(ascent.Weighted(name, []int{0, 4}, []float64{1, -2}))
			got, err := ascent.ParseObjective(want.String(), ascent.Files{})
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	require.Equal(t, "channel:layer2.0.conv1:3", ascent.Channel("layer2.0.conv1", 3).String(), "no quotes without need")
	for _, text := range []string{`channel:"a:3`, `channel:"a"b:3`, `channel:"":3`, `channel:"a"`,
		`interpolate:"a":1:"b"`, `interpolate:a:1:"b:2`} {
		_, err := ascent.ParseObjective(text, ascent.Files{})
		require.ErrorContains(t, err, "write ", text)
	}
}
