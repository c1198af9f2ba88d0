// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/display/control"
)

func TestCheck(t *testing.T) {
	size := control.Control{Label: "Size", Min: 16, Max: 512, Whole: true}
	step := control.Control{Kind: control.Slider, Label: "Step", Min: 0.5, Max: 10}
	layer := control.Control{Kind: control.Select, Label: "Layer", Options: []string{"one", "two"}}
	layers := control.Control{Kind: control.Search, Label: "Layer", Options: []string{"one", "two"}}
	tests := map[string]struct {
		control     control.Control
		given, want string
		problem     string
	}{
		"a number":          {size, "150", "150", ""},
		"spaces":            {size, " 150 ", "150", ""},
		"another form":      {size, "1.5e2", "150", ""},
		"a fraction":        {step, "0.75", "0.75", ""},
		"no whole number":   {size, "150.5", "", "no whole number: give 16 to 512"},
		"negative":          {size, "-5", "", "Size: -5 is too small: give 16 to 512"},
		"huge":              {size, "1e9", "", "too large"},
		"beyond integers":   {size, "1e300", "", "is no whole number"},
		"infinite":          {step, "Inf", "", "too large: give 0.5 to 10"},
		"not a number":      {step, "NaN", "", "no number"},
		"letters":           {step, "ten", "", `"ten" is no number`},
		"nothing":           {step, "", "", "it is empty"},
		"a novel":           {step, string(bytes.Repeat([]byte("ä"), 1000)), "", "ä…\""},
		"a choice":          {layer, "two", "two", ""},
		"none of them":      {layer, "three", "", `"three" is none of the choices`},
		"found":             {layers, "two", "two", ""},
		"not found":         {layers, "tow", "", `"tow" is none of the choices`},
		"any text":          {control.Control{Kind: control.Text, Options: []string{"a"}}, " b c ", "b c", ""},
		"a file is a value": {control.Control{Kind: control.File}, "data:,", "data:,", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.control.Check(test.given)
			if test.problem == "" {
				require.NoError(t, err)
				require.Equal(t, test.want, got)
				return
			}
			var bad *control.ValueError
			require.ErrorAs(t, err, &bad)
			require.Contains(t, err.Error(), test.problem)
		})
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"150", "-1", "1e9", "NaN", "0x10", "", "1_000"} {
		f.Add(seed)
	}
	size := control.Control{Label: "Size", Min: 16, Max: 512, Whole: true}
	f.Fuzz(func(t *testing.T, given string) {
		if value, err := size.Check(given); err == nil {
			again, err := size.Check(value)
			require.NoError(t, err)
			require.Equal(t, value, again, "a checked value stays as it is")
		}
	})
}

func TestHTMLIsEscaped(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	for _, kind := range []control.Kind{control.Number, control.Slider, control.Select, control.File,
		control.Search, control.Text} {
		c := control.Control{Kind: kind, Name: evil, Label: evil, Hint: evil, Value: evil, Options: []string{evil}}
		require.NotContains(t, c.HTML(), "<script>")
	}
}

var knobs = []control.Control{
	{Kind: control.Slider, Name: "filter", Label: "Filter", Max: 63, Whole: true, Value: "7"},
	{Kind: control.Select, Name: "layer", Label: "Layer", Options: []string{"a", "b"}, Value: "b"},
}

func TestServeWithoutABrowser(t *testing.T) {
	var out bytes.Buffer
	display.Out = &out
	defer func() { display.Out = nil }()
	failure := errors.New("no")
	_, err := control.Serve(t.Context(), knobs, func(context.Context, control.Values) (image.Image, string, error) {
		return nil, "", failure
	})
	require.ErrorIs(t, err, failure)
	wrong := []control.Control{{Name: "n", Label: "N", Max: 1, Value: "2"}}
	_, err = control.Serve(t.Context(), wrong, nil)
	require.ErrorContains(t, err, "N: 2 is too large")
	require.Panics(t, func() { control.MustServe(wrong, nil) })
}

// Without a browser the knobs keep their defaults, and the program goes on.
func Example() {
	values := control.MustServe(knobs, func(_ context.Context, v control.Values) (image.Image, string, error) {
		return image.NewGray(image.Rect(0, 0, 8, 8)), fmt.Sprintf("layer %s, filter %d", v["layer"], v.Int("filter")), nil
	})
	fmt.Println(values.Float("filter"))
	// Output:
	// No browser answers here, so the knobs stay where they are.
	// [picture, 8x8 pixels: layer b, filter 7]
	// 7
}
