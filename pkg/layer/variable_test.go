// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

// TestVariable gives each name a path of its own, which a store takes as it is.
func TestVariable(t *testing.T) {
	require.Equal(t, "/block3_conv1/kernel", layer.Variable("block3_conv1", "kernel"))
	require.Equal(t, "/layer2.0.conv1/bias", layer.Variable("layer2.0.conv1", "bias"))
	seen := make(map[string]string)
	for _, name := range []string{"", ".", "..", "...", "a", "a/b", "a/", "/a", "//a", "a:b", "a%2Fb",
		"a%", "%", "%2E", "é", "A", "a b", "a\nb", "a..b"} {
		path := layer.Variable(name, "kernel")
		require.NotContains(t, seen, path, "%q", name)
		require.Equal(t, path, model.JoinPath(path), "%q", name)
		scope, role := model.SplitPath(path)
		require.Equal(t, "kernel", role)
		require.NotContains(t, scope[1:], "/")
		seen[path] = name
	}
}
