// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/weights"
)

// hollow writes a safetensors file of torchvision's names whose values are a hole in the disk: its list of tensors is
// all that is read.
func hollow(t *testing.T, blocks []int, normalized bool) string {
	t.Helper()
	type entry struct {
		Type    string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	head, at := map[string]entry{}, 0
	add := func(index int, part string, shape ...int) {
		size := 4
		for _, d := range shape {
			size *= d
		}
		head[fmt.Sprintf("features.%d.%s", index, part)] = entry{"F32", shape, [2]int{at, at + size}}
		at += size
	}
	index, in := 0, 3
	for block, convolutions := range blocks {
		out := min(64<<block, 512)
		for range convolutions {
			add(index, "weight", out, in, 3, 3)
			add(index, "bias", out)
			index, in = index+1, out
			for _, part := range []string{"weight", "bias", "running_mean", "running_var"} {
				if normalized {
					add(index, part, out)
				}
			}
			index += 2
		}
		index++
	}
	text, err := json.Marshal(head)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "w.safetensors")
	require.NoError(t, os.WriteFile(path, append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...),
		0o600))
	require.NoError(t, os.Truncate(path, int64(8+len(text)+at)))
	return path
}

// TestRelatives gives VGG16 the weights of its relatives.
func TestRelatives(t *testing.T) {
	emptyCache(t)
	m := vgg16(t)
	require.NoError(t, weights.Check(m, weights.Options{Path: hollow(t, []int{2, 2, 3, 3, 3}, false)}), "VGG16 itself")
	for name, blocks := range map[string][]int{"VGG11": {1, 1, 2, 2, 2}, "VGG13": {2, 2, 2, 2, 2},
		"VGG19": {2, 2, 4, 4, 4}} {
		err := weights.Check(m, weights.Options{Path: hollow(t, blocks, false)})
		wantError(t, err, weights.ErrUnfit, "but those of "+name+": ")
		err = weights.Check(m, weights.Options{Path: hollow(t, blocks, true)})
		wantError(t, err, weights.ErrUnfit, "but those of "+name+" with batch normalization: ")
	}
	err := weights.Check(m, weights.Options{Path: hollow(t, []int{2, 2, 3, 3, 3}, true)})
	wantError(t, err, weights.ErrUnfit, "but those of a network with batch normalization: ")
	err = weights.Check(m, weights.Options{Path: hollow(t, []int{1, 2, 3}, false)})
	wantError(t, err, weights.ErrUnfit, "it has 6 convolution kernels, the model has 13", "not: but those of")
}
