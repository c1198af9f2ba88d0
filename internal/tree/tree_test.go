// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package tree_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/tree"
)

func ExampleDifference() {
	fmt.Println(tree.Difference(map[string]string{"a": "1"}, map[string]string{"a": "2"}))
	// Output: a differs: "1" and "2"
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "in"), 0o700))
	for _, name := range []string{"a", "in/b", "in/left"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600))
	}
	got, err := tree.Read(dir, "left")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "a", "in/b": "in/b"}, got)
	_, err = tree.Read(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDifference(t *testing.T) {
	one := map[string]string{"a": "1", "b": "2"}
	for name, test := range map[string]struct {
		got  map[string]string
		want string
	}{
		"the same":   {map[string]string{"a": "1", "b": "2"}, ""},
		"another":    {map[string]string{"a": "1", "b": "3"}, `b differs: "2" and "3"`},
		"one less":   {map[string]string{"b": "2"}, "a is missing"},
		"one more":   {map[string]string{"a": "1", "b": "2", "c": ""}, "c is there besides"},
		"nothing":    {nil, "a is missing"},
		"empty file": {map[string]string{"a": "", "b": "2"}, `a differs: "1" and ""`},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, tree.Difference(one, test.got)) })
	}
}
