// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"archive/zip"
	"encoding/json"
	"maps"
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
		"as PyTorch": {conv(sample.Text("auto_pad", "NOTSET"), sample.Attribute("dilations", 1, 1), sample.Attribute(
			"group", 1), sample.Attribute("kernel_shape", 3, 3), ones, sample.Attribute("strides", 1, 1)), ""},
		"few said":   {conv(ones), ""},
		"same upper": {conv(sample.Text("auto_pad", "SAME_UPPER")), ""},
		"same lower": {conv(sample.Text("auto_pad", "SAME_LOWER"), sample.Attribute("strides", 1, 1)), ""},
		"padded":     {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 1, 1, 0, 0, 1, 1)}}, ""},
		"padded, NHWC": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 1, 1, 0, 0, 1, 1, 0),
			sample.Text("mode", "constant")}, Conv: [][]byte{sample.Text("auto_pad", "VALID")}}, ""},
		"pads untold": {sample.Usage{Pad: [][]byte{}}, ""},
		"pads nothing": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 0, 0, 0, 0, 0, 0)},
			Conv: [][]byte{ones}}, ""},
		"fused": {sample.Usage{Op: "FusedConv", Conv: [][]byte{ones, sample.Text("activation", "Relu")},
			Bare: true}, ""},

		"strides":    {conv(ones, sample.Attribute("strides", 2, 2)), "has strides 2x2, this model's have 1x1"},
		"one stride": {conv(ones, sample.Attribute("strides", 1, 2)), "has strides 1x2, this model's have 1x1"},
		"dilations": {conv(sample.Attribute("pads", 2, 2, 2, 2), sample.Attribute("dilations", 2, 2)),
			"has dilations 2x2, this model's have 1x1"},
		"groups":      {conv(ones, sample.Attribute("group", 3)), "has 3 groups, this model's have 1"},
		"kernels":     {conv(ones, sample.Attribute("kernel_shape", 5, 5)), "has kernels of 5x5, this model's have 3x3"},
		"no pads":     {conv(sample.Attribute("pads", 0, 0, 0, 0)), "has pads 0x0x0x0, this model's have 1x1x1x1"},
		"pads absent": {conv(), "has pads 0x0x0x0"},
		"valid":       {conv(sample.Text("auto_pad", "VALID")), "has pads 0x0x0x0"},
		"uneven pads": {conv(sample.Attribute("pads", 0, 0, 2, 2)), "has pads 0x0x2x2"},
		"padded twice": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 1, 1, 0, 0, 1, 1)},
			Conv: [][]byte{ones}}, "has pads 2x2x2x2"},
		"padded wide": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 3, 3, 0, 0, 3, 3)}},
			"has pads 3x3x3x3"},
		"reflected": {sample.Usage{Pad: [][]byte{sample.Attribute("pads", 0, 0, 1, 1, 0, 0, 1, 1),
			sample.Text("mode", "reflect")}}, `has padding "reflect"`},
		"turned about": {sample.Usage{Op: "ConvTranspose", Conv: [][]byte{ones}}, "is a ConvTranspose"},
		"no ReLU":      {sample.Usage{Conv: plain.Conv, Bare: true}, "has the activation linear, this model's have relu"},
		"fused to other": {sample.Usage{Op: "FusedConv", Conv: [][]byte{ones, sample.Text("activation", "LeakyRelu")},
			Bare: true}, "has the activation leakyrelu"},
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

// TestConvolutionsOfKeras gives .keras archives with the right kernels whose description has the first convolution in
// some way.
func TestConvolutionsOfKeras(t *testing.T) {
	emptyCache(t)
	m := manifest(official)
	layer := func(class string, config map[string]any) map[string]any {
		return map[string]any{"class_name": class, "config": config}
	}
	valid := map[string]any{"padding": "valid"}
	linear := map[string]any{"activation": "linear"}
	for name, test := range map[string]struct {
		first         map[string]any // its settings that differ
		before, after map[string]any // layers beside it
		said          string
	}{
		"as VGG16": {nil, nil, nil, ""},
		"numbers":  {map[string]any{"strides": 1, "dilation_rate": 1}, nil, nil, ""},
		"padded": {valid, layer("ZeroPadding2D",
			map[string]any{"padding": []any{[]int{1, 1}, []int{1, 1}}}), nil, ""},
		"ReLU after":       {linear, nil, layer("ReLU", map[string]any{"max_value": nil, "negative_slope": 0.0}), ""},
		"activation after": {linear, nil, layer("Activation", map[string]any{"activation": "relu"}), ""},
		"strides":          {map[string]any{"strides": []int{2, 2}}, nil, nil, "has strides 2x2, this model's have 1x1"},
		"one number":       {map[string]any{"strides": 2}, nil, nil, "has strides 2x2"},
		"dilations":        {map[string]any{"dilation_rate": []int{2, 2}}, nil, nil, "has dilations 2x2"},
		"valid":            {valid, nil, nil, "has pads 0x0x0x0, this model's have 1x1x1x1"},
		"padded twice":     {nil, layer("ZeroPadding2D", map[string]any{"padding": []int{1, 1}}), nil, "has pads 2x2x2x2"},
		"activation": {map[string]any{"activation": "elu"}, nil, nil,
			"has the activation elu, this model's have relu"},
		"linear":        {linear, nil, nil, "has the activation linear"},
		"none":          {map[string]any{"activation": nil}, nil, nil, "has the activation linear"},
		"another after": {linear, nil, layer("LeakyReLU", map[string]any{}), "has the activation leakyrelu"},
		"ReLU up to 6 after": {linear, nil, layer("ReLU", map[string]any{"max_value": 6.0}),
			"has the activation relu with max_value"},
	} {
		t.Run(name, func(t *testing.T) {
			var list []map[string]any
			for i := 0; i < len(official); i += 2 {
				config := map[string]any{"name": layers[i/2], "filters": official[i].Shape[3], "kernel_size": []int{3, 3},
					"strides": []int{1, 1}, "padding": "same", "dilation_rate": []int{1, 1}, "groups": 1, "activation": "relu"}
				if i > 0 {
					list = append(list, layer("Conv2D", config))
					continue
				}
				maps.Copy(config, test.first)
				for _, l := range []map[string]any{test.before, layer("Conv2D", config), test.after} {
					if l != nil {
						list = append(list, l)
					}
				}
			}
			text, err := json.Marshal(layer("Functional", map[string]any{"layers": list}))
			require.NoError(t, err)
			path := archive(t, text)
			err = weights.Check(m, weights.Options{Path: path})
			if test.said == "" {
				require.NoError(t, err)
				return
			}
			wantError(t, err, weights.ErrUnfit, "its convolution block1_conv1 "+test.said)
		})
	}
	for _, text := range []string{"", "{", "[[[]]]",
		`{"class_name": 1, "config": {"layers": {"class_name": "Conv2D", "config": {"strides": "x"}}}}`} {
		require.NoError(t, weights.Check(m, weights.Options{Path: archive(t, []byte(text))}),
			"a description that says nothing: %s", text)
	}
}

// archive writes the official tensors as a .keras archive with that description.
func archive(t *testing.T, config []byte) string {
	t.Helper()
	inner, err := sample.Write(t.TempDir(), "model.weights.h5", official)
	require.NoError(t, err)
	content, err := os.ReadFile(inner)
	require.NoError(t, err)
	out, err := os.Create(filepath.Join(t.TempDir(), "w.keras"))
	require.NoError(t, err)
	defer out.Close()
	z := zip.NewWriter(out)
	for name, b := range map[string][]byte{"config.json": config, "model.weights.h5": content} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		require.NoError(t, err)
		_, err = w.Write(b)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return out.Name()
}
