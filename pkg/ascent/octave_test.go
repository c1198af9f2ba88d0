// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
)

// TestMethodCheckSize names a size of which the model sees enough.
func TestMethodCheckSize(t *testing.T) {
	atLeast := func(side int) func(height, width int) error {
		return func(height, width int) error {
			if height < side || width < side {
				return fmt.Errorf("%dx%d is too small", height, width)
			}
			return nil
		}
	}
	only := func(side int) func(height, width int) error {
		return func(height, width int) error {
			if height != side || width != side {
				return fmt.Errorf("%dx%d does not fit", height, width)
			}
			return nil
		}
	}
	for name, test := range map[string]struct {
		method        string
		height, width int
		takes         func(height, width int) error
		want          string
	}{
		"large enough": {"crisp", 40, 40, atLeast(28), ""},
		"all is seen":  {"book", 27, 30, atLeast(28), "27x30 is too small"},
		"a border": {"crisp", 28, 28, atLeast(18),
			"16x16 is too small; with this method the model sees 16x16 of 28x28 pixels: give it 30x30"},
		"one size only": {"crisp", 28, 28, only(28),
			"16x16 does not fit; with this method the model sees 16x16 of 28x28 pixels: give it 40x40"},
		"the first octave": {"book,octaves=3", 28, 28, atLeast(18),
			"14x14 is too small; with this method the model sees 14x14 of 28x28 pixels: give it 35x35"},
		"never": {"book,octaves=2", 28, 28, only(28),
			"20x20 does not fit; with this method the model sees 20x20 of 28x28 pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			err := ascent.MustMethod(test.method).CheckSize(test.height, test.width, test.takes)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
		})
	}
}
