// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/example"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
	"convscope/vgg16"
)

// shown runs fn and returns what it printed: tests run in no notebook.
func shown(t *testing.T, fn func()) string {
	t.Helper()
	require.False(t, display.InNotebook())
	var buffer bytes.Buffer
	old := display.Out
	display.Out = &buffer
	defer func() { display.Out = old }()
	fn()
	return buffer.String()
}

func TestOneLineInATerminal(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 20, 10))
	tests := map[string]struct {
		show func()
		want string
	}{
		"text":         {func() { display.Text("%d filters", 3) }, "3 filters\n"},
		"data":         {func() { display.Data("0 % is too few", "application/json", nil) }, "0 % is too few\n"},
		"image":        {func() { display.Image(gray) }, "[picture, 10x20 pixels]\n"},
		"with caption": {func() { display.Image(gray, "noise") }, "[picture, 10x20 pixels: noise]\n"},
		"row":          {func() { display.Row([]image.Image{gray, gray}, "a", "b") }, "[2 pictures, 10x20 pixels: a; b]\n"},
		"examples": {func() {
			display.Examples(example.Filter{Filter: 17, Fires: 0.25, Examples: []example.Example{
				{Photo: "summer/beach.jpg", Activation: 12.345, Image: gray}, {Photo: "not cut out.png"},
				{Photo: "a name that is as long as can be.jpg", Activation: 1, Image: gray}}})
		}, "[2 pictures, 96x96 pixels: 12.35, beach.jpg; 1, a name that is …]\nfilter 17 fires in 25.0 " +
			"% of the photographs\n"},
		"no examples": {func() {
			display.Examples(example.Filter{})
		}, "no pictures\nfilter 0 fires in 0.0 % of the photographs\n"},
		"empty row": {func() { display.Row(nil) }, "no pictures\n"},
		"curve":     {func() { display.Curve("loss", []float32{1, 2, 8.5}) }, "[loss: 1 to 8.5 in 3 values]\n"},
		"live curve": {func() {
			next := display.LiveCurve("loss", 3)
			for _, v := range []float32{1, 2, 8.5} {
				next(v)
			}
		}, "[loss: 1 to 8.5 in 3 values]\n"},
		"unended live curve": {func() { display.LiveCurve("loss", 3)(1) }, ""},
		"flat curve":         {func() { display.Curve("loss", []float32{0, 0}) }, "[loss: 0 to 0 in 2 values]\n"},
		"empty curve":        {func() { display.Curve("loss", nil) }, "[loss: no values]\n"},
		"table": {func() { display.Table([]string{"layer", "filters"}, [][]string{{"block1_conv1", "64"}}) },
			"layer         filters\nblock1_conv1  64\n"},
		"bars": {func() { display.Bars("share", []string{"a", "b", "c", "d"}, []float64{2, -1, 0.51, 0}, "%.1f %%") },
			"share                                  \n" +
				"a      ██████████████████████████████  2.0 %\nb      ░░░░░░░░░░░░░░░                 -1.0 %\n" +
				"c      ███████▋                        0.5 %\nd                                      0.0 %\n"},
		"no bars": {func() { display.Bars("share", nil, nil) }, "share    \n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, shown(t, test.show)) })
	}
}

func TestSheetInATerminal(t *testing.T) {
	values := make([]float32, 20*14*40)
	for i := range values {
		values[i] = float32(i % 37)
	}
	got := shown(t, func() { display.Sheet(tensors.FromFlatDataAndDimensions(values, 1, 20, 14, 40), "block5_conv3") })
	require.Equal(t, "[picture, 60x224 pixels: block5_conv3: 40 channels of 20x14 places]\n", got)
	require.Panics(t, func() { display.Sheet(tensors.FromFlatDataAndDimensions(values, 20, 14, 40), "") })
}

func TestHeatmapInATerminal(t *testing.T) {
	m := &heatmap.Map{
		Values: []float32{1, 0, -1, 2}, Height: 2, Width: 2, Method: heatmap.LayerCAM, Name: "cat",
		Layer: "block5_conv3", Probability: 0.974, Photo: image.NewNRGBA(image.Rect(0, 0, 40, 20)),
	}
	require.Equal(t, "[3 pictures, 20x40 pixels: what the network sees; layercam for cat, 97.4 %]\n",
		shown(t, func() { display.Heatmap(m) }))
	m.Values = []float32{-1, -2, -3, -4}
	require.Contains(t, shown(t, func() { display.Heatmap(m, picture.Turbo) }), "nothing in block5_conv3 speaks for cat")
}

func TestGridNamesDeadFilters(t *testing.T) {
	result := &ascent.Result{
		Layer: "block1_conv1", Filters: []int{4, 5, 6},
		Pictures: tensors.FromScalarAndDimensions(float32(1), 3, 8, 8, 3),
		Dead:     []bool{false, true, false},
		Fates:    []ascent.Fate{{Life: ascent.Alive}, {Life: ascent.Dead}, {Life: ascent.Alive}},
		Loss:     [][]float32{{1}, {0}, {1}},
	}
	got := shown(t, func() { display.Grid(result) })
	require.Contains(t, got, "3 filters of 4 to 6 in 2 rows and 2 columns")
	require.Contains(t, got, "1 of 3 filters never answered")
	require.Contains(t, got, ": 5\n")
	require.Contains(t, shown(t, func() { display.Pattern(result) }), "block1_conv1, filter 5 (dead: only noise)")
}

// TestCaptionsFit draws pictures in several lines where their captions are too wide for one, and enlarges them with
// the room that they gain.
func TestCaptionsFit(t *testing.T) {
	images := make([]image.Image, 10)
	captions := make([]string, len(images))
	for i := range images {
		images[i] = image.NewGray(image.Rect(0, 0, 28, 28))
		captions[i] = fmt.Sprintf("class_%d: named class_%d, 100 %%", i, i)
	}
	one := display.Captioned(images[:5], captions[:5]...).Bounds().Size()
	all := display.Captioned(images, captions...).Bounds().Size()
	require.Less(t, all.X, 1100, "as wide as a page shows it")
	require.Equal(t, image.Pt(one.X, 2*one.Y+8), all)
	row := display.Captioned(images, "one caption of all").Bounds().Size()
	require.Less(t, row.Y, one.Y, "one line")
	wide := []image.Image{image.NewGray(image.Rect(0, 0, 800, 9)), image.NewGray(image.Rect(0, 0, 800, 9))}
	require.Equal(t, 1616, display.Captioned(wide, "a", "b").Bounds().Dx(), "what is wide by itself stays a row")
	require.Nil(t, display.Captioned(nil))
}

func TestCompare(t *testing.T) {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	target := vgg16.Random(dev, 16, 1).MustChannels("block1_conv2", 1, 2)
	got := shown(t, func() {
		results := display.Compare(target, ascent.Options{Size: 16, Steps: 2, Step: 0.1},
			ascent.Options{Size: 16, Steps: 2, Step: 10, Seed: 4})
		require.Len(t, results, 2)
	})
	require.Equal(t, "[2 pictures, 16x16 pixels: step 0.1, seed 1; step 10, seed 4]\nblock1_conv2, filter "+
		"1: 16x16 px, 2 steps\n"+
		"[2 pictures, 16x16 pixels: step 0.1, seed 1 (rescued); step 10, seed 4 (rescued)]\nblock1_conv2, filter 2: "+
		"16x16 px, 2 steps\n", got)
	require.Contains(t, shown(t, func() {
		display.Compare(target, ascent.Options{Size: 16, Steps: 1})
	}), "the same settings")
	require.Contains(t, shown(t, func() {
		display.Compare(target, ascent.Options{Size: 16, Steps: 1}, ascent.Options{Size: 16, Steps: 2})
	}), ": 1 step; 2 steps]")
	require.Empty(t, shown(t, func() { display.Compare(target) }))
	require.Panics(t, func() { display.Compare(target, ascent.Options{Size: -1}) })
}

func TestLiveInATerminal(t *testing.T) {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 1)
	calls := 0
	got := shown(t, func() {
		result := display.Live(net.MustChannels("block1_conv2", 0, 1),
			ascent.Options{Size: 16, Steps: 2, Progress: func(ascent.Progress) { calls++ }})
		require.Len(t, result.Filters, 2)
	})
	require.Contains(t, got, "[block1_conv2: 2 filters of 0 to 1")
	require.Equal(t, 2, calls, "the caller's Progress is called too")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got = shown(t, func() {
		_, err := display.LiveContext(ctx, net.MustChannel("block1_conv2", 0), ascent.Options{Size: 16})
		require.NoError(t, err)
	})
	require.Contains(t, got, "stopped at step 0 of 40")
}

// The same calls draw pictures in a notebook and print lines here.
func Example() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 1)
	target, err := net.Channels("block2_conv1", 0, 1, 2, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 16, Steps: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	display.Grid(result)
	// Output: [block2_conv1: 4 filters of 0 to 3 in 2 rows and 2 columns]
}

func ExampleExamples() {
	wheel := image.NewGray(image.Rect(0, 0, 24, 24)) // as example.Result.Cut cuts it out
	display.Examples(example.Filter{Filter: 17, Fires: 0.4, Examples: []example.Example{
		{Photo: "summer/bicycle.jpg", Activation: 812.5, Image: wheel}, {Photo: "cart.jpg", Activation: 640, Image: wheel}}})
	// Output:
	// [2 pictures, 96x96 pixels: 812.5, bicycle.jpg; 640, cart.jpg]
	// filter 17 fires in 40.0 % of the photographs
}
