// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"bytes"
	"context"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/vgg16"
)

// filmed runs a small model with a film; stop ends it after that many picture-steps, 0 never.
func filmed(t *testing.T, options display.FilmOptions, steps, stop int, filters ...int) *display.Film {
	t.Helper()
	dev := device.MustNew(device.Options{Kind: device.Go})
	t.Cleanup(dev.Close)
	target := vgg16.Random(dev, 16, 1).MustChannels("block1_conv2", filters...)
	film := display.NewFilm(target, options)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := ascent.Run(ctx, target, ascent.Options{Size: 16, Steps: steps, Batch: 2, Progress: ascent.Both(film.Step, func(p ascent.Progress) {
		if p.Done == stop {
			cancel()
		}
	})})
	require.NoError(t, err)
	return film
}

func TestFilm(t *testing.T) {
	tests := map[string]struct {
		options     display.FilmOptions
		steps, stop int
		filters     []int
		frames      int
		width       int
	}{
		"one picture":       {steps: 5, filters: []int{1}, frames: 5, width: 16},
		"many steps":        {steps: 60, filters: []int{1}, frames: 24, width: 16},
		"few frames":        {options: display.FilmOptions{Frames: 3}, steps: 9, filters: []int{1}, frames: 3, width: 16},
		"a grid of batches": {steps: 4, filters: []int{0, 1, 2}, frames: 4, width: 37},
		"stopped":           {steps: 6, stop: 4, filters: []int{0, 1, 2}, frames: 2, width: 37},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			film := filmed(t, test.options, test.steps, test.stop, test.filters...)
			var file bytes.Buffer
			require.NoError(t, film.WritePNG(&file))
			require.Equal(t, test.frames, bytes.Count(file.Bytes(), []byte("fcTL")))
			last, err := png.Decode(&file)
			require.NoError(t, err)
			require.Equal(t, test.width, last.Bounds().Dx())
			require.Contains(t, shown(t, func() { film.Play("growing") }), "frames: growing]")

			page := display.FilmHTML(film, "a <title>")
			require.NotContains(t, page, "<title>", "text is escaped")
			require.NotRegexp(t, regexp.MustCompile(`src="http|<script src|//[a-z]+\.`), page, "nothing from the network")
			require.Equal(t, test.frames+1, strings.Count(page, "data:image/jpeg"), "the frames, and the last one where scripts don't run")
		})
	}
}

func TestFilmKeepsItsBounds(t *testing.T) {
	for _, bound := range []int{60_000, 25_000, 14_000} {
		film := filmed(t, display.FilmOptions{MaxBytes: bound}, 30, 0, 0, 1, 2)
		require.LessOrEqual(t, len(display.FilmHTML(film, "small")), bound)
	}
	empty := display.NewFilm(ascent.Target{}, display.FilmOptions{})
	require.Error(t, empty.WritePNG(&bytes.Buffer{}))
	require.Contains(t, shown(t, func() { empty.Play("nothing") }), "no frames")
}
