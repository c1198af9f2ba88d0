// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/weights/format"
	"convscope/pkg/weights/internal/sample"
)

// withTop is a convolution with two dense layers on a picture of 2 x 2 x 4.
var withTop = append(sample.Net(1, []string{"conv"}, 3, 4), sample.Top(1, []string{"fc1", "fc2"}, 2, 4, 6, 5)...)

// TestMatricesOfAGraph is about what the graph of an ONNX file tells of the matrices in it.
func TestMatricesOfAGraph(t *testing.T) {
	torch := sample.OutputFirst(withTop)
	tests := map[string]struct {
		file []byte
		axes format.Axes
		rows format.Rows
	}{
		"Keras":          {sample.ONNX(withTop), format.InputFirst, format.ChannelsLast},
		"PyTorch":        {sample.TorchONNX(torch), format.OutputFirst, format.ChannelsFirst},
		"folded":         {sample.FoldedONNX(torch), format.InputFirst, format.ChannelsFirst},
		"turned":         {sample.TurnedONNX(torch), format.OutputFirst, format.ChannelsFirst},
		"something else": {sample.OddONNX(torch), format.OutputFirst, format.RowsUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.onnx")
			require.NoError(t, os.WriteFile(path, test.file, 0o600))
			f, err := format.Open(path)
			require.NoError(t, err)
			defer f.Close()
			at := slices.IndexFunc(f.Tensors, func(t format.Tensor) bool { return t.Name == "fc1/kernel" })
			require.Equal(t, test.axes, f.Tensors[at].Axes)
			require.Equal(t, test.rows, f.Tensors[at].Rows)
			at = slices.IndexFunc(f.Tensors, func(t format.Tensor) bool { return t.Name == "fc2/kernel" })
			require.Equal(t, test.axes, f.Tensors[at].Axes)
			require.Equal(t, format.RowsUnknown, f.Tensors[at].Rows, "what comes before it was no picture")
		})
	}
}
