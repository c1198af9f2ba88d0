// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery_test

import (
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/gallery"
	"convscope/pkg/gallery/page"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// two is a network of two convolutions with random weights, one of whose filters can't answer to anything.
func two(seed uint64) *layer.Network {
	source := rand.New(rand.NewPCG(seed, 9))
	weights := func(shape ...int) layer.Weight {
		n := 1
		for _, dim := range shape {
			n *= dim
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(source.NormFloat64()) / 2
		}
		if len(shape) == 1 {
			values[1] = -1e6
		}
		return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
			return tensors.FromFlatDataAndDimensions(values, shape...), nil
		}}
	}
	conv := func(name, input string, in, filters int) layer.Layer {
		return layer.Layer{
			Name: name, Class: "Conv", Inputs: []string{input}, Activation: layer.ReLU{},
			Op:      layer.Conv{Filters: filters, Kernel: [2]int{3, 3}, Padding: layer.Padding{Same: true}},
			Weights: map[string]layer.Weight{"kernel": weights(3, 3, in, filters), "bias": weights(filters)},
		}
	}
	return &layer.Network{
		Name: "two", Input: layer.Input{Channels: 3, Height: 16, Width: 16, Deviation: []float64{255},
			Source: "given"}, Output: "upper", Layers: []layer.Layer{conv("lower", layer.Picture, 3, 4),
			conv("upper", "lower", 4, 5)},
	}
}

// quick is a method with few steps.
var quick = []string{"book,steps=5"}

func open(t testing.TB, seed uint64) *network.Model {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	m, err := network.New(dev, two(seed), network.Origin{File: "two.onnx"})
	require.NoError(t, err)
	return m
}

// whole makes a whole gallery.
func whole(t testing.TB, net *network.Model, dir string, o gallery.Options) gallery.Report {
	t.Helper()
	plan, err := gallery.New(net, o)
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))
	require.NoError(t, gallery.Work(t.Context(), net, dir, gallery.WorkOptions{}))
	report, err := gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	return report
}

// read reads the data that a page calls.
func read(t testing.TB, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text[slices.Index(text, '{'):strings.LastIndexByte(string(text), '}')+1], into))
}

func TestGallery(t *testing.T) {
	net, dir := open(t, 1), t.TempDir()
	report := whole(t, net, dir, gallery.Options{Size: 12, Shard: 3, Batch: 2, Methods: quick})
	require.Equal(t, gallery.Report{Shards: 4, Filters: 9, Done: 9, Backends: report.Backends}, report)
	require.Len(t, report.Backends, 1)
	var n page.Network
	read(t, filepath.Join(dir, "data", "network.js"), &n)
	require.Equal(t, "two.onnx", n.Title)
	require.Equal(t, 1, n.Layers[1].Inert)
	require.Equal(t, "12 x 12 x 5", n.Layers[1].Output)
	var upper page.Layer
	read(t, filepath.Join(dir, "data", "upper.js"), &upper)
	require.Len(t, upper.Filters, 5)
	seen := make(map[int]bool)
	for i, f := range upper.Filters {
		require.Equal(t, i, f.Index)
		require.NotEmpty(t, f.FedBy)
		seen[f.Likeness] = true
		opened, err := os.Open(filepath.Join(dir, f.Pictures[0].File))
		require.NoError(t, err)
		made, err := recipe.Decode(opened)
		require.NoError(t, err)
		require.Equal(t, []int{i}, made.Filters)
		require.Equal(t, 2, made.Batch, "also in a batch that is not full")
		_, err = opened.Seek(0, 0)
		require.NoError(t, err)
		img, err := png.Decode(opened)
		require.NoError(t, err)
		require.NoError(t, opened.Close())
		require.Equal(t, made.Pixels, picture.Hash(img))
		if f.Fate == "inert" {
			require.Equal(t, 1, i)
			require.Empty(t, f.Film)
			continue
		}
		require.FileExists(t, filepath.Join(dir, f.Film))
		require.Positive(t, f.Score["activation"])
	}
	require.Len(t, seen, 5)
	_, err := os.Stat(filepath.Join(dir, "tmp"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestSharesOfTheWork are those of two workers; what is missing is named until both are done.
func TestSharesOfTheWork(t *testing.T) {
	net, dir := open(t, 1), t.TempDir()
	plan, err := gallery.New(net, gallery.Options{Size: 12, Shard: 3, Batch: 2, Methods: quick})
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))
	report, err := gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	require.Zero(t, report.Done)
	require.Equal(t, "lower, filters 0 to 2; lower, filter 3; upper, filters 0 to 2; upper, filters 3 to 4",
		report.String())
	last := 0.0
	progress := func(share float64) {
		require.GreaterOrEqual(t, share, last)
		last = share
	}
	require.NoError(t, gallery.Work(t.Context(), net, dir, gallery.WorkOptions{Shard: 1, Of: 2, Progress: progress}))
	require.Equal(t, 1., last)
	report, err = gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	require.Equal(t, "lower, filters 0 to 2; upper, filters 0 to 2", report.String())
	require.Equal(t, 3, report.Done)
	require.NoError(t, gallery.Work(t.Context(), net, dir, gallery.WorkOptions{Shard: 0, Of: 2}))
	report, err = gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	require.Empty(t, report.String())
	for _, o := range []gallery.WorkOptions{{Shard: 2, Of: 2}, {Shard: -1, Of: 2}, {Shard: 1}, {Of: -1}} {
		require.Error(t, gallery.Work(t.Context(), net, dir, o))
	}
}

// TestStoppedInTheMiddle stops in a shard, and goes on with what is left of it in other batches.
func TestStoppedInTheMiddle(t *testing.T) {
	net, want, dir := open(t, 1), t.TempDir(), t.TempDir()
	o := gallery.Options{Size: 12, Shard: 5, Batch: 2, Methods: quick}
	whole(t, net, want, o)
	plan, err := gallery.New(net, o)
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	err = gallery.Work(ctx, net, dir, gallery.WorkOptions{Progress: func(share float64) {
		if parts, _ := filepath.Glob(filepath.Join(dir, "part", "*")); len(parts) > 0 {
			stop(enough)
		}
	}})
	require.ErrorIs(t, err, enough)
	parts, err := filepath.Glob(filepath.Join(dir, "part", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, parts)
	report, err := gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	require.Equal(t, 2, report.Done, "of a shard that is under way")
	require.NoError(t, gallery.Work(t.Context(), net, dir, gallery.WorkOptions{}))
	_, err = gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(want, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, _ := filepath.Rel(want, path)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, content, got, name)
		return nil
	}))
}

func TestOtherNetworks(t *testing.T) {
	net, dir := open(t, 1), t.TempDir()
	plan, err := gallery.New(net, gallery.Options{Size: 12})
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))
	require.NoError(t, gallery.Create(dir, plan), "again")
	var other *gallery.OtherPlanError
	require.ErrorAs(t, gallery.Work(t.Context(), open(t, 2), dir, gallery.WorkOptions{}), &other)
	require.Regexp(t, `^.* holds another gallery: weights: the folder holds [0-9a-f]{16}, asked was [0-9a-f]{16}: `+
		`name another folder, or ask for the same$`, other.Error())
	_, err = gallery.Merge(t.Context(), open(t, 2), dir)
	require.ErrorAs(t, err, &other)
	_, err = gallery.Open(t.TempDir())
	require.ErrorIs(t, err, gallery.ErrNoGallery)
}

// TestNumbersThatAreNone has a filter whose weights overflow: its shard is passed over, the others are made.
func TestNumbersThatAreNone(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	table := two(1)
	shape := table.Layers[1].Weights["bias"].Shape
	table.Layers[1].Weights["bias"] = layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
		return tensors.FromFlatDataAndDimensions([]float32{0, 0, 0, 0, float32(math.NaN())}, shape...), nil
	}}
	net, err := network.New(dev, table, network.Origin{File: "two.onnx"})
	require.NoError(t, err)
	dir := t.TempDir()
	plan, err := gallery.New(net, gallery.Options{Size: 12, Shard: 3, Batch: 2, Methods: quick})
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))
	var said []string
	err = gallery.Work(t.Context(), net, dir,
		gallery.WorkOptions{Report: func(line string) { said = append(said, line) }})
	require.ErrorIs(t, err, ascent.ErrDiverged)
	require.Len(t, said, 1)
	require.Regexp(t, "^passed over: upper, filters 3 to 4: .*the weights hold NaN in upper/bias, value 4", said[0])
	report, err := gallery.Merge(t.Context(), net, dir)
	require.NoError(t, err)
	require.Equal(t, "upper, filters 3 to 4", report.String())
	require.Equal(t, 7, report.Done)
}

// TestMemoryLacks finds out before anything is computed.
func TestMemoryLacks(t *testing.T) {
	net, dir := open(t, 1), t.TempDir()
	plan, err := gallery.New(net, gallery.Options{Size: 4000, Batch: 1000})
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))
	err = gallery.Work(t.Context(), net, dir, gallery.WorkOptions{Progress: func(float64) { t.Error("it began") }})
	require.ErrorContains(t, err, "plan a gallery with fewer at once (--batch) or a smaller size")
}
