// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/device"
	"convscope/pkg/example"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

var pure = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.Go}) })

// The small network's pictures.
const height, width = 20, 28

// small is a network with random weights, and with padding that moves what positions see: two convolutions with ReLUs,
// one without, features.
func small(t testing.TB) *network.Model {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	drawn := func(shape ...int) layer.Weight {
		n := 1
		for _, dim := range shape {
			n *= dim
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(r.NormFloat64()) / 3
		}
		return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) { return tensors.FromFlatDataAndDimensions(values, shape...), nil }}
	}
	conv := func(in, filters, stride int) (layer.Conv, map[string]layer.Weight) {
		return layer.Conv{Filters: filters, Kernel: [2]int{3, 3}, Stride: [2]int{stride, stride}, Padding: layer.Padding{Same: true}},
			map[string]layer.Weight{"kernel": drawn(3, 3, in, filters), "bias": drawn(filters)}
	}
	net := &layer.Network{Name: "small", Input: layer.Input{Channels: 3, Height: height, Width: width, Mean: []float64{127.5}, Deviation: []float64{60}}, Output: "mean"}
	add := func(name string, op layer.Op, weights map[string]layer.Weight, activation layer.Activation) {
		below := layer.Picture
		if len(net.Layers) > 0 {
			below = net.Layers[len(net.Layers)-1].Name
		}
		net.Layers = append(net.Layers, layer.Layer{Name: name, Class: "Conv", Inputs: []string{below}, Op: op, Weights: weights, Activation: activation})
	}
	op, weights := conv(3, 6, 1)
	add("first", op, weights, layer.ReLU{})
	op, weights = conv(6, 5, 2)
	add("second", op, weights, layer.ReLU{})
	op, weights = conv(5, 4, 1)
	add("linear", op, weights, nil)
	add("mean", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}, nil, nil)
	dev, err := pure()
	require.NoError(t, err)
	m, err := network.New(dev, net, network.Origin{})
	require.NoError(t, err)
	return m
}

// noise is a photograph of blotches.
func noise(r *rand.Rand, size image.Point) *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			img.SetNRGBA(x, y, color.NRGBA{R: uint8(r.IntN(256)), G: uint8(r.IntN(256)), B: uint8(r.IntN(256)), A: 255})
		}
	}
	return img
}

// photographs fills a folder with some of those sizes.
func photographs(t testing.TB, sizes ...image.Point) (dir string, images []*image.NRGBA) {
	t.Helper()
	dir = t.TempDir()
	r := rand.New(rand.NewPCG(5, uint64(len(sizes))))
	for i, size := range sizes {
		images = append(images, noise(r, size))
		save(t, filepath.Join(dir, fmt.Sprintf("%02d.png", i)), images[i])
	}
	return dir, images
}

func save(t testing.TB, path string, img image.Image) {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(file, img))
	require.NoError(t, file.Close())
}

// quiet keeps progress out of the test's output, and collects the lines of news.
func quiet(t testing.TB) *[]string {
	var lines []string
	newBar, line := progress.New, progress.Line
	progress.New = func(string, int64, progress.Unit) progress.Bar { return noBar{} }
	progress.Line = func(text string) { lines = append(lines, text) }
	t.Cleanup(func() { progress.New, progress.Line = newBar, line })
	return &lines
}

type noBar struct{}

func (noBar) Set(int64) {}
func (noBar) Done()     {}

func opened(t testing.TB, dir string) *album.Album {
	t.Helper()
	photos, err := album.Open(dir)
	require.NoError(t, err)
	return photos
}

// own are that many sizes that the network takes as they are: what it sees is the photograph.
func own(count int) []image.Point { return slices.Repeat([]image.Point{{X: width, Y: height}}, count) }

// position is one of a photograph's, with its activation.
type position struct {
	photo, row, column int
	value              float32
}

// answers are all positions of all photographs, by filter, computed one photograph at a time.
func answers(t *testing.T, m *network.Model, images []*image.NRGBA, name string) [][]position {
	t.Helper()
	found, err := m.Find(name)
	require.NoError(t, err)
	all := make([][]position, found.Filters)
	for i, img := range images {
		outputs, err := m.PhotoActivations(m.PhotoTensor(img, height, width), name)
		require.NoError(t, err)
		dims := outputs[0].Shape().Dimensions
		columns := 1
		if len(dims) == 4 {
			columns = dims[2]
		}
		for k, v := range tensors.MustCopyFlatData[float32](outputs[0]) {
			at := k / found.Filters
			all[k%found.Filters] = append(all[k%found.Filters], position{i, at / columns, at % columns, v})
		}
	}
	return all
}

// TestFindLikeLoops compares all that one pass finds with plain loops over all activations.
func TestFindLikeLoops(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, images := photographs(t, own(13)...)
	layers := []string{"second", "linear", "mean", "first"}
	results, err := m.ExamplesOf(t.Context(), opened(t, dir), layers, example.Options{Count: 4})
	require.NoError(t, err)
	require.Len(t, results, len(layers))
	for l, r := range results {
		t.Run(layers[l], func(t *testing.T) {
			require.Equal(t, layers[l], r.Layer)
			require.Equal(t, 13, r.Photos)
			require.Empty(t, r.Skipped)
			sight, err := m.Network().Sight(layers[l], height, width)
			require.NoError(t, err)
			all := answers(t, m, images, layers[l])
			require.Len(t, r.Filters, len(all))
			for c, positions := range all {
				f := r.Filters[c]
				require.Equal(t, c, f.Filter)
				checkHistogram(t, positions, f.Histogram)
				fired := make(map[int]bool)
				best := make(map[int]position)
				for _, p := range positions {
					fired[p.photo] = fired[p.photo] || p.value > 0
					if known, ok := best[p.photo]; !ok || p.value > known.value {
						best[p.photo] = p
					}
				}
				share := 0.
				for _, is := range fired {
					if is {
						share += 1. / 13
					}
				}
				require.InDelta(t, share, f.Fires, 1e-9)
				var strongest []position
				for _, p := range best {
					strongest = append(strongest, p)
				}
				slices.SortFunc(strongest, func(a, b position) int { return cmp.Or(cmp.Compare(b.value, a.value), a.photo-b.photo) })
				require.Len(t, f.Examples, 4)
				for k, e := range f.Examples {
					require.Equal(t, fmt.Sprintf("%02d.png", strongest[k].photo), e.Photo)
					require.Equal(t, sight.At(strongest[k].row, strongest[k].column), e.Place)
					require.InDelta(t, strongest[k].value, e.Activation, 1e-5)
					require.Nil(t, e.Image)
				}
			}
			checkAlike(t, all, r.Alike)
		})
	}
}

// checkHistogram counts again what lies in each bin.
func checkHistogram(t *testing.T, positions []position, h example.Histogram) {
	t.Helper()
	wide := (h.To - h.From) / float64(len(h.Counts))
	fraction, _ := math.Frexp(wide)
	require.Equal(t, 0.5, fraction, "the width %g is no power of two", wide)
	require.Zero(t, math.Mod(h.From, wide))
	require.LessOrEqual(t, len(h.Counts), 64)
	require.Positive(t, h.Counts[0])
	require.Positive(t, h.Counts[len(h.Counts)-1])
	require.Greater(t, len(h.Counts), 31, "as fine as can be")
	counts := make([]int64, len(h.Counts))
	for _, p := range positions {
		counts[int(math.Floor((float64(p.value)-h.From)/wide))]++
	}
	moved := int64(0) // by rounding, between graphs of different batches
	for i := range counts {
		moved += max(counts[i]-h.Counts[i], 0)
	}
	require.LessOrEqual(t, moved, int64(2))
}

// checkAlike compares correlations with their definition.
func checkAlike(t *testing.T, all [][]position, alike [][]float32) {
	t.Helper()
	moments := func(i, k int) (covariance float64) {
		var a, b float64
		n := float64(len(all[i]))
		for p := range all[i] {
			a, b = a+float64(all[i][p].value)/n, b+float64(all[k][p].value)/n
		}
		for p := range all[i] {
			covariance += (float64(all[i][p].value) - a) * (float64(all[k][p].value) - b)
		}
		return covariance
	}
	require.Len(t, alike, len(all))
	for i := range all {
		for k := range all {
			want := moments(i, k) / math.Sqrt(moments(i, i)*moments(k, k))
			require.InDelta(t, want, alike[i][k], 1e-4)
			require.Equal(t, alike[i][k], alike[k][i])
		}
	}
}

// TestBatchesChangeNothing looks at photographs of several proportions in batches of several sizes.
func TestBatchesChangeNothing(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, _ := photographs(t, append(own(2), image.Pt(60, 30), image.Pt(9, 40), image.Pt(100, 21), image.Pt(1, 1), image.Pt(30, 60))...)
	var want []*example.Result
	for _, batch := range []int{0, 1, 3} {
		got, err := m.ExamplesOf(t.Context(), opened(t, dir), []string{"linear", "first"}, example.Options{PerPhoto: 3, Scales: []float64{1, 1.5}, Batch: batch})
		require.NoError(t, err)
		if want == nil {
			want = got
		}
		for l := range got {
			require.Equal(t, want[l].Filters, got[l].Filters, "batch %d", batch)
			for i, row := range got[l].Alike {
				require.InDeltaSlice(t, want[l].Alike[i], row, 1e-6)
			}
		}
	}
}

// TestPerPhoto wants pieces that don't overlap, in each photograph as many as allowed and not more.
func TestPerPhoto(t *testing.T) {
	quiet(t)
	m := small(t)
	dir, _ := photographs(t, append(own(2), image.Pt(90, 60))...)
	r, err := m.Examples(t.Context(), dir, "first", example.Options{Count: 7, PerPhoto: 3, Filters: []int{2}, Scales: []float64{1, 2}})
	require.NoError(t, err)
	examples := r.Filters[2].Examples
	require.Len(t, examples, 7)
	from := make(map[string]int)
	for i, e := range examples {
		from[e.Photo]++
		require.NotNil(t, e.Image)
		for _, other := range examples[:i] {
			require.GreaterOrEqual(t, other.Activation, e.Activation)
			require.False(t, other.Photo == e.Photo && other.Place.Overlaps(e.Place), "%v and %v", other, e)
		}
	}
	for photo, count := range from {
		require.LessOrEqual(t, count, 3, photo)
	}
	require.Nil(t, r.Filters[1].Examples[0].Image, "only what was asked for is cut out")
	few, err := m.Examples(t.Context(), dir, "mean", example.Options{PerPhoto: 5})
	require.NoError(t, err)
	require.Len(t, few.Filters[0].Examples, 3, "one piece is the whole of each")
}

// TestTies shows the same picture several times: names, and in a picture places, decide.
func TestTies(t *testing.T) {
	quiet(t)
	dir := t.TempDir()
	gray := image.NewGray(image.Rect(0, 0, width, height))
	for _, name := range []string{"c.png", "a.png", "b.png"} {
		save(t, filepath.Join(dir, name), gray)
	}
	r, err := small(t).Examples(t.Context(), dir, "first", example.Options{Count: 2})
	require.NoError(t, err)
	for _, f := range r.Filters {
		require.Equal(t, []string{"a.png", "b.png"}, []string{f.Examples[0].Photo, f.Examples[1].Photo})
		require.Equal(t, f.Examples[0].Place, f.Examples[1].Place)
	}
	for i := range r.Alike {
		require.InDelta(t, 1, cmp.Or(r.Alike[i][i], 1), 1e-5, "1, or 0 where nothing varies")
	}
}

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
		{Name: "features", Inputs: []string{"flat"}, Op: layer.Reshape{To: []int{36}}, Activation: layer.Clip{Min: 100, Max: 200}},
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
