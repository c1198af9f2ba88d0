// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package verdict_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/verdict"
)

func Example() {
	v := verdict.Verdict{Check: "ReceptiveField", Message: "5 is too few"}
	found, _ := verdict.Of(map[string]any{verdict.MIME: v.Data(), "text/plain": "not yet: 5 is too few"})
	fmt.Println(found.Check, found.Right, found.Message)
	// Output: ReceptiveField false 5 is too few
}

func TestOf(t *testing.T) {
	for name, data := range map[string]map[string]any{
		"none": nil, "text only": {"text/plain": "right: yes"}, "no object": {verdict.MIME: "right"},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := verdict.Of(data)
			require.False(t, found)
		})
	}
	v, found := verdict.Of(map[string]any{verdict.MIME: map[string]any{"right": "yes", "check": 3}})
	require.True(t, found)
	require.Equal(t, verdict.Verdict{}, v, "what is of another kind is left away")
}
