// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"fmt"
	"image"
	"math"
	"strings"
	"testing"
	"unicode"

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
			o, err := ascent.ParseObjective(test.text,
				ascent.Files{Vector: func(string) ([]float32, error) { return vector, nil }})
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
			return o.Loss(pictureLayers(tensors.FromFlatDataAndDimensions(photo, 1, height, width, 3)),
				batch)(ascent.How{})(nil, in[0], nil)
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
		"":                               "a term is missing",
		"channel:a:1 -":                  "a term is missing",
		"+ channel:a:1":                  "no term before",
		"channel:a:1 channel:a:2":        "write + or -",
		"chanel:a:1":                     "did you mean channel?",
		"channel:a":                      "write channel:LAYER:FILTER",
		"channel:a:-1":                   "write channel:LAYER:FILTER",
		"neuron:a:1:2":                   "ROW:COLUMN",
		"channels:a:1":                   "FILTER=WEIGHT",
		"interpolate:a:1:b":              "interpolate:LAYER",
		"x*channel:a:1":                  "give a number",
		"direction:a:v.npy":              "no files",
		"caricature:a:":                  "caricature:LAYER:PHOTO",
		"   ":                            "a term is missing",
		"+":                              "no term before",
		"-":                              "a term is missing",
		"- - channel:a:1":                "no term before",
		"channel:a:1 - - channel:a:2":    `no term before "-"`,
		"channel:a:1 +channel:a:2":       "write + or -",
		"--channel:a:1":                  "there is no objective",
		"(channel:a:1)":                  "did you mean channel",
		"channel":                        "write channel:LAYER:FILTER",
		"channel::1":                     "write channel:LAYER:FILTER",
		"channel:a:1:2":                  "write channel:LAYER:FILTER",
		"channel:a:99999999999999999999": "write channel:LAYER:FILTER",
		"neuron:a:1:-1:0":                "ROW:COLUMN",
		"layer:a:1":                      "write layer:LAYER",
		"channels:a:":                    "FILTER=WEIGHT",
		"channels:a:1=":                  `filter 1: weight ""`,
		"channels:a:1=2,1=3":             "filter 1 is named twice",
		"channels:a:0=1,1=nan":           `filter 1: weight "nan"`,
		"channels:a:0=1,1=-Inf":          `filter 1: weight "-Inf"`,
		"nan*channel:a:1":                `factor "nan"`,
		"inf*channel:a:1":                `factor "inf"`,
		"1e99*channel:a:1":               `factor "1e99"`,
		"*channel:a:1":                   `factor ""`,
		"2*-3*channel:a:1":               "there is no objective",
		"2*":                             "there is no objective",
		"channel:a:1 - diversity":        "write diversity:LAYER",
		"größe:🐱:1":                      "there is no objective",
		"\x1b[2J:a:1":                    `\x1b[2J`,
		"\xff:a:1":                       `\xff`,
		strings.Repeat("x", 1<<17):       "131072 bytes: at most 65536",
		strings.Repeat("x", 1<<15):       "there is no objective",
		strings.Repeat("layer:a + ", 10000) + "layer:a": "bytes: at most",
		strings.Repeat("layer:a + ", 1000) + "layer:a":  "more than 256 terms",
		strings.Repeat("(", 10000):                      "there is no objective",
		strings.Repeat("2*", 10000) + "layer:a":         "there is no objective",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := ascent.ParseObjective(text, ascent.Files{})
			require.ErrorContains(t, err, want)
			require.Less(t, len(err.Error()), 400)
			require.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "%q", err)
		})
	}
	three := func(layer string) (int, error) {
		if layer != "a" {
			return 0, fmt.Errorf("no layer %s", layer)
		}
		return 3, nil
	}
	nan, inf := math.NaN(), float32(math.Inf(-1))
	for name, test := range map[string]struct {
		o    ascent.Objective
		want string
	}{
		"filter":          {ascent.Channel("a", 3), "a has no filter 3: choose 0 to 2"},
		"negative filter": {ascent.Channel("a", -1), "a has no filter -1"},
		"second layer's":  {ascent.Interpolation("a", 0, "b", 2), "b has no filter 2: choose 0 to 1"},
		"first layer's":   {ascent.Interpolation("a", 3, "b", 0), "a has no filter 3: choose 0 to 2"},
		"layer":           {ascent.Layer("c"), "no layer c"},
		"second layer":    {ascent.Interpolation("a", 0, "c", 0), "no layer c"},
		"short direction": {ascent.Direction("a", make([]float32, 2), 0), "3 numbers, not 2"},
		"no direction":    {ascent.Direction("a", nil, 0), "3 numbers, not 0"},
		"direction":       {ascent.Direction("a", []float32{1, inf, 2}, 0), "number 1 of the direction is -Inf"},
		"power":           {ascent.Direction("a", make([]float32, 3), 1e6), "the power is 1e+06"},
		"no photo":        {ascent.Caricature("a", nil, 0), "needs a photo"},
		"empty photo":     {ascent.Caricature("a", image.NewGray(image.Rectangle{}), 0), "needs a photo"},
		"nothing":         {ascent.Objective{}, "empty"},
		"factor": {ascent.Channel("a", 0).Plus(ascent.Channel("a", 1).Times(nan)),
			"objective \"channel:a:1\": the factor is NaN"},
		"large factor":   {ascent.Channel("a", 0).Times(1e30), "the factor is 1e+30: give a number from -1e+09"},
		"factors of 0":   {ascent.Channel("a", 0).Times(0).Minus(ascent.Layer("b").Times(0)), "every factor is 0"},
		"weight":         {ascent.Weighted("a", []int{0, 2}, []float64{1, nan}), "the weight of filter 2 is NaN"},
		"missing weight": {ascent.Weighted("a", []int{0, 2}, []float64{1}), "2 filters with 1 weights"},
		"no weights":     {ascent.Weighted("a", nil, nil), "0 filters"},
		"half a place":   {ascent.Neuron("a", 0, 1), "a row and a column"},
		"negative place": {ascent.Neuron("a", 0, 1, -1), "a row and a column"},
		"too many terms": {many(300), "300 terms"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, test.o.Check(func(layer string) (int, error) {
				if layer == "b" {
					return 2, nil
				}
				return three(layer)
			}), test.want)
		})
	}
	require.NoError(t, ascent.Channel("a", 2).Plus(ascent.Layer("a").Times(0)).Check(three))
	require.NoError(t, many(256).Check(three))
}

// many is an objective of n terms.
func many(n int) (o ascent.Objective) {
	for range n {
		o = o.Plus(ascent.Layer("a"))
	}
	return o
}

// TestNeuronsStandInTheirLayer says where there are places, whatever the border takes away.
func TestNeuronsStandInTheirLayer(t *testing.T) {
	size := func(string) (rows, columns int) { return 8, 5 }
	for _, test := range []struct {
		row, column, border int
		fits                bool
	}{{7, 4, 0, true}, {8, 0, 0, false}, {0, 5, 0, false}, {3, 0, 2, true}, {4, 0, 2, false}, {0, 1, 2, false},
		{1, 0, 100, true}, {2, 0, 100, false}} {
		err := ascent.Neuron("a", 0, test.row, test.column).CheckPlaces(test.border, size)
		require.Equal(t, test.fits, err == nil, "%v: %v", test, err)
	}
	require.NoError(t, ascent.Neuron("a", 0).CheckPlaces(0, size), "the middle is always there")
	require.EqualError(t, ascent.Neuron("a", 0, 8, 0).CheckPlaces(1, size),
		"objective: neuron:a:0:8:0 is outside the layer: for what this method shows it of the picture, its rows go "+
			"from 0 to 5 and its columns from 0 to 2")
}

// TestFilesInObjectives may have any names, and lose their folders.
func TestFilesInObjectives(t *testing.T) {
	for text, want := range map[string]struct{ path, shown string }{
		"direction:a:/home/anna/v.npy":       {"/home/anna/v.npy", "direction:a:v.npy"},
		"direction:a:v.npy:2":                {"v.npy", "direction:a:v.npy:2"},
		"-2*direction:a:x*y.npy":             {"x*y.npy", "-2*direction:a:x*y.npy"},
		"direction:a:my  vector of 3.npy":    {"my  vector of 3.npy", "direction:a:my  vector of 3.npy"},
		"direction:a:C:my v.npy:1 + layer:a": {"C:my v.npy", "direction:a:C:my v.npy:1 + layer:a"},
		"layer:a - direction:a:größe\u00a0🐱 2.npy - layer:a": {"größe\u00a0🐱 2.npy",
			"layer:a - direction:a:größe\u00a0🐱 2.npy - layer:a"},
		"direction:a:\xff\x1b[2J.npy": {"\xff\x1b[2J.npy", "direction:a:??[2J.npy"},
	} {
		t.Run(text, func(t *testing.T) {
			var asked string
			o, err := ascent.ParseObjective(text, ascent.Files{Vector: func(path string) ([]float32, error) {
				asked = path
				return []float32{1}, nil
			}})
			require.NoError(t, err)
			require.Equal(t, want.path, asked)
			require.Equal(t, want.shown, o.String())
			require.NotContains(t, o.Portable(func(a ascent.Attachment) string {
				require.Equal(t, []float32{1}, a.Vector)
				return "1.npy"
			}), "v.npy")
		})
	}
	_, err := ascent.ParseObjective("direction:a:v.npy direction:a:w.npy", ascent.Files{})
	require.ErrorContains(t, err, `write + or - before "direction:a:w.npy"`)
	vector := []float32{1, 2}
	o := ascent.Direction("a", vector, 0)
	vector[0] = 9
	o.Portable(func(a ascent.Attachment) string {
		require.Equal(t, []float32{1, 2}, a.Vector, "a copy")
		return ""
	})
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
