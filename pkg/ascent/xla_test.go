// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"fmt"
	"image"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// Plugins have computed some operations wrongly, and only on vectors that are long enough for the processor's wide
// instructions. So everything that the package computes is compared between XLA and the pure Go backend, on pictures
// that are large enough.

// xlaDevice is XLA on the processor, opened once.
var xlaDevice = sync.OnceValues(func() (*device.Device, error) {
	return device.New(device.Options{Kind: device.CPU, Report: func(string) {}})
})

// eachBackend calls the function with both backends.
func eachBackend(t *testing.T, use func(dev *device.Device)) {
	t.Helper()
	xla, err := xlaDevice()
	require.NoError(t, err)
	pure := device.MustNew(device.Options{Kind: device.Go})
	defer pure.Close()
	use(xla)
	use(pure)
}

// alike runs a graph function on both backends, and wants the same of each output: within that part of its largest
// value.
func alike(t *testing.T, tolerance float64, fn func(inputs []*Node) []*Node, inputs ...[]float32) {
	t.Helper()
	var all [][][]float32
	eachBackend(t, func(dev *device.Device) {
		exec, err := NewExec(dev.Backend, fn)
		require.NoError(t, err)
		given := make([]any, len(inputs))
		for i, values := range inputs {
			given[i] = tensors.FromFlatDataAndDimensions(values, len(values))
		}
		outputs, err := exec.Call(given...)
		require.NoError(t, err)
		var flat [][]float32
		for _, output := range outputs {
			flat = append(flat, tensors.MustCopyFlatData[float32](output))
		}
		all = append(all, flat)
	})
	require.NotEmpty(t, all[0])
	for k, got := range all[0] {
		same(t, tolerance, all[1][k], got, fmt.Sprintf("output %d", k))
	}
}

// same compares values within a part of the largest.
func same(t *testing.T, tolerance float64, want, got []float32, what string) {
	t.Helper()
	require.Len(t, got, len(want))
	largest := 0.0
	for _, w := range want {
		require.False(t, math.IsNaN(float64(w)), what)
		largest = max(largest, math.Abs(float64(w)))
	}
	require.NotZero(t, largest, "%s is zero everywhere: nothing is compared", what)
	for i, w := range want {
		require.InDelta(t, w, got[i], tolerance*largest, "%s, value %d of %d, the largest %g", what, i, len(want), largest)
	}
}

// spread are numbers from -scale to scale around offset, without a period.
func spread(n int, scale, offset float64) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(offset + scale*math.Sin(float64(i)*0.7+float64(i*i%97)))
	}
	return values
}

// withGradients gives fn's value and the gradients of a weighted sum of it.
func withGradients(value *Node, of ...*Node) []*Node {
	weights := Sin(ConvertDType(IotaFull(value.Graph(), shapes.Make(dtypes.Int32, value.Shape().Dimensions...)),
		value.DType()))
	return append([]*Node{value}, Gradient(ReduceAllSum(Mul(value, weights)), of...)...)
}

const xlaHeight, xlaWidth = 24, 22

// shaped gives a flat input the picture's dimensions.
func shaped(x *Node) *Node { return Reshape(x, -1, xlaHeight, xlaWidth, 3) }

func TestArcTangent(t *testing.T) {
	edges := []float64{0, 1, -1, 0.41421356, 2.4142136, 9.998, -9.998, 1e-30, 1e-6, 1e10, -1e30, 3e38}
	for _, kind := range []device.Kind{device.Go, device.CPU} {
		t.Run(kind.String(), func(t *testing.T) {
			if kind == device.CPU {
				level.Real(t, "needs XLA")
			}
			dev, err := device.New(device.Options{Kind: kind, Report: func(string) {}})
			require.NoError(t, err)
			defer dev.Close()
			exec, err := NewExec(dev.Backend, func(x *Node) []*Node {
				return []*Node{ascent.ArcTangent(x), Gradient(ReduceAllSum(ascent.ArcTangent(x)), x)[0]}
			})
			require.NoError(t, err)
			for _, n := range []int{1, 7, 100, 1000, 4801} {
				x := make([]float32, n)
				for i := range x {
					x[i] = float32(12 * math.Sin(float64(i)*0.37))
					if i < len(edges) {
						x[i] = float32(edges[i])
					}
				}
				outputs, err := exec.Call(tensors.FromFlatDataAndDimensions(x, n))
				require.NoError(t, err)
				values, slopes := tensors.MustCopyFlatData[float32](outputs[0]), tensors.MustCopyFlatData[float32](outputs[1])
				for i, v := range x {
					require.InDelta(t, math.Atan(float64(v)), values[i], 4e-7, "atan(%g) of %d values", v, n)
					require.InDelta(t, 1/(1+float64(v)*float64(v)), slopes[i], 4e-7, "its slope at %g", v)
				}
			}
			outputs, err := exec.Call(tensors.FromFlatDataAndDimensions([]float32{float32(math.NaN())}, 1))
			require.NoError(t, err)
			require.True(t, math.IsNaN(float64(tensors.MustCopyFlatData[float32](outputs[0])[0])),
				"what is no number must show")
		})
	}
}

func TestImagesAndColorsOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	texts := []string{"image=pyramid", "image=fourier,color=squashed", "image=fourier:1.5", "image=maco", "image=cppn",
		"image=cppn,color=decorrelated"}
	for _, color := range ascent.ColorNames() {
		texts = append(texts, "image=pixels:0.5,color="+color)
	}
	for _, text := range texts {
		t.Run(text, func(t *testing.T) {
			m := method(t, text)
			shapes := ascent.ParameterShapes(m, xlaHeight, xlaWidth)
			parameters := ascent.Draw(m, xlaHeight, xlaWidth, 3)
			if m.Image == (ascent.CPPN{}) { // the last layer starts at zero: then every picture is gray
				last := parameters[len(parameters)-2]
				copy(last, spread(len(last), 0.3, 0))
			}
			alike(t, 2e-4, func(in []*Node) []*Node {
				own := make([]*Node, len(in))
				for i, x := range in {
					own[i] = Reshape(x, append([]int{1}, shapes[i]...)...)
				}
				return withGradients(ascent.DecodeParameters(m, own, xlaHeight, xlaWidth), in...)
			}, parameters...)
		})
	}
}

func TestTransformsOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	for _, name := range append(ascent.TransformNames(), "lucid", "xplique") {
		numbers, known := map[string]string{
			"pad": ":2:127.5", "jitter": ":4", "scale": ":0.8:1.3", "rotate": ":-20:40", "flip": "", "blur": ":1:2",
			"crops": ":3:18:0.9:0.3", "noise": ":0.1", "lucid": "", "xplique": "",
		}[name]
		require.True(t, known, "a new transform is compared, too: %s", name)
		t.Run(name, func(t *testing.T) {
			const batch = 3
			m := method(t, "transforms="+name+numbers)
			draws := make([]float32, batch*max(ascent.DrawsFor(m, xlaHeight, xlaWidth), 1))
			for i := range draws {
				draws[i] = float32(math.Mod(0.31+0.618034*float64(i), 0.999))
			}
			alike(t, 1e-4, func(in []*Node) []*Node {
				seen := ascent.TransformPictures(m, shaped(in[0]), Reshape(in[1], batch, -1), in[2])
				return withGradients(seen, in[0])
			}, spread(batch*xlaHeight*xlaWidth*3, 100, 127), draws, []float32{0, 0.5, 1})
		})
	}
}

func TestRegularizersOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	for _, name := range ascent.RegularizerNames() {
		numbers, known := map[string]string{"tv": ":0.5", "norm": ":2:6:0.5", "blur": ":3:1.5"}[name]
		require.True(t, known, "a new regularizer is compared, too: %s", name)
		t.Run(name, func(t *testing.T) {
			m := method(t, "regularizers="+name+numbers)
			alike(t, 1e-4, func(in []*Node) []*Node { return withGradients(ascent.PenaltyOf(m, shaped(in[0])), in[0]) },
				spread(2*xlaHeight*xlaWidth*3, 100, 127))
		})
	}
}

func TestOptimizersOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	for _, name := range []string{"rms", "l2", "adam", "nadam", "rmsprop", "rmsprop:0.8:0.5"} {
		t.Run(name, func(t *testing.T) {
			o := method(t, "optimizer="+name).Optimizer
			alike(t, 1e-4, func(in []*Node) []*Node {
				var gradients []*Node
				for i := range 4 {
					gradients = append(gradients, shaped(MulScalar(in[0], 1+float64(i)*0.3)))
				}
				return ascent.MovesOf(o, gradients)
			}, spread(2*xlaHeight*xlaWidth*3, 1, 0.1))
		})
	}
}

// twoLayers is a small network: "one" is a convolution of the picture, "two" one of what is left of that after a ReLU,
// both before their own.
func twoLayers() ascent.Layers {
	convolve := func(x *Node, filters int) *Node {
		kernel := shapes.Make(dtypes.Int32, 3, 3, x.Shape().Dim(3), filters)
		weights := Sin(MulScalar(ConvertDType(IotaFull(x.Graph(), kernel), x.DType()), 1.7))
		return Convolve(x, MulScalar(weights, 0.2)).PadSame().Done() // [batch, h, w, filters]
	}
	return ascent.Layers{
		Outputs: func(_ *model.Scope, x *Node, redirect bool, names []string) []*Node {
			relu := func(x *Node) *Node { return MaxScalar(x, 0) }
			if redirect {
				relu = ascent.RedirectedReLU
			}
			one := convolve(MulScalar(x, 0.01), 8)
			two := convolve(relu(one), 20)
			outputs := make([]*Node, len(names))
			for i, name := range names {
				if outputs[i] = one; name == "two" {
					outputs[i] = two
				}
			}
			return outputs
		},
		Photo: func(image.Image, int, int, string) *tensors.Tensor {
			return tensors.FromFlatDataAndDimensions(spread(xlaHeight*xlaWidth*20, 1, 0.5), 1, xlaHeight, xlaWidth, 20)
		},
	}
}

func TestObjectivesOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	texts := map[string]string{
		"channel": "channel:two:7", "neuron": "neuron:one:5:5:6", "layer": "layer:two",
		"channels": "channels:two:1=2,5=-0.5", "direction": "direction:two:v.npy:2",
		"interpolate": "interpolate:one:1:two:2", "diversity": "channel:two:1 - 100*diversity:two",
		"caricature": "caricature:two:photo.png:2",
	}
	files := ascent.Files{
		Vector: func(string) ([]float32, error) { return spread(20, 1, 0.2), nil },
		Photo:  func(string) (image.Image, error) { return image.NewGray(image.Rect(0, 0, 1, 1)), nil },
	}
	for _, name := range ascent.ObjectiveNames() {
		require.Contains(t, texts, name, "a new objective is compared, too")
		for waking := ascent.Unaided; waking <= ascent.Redirected; waking++ {
			if waking != ascent.Unaided && name != "channel" {
				continue // what helps a silent filter is the same for all
			}
			t.Run(fmt.Sprintf("%s, waking %d", name, waking), func(t *testing.T) {
				o, err := ascent.ParseObjective(texts[name], files)
				require.NoError(t, err)
				alike(t, 1e-4, func(in []*Node) []*Node {
					loss := o.Loss(twoLayers(), 3)(ascent.How{Border: 1, Waking: waking})
					return withGradients(loss(nil, shaped(in[0]), IotaFull(in[0].Graph(), int32s(3))), in[0])
				}, spread(3*xlaHeight*xlaWidth*3, 100, 127))
			})
		}
	}
}

// TestMethodsOnXLA climbs three steps with every named method and with what those leave out.
func TestMethodsOnXLA(t *testing.T) {
	level.Real(t, "needs XLA")
	texts := []string{
		"book,image=cppn,color=decorrelated,optimizer=adam,step=0.01", "book,octaves=3,step=2",
		"book,image=pyramid,color=gray,optimizer=rmsprop,step=0.1",
		"book,image=pixels:0.01,color=squashed,transforms=flip,optimizer=l2,step=3," +
			"regularizers=tv:1+norm:1:6+blur:1,wake=yes,border=1",
	}
	for _, named := range ascent.Methods() {
		texts = append(texts, named.Name)
	}
	objective := ascent.Channel("two", 7)
	for _, text := range texts {
		t.Run(text, func(t *testing.T) {
			m, err := ascent.ParseMethod(text)
			require.NoError(t, err)
			for i, transform := range m.Transforms {
				if strings.HasPrefix(transform.String(), "crops") {
					m.Transforms[i] = ascent.Crops(3, 18, 0.5, 0.3)
				}
			}
			var results []*ascent.Result
			eachBackend(t, func(dev *device.Device) {
				climber := ascent.NewClimberOf(dev.Backend, model.NewStore(), ascent.Source{
					Loss:       func(how ascent.How) ascent.LossFunc { return objective.Loss(twoLayers(), 1)(how) },
					Preprocess: func(x *Node) *Node { return AddScalar(x, -100) }, Fires: true,
				})
				job := ascent.Target{Climber: climber, Layer: "two", Filters: []int{0, 1}}
				result, err := ascent.Run(context.Background(), job,
					ascent.Options{Method: m, Height: xlaHeight, Width: xlaWidth, Steps: 3, NoRescue: true})
				require.NoError(t, err)
				results = append(results, result)
			})
			for i := range results[0].Filters {
				same(t, 1e-4, results[1].Loss[i][:1], results[0].Loss[i][:1], "the first loss")
				same(t, 5e-3, results[1].Loss[i], results[0].Loss[i], "the losses")
			}
			same(t, 5e-3, tensors.MustCopyFlatData[float32](results[1].Pictures),
				tensors.MustCopyFlatData[float32](results[0].Pictures), "the pictures")
		})
	}
}
