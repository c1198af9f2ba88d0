// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	_ "embed"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// numbersJSON is what NumPy, SciPy, PyTorch and Keras compute, see testdata/reference.py.
//
//go:embed testdata/numbers.json
var numbersJSON []byte

// numbers returns one of the stored results.
func numbers(t *testing.T, name string) []float64 {
	t.Helper()
	var all map[string][]float64
	require.NoError(t, json.Unmarshal(numbersJSON, &all))
	require.Contains(t, all, name)
	return all[name]
}

// value is reference.py's: sin(0.7 i + 0.3), scaled.
func value(scale, offset float64, dims ...int) *tensors.Tensor {
	n := 1
	for _, dim := range dims {
		n *= dim
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(offset + scale*float64(float32(math.Sin(0.7*float64(i)+0.3))))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// compute runs a graph function on the pure Go backend.
func compute(t *testing.T, fn func(inputs []*Node) *Node, inputs ...*tensors.Tensor) []float32 {
	t.Helper()
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	given := make([]any, len(inputs))
	for i, input := range inputs { // a copy, which goes with the backend
		values, err := tensors.CopyFlatData[float32](input)
		require.NoError(t, err)
		given[i] = tensors.FromFlatDataAndDimensions(values, input.Shape().Dimensions...)
	}
	exec, err := NewExec(dev.Backend, fn)
	require.NoError(t, err)
	outputs, err := exec.Call(given...)
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[float32](outputs[0])
	require.NoError(t, err)
	return flat
}

// near compares with a relative tolerance of 1e-4 of the largest value.
func near(t *testing.T, want []float64, got []float32) {
	t.Helper()
	require.Len(t, got, len(want))
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(w))
	}
	for i, w := range want {
		require.InDelta(t, w, got[i], 1e-4*largest, "value %d", i)
	}
}

func method(t *testing.T, parts string) ascent.Method {
	t.Helper()
	m, err := ascent.ParseMethod("book," + parts)
	require.NoError(t, err)
	return m
}

func TestColorsAgainstNumPy(t *testing.T) {
	for name, channels := range map[string]int{"decorrelated": 3, "squashed": 3, "gray": 1} {
		t.Run(name, func(t *testing.T) {
			m := method(t, "color="+name)
			near(t, numbers(t, "color "+name), compute(t, func(in []*Node) *Node {
				return ascent.DecodeParameters(m, in, 2, 3)
			}, value(1, 0, 1, 2, 3, channels)))
		})
	}
}

func TestParameterizationsAgainstNumPy(t *testing.T) {
	for _, test := range []struct {
		name, image   string
		height, width int
		scale         float64
	}{
		{"fourier:1 6x8", "fourier", 6, 8, 1},
		{"fourier:1.5 6x8", "fourier:1.5", 6, 8, 1},
		{"fourier:1 5x7", "fourier", 5, 7, 1},
		{"fourier:1.5 5x7", "fourier:1.5", 5, 7, 1},
		{"maco 6x8", "maco:2:1:2.5:2:3:0.5", 6, 8, 1},
		{"maco 5x7", "maco:2:1:2.5:2:3:0.5", 5, 7, 1},
		{"pyramid", "pyramid", 8, 12, 1},
		{"cppn", "cppn", 5, 4, 0.3},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := method(t, "image="+test.image)
			var parameters []*tensors.Tensor
			for _, shape := range ascent.ParameterShapes(m, test.height, test.width) {
				parameters = append(parameters, value(test.scale, 0, append([]int{1}, shape...)...))
			}
			near(t, numbers(t, test.name), compute(t, func(in []*Node) *Node {
				return ascent.DecodeParameters(m, in, test.height, test.width)
			}, parameters...))
		})
	}
}

func TestTransformsAgainstNumPy(t *testing.T) {
	for _, transform := range []string{"pad:2:127.5", "jitter:4", "scale:0.8:1.3", "rotate:-20:40", "flip", "blur:1:2",
		"crops:1:6:0.9:0.3", "noise:0.1"} {
		t.Run(transform, func(t *testing.T) {
			m := method(t, "transforms="+transform)
			count := ascent.DrawsFor(m, 9, 10)
			draws := make([]float32, max(count, 1))
			for i := range draws {
				draws[i] = float32(math.Mod(0.3+0.13*float64(i), 1))
			}
			copy(draws, []float32{0.3, 0.8, 0.55}[:min(count, 3)])
			if transform == "noise:0.1" {
				draws[1], draws[2] = 0.43, 0.56
			}
			near(t, numbers(t, transform), compute(t, func(in []*Node) *Node {
				return ascent.TransformPictures(m, in[0], in[1], in[2])
			}, value(100, 127.5, 1, 9, 10, 3), tensors.FromFlatDataAndDimensions(draws, 1, len(draws)),
				tensors.FromFlatDataAndDimensions([]float32{0.5}, 1)))
		})
	}
}

func TestRegularizersAgainstNumPy(t *testing.T) {
	for _, regularizer := range []string{"tv:0.5", "norm:2:6:0.5", "blur:3:1.5"} {
		t.Run(regularizer, func(t *testing.T) {
			m := method(t, "regularizers="+regularizer)
			near(t, numbers(t, regularizer), compute(t,
				func(in []*Node) *Node { return ascent.PenaltyOf(m, in[0]) }, value(100, 127.5, 1, 9, 10, 3)))
		})
	}
}

// TestOptimizersAgainstOthers compares four steps: Adam with PyTorch, RMSProp with Keras, the others with NumPy.
func TestOptimizersAgainstOthers(t *testing.T) {
	for _, name := range []string{"adam", "nadam", "rmsprop:0.8:0.5", "l2", "rms"} {
		t.Run(name, func(t *testing.T) {
			o := method(t, "optimizer="+name).Optimizer
			near(t, numbers(t, name), compute(t, func(in []*Node) *Node {
				var gradients []*Node
				for i := range 4 {
					gradients = append(gradients, Squeeze(Slice(in[0], AxisElem(i)), 0))
				}
				return Stack(ascent.MovesOf(o, gradients), 0)
			}, value(1, 0, 4, 2, 3)))
		})
	}
}

func TestDiversityAgainstNumPy(t *testing.T) {
	near(t, numbers(t, "diversity"), compute(t, func(in []*Node) *Node {
		return ascent.Likenesses(MaxScalar(in[0], 0))
	}, value(1, 0, 3, 4, 5, 6)))
}

// TestGradientsAgainstFiniteDifferences moves the parameters a little along the gradient: the loss must change as it
// says.
func TestGradientsAgainstFiniteDifferences(t *testing.T) {
	const height, width, small = 9, 8, 1e-2
	for _, parts := range []string{
		"image=pixels:0.01,color=squashed", "image=fourier,color=decorrelated", "image=pyramid,color=gray",
		"image=maco,color=decorrelated", "image=cppn,color=decorrelated", "color=squashed,transforms=pad:2+jitter:3",
		"color=squashed,transforms=scale:0.8:1.2", "color=squashed,transforms=rotate:-30:30",
		"color=squashed,transforms=flip+blur:1:2", "color=squashed,transforms=crops:3:7:0.6:0.5+noise:0.1",
		"color=squashed,regularizers=tv:9+norm:9:4:0.1+blur:50:1", "image=fourier,color=decorrelated,transforms=lucid",
	} {
		t.Run(parts, func(t *testing.T) {
			m := method(t, parts)
			shapes := ascent.ParameterShapes(m, height, width)
			draws := value(0.45, 0.5, 1, max(ascent.DrawsFor(m, height, width), 1))
			loss := func(parameters []*Node, draws *Node) *Node {
				pictures := ascent.DecodeParameters(m, parameters, height, width)
				done := Scalar(draws.Graph(), draws.DType(), 0.5)
				seen := ascent.TransformPictures(m, pictures, draws, Reshape(done, 1))
				weights := Sin(ConvertDType(IotaFull(seen.Graph(), seen.Shape()), seen.DType()))
				sum := ReduceAllSum(Mul(Square(MulScalar(seen, 0.01)), weights))
				if strings.Contains(parts, "regularizers") {
					sum = Sub(sum, ReduceAllSum(ascent.PenaltyOf(m, pictures)))
				}
				return sum
			}
			var parameters []*tensors.Tensor
			for _, shape := range shapes {
				parameters = append(parameters, value(0.4, 0.05, append([]int{1}, shape...)...))
			}
			got := compute(t, func(in []*Node) *Node {
				parameters, draws := in[:len(shapes)], in[len(shapes)]
				gradients := Gradient(loss(parameters, draws), parameters...)
				square := ScalarZero(draws.Graph(), draws.DType())
				for _, g := range gradients {
					square = Add(square, ReduceAllSum(Square(g)))
				}
				slope := Sqrt(square) // along the gradient
				at := func(distance float64) *Node {
					moved := make([]*Node, len(parameters))
					for i, p := range parameters {
						moved[i] = Add(p, MulScalar(Div(gradients[i], slope), distance))
					}
					return loss(moved, draws)
				}
				return Stack([]*Node{slope, MulScalar(Sub(at(small), at(-small)), 1/(2*small))}, 0)
			}, append(parameters, draws)...)
			require.NotZero(t, got[0])
			require.InEpsilon(t, got[1], got[0], 2e-2, "the gradient says %g, the difference %g", got[0], got[1])
		})
	}
}

// TestInvertFindsTheStart decodes what a photo was turned into.
func TestInvertFindsTheStart(t *testing.T) {
	const height, width = 7, 6
	photo := value(100, 127.5, height, width, 3)
	levels, err := tensors.CopyFlatData[float32](photo)
	require.NoError(t, err)
	for _, parts := range []string{"image=pixels:0.01,color=squashed", "image=fourier,color=decorrelated",
		"image=fourier:1.5,color=squashed", "image=pyramid,color=decorrelated"} {
		t.Run(parts, func(t *testing.T) {
			m := method(t, parts)
			var parameters []*tensors.Tensor
			shapes := ascent.ParameterShapes(m, height, width)
			for i, values := range ascent.Invert(m, levels, height, width) {
				parameters = append(parameters, tensors.FromFlatDataAndDimensions(values, append([]int{1}, shapes[i]...)...))
			}
			got := compute(t, func(in []*Node) *Node { return ascent.DecodeParameters(m, in, height, width) }, parameters...)
			for i, level := range levels {
				require.InDelta(t, level, got[i], 0.1, "value %d", i)
			}
		})
	}
}

// TestFitFindsTheLaw fits pictures that were made by a law.
func TestFitFindsTheLaw(t *testing.T) {
	const size = 48
	m := method(t, "image=maco:1.8:1:1.2:1:1:0.5,color=decorrelated")
	var photos [][]float32
	for i := range 4 {
		phases := make([]float32, 3*size*(size/2+1))
		source := rand.New(rand.NewPCG(uint64(i), 0))
		for k := range phases {
			phases[k] = source.Float32() * 20
		}
		photos = append(photos, compute(t, func(in []*Node) *Node {
			return ascent.DecodeParameters(m, in, size, size)
		}, tensors.FromFlatDataAndDimensions(phases, 1, 3, size, size/2+1)))
	}
	law, err := ascent.FitMaCo(slices.Values(photos), size, size)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1.8, 1.2, 1}, law.Slope[:], 0.1)
	require.InDelta(t, 0.5, law.Level[2]/law.Level[0], 0.1)
}

func TestFitRefuses(t *testing.T) {
	const size = 32
	photo := func(of func(i, c int) float32) []float32 {
		levels := make([]float32, size*size*3)
		for i := range levels {
			levels[i] = of(i/3, i%3)
		}
		return levels
	}
	noise := func(i int) float32 { return float32((i*7919 + i*i%251) % 256) }
	gray := photo(func(i, _ int) float32 { return noise(i) })
	colour := photo(func(i, c int) float32 { return noise(i + 977*c) })
	for name, test := range map[string]struct {
		photos [][]float32
		want   string
	}{
		"none":       {nil, "there are none"},
		"one level":  {[][]float32{photo(func(int, int) float32 { return 120 })}, "with something in them"},
		"one colour": {[][]float32{photo(func(_, c int) float32 { return float32(40 + 60*c) })}, "with something in them"},
		"gray":       {[][]float32{gray, gray}, "give photographs in colour"},
		"JPEG's gray": {[][]float32{photo(func(i, c int) float32 { return noise(i) + float32(c%2) })},
			"give photographs in colour"},
		"one in three": {[][]float32{gray, colour, gray}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			law, err := ascent.FitMaCo(slices.Values(test.photos), size, size)
			if test.want == "" {
				require.NoError(t, err)
				require.False(t, math.IsNaN(law.Slope[2]+law.Level[2]))
				return
			}
			require.ErrorIs(t, err, ascent.ErrNoLaw)
			require.ErrorContains(t, err, test.want)
		})
	}
}
