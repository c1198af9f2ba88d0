// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery_test

import (
	"image"
	"image/color"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/gallery"
	"convscope/pkg/network"
)

func TestSplitMethods(t *testing.T) {
	for text, want := range map[string][]string{
		"book":                         {"book"},
		"book,crisp":                   {"book", "crisp"},
		"book, crisp,steps=200, lucid": {"book", "crisp,steps=200", "lucid"},
		"crisp,transforms=jitter:8+rotate:-5:5,steps=3,book": {"crisp,transforms=jitter:8+rotate:-5:5,steps=3", "book"},
		"steps=3": {"steps=3"},
		"":        {""},
	} {
		require.Equal(t, want, gallery.SplitMethods(text), text)
	}
}

func TestSplitLayers(t *testing.T) {
	net := two(1)
	net.Layers[0].Name, net.Layers[1].Name, net.Layers[1].Inputs, net.Output = "a,b", "all", []string{"a,b"}, "all"
	for text, want := range map[string][]string{
		"a,b": {"a,b"}, "all": {"all"}, "a,b,all": {"a,b", "all"}, "all, a,b": {"all", " a", "b"}, "x": {"x"},
	} {
		if text == "all, a,b" {
			want = []string{"all", "a", "b"}
		}
		require.Equal(t, want, gallery.SplitLayers(network.NewTable(net), text), text)
	}
	require.Nil(t, gallery.SplitLayers(network.NewTable(two(1)), "all"))
	net.Layers[1].Name, net.Output = " b ", " b "
	require.Equal(t, []string{" b ", "a,b", "c"}, gallery.SplitLayers(network.NewTable(net), " b ,a,b, c"),
		"spaces of the name's own, as a gallery's command has them")
}

// TestLayerNames gives layers names that any file system and any address takes, each another one.
func TestLayerNames(t *testing.T) {
	layers := []string{
		"block1_conv1", "a/b", "a:b", "a_b", "Conv", "conv", "CON", "nul.txt", "network", "", ".", "..",
		"-x", "ends.", "卷积", "卷积2", "a b", "100%", "x#1", strings.Repeat("long", 100), strings.Repeat("long", 100) +
			"2", "\x00", "ä", "a\u0308", "../../etc/passwd",
	}
	names := gallery.LayerNames(layers)
	require.Equal(t, "block1_conv1", names["block1_conv1"])
	safe := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	folded := make(map[string]string)
	for _, layer := range layers {
		name := names[layer]
		require.Regexp(t, safe, name)
		require.LessOrEqual(t, len(name), 80)
		require.False(t, strings.HasSuffix(name, "."))
		require.NotContains(t, []string{"con", "nul", "network"}, strings.ToLower(name))
		require.Empty(t, folded[strings.ToLower(name)], "%q and %q", layer, folded[strings.ToLower(name)])
		folded[strings.ToLower(name)] = layer
	}
}

func TestWordsOfPictures(t *testing.T) {
	p := gallery.Plan{Methods: []string{"book", "book,steps=3", "book,steps=4"}, Size: 10, Seeds: 2,
		Negative: true, Large: true}
	words := p.Words()
	require.Equal(t, []string{"book", "book-large", "book-seed2", "book-negative"}, words[:4])
	for _, word := range words {
		require.Regexp(t, `^[a-z0-9-]+$`, word)
	}
	require.Len(t, words, 12)
	slices.Sort(words)
	require.Len(t, slices.Compact(words), 12)
}

func TestOptionsCheck(t *testing.T) {
	table := network.NewTable(two(1))
	require.NoError(t, gallery.Options{Size: 12}.Check(table))
	for name, o := range map[string]gallery.Options{
		"lost":                  {Layers: []string{"lost"}},
		"crips":                 {Methods: []string{"crips"}},
		"twice":                 {Methods: []string{"crisp", "crisp,steps=96"}},
		"give 1 to 100":         {Seeds: 1000},
		"filters a shard":       {Shard: -1},
		"pictures at once":      {Batch: 1 << 20},
		"size":                  {Size: -3},
		"too large":             {Size: 1 << 20},
		"at most":               {Methods: slices.Repeat([]string{"book"}, 100)},
		"the octaves=9 of book": {Methods: []string{"book,octaves=9"}},
	} {
		err := o.Check(table)
		require.Error(t, err, name)
		if !strings.HasPrefix(name, "the ") {
			require.ErrorContains(t, err, name)
		}
	}
}

func TestFilmStops(t *testing.T) {
	require.Equal(t, []int{1, 2, 3, 5, 8, 14, 24, 40}, gallery.FilmStops(40))
	require.Equal(t, []int{1}, gallery.FilmStops(1))
	for steps := 1; steps < 600; steps++ {
		stops := gallery.FilmStops(steps)
		require.Equal(t, 1, stops[0])
		require.Equal(t, steps, stops[len(stops)-1])
		require.True(t, slices.IsSorted(stops))
	}
}

// TestInOrder puts stripes of one direction beside each other.
func TestInOrder(t *testing.T) {
	stripes := func(angle, shift float64) image.Image {
		img := image.NewGray(image.Rect(0, 0, 32, 32))
		for y := range 32 {
			for x := range 32 {
				img.SetGray(x, y, color.Gray{uint8(127 + 120*math.Sin(
					shift+(float64(x)*math.Cos(angle)+float64(y)*math.Sin(angle))/2))})
			}
		}
		return img
	}
	var looks [][]float64
	for i := range 8 { // upright and lying ones, in turn
		looks = append(looks, gallery.LookAt(stripes(float64(i%2)*math.Pi/2, float64(i))))
	}
	places := gallery.InOrder(append(looks, nil))
	require.Equal(t, 8, places[8], "without a pattern: last")
	at := make([]int, 8)
	for i, place := range places[:8] {
		at[place] = i % 2
	}
	require.True(t, slices.Equal(at, []int{0, 0, 0, 0, 1, 1, 1, 1}) ||
		slices.Equal(at, []int{1, 1, 1, 1, 0, 0, 0, 0}), at)
	for _, look := range looks {
		for _, v := range look {
			require.GreaterOrEqual(t, v, 0.)
			require.LessOrEqual(t, v, 1.)
		}
	}
	require.Empty(t, gallery.InOrder(nil))
	require.Equal(t, []int{1, 0}, gallery.InOrder([][]float64{nil, gallery.LookAt(stripes(0, 0))}))
}

func TestShellWord(t *testing.T) {
	require.Equal(t, "block1_conv1", gallery.ShellWord("block1_conv1"))
	require.Equal(t, `'my net.onnx'`, gallery.ShellWord("my net.onnx"))
	require.Equal(t, `'it'\''s $HOME'`, gallery.ShellWord("it's $HOME"))
	require.Equal(t, "''", gallery.ShellWord(""))
}

// FuzzPlan reads what may be in a folder.
func FuzzPlan(f *testing.F) {
	f.Add([]byte(
		`{"format":1,"layers":[{"name":"a","filters":3}],"methods":["book"],"size":96,"seeds":1,"shard":2,"batch":1}`))
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := gallery.ParsePlan(text)
		if err != nil {
			return
		}
		if p.Filters() < 1<<16 {
			count := 0
			for _, s := range p.Shards() {
				if s.Kind == gallery.Patterns {
					count += s.Count
				}
			}
			require.Equal(t, p.Filters(), count)
		}
		require.Empty(t, p.Differences(p))
		require.Len(t, p.Words(), len(p.Words()))
	})
}

// FuzzRecord reads what may be in a folder.
func FuzzRecord(f *testing.F) {
	p := gallery.Plan{Format: 1}
	f.Add([]byte(`{"kind":"patterns","layer":"a","first":0,"count":2,"plan":"` + p.Hash() +
		`","files":[{"name":"../x"}],"filters":[{"index":1},{"index":1}]}`))
	f.Add([]byte(`{"kind":"patterns","layer":"a","first":0,"count":2,"plan":"` + p.Hash() +
		`","files":[],"filters":[{"index":0},{"index":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_ = gallery.ParseRecord(text, p, gallery.Shard{Kind: gallery.Patterns, Layer: "a", Count: 2})
	})
}
