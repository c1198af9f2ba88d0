// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/vgg16"
)

// climbed runs the model and returns the result with its recipe.
func climbed(t *testing.T, ctx context.Context, net *vgg16.Model, layer string, filters []int,
	o ascent.Options) (*ascent.Result, recipe.Recipe) {
	t.Helper()
	target, err := net.Channels(layer, filters...)
	require.NoError(t, err)
	result, err := ascent.Run(ctx, target, o)
	require.NoError(t, err)
	made, err := net.Recipe(result)
	require.NoError(t, err)
	return result, made
}

func TestReproduce(t *testing.T) {
	whole := func(pictures int) *tensors.Tensor {
		return tensors.FromScalarAndDimensions(float32(100), pictures, 9, 8, 3)
	}
	rising := make([]float32, 5*9*8*3) // each filter starts from another picture
	for i := range rising {
		rising[i] = float32(i) / 7
	}
	each := tensors.FromFlatDataAndDimensions(rising, 5, 9, 8, 3)
	tests := map[string]struct {
		filters      []int
		options      ascent.Options
		stop         [2]int // after this step of the batch that begins with this filter
		taken        []int
		needsStart   bool
		batch, total int
	}{
		"one pattern": {filters: []int{2}, batch: 1, total: 6},
		"a sheet":     {filters: []int{0, 1, 2, 3, 4}, batch: 3, total: 30},
		"another batch": {filters: []int{4, 3, 2, 1, 0}, options: ascent.Options{Batch: 2, Step: -2, Seed: 9},
			batch: 2, total: 30},
		"from one picture": {filters: []int{0, 1, 2, 3, 4}, options: ascent.Options{Start: whole(1)}, batch: 3, total: 30},
		"from one each":    {filters: []int{0, 1, 2, 3, 4}, options: ascent.Options{Start: whole(5)}, batch: 3, total: 30},
		"from fractions": {filters: []int{0, 1, 2, 3, 4}, options: ascent.Options{Start: each},
			needsStart: true, batch: 3, total: 30},
		"stopped at once": {filters: []int{0, 1, 2, 3, 4}, stop: [2]int{0, 1}, taken: []int{1, 1, 1, 0, 0},
			batch: 3, total: 3},
		"stopped at the end": {filters: []int{0, 1, 2, 3, 4}, stop: [2]int{3, 5}, taken: []int{6, 6, 6, 5, 5},
			batch: 3, total: 28},
		"stopped between": {filters: []int{0, 1, 2, 3, 4}, stop: [2]int{0, 6}, taken: []int{6, 6, 6, 0, 0},
			batch: 3, total: 18},
		"stopped before": {filters: []int{0, 1}, stop: [2]int{-1, 0}, taken: []int{0, 0}, batch: 2},
		"stopped from one each": {filters: []int{0, 1, 2, 3, 4}, options: ascent.Options{Start: each}, stop: [2]int{3, 2},
			taken: []int{6, 6, 6, 2, 2}, needsStart: true, batch: 3, total: 22},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			o := test.options
			if o.Start == nil {
				o.Height, o.Width = 9, 8
			}
			o.Steps = 6
			if test.stop[0] < 0 {
				stop()
			}
			o.Progress = func(p ascent.Progress) {
				if p.First == test.stop[0] && p.Step == test.stop[1] {
					stop()
				}
			}
			result, made := climbed(t, ctx, tiny(t), "block2_conv1", test.filters, o)
			require.Equal(t, test.taken, made.Taken)
			require.Equal(t, test.batch, made.Batch)
			require.Equal(t, "random, seed 1, thin 16", made.Weights)

			other := tiny(t) // another model with the same weights
			var given ascent.Options
			if test.needsStart {
				_, _, err := other.Reproduce(t.Context(), made, given)
				require.ErrorIs(t, err, recipe.ErrStart)
				given.Start = o.Start
			}
			var last ascent.Progress
			given.Progress = func(p ascent.Progress) {
				require.Greater(t, p.Done, last.Done)
				require.NotEmpty(t, p.Loss)
				last = p
			}
			again, madeAgain, err := other.Reproduce(t.Context(), made, given)
			require.NoError(t, err)
			require.Equal(t, made, madeAgain)
			require.Equal(t, tensors.MustCopyFlatData[float32](result.Pictures),
				tensors.MustCopyFlatData[float32](again.Pictures))
			require.Equal(t, result.Filters, again.Filters)
			require.Equal(t, result.Loss, again.Loss)
			require.Equal(t, result.Dead, again.Dead)
			require.Equal(t, result.Stopped, again.Stopped)
			require.Equal(t, test.total, last.Done)
			require.Equal(t, test.total, last.Total)
		})
	}
}

func TestReproduceStopsEarly(t *testing.T) {
	net := tiny(t)
	_, made := climbed(t, t.Context(), net, "block1_conv2", []int{0, 1, 2}, ascent.Options{Size: 4, Steps: 5, Batch: 2})
	ctx, stop := context.WithCancel(t.Context())
	result, madeAgain, err := net.Reproduce(ctx, made, ascent.Options{Progress: func(p ascent.Progress) {
		if p.Step == 2 {
			stop()
		}
	}})
	require.NoError(t, err)
	require.True(t, result.Stopped)
	require.Equal(t, []int{2, 2, 0}, madeAgain.Taken)
}

func TestRecipesThatDoNotFit(t *testing.T) {
	net := tiny(t)
	tests := map[string]struct {
		change func(*recipe.Recipe)
		words  string
	}{
		"unknown layer":  {func(r *recipe.Recipe) { r.Layer = "block3_conv9" }, "did you mean block3_conv"},
		"no such filter": {func(r *recipe.Recipe) { r.Filters = []int{4} }, "choose 0 to 3"},
		"too small":      {func(r *recipe.Recipe) { r.Layer, r.Height = "block2_pool", 3 }, "at least 4x4"},
		"giant":          {func(r *recipe.Recipe) { r.Height, r.Width = 1<<16, 1<<16 }, "MiB"},
		"unknown input":  {func(r *recipe.Recipe) { r.WeightsInput = "rgb" }, `"rgb": choose from caffe`},
		"unknown way":    {func(r *recipe.Recipe) { r.Convolution = "fft" }, `unknown convolution "fft"`},
		"no sense":       {func(r *recipe.Recipe) { r.Steps = -1 }, "-1 steps"},
		"ImageNet's": {func(r *recipe.Recipe) {
			m, _ := vgg16.Manifest()
			r.Weights = m.SHA256()
		}, "needed are the ImageNet weights"},
		"other weights": {func(r *recipe.Recipe) {
			r.Weights = fmt.Sprintf("%064d", 7)
		}, "000000000000..., these are random, seed 1, thin 16: name the file"},
		"random weights": {func(r *recipe.Recipe) {
			r.Weights = "random, seed 2, thin 16"
		}, "random, seed 2, thin 16, these are random, seed 1"},
		"a sheet too big": {func(r *recipe.Recipe) {
			r.Kind, r.Layout = recipe.Grid, recipe.NewLayout(picture.GridOptions{Scale: 64})
			r.Height, r.Width = 3000, 3000
		}, "MiB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, made := climbed(t, t.Context(), net, "block1_conv2", []int{0}, ascent.Options{Size: 4, Steps: 1})
			test.change(&made)
			_, _, err := net.Reproduce(t.Context(), made, ascent.Options{})
			require.ErrorContains(t, err, test.words)
		})
	}
	t.Run("a start for noise", func(t *testing.T) {
		_, made := climbed(t, t.Context(), net, "block1_conv2", []int{0}, ascent.Options{Size: 4, Steps: 1})
		_, _, err := net.Reproduce(t.Context(), made, ascent.Options{Start: noise(4, 4)})
		require.ErrorIs(t, err, recipe.ErrStart)
	})
	t.Run("no result of this model", func(t *testing.T) {
		_, err := net.Recipe(&ascent.Result{Layer: "block5_conv1"})
		require.ErrorContains(t, err, "block5_conv1")
	})
}

// TestRecipesKeepTheWeightsInput reads one file as three conventions have it: the weights are others each time, and
// the recipe says by which.
func TestRecipesKeepTheWeightsInput(t *testing.T) {
	emptyCache(t)
	m := thinTop(t)
	m.Tensors = m.Tensors[:26]
	path := unpacked(t, "top.safetensors")
	load := func(t *testing.T, input string) *vgg16.Model {
		net, err := vgg16.LoadAs(t.Context(), goDevice(t), m, vgg16.Options{Weights: path, Input: input})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, net.Close()) })
		return net
	}
	o := ascent.Options{Size: 6, Steps: 2}
	result, made := climbed(t, t.Context(), load(t, "torch"), "block1_conv2", []int{1}, o)
	require.Equal(t, "torch", made.WeightsInput)
	require.Contains(t, made.String(), "read with --weights-input torch")
	again, madeAgain, err := load(t, made.WeightsInput).Reproduce(t.Context(), made, ascent.Options{})
	require.NoError(t, err)
	require.Equal(t, made, madeAgain)
	require.True(t, result.Pictures.Equal(again.Pictures))

	_, open := climbed(t, t.Context(), load(t, ""), "block1_conv2", []int{1}, o)
	require.Empty(t, open.WeightsInput, "nothing tells")
	for name, test := range map[string]struct {
		need        recipe.Recipe
		with, words string
	}{
		"not said":            {made, "", ", and read it with --weights-input torch"},
		"said in another way": {made, "unit", ", and read it with --weights-input torch"},
		"not known": {open, "unit",
			"it was read in another way: say with --weights-input or CONVSCOPE_WEIGHTS_INPUT"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, test.with).Reproduce(t.Context(), test.need, ascent.Options{})
			require.ErrorAs(t, err, new(*network.WeightsError))
			require.ErrorContains(t, err, test.words)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	t.Run("another file, read in that way", func(t *testing.T) {
		made.Weights = fmt.Sprintf("%064d", 7)
		_, _, err := load(t, "torch").Reproduce(t.Context(), made, ascent.Options{})
		require.ErrorContains(t, err, "name the file that holds them")
		require.NotContains(t, err.Error(), "--weights-input")
	})
}

// TestRecipesKeepTheConvolution computes with our own kernel and without, in one process: the recipe says which it
// was, makes the same picture again in the same way, and says so where it can't.
func TestRecipesKeepTheConvolution(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := onXLA()
	require.NoError(t, err)
	if dev.Convolution() != recipe.Winograd {
		t.Skip("our kernel does not run here")
	}
	net := vgg16.Random(dev, 8, 1)
	o := ascent.Options{Size: 20, Steps: 3}
	ours, madeOurs := climbed(t, t.Context(), net, "block2_conv2", []int{1}, o)
	require.Equal(t, recipe.Winograd, madeOurs.Convolution)

	t.Setenv(device.EnvKernel, "off")
	plain, madePlain := climbed(t, t.Context(), net, "block2_conv2", []int{1}, o)
	require.Equal(t, recipe.Direct, madePlain.Convolution)
	require.False(t, ours.Pictures.Equal(plain.Pictures), "they differ by rounding")
	require.True(t, ours.Pictures.InDelta(plain.Pictures, 0.1))
	older := func(convolution string, ways ...string) recipe.Recipe {
		r := madePlain
		r.Format, r.Convolution, r.Ways = 3, convolution, make(map[string]string)
		for i, way := range ways {
			r.Ways[fmt.Sprintf("convolution %d", i)] = way
		}
		return r
	}
	for name, test := range map[string]struct {
		made      recipe.Recipe
		off, ours string // what differs without our kernel, and with it
	}{
		"winograd":          {madeOurs, "winograd then, direct now", ""},
		"direct":            {madePlain, "", "CONVSCOPE_KERNEL=off computes directly"},
		"an older direct":   {older("direct", "direct", "direct"), "", "CONVSCOPE_KERNEL=off computes directly"},
		"the older fastest": {older("auto", "direct", "tiles", "lines"), "no longer there", "no longer there"},
		"older, no choice":  {older("auto"), "", "CONVSCOPE_KERNEL=off computes directly"},
		"an older tiles": {older("tiles", "tiles"), "direct now: tiles is no longer there",
			"winograd now: tiles is no longer there"},
	} {
		for _, kernel := range []string{"off", ""} {
			t.Run(name+", kernel "+kernel, func(t *testing.T) {
				t.Setenv(device.EnvKernel, kernel)
				want, words := plain, test.off
				if kernel == "" {
					want, words = ours, test.ours
				}
				again, madeAgain, err := net.Reproduce(t.Context(), test.made, ascent.Options{})
				require.NoError(t, err)
				require.True(t, want.Pictures.Equal(again.Pictures))
				differences := test.made.Differences(madeAgain)
				if words == "" {
					require.Equal(t, test.made, madeAgain)
					require.Empty(t, differences)
					return
				}
				require.Len(t, differences, 1)
				require.Contains(t, differences[0], words)
				require.Empty(t, madeAgain.Ways)
				require.Equal(t, dev.Convolution(), madeAgain.Convolution)
				require.NoError(t, madeAgain.Check())
			})
		}
	}
	t.Run("pure Go", func(t *testing.T) {
		_, made := climbed(t, t.Context(), tiny(t), "block1_conv2", []int{1}, ascent.Options{Size: 4, Steps: 1})
		require.Equal(t, recipe.Direct, made.Convolution)
	})
}

// A picture's recipe makes it again.
func ExampleModel_Reproduce() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 1)
	result, err := ascent.Run(context.Background(), net.MustChannels("block2_conv1", 0, 5),
		ascent.Options{Size: 12, Steps: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	made, err := net.Recipe(result)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, madeAgain, err := net.Reproduce(context.Background(), made, ascent.Options{})
	if errors.Is(err, recipe.ErrStart) {
		fmt.Println("the picture that it began from is needed")
		return
	} else if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.Pictures.Equal(result.Pictures), made.Differences(madeAgain))
	// Output: true []
}
