// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/gallery/page"
)

// drawn is a picture that differs from others of another seed.
func drawn(seed uint64, width, height int) image.Image {
	random := rand.New(rand.NewPCG(seed, 1))
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	var waves [3][3]float64
	for c := range waves {
		waves[c] = [3]float64{random.NormFloat64() / 6, random.NormFloat64() / 6, random.Float64() * 6}
	}
	for y := range height {
		for x := range width {
			var value [3]uint8
			for c, w := range waves {
				value[c] = uint8(127 + 110*math.Sin(w[0]*float64(x)+w[1]*float64(y)+w[2]))
			}
			img.SetNRGBA(x, y, color.NRGBA{value[0], value[1], value[2], 255})
		}
	}
	return img
}

func encoded(t testing.TB, img image.Image, name string) []byte {
	t.Helper()
	var data bytes.Buffer
	if strings.HasSuffix(name, ".png") {
		require.NoError(t, png.Encode(&data, img))
	} else {
		require.NoError(t, jpeg.Encode(&data, img, nil))
	}
	return data.Bytes()
}

// strip is pictures side by side.
func strip(seed uint64, count, side int) image.Image {
	all := image.NewNRGBA(image.Rect(0, 0, count*side, side))
	for i := range count {
		draw.Draw(all, image.Rect(i*side, 0, (i+1)*side, side), drawn(seed+uint64(i), side, side), image.Point{}, draw.Src)
	}
	return all
}

// sample is a gallery of drawn pictures: real files, of which many are the same under other names.
type sample struct {
	t       testing.TB
	dir     string
	filters int
	kinds   map[string][]string // the files that are there once, by folder
}

// newSample writes a gallery of layers with those names, of so many filters each, between an input and a pool.
func newSample(t testing.TB, filters int, names ...string) string {
	s := &sample{t, t.TempDir(), filters, make(map[string][]string)}
	for i := range 24 {
		s.once("picture", fmt.Sprintf("%d.png", i), drawn(uint64(i), 48, 48))
		s.once("example", fmt.Sprintf("%d.jpg", i), drawn(uint64(100+i), 40, 40))
	}
	s.once("film", "0.jpg", strip(1, 6, 32))
	s.once("preview", "0.jpg", strip(3, 8, 48))

	n := page.Network{
		Title: "sample", Fingerprint: "0123456789abcdef", Command: "convscope gallery --out DIR", Program: "convscope test",
		Methods: []string{"book", "crisp"}, Size: 48, Seeds: 1, Photos: 12,
		Layers: []page.Summary{{Name: "input", Kind: "input", Output: "48 x 48 x 3"}},
	}
	before := "input"
	for i, name := range names {
		file := fmt.Sprintf("layer%d", i)
		n.Layers = append(n.Layers, page.Summary{
			Name: name, File: file, Kind: "convolution", Takes: []string{before}, Shown: true, Filters: filters, Done: filters,
			Rescued: 1, Inert: 1, Field: 3 + 2*i, Output: fmt.Sprintf("48 x 48 x %d", filters),
			Preview: s.link("preview", file+".jpg", i),
		})
		before = name
	}
	pool := page.Summary{Name: "pool", Kind: "pooling", Takes: []string{before, names[0]}, Output: "1 x 1"}
	n.Layers = append(n.Layers, pool)
	require.NoError(t, page.Write(s.dir, n, s.layers(n)))
	return s.dir
}

func (s *sample) once(folder, name string, img image.Image) {
	path := filepath.Join(s.dir, folder, "once", name)
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.WriteFile(path, encoded(s.t, img, name), 0o644))
	s.kinds[folder] = append(s.kinds[folder], path)
}

// link puts one of a folder's files in a place of its own.
func (s *sample) link(folder, name string, number int) string {
	path := filepath.Join(s.dir, folder, filepath.FromSlash(name))
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.Link(s.kinds[folder][number%len(s.kinds[folder])], path))
	return folder + "/" + name
}

func (s *sample) layers(n page.Network) iter.Seq2[page.Layer, error] {
	return func(yield func(page.Layer, error) bool) {
		for i, summary := range n.Layers {
			if !summary.Shown {
				continue
			}
			layer := page.Layer{Name: summary.Name}
			for filter := range s.filters {
				layer.Filters = append(layer.Filters, s.filter(n, i, filter))
			}
			if !yield(layer, nil) {
				return
			}
		}
	}
}

// filter is one with everything that a page can show.
func (s *sample) filter(n page.Network, layer, index int) page.Filter {
	summary := n.Layers[layer]
	random := rand.New(rand.NewPCG(uint64(layer), uint64(index)))
	name := func(folder, rest string) string {
		return s.link(folder, fmt.Sprintf("%s/%d%s", summary.File, index, rest), random.IntN(1000))
	}
	f := page.Filter{
		Index: index, Fate: "alive", Likeness: (index * 7) % s.filters, Film: name("film", ".jpg"),
		Pictures: []page.Picture{{
			File: name("picture", "-book.png"), Method: "book", Size: 48, Seed: 1,
			Text: fmt.Sprintf("%s, filter %d: pattern", summary.Name, index),
		}},
		Score: map[string]float64{
			"activation": 20 * random.Float64(), "peak": 30, "beaten": random.Float64(), "robust": 9 * random.Float64(),
			"highFrequency": random.Float64(),
		},
		Command: fmt.Sprintf("convscope pattern --layer %s --filter %d", summary.Name, index),
		Cell:    "import \"convscope/vgg16\"\n\n%%\nnet.MustChannel(...)",
	}
	switch index {
	case 1:
		f.Fate, f.How = "rescued", "climbing its pre-activation"
	case 2:
		f.Fate, f.How, f.Score, f.Film = "inert", "no picture of gray levels 0 to 255 lifts it above -1", nil, ""
	}
	if index < 8 { // the others have but a pattern, to keep the folder small
		f.Pictures = append(f.Pictures,
			page.Picture{File: name("picture", "-crisp.png"), Method: "crisp", Size: 48, Seed: 1, Text: "crisp"},
			page.Picture{File: name("picture", "-book-negative.png"), Method: "book", Size: 48, Seed: 1, Negative: true,
				Text: "negative"},
			page.Picture{File: name("picture", "-book-seed2.png"), Method: "book", Size: 48, Seed: math.MaxUint64,
				Text: "another start"})
		for k := range 4 {
			f.Examples = append(f.Examples, page.Example{
				File: name("example", fmt.Sprintf("-%d.jpg", k)), Photo: fmt.Sprintf("photo %d.jpg", k),
				Place: [4]int{k, 2, 40, 40}, Activation: 9 - float64(k), Text: fmt.Sprintf("piece %d", k),
			})
		}
		f.Histogram = &page.Histogram{From: -2, To: 9.5, Counts: []int64{3, 0, 900, 400, 120, 30, 9, 0, 2}, Fires: 0.42}
		f.Alike = []page.Neighbor{{Layer: summary.Name, Filter: (index + 3) % s.filters, Weight: 0.81}}
		if before := n.Layers[layer-1]; before.Shown {
			kernel := [][]float64{{0.1, -0.2, 0}, {0.3, 0.5, -0.6}, {0, 0, 1}}
			f.FedBy = []page.Neighbor{{Layer: before.Name, Filter: index, Weight: -0.31, Kernel: kernel}}
		}
		if after := n.Layers[layer+1]; after.Shown {
			f.Feeds = []page.Neighbor{{Layer: after.Name, Filter: index, Weight: 0.2, Kernel: [][]float64{{1}}}}
		}
	}
	return f
}
