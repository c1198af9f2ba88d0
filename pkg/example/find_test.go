// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/example"
	"convscope/pkg/network"
)

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
				slices.SortFunc(strongest, func(a, b position) int {
					return cmp.Or(cmp.Compare(b.value, a.value), a.photo-b.photo)
				})
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
	dir, _ := photographs(t, append(own(2), image.Pt(60, 30), image.Pt(9, 40), image.Pt(100, 21),
		image.Pt(1, 1), image.Pt(30, 60))...)
	var want []*example.Result
	for _, batch := range []int{0, 1, 3} {
		got, err := m.ExamplesOf(t.Context(), opened(t, dir), []string{"linear", "first"},
			example.Options{PerPhoto: 3, Scales: []float64{1, 1.5}, Batch: batch})
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
	r, err := m.Examples(t.Context(), dir, "first", example.Options{Count: 7, PerPhoto: 3, Filters: []int{2},
		Scales: []float64{1, 2}})
	require.NoError(t, err)
	for _, f := range r.Filters {
		require.Len(t, f.Examples, 7)
		from := make(map[string]int)
		for i, e := range f.Examples {
			from[e.Photo]++
			require.Equal(t, f.Filter == 2, e.Image != nil, "only what was asked for is cut out")
			for _, other := range f.Examples[:i] {
				require.GreaterOrEqual(t, other.Activation, e.Activation)
				require.False(t, other.Photo == e.Photo && other.Place.Overlaps(e.Place), "%v and %v", other, e)
			}
		}
		for photo, count := range from {
			require.LessOrEqual(t, count, 3, photo)
		}
	}
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
