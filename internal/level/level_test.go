// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package level_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

func TestFull(t *testing.T) {
	for value, full := range map[string]bool{"": false, "1": false, level.Everything: !testing.Short()} {
		t.Run(value, func(t *testing.T) {
			t.Setenv(level.Env, value)
			require.Equal(t, full, level.Full())
			ran := false
			t.Run("a long test", func(t *testing.T) {
				level.OnlyFull(t, "only for this test")
				ran = true
			})
			require.Equal(t, full, ran)
		})
	}
}
