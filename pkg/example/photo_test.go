// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/example"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// TestPlacesOfLargePhotographs finds a bright spot again in a photograph that is scaled and cut.
func TestPlacesOfLargePhotographs(t *testing.T) {
	quiet(t)
	m := small(t)
	for name, test := range map[string]struct{ size, spot image.Point }{
		"wide":     {image.Pt(400, 200), image.Pt(300, 80)},
		"tall":     {image.Pt(200, 400), image.Pt(100, 333)},
		"panorama": {image.Pt(2000, 100), image.Pt(1777, 50)},
		"small":    {image.Pt(7, 5), image.Pt(3, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			img := image.NewNRGBA(image.Rectangle{Max: test.size})
			for i := range img.Pix {
				img.Pix[i] = 128
			}
			for p := 3; p < len(img.Pix); p += 4 {
				img.Pix[p] = 255
			}
			radius := max(min(test.size.X, test.size.Y)/16, 1)
			for y := -radius; y <= radius; y++ {
				for x := -radius; x <= radius; x++ {
					img.Set(test.spot.X+x, test.spot.Y+y, color.NRGBA{R: 255, G: 255, B: 0, A: 255})
				}
			}
			dir := t.TempDir()
			save(t, filepath.Join(dir, "spot.png"), img)
			r, err := m.Examples(t.Context(), dir, "first", example.Options{Count: 1})
			require.NoError(t, err)
			found := 0
			for _, f := range r.Filters {
				require.True(t, f.Examples[0].Place.In(img.Rect))
				near := f.Examples[0].Place.Inset(-2 * radius)
				if test.spot.In(near) {
					found++
				}
			}
			require.Positive(t, found, "some filter answers to the spot most")
		})
	}
}

func TestSkipped(t *testing.T) {
	lines := quiet(t)
	m := small(t)
	dir, _ := photographs(t, own(3)...)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "01.png"), []byte("text"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty.jpg"), nil, 0o644))
	r, err := m.Examples(t.Context(), dir, "second", example.Options{})
	require.NoError(t, err)
	require.Equal(t, 2, r.Photos)
	require.Len(t, r.Filters[0].Examples, 2)
	require.Equal(t, "01.png", r.Skipped[0].Name)
	require.ErrorContains(t, r.Skipped[0].Err, "it is a text file")
	require.Equal(t, "empty.jpg", r.Skipped[1].Name)
	require.Len(t, *lines, 2)
}

func TestMistakes(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, _ := photographs(t, own(1)...)
	fixed := func(o example.Options, layer string) error {
		_, err := m.Examples(t.Context(), dir, layer, o)
		return err
	}
	require.ErrorContains(t, fixed(example.Options{}, "third"), "did you mean")
	require.ErrorContains(t, fixed(example.Options{Filters: []int{5}}, "second"), "choose 0 to 4")
	require.ErrorContains(t, fixed(example.Options{Count: -1}, "second"), "-1 examples: give 1 to 1000")
	require.ErrorContains(t, fixed(example.Options{PerPhoto: 1001}, "second"), "1001 examples from one photograph")
	require.ErrorContains(t, fixed(example.Options{Scales: []float64{0}}, "second"), "a scale of 0")
	require.ErrorContains(t, fixed(example.Options{Scales: []float64{math.NaN()}}, "second"), "a scale of NaN")
	require.ErrorContains(t, fixed(example.Options{Scales: []float64{2, 1, 2}}, "second"), "named twice")
	require.ErrorContains(t, fixed(example.Options{Batch: -1}, "second"), "below 0")
	_, err := m.Examples(t.Context(), t.TempDir(), "second", example.Options{})
	require.ErrorIs(t, err, album.ErrNone)
	_, err = m.ExamplesOf(t.Context(), opened(t, dir), nil, example.Options{})
	require.ErrorContains(t, err, "name at least one")

	photos := opened(t, dir) // and then they are taken away
	require.NoError(t, os.Remove(filepath.Join(dir, "00.png")))
	_, err = m.ExamplesOf(t.Context(), photos, []string{"second"}, example.Options{})
	require.ErrorIs(t, err, album.ErrNone)
}

func TestInterrupt(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, _ := photographs(t, own(20)...)
	ctx, cancel := context.WithCancelCause(t.Context())
	bars := progress.New
	progress.New = func(string, int64, progress.Unit) progress.Bar {
		return stopping{func() { cancel(errors.New("enough")) }}
	}
	defer func() { progress.New = bars }()
	_, err := m.ExamplesOf(ctx, opened(t, dir), []string{"second"}, example.Options{})
	require.EqualError(t, err, "enough")
}

// stopping is a bar that interrupts at the first step.
type stopping struct{ stop func() }

func (s stopping) Set(int64) { s.stop() }
func (stopping) Done()       {}

func TestCut(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, images := photographs(t, append(own(3), image.Pt(900, 600))...)
	photos := opened(t, dir)
	results, err := m.ExamplesOf(t.Context(), photos, []string{"first"}, example.Options{})
	require.NoError(t, err)
	r := results[0]
	require.NoError(t, r.Cut(t.Context(), photos, 20))
	for _, f := range r.Filters {
		require.Len(t, f.Tiles(16), 4)
		for _, e := range f.Examples {
			size := e.Image.Bounds().Size()
			require.LessOrEqual(t, max(size.X, size.Y), 20)
			if e.Photo == "03.png" {
				require.Equal(t, 20, max(size.X, size.Y), "reduced from %v", e.Place)
				continue
			}
			require.Equal(t, e.Place.Size(), size)
			var index int
			_, err := fmt.Sscanf(e.Photo, "%d.png", &index)
			require.NoError(t, err)
			require.Equal(t, images[index].At(e.Place.Min.X, e.Place.Min.Y), e.Image.At(0, 0))
		}
	}
	save(t, filepath.Join(dir, "03.png"), image.NewGray(image.Rect(0, 0, 2, 2)))
	require.ErrorContains(t, r.Cut(t.Context(), photos, 0), "03.png has changed")
	require.NoError(t, os.Remove(filepath.Join(dir, "03.png")))
	require.ErrorContains(t, r.Cut(t.Context(), photos, 0), "no such file")
}

// TestMemoryIsBounded looks at many photographs: what is kept does not grow with them.
func TestMemoryIsBounded(t *testing.T) {
	quiet(t)
	const count, early = 200, 60
	m := small(t)
	dir, _ := photographs(t, image.Pt(120, 90))
	for i := range count {
		require.NoError(t, os.Link(filepath.Join(dir, "00.png"), filepath.Join(dir, fmt.Sprintf("more%03d.png", i))))
	}
	heap := make(map[int64]uint64)
	bars := progress.New
	progress.New = func(string, int64, progress.Unit) progress.Bar {
		return watching(func(done int64) {
			if done == early || done == count {
				var stats runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&stats)
				heap[done] = stats.HeapAlloc
			}
		})
	}
	defer func() { progress.New = bars }()
	r, err := m.ExamplesOf(t.Context(), opened(t, dir), []string{"linear"}, example.Options{})
	require.NoError(t, err)
	require.Equal(t, count+1, r[0].Photos)
	require.Len(t, heap, 2)
	const photo = 120 * 90 * 4 // bytes of one that is decoded
	require.Less(t, heap[count], heap[early]+20*photo, "of 140 more")
}

// watching is a bar that looks at what happens.
type watching func(done int64)

func (w watching) Set(done int64) { w(done) }
func (watching) Done()            {}

// TestActivationMap finds a filter's strongest position again in the map of the whole photograph.
func TestActivationMap(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, images := photographs(t, own(1)...)
	r, err := m.Examples(t.Context(), dir, "first", example.Options{})
	require.NoError(t, err)
	sight, err := m.Network().Sight("first", height, width)
	require.NoError(t, err)
	for _, f := range r.Filters {
		seen, err := m.ActivationMap(images[0], "first", f.Filter, 0)
		require.NoError(t, err)
		require.Equal(t, []int{height, width}, []int{seen.Height, seen.Width})
		row, column := seen.Peak()
		require.Equal(t, f.Examples[0].Place, sight.At(row, column))
		require.InDelta(t, f.Examples[0].Activation, seen.Values[row*seen.Width+column], 1e-5)
		require.Equal(t, images[0].Bounds().Size(), seen.Overlay("", 0).Bounds().Size())
	}
	for name, test := range map[string]struct {
		size, want image.Point
		scale      float64
	}{
		"wide":                 {image.Pt(300, 100), image.Pt(60, 20), 1},
		"tall":                 {image.Pt(100, 300), image.Pt(20, 60), 1},
		"twice as large":       {image.Pt(100, 150), image.Pt(40, 60), 2},
		"longer than it looks": {image.Pt(5000, 10), image.Pt(160, 20), 0},
	} {
		t.Run(name, func(t *testing.T) {
			seen, err := m.ActivationMap(image.NewGray(image.Rectangle{Max: test.size}), "second", 0, test.scale)
			require.NoError(t, err)
			require.Equal(t, test.want, seen.Photo.Bounds().Size())
		})
	}
	_, err = m.ActivationMap(images[0], "second", 5, 0)
	require.ErrorContains(t, err, "choose 0 to 4")
	_, err = m.ActivationMap(image.NewGray(image.Rectangle{}), "second", 0, 0)
	require.ErrorContains(t, err, "no pixels")
}

// TestFixedSize asks a network that takes pictures of one size alone, of one channel.
func TestFixedSize(t *testing.T) {
	quiet(t)
	net := &layer.Network{Name: "fixed", Input: layer.Input{Channels: 1, Height: 6, Width: 6}, Output: "features"}
	net.Layers = []layer.Layer{
		{Name: "flat", Inputs: []string{layer.Picture}, Op: layer.Flatten{}},
		{Name: "features", Inputs: []string{"flat"}, Op: layer.Reshape{To: []int{36}},
			Activation: layer.Clip{Min: 100, Max: 200}},
	}
	dev, err := pure()
	require.NoError(t, err)
	m, err := network.New(dev, net, network.Origin{})
	require.NoError(t, err)
	dir := t.TempDir()
	dark, wide := image.NewGray(image.Rect(0, 0, 6, 6)), image.NewGray(image.Rect(0, 0, 24, 6))
	for i := range dark.Pix {
		dark.Pix[i] = uint8(i)
	}
	for i := range wide.Pix {
		wide.Pix[i] = uint8(i % 24 * 10)
	}
	save(t, filepath.Join(dir, "dark.png"), dark)
	save(t, filepath.Join(dir, "wide.png"), wide)
	r, err := m.Examples(t.Context(), dir, "features", example.Options{PerPhoto: 9})
	require.NoError(t, err)
	require.Len(t, r.Filters, 36)
	require.Equal(t, 0.5, r.Filters[0].Fires, "more than what it gives at rest")
	first := r.Filters[0].Examples
	require.Equal(t, "wide.png", first[0].Photo)
	require.Equal(t, image.Rect(18, 0, 24, 6), first[0].Place, "the last of four parts")
	require.Equal(t, float32(180), first[0].Activation)
	require.Len(t, first, 5, "four parts of one, the whole of the other")
	_, err = m.Examples(t.Context(), dir, "features", example.Options{Scales: []float64{1, 2}})
	require.ErrorContains(t, err, "at a scale of 2")
	seen, err := m.ActivationMap(wide, "features", 0, 1)
	require.NoError(t, err)
	require.Equal(t, image.Pt(6, 6), seen.Photo.Bounds().Size(), "squeezed")
}

// TestCeiling looks for what excites a filter most that fires as much as it can in more than one photograph.
func TestCeiling(t *testing.T) {
	quiet(t)
	kernel := layer.Weight{Shape: []int{1, 1, 1, 1}, Read: func() (*tensors.Tensor, error) {
		return tensors.FromFlatDataAndDimensions([]float32{1}, 1, 1, 1, 1), nil
	}}
	net := &layer.Network{Name: "capped", Input: layer.Input{Channels: 1, Height: 4, Width: 4}, Output: "pool",
		Layers: []layer.Layer{
			{Name: "conv", Inputs: []string{layer.Picture}, Op: layer.Conv{Filters: 1, Kernel: [2]int{1, 1}, NoBias: true},
				Weights: map[string]layer.Weight{"kernel": kernel}, Activation: layer.ReLU{Max: 6}},
			{Name: "pool", Inputs: []string{"conv"}, Op: layer.MaxPool{Size: [2]int{2, 2}}},
		}}
	dev, err := pure()
	require.NoError(t, err)
	m, err := network.New(dev, net, network.Origin{})
	require.NoError(t, err)
	dir := t.TempDir()
	for i, level := range []uint8{9, 0, 30, 5, 20} {
		img := image.NewGray(image.Rect(0, 0, 4, 4))
		img.SetGray(i%4, 1, color.Gray{Y: level})
		save(t, filepath.Join(dir, fmt.Sprintf("%d.png", i)), img)
	}
	results, err := m.ExamplesOf(t.Context(), opened(t, dir), []string{"conv", "pool"}, example.Options{})
	require.NoError(t, err)
	conv, pool := results[0].Filters[0], results[1].Filters[0]
	var order []string
	var activations []float32
	for _, e := range conv.Examples {
		order, activations = append(order, e.Photo), append(activations, e.Activation)
	}
	require.Equal(t, []string{"2.png", "4.png", "0.png", "3.png", "1.png"}, order)
	require.Equal(t, []float32{6, 6, 6, 5, 0}, activations)
	require.Equal(t, 0.8, conv.Fires)
	require.LessOrEqual(t, conv.Histogram.To, 6.125)
	require.Equal(t, float32(6), pool.Examples[0].Activation, "what it takes ends there")
	require.Equal(t, 0.8, pool.Fires)
}

// TestMust is for notebook cells.
func TestMust(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, images := photographs(t, own(2)...)
	r := m.MustExamples(dir, "linear", example.Options{Filters: []int{3}})
	require.Len(t, r.Filters[3].Tiles(8), 2)
	require.Equal(t, "filter 3", m.MustActivationMap(images[0], "linear", 3, 0).Name)
	require.Panics(t, func() { m.MustExamples(t.TempDir(), "linear", example.Options{}) })
	require.Panics(t, func() { m.MustActivationMap(images[0], "other", 3, 0) })
}
