// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/explain"
	"convscope/internal/level"
	"convscope/pkg/activation"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/head"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
	"convscope/vgg16"
)

// scene is a picture with stripes of one width.
func scene(stripe int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 96, 64))
	for y := range 64 {
		for x := range 96 {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x / stripe % 2 * 200), uint8(y * 3), uint8(x * 2), 255})
		}
	}
	return img
}

// thin is a small network of random weights with a head that tells two scenes apart.
func thin(t testing.TB) (*vgg16.Model, *head.Head) {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	net := vgg16.Random(dev, 32, 5)
	features, err := net.Features([]image.Image{scene(3), scene(17)}, 32, 32)
	require.NoError(t, err)
	classifier, err := head.Train(context.Background(), net.Backend, head.Data{Features: features, Labels: []int{0, 1},
		Classes: []string{"fine", "coarse"}}, head.Options{Steps: 20})
	require.NoError(t, err)
	return net, classifier
}

// quick are options that a slow machine can afford.
func quick(o explain.Options) explain.Options {
	o.Layer, o.Channels = "block2_conv1", 2
	o.Method, o.Ascent = "book", ascent.Options{Size: 16, Steps: 2}
	return o
}

func TestTell(t *testing.T) {
	net, classifier := thin(t)
	story, err := explain.Tell(context.Background(), net, classifier, scene(3), quick(explain.Options{Class: "fine"}))
	require.NoError(t, err)
	require.Equal(t, "fine", story.Heatmap.Name)
	require.False(t, story.Stopped)
	require.Len(t, story.Channels, 2)

	seen := story.Heatmap.Photo.Bounds()
	outputs, err := net.PhotoActivations(picture.Tensor(story.Heatmap.Photo, seen.Dy(), seen.Dx()), "block2_conv1")
	require.NoError(t, err)
	strongest := activation.Strongest(outputs[0], 2)
	values, channels := tensors.MustCopyFlatData[float32](outputs[0]), outputs[0].Shape().Dim(3)
	all := 0.0
	for _, share := range story.Heatmap.Shares {
		all += math.Abs(float64(share))
	}
	for i, c := range story.Channels {
		require.Equal(t, strongest[i], c.Filter, "the loudest first")
		sum, peak := 0.0, float32(0)
		for k := c.Filter; k < len(values); k += channels {
			sum, peak = sum+float64(values[k]), max(peak, values[k])
		}
		require.InEpsilon(t, sum/float64(len(values)/channels), c.Mean, 1e-4)
		require.Equal(t, peak, c.Peak)
		require.InDelta(t, float64(story.Heatmap.Shares[c.Filter])/all, c.Share, 1e-9)
		require.Equal(t, image.Pt(16, 16), c.Pattern.Bounds().Size())
	}
	size := story.Figure().Bounds().Size()
	require.Greater(t, size.Y, 240+160)

	t.Run("by share", func(t *testing.T) {
		story, err := explain.Tell(context.Background(), net, classifier, scene(3),
			quick(explain.Options{Class: "coarse", ByShare: true}))
		require.NoError(t, err)
		shares := story.Heatmap.Shares
		most := slices.IndexFunc(shares, func(v float32) bool { return v == slices.Max(shares) || v == slices.Min(shares) })
		require.GreaterOrEqual(t, math.Abs(float64(shares[story.Channels[0].Filter])), math.Abs(float64(shares[most])))
	})
	t.Run("stopped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		o := quick(explain.Options{})
		o.Ascent.Steps, o.Ascent.Progress = 50, func(ascent.Progress) { cancel() }
		story, err := explain.Tell(ctx, net, classifier, scene(3), o)
		require.NoError(t, err)
		require.True(t, story.Stopped)
		require.NotNil(t, story.Figure())
	})
	t.Run("refused", func(t *testing.T) {
		for want, o := range map[string]explain.Options{
			"no layer":     {Layer: "block9"},
			"no class":     {Class: "medium"},
			"at least 1":   {Channels: -1},
			"gradcam":      {Heatmap: "gradcm"},
			"did you mean": {Method: "crips"},
		} {
			_, err := explain.Tell(context.Background(), net, classifier, scene(3), o)
			require.ErrorContains(t, err, want)
		}
		_, err := explain.Tell(context.Background(), net, nil, scene(3), explain.Options{})
		require.ErrorIs(t, err, vgg16.ErrNoTop)
	})
}

// TestSamples trains on the real photographs, and finds the cat in a photo of one.
func TestSamples(t *testing.T) {
	level.Real(t, "needs the weights (59 MB), XLA and the sample photographs (14 MB)")
	dev := device.MustNew(device.Options{})
	defer dev.Close()
	net, err := vgg16.Load(dev, vgg16.Options{})
	require.NoError(t, err)
	classifier, accuracy, err := explain.Samples(context.Background(), net)
	require.NoError(t, err)
	require.GreaterOrEqual(t, accuracy, 0.9)
	require.Equal(t, "cat", classifier.Classes[0])
}

func ExampleStory() {
	story := explain.Story{
		Heatmap:  &heatmap.Map{Name: "cat", Method: heatmap.GradCAM, Layer: "block5_conv3", Probability: 0.9},
		Channels: []explain.Channel{{Filter: 286, Mean: 85, Share: 0.009}},
	}
	for _, c := range story.Channels {
		fmt.Printf("channel %d of %s answers with %.0f, and adds %.1f %% of what speaks for and against %s\n",
			c.Filter, story.Heatmap.Layer, c.Mean, 100*c.Share, story.Heatmap.Name)
	}
	// Output: channel 286 of block5_conv3 answers with 85, and adds 0.9 % of what speaks for and against cat
}
