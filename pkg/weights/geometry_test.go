// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

// TestConvolutionsOfAGraph gives graphs with the right kernels whose first convolution is used in some way.
func TestConvolutionsOfAGraph(t *testing.T) {
	emptyCache(t)
	m := manifest(official)
	ones := sample.Attribute("pads", 1, 1, 1, 1)
	conv := func(attributes ...[]byte) sample.Usage { return sample.Usage{Conv: attributes} }
	plain := conv(sample.Attribute("kernel_shape", 3, 3), ones)
	for name, test := range map[string]struct {
		use  sample.Usage
		said string // what is wrong, "" if nothing
	}{
		"as PyTorch":   {conv(sample.Text("auto_pad", "NOTSET"), sample.Attribute("dilations", 1, 1), sample.Attribute("group", 1), sample.Attribute("kernel_shape", 3, 3), ones, sample.Attribute("strides", 1, 1)), ""},
		"few said":     {conv(ones), ""},
		"same upper":   {conv(sample.Text("auto_pad", "SAME_UPPER")), ""},
		"same lower":   {conv(sample.Text("auto_pad", "SAME_LOWER"), sample.Attribute("strides", 1, 1)), ""},
		"padded":       {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 1, 1, 0, 0, 1, 1)}}, ""},
		"padded, NHWC": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 1, 1, 0, 0, 1, 1, 0), sample.Text("mode", "constant")}, Conv: [][]byte{sample.Text("auto_pad", "VALID")}}, ""},
		"pads untold":  {sample.Usage{Pad: [][]byte{}}, ""},
		"pads nothing": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 0, 0, 0, 0, 0, 0)}, Conv: [][]byte{ones}}, ""},
		"fused":        {sample.Usage{Op: "FusedConv", Conv: [][]byte{ones, sample.Text("activation", "Relu")}, Bare: true}, ""},

		"strides":        {conv(ones, sample.Attribute("strides", 2, 2)), "has strides 2x2, this model's have 1x1"},
		"one stride":     {conv(ones, sample.Attribute("strides", 1, 2)), "has strides 1x2, this model's have 1x1"},
		"dilations":      {conv(sample.Attribute("pads", 2, 2, 2, 2), sample.Attribute("dilations", 2, 2)), "has dilations 2x2, this model's have 1x1"},
		"groups":         {conv(ones, sample.Attribute("group", 3)), "has 3 groups, this model's have 1"},
		"kernels":        {conv(ones, sample.Attribute("kernel_shape", 5, 5)), "has kernels of 5x5, this model's have 3x3"},
		"no pads":        {conv(sample.Attribute("pads", 0, 0, 0, 0)), "has pads 0x0x0x0, this model's have 1x1x1x1"},
		"pads absent":    {conv(), "has pads 0x0x0x0"},
		"valid":          {conv(sample.Text("auto_pad", "VALID")), "has pads 0x0x0x0"},
		"uneven pads":    {conv(sample.Attribute("pads", 0, 0, 2, 2)), "has pads 0x0x2x2"},
		"padded twice":   {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 1, 1, 0, 0, 1, 1)}, Conv: [][]byte{ones}}, "has pads 2x2x2x2"},
		"padded wide":    {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 3, 3, 0, 0, 3, 3)}}, "has pads 3x3x3x3"},
		"reflected":      {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 1, 1, 0, 0, 1, 1), sample.Text("mode", "reflect")}}, `has padding "reflect"`},
		"turned about":   {sample.Usage{Op: "ConvTranspose", Conv: [][]byte{ones}}, "is a ConvTranspose"},
		"no ReLU":        {sample.Usage{Conv: plain.Conv, Bare: true}, "has the activation linear, this model's have relu"},
		"fused to other": {sample.Usage{Op: "FusedConv", Conv: [][]byte{ones, sample.Text("activation", "LeakyRelu")}, Bare: true}, "has the activation leakyrelu"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.onnx")
			require.NoError(t, os.WriteFile(path, sample.UsageONNX(official, test.use), 0o600))
			err := weights.Check(m, weights.Options{Path: path})
			if test.said == "" {
				require.NoError(t, err)
				f, _ := open(t, m, path)
				require.True(t, f.Official())
				return
			}
			wantError(t, err, weights.ErrUnfit, "its convolution block1_conv1 "+test.said)
		})
	}
}
