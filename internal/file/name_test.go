// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/file"
)

func TestName(t *testing.T) {
	for layer, want := range map[string]string{
		"block3_conv1": "block3_conv1", "layer2.0.conv1": "layer2.0.conv1", "/a/b:0": "a_b_0", "..": "layer", "": "layer",
		"a\nb": "a_b", "-x": "x", "a b": "a b", "end. ": "end", "NUL": "_NUL", "com1.weights": "_com1.weights",
		"console": "console", strings.Repeat("é", 80): strings.Repeat("é", 50), "a\xffb": "a_b",
		"mobilenetv2_1.00_224/Conv1": "mobilenetv2_1.00_224_Conv1",
	} {
		require.Equal(t, want, file.Name(layer, "layer"), "%q", layer)
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"block3_conv1", "../../etc/passwd", "a/b:c", "", "\x00", strings.Repeat("é", 80)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := file.Name(text, "layer")
		require.NotEmpty(t, name)
		require.Equal(t, name, filepath.Base(name))
		require.LessOrEqual(t, len(name), 101)
		require.NotContains(t, name, "..\\")
	})
}
