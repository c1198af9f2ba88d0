// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/example"
	"convscope/pkg/picture"
	"convscope/pkg/sample"
	"convscope/tools/bench"
	"convscope/vgg16"
)

// reference is what reference.py says of a layer.
type reference struct {
	Photos []string
	Most   [][]float32 // [photographs][filters]
	Pieces [][][4]int
	Fires  []float64
	Alike  [][]float64
}

// TestLikePyTorch compares the examples that three layers of VGG16 find in 200 pieces of the sample photographs with
// those that PyTorch finds on the same weights.
func TestLikePyTorch(t *testing.T) {
	level.OnlyFull(t, "needs PyTorch (200 MB) and a minute")
	quiet(t)
	const pieces, top, side = 200, 10, 80
	layers := []string{"block1_conv2", "block3_conv1", "block5_conv1"}
	dir := t.TempDir()
	photos := filepath.Join(dir, "photos")
	require.NoError(t, os.Mkdir(photos, 0o755))
	r := rand.New(rand.NewPCG(19, 200))
	for i := range pieces { // of three proportions, which the network takes as they are, and each of its own enlargement
		photo, err := sample.Open(t.Context(), sample.Names()[i%len(sample.Names())])
		require.NoError(t, err)
		size := []image.Point{{X: side, Y: side}, {X: side * 10 / 7, Y: side}, {X: side, Y: side * 10 / 7}}[r.IntN(3)]
		part := size.Mul(50 + r.IntN(200)).Div(100)
		b := photo.Bounds()
		corner := image.Pt(r.IntN(b.Dx()-part.X+1), r.IntN(b.Dy()-part.Y+1))
		save(t, filepath.Join(photos, fmt.Sprintf("%03d.png", i)),
			picture.Scale(photo, image.Rectangle{Min: corner, Max: corner.Add(part)}, size.Y, size.X))
	}
	dev, err := device.New(device.Options{Kind: device.CPU})
	require.NoError(t, err)
	net, err := vgg16.Load(dev, vgg16.Options{})
	require.NoError(t, err)
	defer net.Close()
	for _, l := range net.Network().Layers {
		for role, w := range l.Weights {
			value, err := w.Read()
			require.NoError(t, err)
			content, err := binary.Append(nil, binary.LittleEndian, tensors.MustCopyFlatData[float32](value))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, l.Name+"."+role), content, 0o600))
		}
	}
	python, err := bench.Peers()[0].Install(t.Context())
	require.NoError(t, err)
	command := exec.Command(python, append([]string{"testdata/reference.py", dir}, layers...)...)
	text, err := command.CombinedOutput()
	require.NoError(t, err, string(text))

	results, err := net.ExamplesOf(t.Context(), opened(t, photos), layers,
		example.Options{Count: top, Scales: []float64{side / 224.}})
	require.NoError(t, err)
	for l, name := range layers {
		t.Run(name, func(t *testing.T) {
			var want reference
			text, err := os.ReadFile(filepath.Join(dir, name+".json"))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &want))
			require.Len(t, want.Photos, pieces)
			require.Equal(t, pieces, results[l].Photos)
			checkTop(t, want, results[l], top)
		})
	}
}

// checkTop compares the first examples of all filters. Of photographs whose activations differ by no more than
// rounding does, as of those that are white somewhere, either may come first, and so may the places in one.
func checkTop(t *testing.T, want reference, got *example.Result, top int) {
	const tolerance, rounding = 1e-4, 1e-5
	worst, exchanged, elsewhere, all, firing, correlation := 0., 0, 0, 0, 0., 0.
	for c, f := range got.Filters {
		order := make([]int, len(want.Photos))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(want.Most[b][c], want.Most[a][c]) })
		require.Len(t, f.Examples, top)
		for k, e := range f.Examples {
			value := float64(want.Most[order[k]][c])
			if value == 0 { // silent from here on: any photograph
				require.Zero(t, e.Activation)
				continue
			}
			all++
			off := math.Abs(float64(e.Activation)/value - 1)
			worst = max(worst, off)
			require.Less(t, off, tolerance, "filter %d, example %d", c, k)
			at := slices.Index(want.Photos, e.Photo)
			if at != order[k] {
				exchanged++
				require.InEpsilon(t, value, want.Most[at][c], rounding, "filter %d, example %d", c, k)
			}
			p := want.Pieces[at][c]
			if e.Place != image.Rect(p[0], p[1], p[2], p[3]) {
				elsewhere++
			}
		}
		firing = max(firing, math.Abs(f.Fires-want.Fires[c]))
		for i, v := range got.Alike[c] {
			correlation = max(correlation, math.Abs(float64(v)-want.Alike[c][i]))
		}
	}
	t.Logf("%d examples of %d filters: activations differ by at most %.1e, %d photographs are exchanged, "+
		"%d pieces elsewhere; correlations differ by at most %.1e, shares by %.1e", all, len(got.Filters), worst,
		exchanged, elsewhere, correlation, firing)
	require.Greater(t, all, len(got.Filters)*top/2)
	require.LessOrEqual(t, exchanged, all/20)
	require.LessOrEqual(t, elsewhere, all/20)
	require.Less(t, correlation, 1e-3)
	require.LessOrEqual(t, firing, 1.5/float64(len(want.Photos)), "at most one photograph on the border of silence")
}
