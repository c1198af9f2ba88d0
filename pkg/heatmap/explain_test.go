// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"sync/atomic"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/heatmap"
)

// plain is a network whose features are the pictures, in parts of 255, and whose classes are the colours: the mean of
// red, of green and of blue.
func plain(t testing.TB) *heatmap.Target {
	target := small(t)
	target.Classes, target.Stride, target.ReceptiveField, target.Unit = []string{"red", "green", "blue"}, 1, 1, 0
	target.Graph = cut(shares, means)
	return target
}

// cut is a graph of two parts, with the layer between them.
func cut(features, logits func(x *Node) *Node) func(*model.Scope, *Node) (*Node, *Node) {
	return func(_ *model.Scope, pictures *Node) (*Node, *Node) {
		x := features(pictures)
		return x, logits(x)
	}
}

// shares are gray levels from 0 to 1, means those of each colour.
func shares(pictures *Node) *Node { return DivScalar(pictures, 255) }
func means(features *Node) *Node  { return ReduceMean(features, 1, 2) }

// photo is black, with one pixel of that colour at a place.
func photo(width, height int, at image.Point, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for p := 3; p < len(img.Pix); p += 4 {
		img.Pix[p] = 255
	}
	img.Set(at.X, at.Y, c)
	return img
}

func TestExplain(t *testing.T) {
	target := plain(t)
	red := photo(6, 4, image.Pt(4, 1), color.NRGBA{255, 0, 0, 255})
	m, err := heatmap.Explain(context.Background(), target, red, heatmap.Options{Height: 4, Width: 6})
	require.NoError(t, err)
	require.Equal(t, "red", m.Name, "the most probable class")
	require.Equal(t, heatmap.GradCAM, m.Method)
	require.Equal(t, image.Pt(4, 1), m.PeakPixel())
	require.Equal(t, red.Pix, m.Photo.Pix, "a photo of that size is seen as it is")
	require.InDelta(t, 1./24, m.Score, 1e-6)
	require.Empty(t, m.Note())
	other := m.MustBy(heatmap.GradCAMPlusPlus)
	require.Equal(t, heatmap.GradCAMPlusPlus, other.Method)
	require.Equal(t, image.Pt(4, 1), other.PeakPixel())
	require.NotEqual(t, m.Values, other.Values)
	require.Equal(t, m, other.MustBy(""))

	m, err = heatmap.Explain(context.Background(), target, red, heatmap.Options{Height: 4, Width: 6, Class: "blue"})
	require.NoError(t, err)
	require.Equal(t, 2, m.Class)
	require.Contains(t, m.Note(), "is zero", "there is no blue, so nothing speaks for it")
	m, err = heatmap.Explain(context.Background(), target, red, heatmap.Options{Height: 4, Width: 6,
		Class: "2", Softmax: true})
	require.NoError(t, err)
	require.True(t, m.AllNegative(), "red lowers the probability of blue")
	require.Equal(t, color.NRGBA{5, 48, 97, 255}, m.Heat("jet").NRGBAAt(4, 1),
		"the darkest blue of the diverging colormap")
	require.Panics(t, func() { heatmap.MustExplain(target, red, heatmap.Options{Class: "yellow"}) })
	require.Equal(t, "red", heatmap.MustExplain(target, red, heatmap.Options{Height: 4, Width: 6}).Name)
}

// TestExplainEach explains more photos than a batch takes, of two sizes, each for its class, and compiles one program
// for each size.
func TestExplainEach(t *testing.T) {
	target := plain(t)
	var built atomic.Int32
	target.Graph = cut(func(pictures *Node) *Node {
		built.Add(1)
		return shares(pictures)
	}, means)
	var photos []image.Image
	var classes []string
	var want []image.Point
	colours := []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}}
	for i := range 13 {
		width := 448
		if i%5 == 4 {
			width = 224
		}
		at := image.Pt(i*16, i*11)
		photos, want = append(photos, photo(width, 224, at, colours[i%3])), append(want, at)
		classes = append(classes, target.Classes[i%3])
	}
	maps, err := heatmap.ExplainEach(context.Background(), target, photos, classes, heatmap.Options{Batch: 4})
	require.NoError(t, err)
	require.EqualValues(t, 2, built.Load(), "one for each size")
	for i, m := range maps {
		require.Equal(t, want[i], m.PeakPixel(), "photo %d", i)
		require.Equal(t, photos[i].Bounds(), m.Photo.Bounds())
	}
	for _, o := range []heatmap.Options{{Batch: 4, Class: "green"}, {Batch: 4, Method: heatmap.LayerCAM}} {
		_, err = heatmap.ExplainEach(context.Background(), target, photos, nil, o)
		require.NoError(t, err)
	}
	require.EqualValues(t, 2, built.Load(), "another class or method compiles nothing")

	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := errors.New("stopped")
	cancel(stopped)
	_, err = heatmap.ExplainEach(ctx, target, photos, nil, heatmap.Options{})
	require.ErrorIs(t, err, stopped)
	maps, err = heatmap.ExplainEach(context.Background(), target, nil, nil, heatmap.Options{})
	require.NoError(t, err)
	require.Empty(t, maps)
}

func TestSize(t *testing.T) {
	for name, c := range map[string]struct {
		photo         image.Point
		options       heatmap.Options
		change        func(*heatmap.Target)
		height, width int
		problem       string
	}{
		"short side 224": {photo: image.Pt(300, 200), height: 224, width: 336},
		"whole units": {photo: image.Pt(300, 200),
			change: func(t *heatmap.Target) { t.Unit = 32 }, height: 224, width: 352},
		"not endless": {photo: image.Pt(2, 2000), height: 896, width: 224},
		"asked for": {photo: image.Pt(300, 200), options: heatmap.Options{Height: 10, Width: 12},
			height: 10, width: 12},
		"the model's own": {photo: image.Pt(300, 200),
			change: func(t *heatmap.Target) { t.Height, t.Width = 20, 30 }, height: 20, width: 30},
		"another than the model's": {photo: image.Pt(300, 200), options: heatmap.Options{Height: 10, Width: 12},
			change:  func(t *heatmap.Target) { t.Height, t.Width = 20, 30 },
			problem: "a heatmap of 10x12 pixels: the classifier takes 20x30 only"},
		"one side": {photo: image.Pt(300, 200), options: heatmap.Options{Height: 10},
			problem: "give both height and width"},
		"too large": {photo: image.Pt(300, 200), options: heatmap.Options{Height: 10, Width: 1 << 20},
			problem: "from 1 to 4096"},
		"refused": {photo: image.Pt(300, 200), options: heatmap.Options{Height: 10, Width: 10},
			change: func(t *heatmap.Target) {
				t.CheckSize = func(height, width int) error { return fmt.Errorf("%dx%d is too small", height, width) }
			}, problem: "10x10 is too small"},
		"batch":     {photo: image.Pt(300, 200), options: heatmap.Options{Batch: -1}, problem: "batch -1: give how many"},
		"no pixels": {photo: image.Pt(0, 200), problem: "the photo has no pixels"},
		"memory": {photo: image.Pt(300, 200), change: func(t *heatmap.Target) {
			t.PictureBytes, t.Memory = func(height, width int) int64 {
				return int64(height * width * 64)
			}, func() int64 { return 1 << 20 }
		}, problem: "a heatmap of 224x336 pixels needs about 5 MiB, but 1 MiB are free"},
	} {
		t.Run(name, func(t *testing.T) {
			target := plain(t)
			if c.change != nil {
				c.change(target)
			}
			m, err := heatmap.Explain(context.Background(), target, image.NewGray(image.Rectangle{Max: c.photo}), c.options)
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			require.Equal(t, image.Rect(0, 0, c.width, c.height), m.Photo.Bounds())
		})
	}
}

// TestOneClass is a classifier that can't be wrong: its probability never moves.
func TestOneClass(t *testing.T) {
	target := plain(t)
	target.Classes = []string{"bright"}
	target.Graph = cut(shares, func(features *Node) *Node { return Reshape(ReduceMean(features, 1, 2, 3), -1, 1) })
	bright := photo(6, 4, image.Pt(4, 1), color.White)
	m, err := heatmap.Explain(context.Background(), target, bright, heatmap.Options{Height: 4, Width: 6})
	require.NoError(t, err)
	require.Equal(t, image.Pt(4, 1), m.PeakPixel())
	require.InDelta(t, 1, m.Probability, 1e-9)
	m, err = heatmap.Explain(context.Background(), target, bright, heatmap.Options{Height: 4, Width: 6, Softmax: true})
	require.NoError(t, err)
	require.Contains(t, m.Note(), "use the logit")
	m.Heat("jet")
}

func TestBroken(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	for name, c := range map[string]struct {
		change  func(*heatmap.Target)
		options heatmap.Options
		problem string
	}{
		"class": {options: heatmap.Options{Class: "bleu"},
			problem: `no class "bleu": did you mean blue, red or green?`},
		"class's number": {options: heatmap.Options{Class: "3"}, problem: "no class 3: choose 0 to 2"},
		"method": {options: heatmap.Options{Method: "Grad-CAM"}, problem: `there is no heatmap method "Grad-CAM": ` +
			"did you mean gradcam? (all: gradcam, hirescam, layercam, gradcam++)"},
		"features": {change: func(t *heatmap.Target) {
			t.Graph = cut(func(pictures *Node) *Node { return ReduceMean(pictures, 1, 2) }, means)
		}, problem: "a heatmap needs activations of shape [batch, h, w, channels]"},
		"logits": {change: func(t *heatmap.Target) {
			t.Classes = t.Classes[:2]
		}, problem: "a heatmap needs logits of shape [batch, 2], one for each name in Classes"},
		"weights": {change: func(t *heatmap.Target) {
			t.Graph = cut(func(pictures *Node) *Node { return AddScalar(pictures, math.NaN()) }, means)
		}, problem: "not finite numbers: check the weights"},
		"preprocessed": {change: func(t *heatmap.Target) {
			t.Levels = heatmap.Levels{{-1, 1}, {-1, 1}, {-1, 1}}
		}, problem: "use ExplainTensor"},
		"finder": {change: func(t *heatmap.Target) {
			t.Find = func(text string) (int, error) { return 0, fmt.Errorf("never heard of %s", text) }
		}, options: heatmap.Options{Class: "red"}, problem: "never heard of red"},
	} {
		t.Run(name, func(t *testing.T) {
			target := plain(t)
			if c.change != nil {
				c.change(target)
			}
			c.options.Height, c.options.Width = 4, 4
			_, err := heatmap.Explain(context.Background(), target, img, c.options)
			require.ErrorContains(t, err, c.problem)
		})
	}
	_, err := heatmap.ExplainEach(context.Background(), plain(t), []image.Image{img}, []string{"red", "blue"},
		heatmap.Options{Height: 4, Width: 4})
	require.ErrorContains(t, err, "2 classes for 1 photos")
}

// TestCheckInput refuses what was preprocessed in another way than the weights were trained on.
func TestCheckInput(t *testing.T) {
	// VGG16's: blue, green, red minus their means.
	caffe := heatmap.Levels{{-103.939, 151.061}, {-116.779, 138.221}, {-123.68, 131.32}}
	few := func(values ...float32) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(values, 1, len(values)/3, 1, 3)
	}
	nan, infinite := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		levels   heatmap.Levels
		pictures *tensors.Tensor
		problem  string
	}{
		"gray levels": {pictures: few(0, 12, 255, 0.5, 3, 4)},
		"black":       {pictures: few(0, 0, 0)},
		"0 to 1": {pictures: few(0, 0.5, 1),
			problem: "the pictures go from 0 to 1, but the model takes gray levels from 0 to 255: multiply by 255"},
		"preprocessed twice": {pictures: few(-103, 12, 30),
			problem: "the model preprocesses them itself: give gray levels from 0 to 255 as they are"},
		"too high": {pictures: few(0, 12, 30, 0, 65535, 3),
			problem: "the pictures' second channel goes from 12 to 6.554e+04"},
		"not a number": {pictures: few(0, nan, 30),
			problem: "the pictures hold NaN at value 1: give finite numbers"},
		"infinite": {pictures: few(0, 2, infinite), problem: "the pictures hold +Inf"},
		"caffe":    {levels: caffe, pictures: few(-103.9, 20, 131)},
		"forgotten": {levels: caffe, pictures: few(0, 128, 255), problem: "the pictures' third channel " +
			"goes from 255 to 255, but the weights were trained on -123.7 to 131.3: check the preprocessing"},
		"406": {levels: heatmap.Levels{{-2.118, 2.249}, {-2.036, 2.429}, {-1.804, 2.64}},
			pictures: few(-2, 2, -1804, 2, 2, -1800), problem: "the pictures' third channel goes from -1804 to -1800"},
		"caffe, but 0 to 1": {levels: caffe, pictures: few(0, 0.5, 1),
			problem: "the pictures go from 0 to 1, but the weights were trained on -103.9 to 151.1"},
		"three channels apart": {pictures: tensors.FromFlatDataAndDimensions(make([]float32, 12), 1, 3, 2, 2),
			problem: "give float32 [n, height, width, 3]"},
		"bytes": {pictures: tensors.FromFlatDataAndDimensions(make([]uint8, 12), 1, 2, 2, 3),
			problem: "give float32 [n, height, width, 3]"},
	} {
		t.Run(name, func(t *testing.T) {
			target := plain(t)
			target.Levels = c.levels
			err := target.CheckInput(c.pictures)
			if c.problem == "" {
				require.NoError(t, err)
				maps, err := heatmap.ExplainTensor(context.Background(), target, c.pictures, nil, heatmap.Options{})
				require.NoError(t, err)
				require.Equal(t, c.pictures.Shape().Dim(1), maps[0].Photo.Bounds().Dy())
				return
			}
			require.ErrorContains(t, err, c.problem)
			_, err = heatmap.ExplainTensor(context.Background(), target, c.pictures, nil, heatmap.Options{})
			require.ErrorContains(t, err, c.problem)
		})
	}
}

// TestManyPhotos counts what many photos take together, before they are scaled.
func TestManyPhotos(t *testing.T) {
	target := plain(t)
	target.Memory = func() int64 { return 64 << 20 }
	photos := make([]image.Image, 1000)
	for i := range photos {
		photos[i] = image.NewGray(image.Rect(0, 0, 2, 2))
	}
	_, err := heatmap.ExplainEach(t.Context(), target, photos, nil, heatmap.Options{Height: 4096, Width: 4096})
	require.ErrorContains(t, err, "1000 photos in the heatmap's size need about 256000 MiB, but 64 MiB are free: "+
		"explain some at a time")
}
