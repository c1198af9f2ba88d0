// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"fmt"
	"image"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// pictureLayers is a model whose layers are the picture itself, and its negative.
func pictureLayers(photo *tensors.Tensor) ascent.Layers {
	return ascent.Layers{
		Outputs: func(_ *model.Scope, x *Node, _ bool, names []string) []*Node {
			all := make([]*Node, len(names))
			for i, name := range names {
				if all[i] = x; name == "negative" {
					all[i] = Neg(x)
				}
			}
			return all
		},
		Photo: func(image.Image, int, int, string) *tensors.Tensor { return photo },
	}
}

// TestObjectives compares each term with sums written out here.
func TestObjectives(t *testing.T) {
	const batch, height, width = 3, 3, 4
	x := value(1, 0.2, batch, height, width, 3)
	values, err := tensors.CopyFlatData[float32](x)
	require.NoError(t, err)
	at := func(b, row, column, c int) float64 { return max(float64(values[((b*height+row)*width+column)*3+c]), 0) }
	mean := func(b int, f func(row, column int) float64) float64 {
		sum := 0.0
		for row := range height {
			for column := range width {
				sum += f(row, column)
			}
		}
		return sum / (height * width)
	}
	channel := func(b, c int) float64 { return mean(b, func(y, x int) float64 { return at(b, y, x, c) }) }
	negative := func(b, c int) float64 {
		return mean(b, func(y, x int) float64 { return max(-float64(values[((b*height+y)*width+x)*3+c]), 0) })
	}
	vector := []float32{0.5, -1, 2}
	dot := func(b, y, x int) float64 { return 0.5*at(b, y, x, 0) - at(b, y, x, 1) + 2*at(b, y, x, 2) }
	for _, test := range []struct {
		text string
		want func(b int) float64
	}{
		{"channel:picture:1", func(b int) float64 { return channel(b, 1) }},
		{"-channel:picture:1", func(b int) float64 { return -channel(b, 1) }},
		{"channel:picture:1 - 0.5*channel:negative:2", func(b int) float64 { return channel(b, 1) - 0.5*negative(b, 2) }},
		{"neuron:picture:2", func(b int) float64 { return at(b, 1, 2, 2) }},
		{"neuron:picture:2:0:3", func(b int) float64 { return at(b, 0, 3, 2) }},
		{"3*channels:picture:0=0.5,2=-2", func(b int) float64 { return 3 * (0.5*channel(b, 0) - 2*channel(b, 2)) }},
		{"layer:picture", func(b int) float64 {
			sum := 0.0
			for c := range 3 {
				sum += mean(b, func(y, x int) float64 { return at(b, y, x, c) * at(b, y, x, c) }) / 3
			}
			return sum
		}},
		{"interpolate:picture:0:negative:1", func(b int) float64 {
			w := float64(b) / 2
			return (1-w)*channel(b, 0) + w*negative(b, 1)
		}},
		{"direction:picture:v.npy", func(b int) float64 { return mean(b, func(y, x int) float64 { return dot(b, y, x) }) }},
	} {
		t.Run(test.text, func(t *testing.T) {
			o, err := ascent.ParseObjective(test.text, ascent.Files{Vector: func(string) ([]float32, error) { return vector, nil }})
			require.NoError(t, err)
			require.Equal(t, test.text, o.String())
			got := compute(t, func(in []*Node) *Node {
				return o.Loss(pictureLayers(nil), batch)(ascent.How{})(nil, in[0], IotaFull(in[0].Graph(), int32s(batch)))
			}, x)
			for b, v := range got {
				require.InDelta(t, test.want(b), v, 1e-4)
			}
		})
	}
	t.Run("caricature", func(t *testing.T) {
		o := ascent.Caricature("picture", image.NewGray(image.Rect(0, 0, 1, 1)), 1)
		photo := make([]float32, 36)
		for i, v := range values[:36] {
			photo[i] = max(v, 0)
		}
		got := compute(t, func(in []*Node) *Node {
			return o.Loss(pictureLayers(tensors.FromFlatDataAndDimensions(photo, 1, height, width, 3)), batch)(ascent.How{})(nil, in[0], nil)
		}, x)
		square := 0.0
		for _, v := range values[:36] {
			square += max(float64(v), 0) * float64(v)
		}
		require.InDelta(t, square/36, got[0], 1e-3, "the picture is the photo: the cosine is 1")
		require.Less(t, got[1], got[0])
	})
	require.True(t, ascent.Channel("a", 1).Minus(ascent.Diversity("b").Times(100)).Together())
	require.Equal(t, []string{"a", "b"}, ascent.Channel("a", 1).Plus(ascent.Interpolation("a", 1, "b", 2)).Layers())
}

func TestObjectiveErrorsSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "a term is missing",
		"channel:a:1 -":           "a term is missing",
		"+ channel:a:1":           "no term before",
		"channel:a:1 channel:a:2": "write + or -",
		"chanel:a:1":              "did you mean channel?",
		"channel:a":               "write channel:LAYER:FILTER",
		"channel:a:-1":            "write channel:LAYER:FILTER",
		"neuron:a:1:2":            "ROW:COLUMN",
		"channels:a:1":            "FILTER=WEIGHT",
		"interpolate:a:1:b":       "interpolate:LAYER",
		"x*channel:a:1":           "give a number",
		"direction:a:v.npy":       "no files",
		"caricature:a:":           "caricature:LAYER:PHOTO",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := ascent.ParseObjective(text, ascent.Files{})
			require.ErrorContains(t, err, want)
		})
	}
	three := func(layer string) (int, error) {
		if layer != "a" {
			return 0, fmt.Errorf("no layer %s", layer)
		}
		return 3, nil
	}
	require.ErrorContains(t, ascent.Channel("a", 3).Check(three), "choose 0 to 2")
	require.ErrorContains(t, ascent.Layer("b").Check(three), "no layer b")
	require.ErrorContains(t, ascent.Direction("a", make([]float32, 2), 0).Check(three), "3 numbers, not 2")
	require.ErrorContains(t, ascent.Objective{}.Check(three), "empty")
	sizes := func(layer string) (int, error) { return map[string]int{"a": 3, "b": 9}[layer], nil }
	require.ErrorContains(t, ascent.Interpolation("a", 2, "b", 9).Check(sizes), "b has no filter 9: choose 0 to 8")
	require.ErrorContains(t, ascent.Interpolation("a", 3, "b", 8).Check(sizes), "a has no filter 3: choose 0 to 2")
	require.ErrorContains(t, ascent.Weighted("a", []int{1, 3}, []float64{1, 1}).Check(sizes), "a has no filter 3")
	nan, infinite := math.NaN(), math.Inf(1)
	require.ErrorContains(t, ascent.Channel("a", 1).Times(nan).Check(three), "channel:a:1: its factor is NaN")
	require.ErrorContains(t, ascent.Weighted("a", []int{1, 2}, []float64{1, infinite}).Check(three), "the weight of filter 2 is +Inf")
	require.ErrorContains(t, ascent.Direction("a", []float32{0, float32(nan), 0}, 0).Check(three), "value 1 of the direction is NaN")
	require.ErrorContains(t, ascent.Direction("a", make([]float32, 3), nan).Check(three), "its power NaN")
	require.NoError(t, ascent.Channel("a", 2).Check(three))
}

// TestNeuronOutside is refused before the climb, with the places that there are for what the method shows.
func TestNeuronOutside(t *testing.T) {
	for _, test := range []struct {
		row, column int
		method      string
		words       string
	}{
		{5, 7, "book", ""},
		{6, 0, "book", "rows go from 0 to 5 and its columns from 0 to 7"},
		{0, 8, "book", "neuron:picture:1:0:8 is outside the layer"},
		{-1, 0, "book", "outside"},
		{5, 7, "book,transforms=jitter:2", "rows go from 0 to 3 and its columns from 0 to 5"},
		{5, 7, "book,border=1", "rows go from 0 to 3"},
		{5, 7, "book,octaves=2", "rows go from 0 to 3"},
	} {
		t.Run(fmt.Sprintf("%d %d %s", test.row, test.column, test.method), func(t *testing.T) {
			o := ascent.Neuron("picture", 1, test.row, test.column)
			job := target(t, nil, 0)
			dev := device.MustNew(device.Options{Kind: device.Go})
			t.Cleanup(dev.Close)
			job.Climber = ascent.NewClimberOf(dev.Backend, model.NewStore(), ascent.Source{Loss: o.Loss(pictureLayers(nil), 1)})
			m, err := ascent.ParseMethod(test.method)
			require.NoError(t, err)
			steps := 0
			_, err = ascent.Run(context.Background(), job, ascent.Options{
				Method: m, Height: 6, Width: 8, Steps: 2, Progress: func(p ascent.Progress) { steps++ },
			})
			if test.words == "" {
				require.NoError(t, err)
				return
			}
			var bad *ascent.OptionError
			require.ErrorAs(t, err, &bad)
			require.ErrorContains(t, err, test.words)
			require.Zero(t, steps)
		})
	}
}

// int32s is the shape of n indices.
func int32s(n int) shapes.Shape { return shapes.Make(dtypes.Int32, n) }
