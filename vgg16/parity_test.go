// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/vgg16"
)

// The tests of this file compare the real model on XLA with numbers computed by Keras. A small part of them is in
// testdata; the rest is read from ../shared/reference beside the clone, and skipped where that is missing.
//
// Gradient ascent amplifies rounding, so first losses and gradients are compared tightly, traces and final pictures
// less so: against float64, within a stated limit or twice what Keras' own float32 is off at that filter. Which way a
// sum is rounded depends on the processor, and a limit that holds on one machine only by luck fails on the next.

var onXLA = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.CPU}) })

// traceLimit is how far a loss of forty steps may be off, relative to the largest: 1 %, 5 % in block5, or twice what
// Keras' own float32 is.
func traceLimit(layer string, float32s float64) float64 {
	if strings.HasPrefix(layer, "block5") {
		return max(0.05, 2*float32s)
	}
	return max(0.01, 2*float32s)
}

// pictureLimit is the PSNR in dB that a picture must have after forty steps: 45, 20 in block5, or half of what Keras'
// own float32 has, which is 6 dB less.
func pictureLimit(layer string, float32s float64) float64 {
	if strings.HasPrefix(layer, "block5") {
		return min(20, float32s-6)
	}
	return min(45, float32s-6)
}

// real is VGG16 with its ImageNet weights on XLA.
func real(t *testing.T) *vgg16.Model {
	t.Helper()
	level.Real(t, "needs the weights (59 MB) and XLA")
	dev, err := onXLA()
	require.NoError(t, err)
	net, err := vgg16.Load(dev, vgg16.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, net.Close()) })
	return net
}

// A way to compute the convolutions: as users get it, or without our own kernel.
type way string

const (
	usual  way = "usual"
	direct way = "direct"
)

// eachWay runs a test for both ways.
func eachWay(t *testing.T, test func(t *testing.T, net *vgg16.Model, way way)) {
	for _, way := range []way{usual, direct} {
		t.Run(string(way), func(t *testing.T) {
			net := real(t)
			if way == direct {
				dev, err := onXLA()
				require.NoError(t, err)
				if dev.Convolution() == recipe.Direct {
					t.Skip("that is the usual way here")
				}
				t.Setenv(device.EnvKernel, "off")
				require.Equal(t, recipe.Direct, dev.Convolution())
			}
			test(t, net, way)
		})
	}
}

// fullWays runs a long test for both ways if everything is asked for, else for the usual one.
func fullWays(t *testing.T, test func(t *testing.T, net *vgg16.Model, way way)) {
	eachWay(t, func(t *testing.T, net *vgg16.Model, way way) {
		if way != usual {
			level.OnlyFull(t, "goes the other way, too")
		}
		test(t, net, way)
	})
}

// shared is the path of a file of the shared reference.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "shared", "reference"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the full reference (../shared/reference beside the clone) is not here; the embedded part " +
			"is tested all the same")
	}
	return path
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

func readNPY(t *testing.T, path string) *tensors.Tensor {
	t.Helper()
	tensor, err := numpy.FromNpyFile(path)
	require.NoError(t, err)
	return tensor
}

// climb runs one filter from a start picture.
func climb(t *testing.T, net *vgg16.Model, layer string, filter int, start *tensors.Tensor, steps int) *ascent.Result {
	t.Helper()
	target, err := net.Channels(layer, filter)
	require.NoError(t, err)
	result, err := ascent.Run(context.Background(), target, ascent.Options{Start: start, Steps: steps, NoRescue: true})
	require.NoError(t, err)
	return result
}

func TestEmbeddedReference(t *testing.T) { eachWay(t, embeddedReference) }

func embeddedReference(t *testing.T, net *vgg16.Model, way way) {
	var reference struct {
		Zeros []struct {
			Layer  string
			Filter int
			Loss   float64
		}
		Start struct {
			File   string
			Filter int
			Layers []struct {
				Layer                      string
				First, Last, Float32, PSNR float64
			}
		}
	}
	readJSON(t, "testdata/reference.json", &reference)
	zeros := tensors.FromScalarAndDimensions(float32(0), 1, 150, 150, 3)
	if way != usual && !level.Full() {
		reference.Zeros = nil // each compiles a program at 150 px
	}
	for _, want := range reference.Zeros {
		t.Run(fmt.Sprintf("zeros/%s_%d", want.Layer, want.Filter), func(t *testing.T) {
			got := climb(t, net, want.Layer, want.Filter, zeros, 1).Loss[0][0]
			require.InDelta(t, want.Loss, got, 1e-4*math.Abs(want.Loss))
		})
	}
	start := readNPY(t, filepath.Join("testdata", reference.Start.File))
	for _, want := range reference.Start.Layers {
		t.Run("forty steps/"+want.Layer, func(t *testing.T) {
			result := climb(t, net, want.Layer, reference.Start.Filter, start, 0)
			require.InEpsilon(t, want.First, result.Loss[0][0], 1e-4)
			// Its first loss is the one after step 40.
			after := climb(t, net, want.Layer, reference.Start.Filter, result.Pictures, 1)
			require.InEpsilon(t, want.Last, after.Loss[0][0], traceLimit(want.Layer, want.Float32))
			images, err := result.Images()
			require.NoError(t, err)
			quality := psnr(images[0], readPNG(t, filepath.Join("testdata", want.Layer+".png")))
			require.GreaterOrEqual(t, quality, pictureLimit(want.Layer, want.PSNR), "PSNR of the final picture, dB")
			t.Logf("loss %.2g off after forty steps, picture %.1f dB; Keras' own float32 %.2g and %.1f dB",
				math.Abs(float64(after.Loss[0][0])/want.Last-1), quality, want.Float32, want.PSNR)
		})
	}
}

// reference is ../shared/reference/ascent/reference.json.
type reference struct {
	Activations []struct {
		Layer          string
		Shape          []int
		Mean, Std, Max float64
		First8         []float64
		Center8        []float64
	}
	Ascent []struct {
		Layer       string
		Filter      int
		Grad0First8 []float64 `json:"grad0_first8"`
		LossFloat64 []float64 `json:"loss_float64"`
		LossFloat32 []float64 `json:"loss_float32"`
		PSNR        float64   `json:"psnr_f32_vs_f64"`
	}
}

func TestActivationsAgainstKeras(t *testing.T) {
	net := real(t)
	var want reference
	readJSON(t, shared(t, "ascent", "reference.json"), &want)
	start := readNPY(t, shared(t, "ascent", "start.npy"))
	var names []string
	for _, layer := range want.Activations {
		names = append(names, layer.Layer)
	}
	require.Len(t, names, 18)
	outputs, err := net.Activations(start, names...)
	require.NoError(t, err)
	for i, layer := range want.Activations {
		t.Run(layer.Layer, func(t *testing.T) {
			tolerance := 1e-4
			if strings.HasPrefix(layer.Layer, "block5") {
				tolerance = 1e-3
			}
			require.Equal(t, layer.Shape, outputs[i].Shape().Dimensions)
			flat := tensors.MustCopyFlatData[float32](outputs[i])
			mean, std := moments(flat)
			require.InEpsilon(t, layer.Mean, mean, tolerance)
			require.InEpsilon(t, layer.Std, std, tolerance)
			require.InEpsilon(t, layer.Max, float64(slices.Max(flat)), tolerance)
			height, width, filters := layer.Shape[1], layer.Shape[2], layer.Shape[3]
			center := (height/2*width + width/2) * filters
			for k := range layer.First8 {
				require.InDelta(t, layer.First8[k], flat[k], tolerance*max(layer.Max/100, math.Abs(layer.First8[k])),
					"first %d", k)
				require.InDelta(t, layer.Center8[k], flat[center+k],
					tolerance*max(layer.Max/100, math.Abs(layer.Center8[k])), "center %d", k)
			}
		})
	}
}

func TestAscentAgainstKeras(t *testing.T) { fullWays(t, ascentAgainstKeras) }

func ascentAgainstKeras(t *testing.T, net *vgg16.Model, _ way) {
	var want reference
	readJSON(t, shared(t, "ascent", "reference.json"), &want)
	start := readNPY(t, shared(t, "ascent", "start.npy"))
	for _, filter := range want.Ascent {
		name := fmt.Sprintf("%s_%d", filter.Layer, filter.Filter)
		t.Run(name, func(t *testing.T) {
			gradient := firstGradient(t, net, filter.Layer, filter.Filter, start)
			reference := tensors.MustCopyFlatData[float32](readNPY(t, shared(t, "ascent", name+"_grad0.npy")))
			near, distance, side := compare(reference, gradient, 150)
			require.GreaterOrEqual(t, near, 0.998, "share of the first gradient within 1e-4; its root mean square is 1")
			require.LessOrEqual(t, distance, 2e-3, "first gradient, relative distance")
			require.LessOrEqual(t, side, tiePatch,
				"side of the square outside of which all values of the first gradient are within 1e-4")
			for i, want := range filter.Grad0First8 {
				require.InDelta(t, want, gradient[i], 1e-4, "first gradient, value %d", i)
			}

			result := climb(t, net, filter.Layer, filter.Filter, start, 0)
			dead := slices.Max(filter.LossFloat64) == 0
			require.Equal(t, dead, result.Dead[0])
			if !dead {
				require.InEpsilon(t, filter.LossFloat64[0], result.Loss[0][0], 1e-4, "first loss")
			}
			highest, worst, keras := max(slices.Max(filter.LossFloat64), 1e-30), 0.0, 0.0
			for i, loss := range filter.LossFloat64 {
				worst = max(worst, math.Abs(loss-float64(result.Loss[0][i]))/highest)
				keras = max(keras, math.Abs(loss-filter.LossFloat32[i])/highest)
			}
			require.LessOrEqual(t, worst, traceLimit(filter.Layer, keras), "loss trace")

			enough := pictureLimit(filter.Layer, filter.PSNR)
			if dead {
				enough = min(45, filter.PSNR-6) // nothing moves
			}
			images, err := picture.Deprocess(result.Pictures)
			require.NoError(t, err)
			got := psnr(images[0], readPNG(t, shared(t, "ascent", name+".png")))
			require.GreaterOrEqual(t, got, enough, "PSNR of the final picture, dB")
			t.Logf("first gradient: %.3f %% within 1e-4, the rest in a square of %d pixels; loss trace within "+
				"%.2g of its maximum, picture %.1f dB (Keras' own float32: %.2g, %.1f dB)", 100*near, side, worst,
				got, keras, filter.PSNR)
		})
	}
}

func TestGridsAgainstKeras(t *testing.T) { fullWays(t, gridsAgainstKeras) }

func gridsAgainstKeras(t *testing.T, net *vgg16.Model, _ way) {
	var want struct {
		Layers map[string]struct {
			First []float64 `json:"loss_first"`
			After []float64 `json:"loss_after_40"`
		}
	}
	readJSON(t, shared(t, "grid", "grid.json"), &want)
	start := readNPY(t, shared(t, "grid", "start.npy"))
	filters := make([]int, 64)
	for i := range filters {
		filters[i] = i
	}
	for layer, losses := range want.Layers {
		t.Run(layer, func(t *testing.T) {
			if layer != "block3_conv1" {
				level.OnlyFull(t, "climbs 64 filters")
			}
			target, err := net.Channels(layer, filters...)
			require.NoError(t, err)
			result, err := ascent.Run(context.Background(), target, ascent.Options{Start: start, NoRescue: true})
			require.NoError(t, err)
			for i, first := range losses.First {
				// The absolute part is float32's rounding for filters that barely answer: their activations are
				// differences of thousands.
				require.InDelta(t, first, result.Loss[i][0], 1e-4*math.Abs(first)+1e-5, "filter %d", i)
				require.Equal(t, first == 0 && losses.After[i] == 0, result.Dead[i], "filter %d", i)
			}
			images, err := picture.Deprocess(result.Pictures)
			require.NoError(t, err)
			grid := picture.Grid(images, picture.GridOptions{})
			reference := readPNG(t, shared(t, "grid", layer+".png"))
			require.Equal(t, reference.Bounds(), grid.Bounds())
			var quality []float64
			for i := range filters {
				tile := image.Rect(0, 0, 64, 64).Add(image.Pt(i/8*69, i%8*69)) // filter i + 8j stands in row i, column j
				quality = append(quality, psnr(crop(grid, tile), crop(reference, tile)))
			}
			slices.Sort(quality)
			enough := 35.0
			if layer == "block4_conv1" {
				enough = 28
			}
			median := quality[len(quality)/2]
			require.GreaterOrEqual(t, median, enough, "median tile PSNR, dB")
			t.Logf("tiles: median %.1f dB, worst %.1f dB", median, quality[0])
		})
	}
}

// firstGradient is the normalized gradient at the start picture: what one step adds to the picture, over the step's
// length. The step is long, so that the picture's rounding doesn't show.
func firstGradient(t *testing.T, net *vgg16.Model, layer string, filter int, start *tensors.Tensor) []float32 {
	t.Helper()
	const length = 1 << 12
	target, err := net.Channels(layer, filter)
	require.NoError(t, err)
	result, err := ascent.Run(context.Background(), target, ascent.Options{Start: start, Steps: 1, Step: length})
	require.NoError(t, err)
	before, after := tensors.MustCopyFlatData[float32](start), tensors.MustCopyFlatData[float32](result.Pictures)
	for i := range after {
		after[i] = (after[i] - before[i]) / length
	}
	return after
}

// tiePatch is how many pixels a value of block1_pool sees, in each direction.
const tiePatch = 6

// compare returns the share of values that agree within 1e-4, the relative Euclidean distance, and the side of the
// smallest square of pixels that holds all values that don't agree.
//
// Not all values can agree: where two inputs of a pool are equal up to rounding, either may win, and the 6x6 pixels
// below see it. With this start that happens at one pool of 360,000.
func compare(want, got []float32, width int) (near, distance float64, side int) {
	var off, square, total float64
	var box image.Rectangle
	for i := range want {
		d := float64(want[i]) - float64(got[i])
		if math.Abs(d) > 1e-4 {
			off++
			x, y := i/3%width, i/3/width
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
		square += d * d
		total += float64(want[i]) * float64(want[i])
	}
	if total == 0 {
		total = 1
	}
	return 1 - off/float64(len(want)), math.Sqrt(square / total), max(box.Dx(), box.Dy())
}

// moments returns the mean and the standard deviation, summed in float64.
func moments(values []float32) (mean, std float64) {
	for _, v := range values {
		mean += float64(v) / float64(len(values))
	}
	for _, v := range values {
		std += (float64(v) - mean) * (float64(v) - mean) / float64(len(values))
	}
	return mean, math.Sqrt(std)
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	img, err := png.Decode(file)
	require.NoError(t, err)
	return img
}

func crop(img image.Image, tile image.Rectangle) image.Image {
	return img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(tile)
}

// psnr is the peak signal-to-noise ratio of two 8-bit pictures in dB, 100 when they are equal.
func psnr(a, b image.Image) float64 {
	sum, size := 0.0, a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			p := color.NRGBAModel.Convert(a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y)).(color.NRGBA)
			q := color.NRGBAModel.Convert(b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y)).(color.NRGBA)
			for _, d := range [3]int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B)} {
				sum += float64(d * d)
			}
		}
	}
	if sum == 0 {
		return 100
	}
	return 10 * math.Log10(255*255*float64(size.X*size.Y*3)/sum)
}
