// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe_test

import (
	"image"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// pattern is a recipe that makes sense.
func pattern() recipe.Recipe {
	return recipe.Recipe{
		Format: recipe.Format, Method: "book", Kind: recipe.Pattern, Layer: "block1_conv2",
		Filters: []int{3}, Height: 8, Width: 6, Steps: 5, Step: -0.1, Seed: math.MaxUint64, Batch: 1,
		Convolution: recipe.Winograd, Weights: "random, seed 1, thin 16",
		Backend: "XLA on CPU", Platform: "linux/amd64", Versions: recipe.Current(),
	}
}

// grid is a recipe of five filters, stopped in the second batch.
func grid() recipe.Recipe {
	r := pattern()
	r.Kind, r.Filters, r.Batch, r.Taken = recipe.Grid, []int{0, 1, 2, 7, 5}, 3, []int{5, 5, 5, 2, 2}
	r.Layout = recipe.NewLayout(picture.GridOptions{})
	return r
}

// olden is the same as the version before this one wrote it.
func olden() recipe.Recipe {
	r := grid()
	r.Format, r.Convolution, r.Ways = 3, "auto", map[string]string{"a": "tiles", "b": "lines", "c": "tiles"}
	return r
}

func TestCheck(t *testing.T) {
	require.NoError(t, pattern().Check())
	require.NoError(t, grid().Check())
	tests := map[string]struct {
		change func(*recipe.Recipe)
		words  string
	}{
		"no filters":      {func(r *recipe.Recipe) { r.Filters = nil }, "0 filters"},
		"negative filter": {func(r *recipe.Recipe) { r.Filters[1] = -1 }, "filters -1 to"},
		"giant filter":    {func(r *recipe.Recipe) { r.Filters[1] = math.MaxInt }, "filters 0 to 9"},
		"no height":       {func(r *recipe.Recipe) { r.Height = 0 }, "0x6 pixels"},
		"giant width":     {func(r *recipe.Recipe) { r.Width = 1 << 40 }, "1 to 65536"},
		"no steps":        {func(r *recipe.Recipe) { r.Steps = 0 }, "0 steps"},
		"endless steps":   {func(r *recipe.Recipe) { r.Steps = math.MaxInt }, "steps"},
		"no step":         {func(r *recipe.Recipe) { r.Step = 0 }, "steps of 0"},
		"step of NaN":     {func(r *recipe.Recipe) { r.Step = math.NaN() }, "steps of NaN"},
		"giant step":      {func(r *recipe.Recipe) { r.Step = 1e300 }, "steps of 1e+300"},
		"no seed":         {func(r *recipe.Recipe) { r.Seed = 0 }, "seed 0"},
		"no batch":        {func(r *recipe.Recipe) { r.Batch = 0 }, "0 pictures at once"},
		"giant batch":     {func(r *recipe.Recipe) { r.Batch = 1 << 13 }, "8192 pictures at once"},
		"taken by others": {func(r *recipe.Recipe) { r.Taken = []int{1} }, "steps taken"},
		"taken too many":  {func(r *recipe.Recipe) { r.Taken[0] = 6 }, "steps taken"},
		"taken negative":  {func(r *recipe.Recipe) { r.Taken[0] = -1 }, "steps taken"},
		"no layout":       {func(r *recipe.Recipe) { r.Layout = nil }, "layout"},
		"order":           {func(r *recipe.Recipe) { r.Layout.Order = "diagonal" }, "diagonal"},
		"margin":          {func(r *recipe.Recipe) { r.Layout.Margin = 1 << 30 }, "margin 1073741824"},
		"scale":           {func(r *recipe.Recipe) { r.Layout.Scale = 0 }, "scale 0"},
		"no layer":        {func(r *recipe.Recipe) { r.Layer = "" }, "leaves out"},
		"escape sequence": {func(r *recipe.Recipe) { r.Layer = "\x1b[2J" }, `"\x1b[2J"`},
		"endless work":    {func(r *recipe.Recipe) { r.Steps, r.Taken = 1<<49, nil }, "steps of all pictures"},
		"invalid UTF-8":   {func(r *recipe.Recipe) { r.Layer = "a\xff" }, `"a\xff"`},
		"turned text":     {func(r *recipe.Recipe) { r.Method = "book\u202e" }, `\u202e`},
		"C1 control":      {func(r *recipe.Recipe) { r.Method = "book\u009b2J" }, `\u009b`},
		"long method": {func(r *recipe.Recipe) {
			r.Method = strings.Repeat("x", 1<<17)
		}, "131072 bytes: at most 65536"},
		"weights' input": {func(r *recipe.Recipe) { r.WeightsInput = "torch\x1b[2J" }, `\x1b`},
		"input in format 2": {func(r *recipe.Recipe) {
			r.Format, r.WeightsInput = 2, "torch"
		}, `the input "torch" of its weights in a format that has none`},
		"pixels": {func(r *recipe.Recipe) { r.Pixels = "\x1b[2J" }, `\x1b`},
		"unknown file": {func(r *recipe.Recipe) {
			r.Files = []recipe.File{{Kind: "film", SHA256: strings.Repeat("0", 64)}}
		}, `"film"`},
		"file's hash": {func(r *recipe.Recipe) {
			r.Files = []recipe.File{{Kind: recipe.Photo, SHA256: "0"}}
		}, "SHA-256"},
		"odd vector": {func(r *recipe.Recipe) {
			f := recipe.NewVector([]float32{1, 2})
			f.Data = f.Data[:7]
			r.Files = []recipe.File{f}
		}, "7 bytes"},
		"another vector": {func(r *recipe.Recipe) {
			f := recipe.NewVector([]float32{1, 2})
			f.Data[0]++
			r.Files = []recipe.File{f}
		}, "another SHA-256"},
		"endless vector": {func(r *recipe.Recipe) {
			r.Files = []recipe.File{recipe.NewVector([]float32{float32(math.Inf(1))})}
		}, "a number that is none"},
		"long vector": {func(r *recipe.Recipe) {
			r.Files = []recipe.File{recipe.NewVector(make([]float32, 5000))}
		}, "20000 bytes"},
		"many files": {func(r *recipe.Recipe) {
			r.Files = slices.Repeat([]recipe.File{recipe.NewVector([]float32{1})}, 300)
		}, "300 files"},
		"long backend": {func(r *recipe.Recipe) { r.Backend = strings.Repeat("x", 1000) }, "xxx"},
		"two lines":    {func(r *recipe.Recipe) { *r = olden(); r.Ways["b\nc"] = "tiles" }, `"b\nc"`},
		"many ways": {func(r *recipe.Recipe) {
			*r = olden()
			for i := range 300 {
				r.Ways[strconv.Itoa(i)] = "tiles"
			}
		}, "ways of computing"},
		"ways in format 4": {func(r *recipe.Recipe) {
			r.Ways = map[string]string{"a": "tiles"}
		}, "ways of computing in a format that has none"},
		"start's shape": {func(r *recipe.Recipe) {
			r.Start = &recipe.Start{Shape: []int{2, 8, 6, 3}, SHA256: strings.Repeat("0", 64)}
		}, "[2 8 6 3]"},
		"start's hash": {func(r *recipe.Recipe) {
			r.Start = &recipe.Start{Shape: []int{1, 8, 6, 3}, SHA256: "0"}
		}, "SHA-256"},
		"start's pictures": {func(r *recipe.Recipe) {
			r.Start = start(t, 1, 8, 6)
			r.Start.Pictures[0] = []byte("GIF")
		}, "start picture"},
		"start's number": {func(r *recipe.Recipe) {
			r.Start = start(t, 1, 8, 6)
			r.Start.Pictures = [][]byte{}
		}, "0 start pictures"},
		"start's size": {func(r *recipe.Recipe) { r.Start = start(t, 1, 6, 8); r.Start.Shape = []int{1, 8, 6, 3} },
			"6x8 pixels"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := grid()
			test.change(&r)
			err := r.Check()
			require.ErrorIs(t, err, recipe.ErrDamaged)
			require.Contains(t, err.Error(), test.words)
			_, err = recipe.Insert(nil, r)
			require.ErrorIs(t, err, recipe.ErrDamaged, "no such recipe is written")
		})
	}
	t.Run("what may come", func(t *testing.T) {
		r := pattern()
		r.Format = recipe.NetworkFormat + 1
		require.ErrorIs(t, r.Check(), recipe.ErrFormat)
		r = pattern()
		r.Kind = "animation"
		require.ErrorIs(t, r.Check(), recipe.ErrFormat)
		for _, way := range []string{"fft", "auto", "tiles"} {
			r = pattern()
			r.Convolution = way
			require.ErrorIs(t, r.Check(), recipe.ErrFormat)
		}
	})
	t.Run("older ways", func(t *testing.T) {
		r := olden()
		require.NoError(t, r.Check())
		r.Ways["a"] = "winograd"
		require.ErrorIs(t, r.Check(), recipe.ErrFormat)
		r = olden()
		r.Convolution = "winograd"
		require.ErrorIs(t, r.Check(), recipe.ErrFormat, "the version that wrote this form knew no such way")
	})
}

// TestWords lets names in all scripts pass, and nothing that a terminal would obey.
func TestWords(t *testing.T) {
	for _, name := range []string{"größe", "ネコ", "🐱👩\u200d🔬", "a\u00a0b"} {
		r := pattern()
		r.Layer, r.Backend = name, name
		require.NoError(t, r.Check())
		require.Equal(t, name, recipe.Word(name))
	}
	r := pattern()
	r.Backend = recipe.Word("driver\x1b[2J\xff " + strings.Repeat("ü", 200))
	require.NoError(t, r.Check())
	require.True(t, strings.HasPrefix(r.Backend, "driver?[2J? üü"), r.Backend)
	r.Layer = "channels:block1_conv1:0=1" + strings.Repeat(",7=1", 5000)
	require.NoError(t, r.Check(), "the formulas may be long")
}

// start describes pictures of whole gray levels.
func start(t *testing.T, pictures, height, width int) *recipe.Start {
	t.Helper()
	s, err := recipe.NewStart(levels(pictures, height, width))
	require.NoError(t, err)
	return s
}

// levels are pictures in which each value is another gray level than its neighbour.
func levels(pictures, height, width int) *tensors.Tensor {
	values := make([]float32, pictures*height*width*3)
	for i := range values {
		values[i] = float32(i * 37 % 256)
	}
	return tensors.FromFlatDataAndDimensions(values, pictures, height, width, 3)
}

func TestStart(t *testing.T) {
	flat := func(value float32, height, width int) *tensors.Tensor {
		return tensors.FromScalarAndDimensions(value, 1, height, width, 3)
	}
	tests := map[string]struct {
		pictures *tensors.Tensor
		kept     bool
	}{
		"one of whole numbers": {levels(1, 4, 5), true},
		"three":                {levels(3, 4, 5), true},
		"halves":               {flat(0.5, 4, 4), false},
		"above white":          {flat(256, 4, 4), false},
		"negative":             {flat(-1, 4, 4), false},
		"negative zero":        {flat(float32(math.Copysign(0, -1)), 4, 4), false},
		"much":                 {tensors.FromFlatDataAndDimensions(noise(700*700*3), 1, 700, 700, 3), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := recipe.NewStart(test.pictures)
			require.NoError(t, err)
			require.Equal(t, test.kept, s.Pictures != nil)
			got, err := s.Tensor(test.pictures)
			require.NoError(t, err)
			require.Same(t, test.pictures, got)
			got, err = s.Tensor(nil)
			if !test.kept {
				require.ErrorIs(t, err, recipe.ErrStart)
				require.ErrorContains(t, err, "give them again")
				return
			}
			require.NoError(t, err)
			require.True(t, test.pictures.Equal(got))
		})
	}
	t.Run("others", func(t *testing.T) {
		s := start(t, 1, 4, 5)
		for _, other := range []*tensors.Tensor{flat(1, 4, 5), levels(1, 5, 4),
			tensors.FromScalarAndDimensions(uint8(1), 1, 4, 5, 3)} {
			_, err := s.Tensor(other)
			require.ErrorIs(t, err, recipe.ErrStart)
		}
		_, err := recipe.NewStart(tensors.FromScalarAndDimensions(float32(1), 4, 5, 3))
		require.ErrorIs(t, err, recipe.ErrStart)
	})
	t.Run("another picture under the hash", func(t *testing.T) {
		s := start(t, 1, 4, 4)
		other, err := recipe.NewStart(flat(9, 4, 4))
		require.NoError(t, err)
		s.Pictures = other.Pictures
		_, err = s.Tensor(nil)
		require.ErrorIs(t, err, recipe.ErrDamaged)
	})
}

// noise are whole gray levels that don't compress.
func noise(n int) []float32 {
	values, state := make([]float32, n), uint32(1)
	for i := range values {
		state = state*1664525 + 1013904223
		values[i] = float32(state >> 24)
	}
	return values
}

func TestDraw(t *testing.T) {
	var images []image.Image
	for range 5 {
		images = append(images, image.NewGray(image.Rect(0, 0, 6, 8)))
	}
	require.Same(t, images[0], pattern().Draw(images[:1], nil))
	r := grid()
	for name, o := range map[string]picture.GridOptions{
		"the book's": {},
		"no margin":  {Margin: picture.NoMargin, Order: picture.Row},
		"labelled":   {Margin: 2, Scale: 3, Labels: []string{"0", "1", "2", "7", "5"}},
	} {
		t.Run(name, func(t *testing.T) {
			r.Layout = recipe.NewLayout(o)
			require.NoError(t, r.Check())
			o.Badges = []string{"", "inert", "rescued", "", ""}
			want := picture.Grid(images, o)
			require.Equal(t, want, r.Draw(images, o.Badges))
			require.Greater(t, r.Bytes(), int64(len(want.(*image.NRGBA).Pix)))
		})
	}
	r.Height, r.Width, r.Layout.Scale = 1<<16, 1<<16, 64
	r.Filters = make([]int, 1<<12)
	require.Greater(t, r.Bytes(), int64(1)<<50, "no overflow")
}

func TestTexts(t *testing.T) {
	r := grid()
	text := r.String()
	for _, line := range []string{
		"picture      grid of block1_conv2, filters 0-2, 7, 5\n",
		"stopped      after 5 steps (3 pictures), 2 steps (2 pictures)\n",
		"layout       by column, margin 5 px, scale 1, no labels\n",
		"convolution  winograd\n",
	} {
		require.Contains(t, text, line)
	}
	require.Contains(t, olden().String(), "convolution  auto (lines: 1, tiles: 2)\n")
	r.Start = start(t, 1, 8, 6)
	require.Contains(t, r.String(), "1 given picture, here in the recipe")
	r.Start.Pictures = nil
	require.Contains(t, r.String(), "1 given picture, to be given again by --start")

	require.Empty(t, r.Differences(r))
	other := grid()
	other.Backend, other.Versions.GoMLX, other.Batch = "XLA on a GPU", "v9", 2
	require.Equal(t, []string{
		"backend: XLA on CPU then, XLA on a GPU now", "gomlx: not known then, v9 now", "pictures at once: 3 then, 2 now",
	}, r.Differences(other))
}

// TestConvolutionsDiffer says which way is no longer there, and how to go the others.
func TestConvolutionsDiffer(t *testing.T) {
	const gone, off, on = "no longer there, so the picture can differ by rounding",
		"CONVSCOPE_KERNEL=off computes directly", "XLA on a CPU computes so, unless CONVSCOPE_KERNEL is off"
	made := func(format int, convolution string, ways ...string) recipe.Recipe {
		r := pattern()
		r.Format, r.Convolution = format, convolution
		for i, way := range ways {
			if r.Ways == nil {
				r.Ways = make(map[string]string)
			}
			r.Ways[strconv.Itoa(i)] = way
		}
		require.NoError(t, r.Check())
		return r
	}
	for name, test := range map[string]struct {
		then, now recipe.Recipe
		words     string
	}{
		"the same":           {made(4, "winograd"), made(4, "winograd"), ""},
		"directly now":       {made(4, "winograd"), made(4, "direct"), "winograd then, direct now: " + on},
		"directly then":      {made(4, "direct"), made(4, "winograd"), "direct then, winograd now: " + off},
		"directly long ago":  {made(3, "direct", "direct"), made(4, "winograd"), "direct then, winograd now: " + off},
		"nothing to choose":  {made(1, "auto"), made(4, "winograd"), "direct then, winograd now: " + off},
		"nothing but direct": {made(3, "auto", "direct", "direct"), made(4, "direct"), ""},
		"lines":              {made(3, "lines", "lines"), made(4, "winograd"), "lines then, winograd now: lines is " + gone},
		"tiles, directly": {made(2, "tiles", "tiles", "tiles"), made(4, "direct"),
			"tiles then, direct now: tiles is " + gone},
		"all": {made(2, "auto", "tiles", "lines", "direct", "tiles"), made(4, "winograd"),
			"direct, lines and tiles then, winograd now: lines and tiles are " + gone},
		"some": {made(3, "auto", "direct", "tiles"), made(4, "direct"),
			"direct and tiles then, direct now: tiles is " + gone},
	} {
		t.Run(name, func(t *testing.T) {
			if test.words == "" {
				require.Empty(t, test.then.Differences(test.now))
				return
			}
			require.Equal(t, []string{"convolution: " + test.words}, test.then.Differences(test.now))
		})
	}
}
