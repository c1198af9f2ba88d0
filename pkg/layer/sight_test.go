// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

// drawnOp draws an Op that moves what positions see, for pictures of one channel.
func drawnOp(r *rand.Rand) layer.Op {
	pair := func(low, high int) [2]int { return [2]int{low + r.IntN(high-low+1), low + r.IntN(high-low+1)} }
	padding := []layer.Padding{{}, {Same: true}, {Same: true, Lower: true},
		{Begin: pair(0, 2), End: pair(0, 2)}}[r.IntN(4)]
	switch r.IntN(9) {
	case 0, 1, 2:
		return layer.Conv{Filters: 1, Kernel: pair(1, 4), Stride: pair(1, 3), Dilation: pair(1, 2), Padding: padding}
	case 3:
		return layer.DepthwiseConv{Kernel: pair(1, 3), Stride: pair(1, 2), Padding: padding}
	case 4:
		return layer.AveragePool{Size: pair(2, 3), Stride: pair(1, 3), Padding: padding, Ceil: r.IntN(2) == 0}
	case 5:
		return layer.ConvTranspose{Filters: 1, Kernel: pair(2, 4), Stride: pair(1, 2),
			Padding: layer.Padding{Same: r.IntN(2) == 0}}
	case 6:
		return layer.Resize{Scale: [2]float64{[]float64{0.5, 1.5, 2}[r.IntN(3)], 2},
			Sampling: []layer.Sampling{layer.Nearest, layer.Bilinear}[r.IntN(2)]}
	case 7:
		mode := []layer.PadMode{layer.Constant, layer.Reflect, layer.Edge}[r.IntN(3)]
		begin, end := pair(-1, 2), pair(-1, 2)
		return layer.Pad{Begin: begin[:], End: end[:], Mode: mode}
	}
	return layer.Slice{Axes: []int{0, 1}, Starts: []int{r.IntN(3), -1}, Ends: []int{1000, -1000},
		Steps: []int{1 + r.IntN(2), -1 - r.IntN(2)}}
}

// TestSightLikeGradients compares what positions see with where their gradients are.
func TestSightLikeGradients(t *testing.T) {
	const height, width, networks = 23, 19, 60
	r, made := rand.New(rand.NewPCG(19, 1)), 0
	for made < networks {
		var ops []layer.Op
		for range 1 + r.IntN(5) {
			ops = append(ops, drawnOp(r))
		}
		n := chain(ops...)
		n.Input.Height, n.Input.Width = height, width
		last := n.Layers[len(n.Layers)-1].Name
		if shape, err := n.ShapeOf(last, height, width); err != nil || shape[0]*shape[1] > 4000 {
			continue
		}
		made++
		t.Run(fmt.Sprint(made), func(t *testing.T) { seesAsGradients(t, r, n, last) })
	}
}

// seesAsGradients checks some positions of a layer, among them those of the corners.
func seesAsGradients(t *testing.T, r *rand.Rand, n *layer.Network, name string) {
	height, width := n.Size()
	shape, err := n.ShapeOf(name, height, width)
	require.NoError(t, err)
	sight, err := n.Sight(name, height, width)
	require.NoError(t, err)
	rows, columns := sight.Size()
	require.Equal(t, shape[:2], []int{rows, columns})
	places := []image.Point{{}, {X: columns - 1, Y: rows - 1}, {X: columns - 1}, {X: r.IntN(columns), Y: r.IntN(rows)},
		{X: columns / 2, Y: rows / 2}}
	store := positive(t, n)
	gradients, err := model.CallOnceN(backend(t), store, func(scope *model.Scope, x *Node) (all []*Node) {
		y := n.Outputs(scope, x, layer.Walk{}, name)[0]
		for _, place := range places {
			at := Slice(y, AxisRange(), AxisElem(place.Y), AxisElem(place.X))
			all = append(all, Gradient(ReduceAllSum(at), x)[0])
		}
		return all
	}, tensors.FromScalarAndDimensions(float32(1), 1, height, width, n.Input.Channels))
	require.NoError(t, err)
	for i, place := range places {
		var seen image.Rectangle
		for k, g := range tensors.MustCopyFlatData[float32](gradients[i]) {
			if g != 0 {
				at := image.Pt(k/n.Input.Channels%width, k/n.Input.Channels/width)
				seen = seen.Union(image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))})
			}
		}
		if seen.Empty() {
			require.True(t, sight.At(place.Y, place.X).Empty(), "%+v at %v", n.Layers, place)
			continue
		}
		require.Equal(t, seen, sight.At(place.Y, place.X), "%+v at %v", n.Layers, place)
	}
}

// positive is a store with weights above 0, which never cancel out.
func positive(t *testing.T, n *layer.Network) *model.Store {
	filled(n)
	store := model.NewStore()
	for _, l := range n.Layers {
		for role, w := range l.Weights {
			value, err := w.Read()
			require.NoError(t, err)
			values := tensors.MustCopyFlatData[float32](value)
			for i := range values {
				values[i] = float32(math.Abs(float64(values[i]))) + 0.1
			}
			_, err = store.CreateVariable(layer.Variable(l.Name, role), tensors.FromFlatDataAndDimensions(values, w.Shape...))
			require.NoError(t, err)
		}
	}
	return store
}

func TestSight(t *testing.T) {
	square := func(n int) [2]int { return [2]int{n, n} }
	same := layer.Padding{Same: true}
	conv := layer.Conv{Filters: 1, Kernel: square(3), Padding: same}
	whole := image.Rect(0, 0, 12, 10)
	for name, test := range map[string]struct {
		net         *layer.Network
		row, column int
		want        image.Rectangle
	}{
		"the border cuts": {chain(conv, conv), 0, 0, image.Rect(0, 0, 3, 3)},
		"in the middle":   {chain(conv, conv), 5, 5, image.Rect(3, 3, 8, 8)},
		"a maximum":       {chain(layer.MaxPool{Size: square(2)}, conv), 1, 2, image.Rect(2, 0, 8, 6)},
		"even, same": {chain(layer.Conv{Filters: 1, Kernel: square(3), Stride: square(2), Padding: same}), 0,
			0, image.Rect(0, 0, 3, 3)},
		"separable": {chain(layer.SeparableConv{Filters: 1, Kernel: square(3), Padding: same}), 1,
			1, image.Rect(0, 0, 3, 3)},
		"flattened": {chain(conv, layer.Flatten{}), 0, 0, whole},
		"a mean":    {chain(conv, layer.Reduce{To: layer.Mean, Axes: []int{0, 1}, Keep: true}), 0, 0, whole},
		"means of rows": {chain(layer.Reduce{To: layer.Mean, Axes: []int{1}, Keep: true}), 4, 0,
			image.Rect(0, 4, 12, 5)},
		"shuffled": {chain(conv, layer.Reshape{To: []int{0, 0, 1, 1}},
			layer.Permute{Axes: []int{0, 1, 3, 2}}, layer.Reshape{To: []int{0, 0, -1}}), 5, 5, image.Rect(4, 4, 7, 7)},
		"turned":             {chain(layer.Permute{Axes: []int{1, 0, 2}}), 0, 0, whole},
		"as tokens and back": {chain(layer.Reshape{To: []int{120, 1}}, layer.Reshape{To: []int{10, 12, 1}}), 3, 3, whole},
		"one of tokens":      {chain(layer.Reshape{To: []int{120, 1}}), 77, 0, whole},
		"beyond the picture": {chain(layer.Pad{Begin: []int{2}, End: []int{2}}), 0, 0, image.Rectangle{}},
	} {
		t.Run(name, func(t *testing.T) {
			sight, err := test.net.Sight(test.net.Layers[len(test.net.Layers)-1].Name, 10, 12)
			require.NoError(t, err)
			require.Equal(t, test.want.Empty(), sight.At(test.row, test.column).Empty())
			if !test.want.Empty() {
				require.Equal(t, test.want, sight.At(test.row, test.column))
			}
		})
	}
	_, err := branched().Sight("conv7", 16, 14)
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
	_, err = chain(layer.Conv{Filters: 1, Kernel: square(9)}).Sight("l0", 4, 4)
	require.ErrorContains(t, err, "too few")
}

// TestSightOfBranches follows a network with skips, gates and everything else to each layer with places.
func TestSightOfBranches(t *testing.T) {
	n := branched()
	gated, err := n.Sight("gated", 64, 64)
	require.NoError(t, err)
	field, err := n.ReceptiveField("gated")
	require.NoError(t, err)
	rows, columns := gated.Size()
	require.Equal(t, field.Size, [2]int{gated.At(rows/2, columns/2).Dy(), gated.At(rows/2, columns/2).Dx()},
		"not the gate's")
	for _, name := range []string{"joined", "up", "transposed", "average"} {
		sight, err := n.Sight(name, 16, 14)
		require.NoError(t, err)
		require.False(t, sight.At(0, 0).Empty(), name)
	}
	classes, err := n.Sight("classes", 16, 14)
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 14, 16), classes.At(0, 0))
}
