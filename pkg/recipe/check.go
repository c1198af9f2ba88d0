// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"convscope/pkg/picture"
)

// The limits keep a forged recipe from overflowing anything; no honest run comes near.
const (
	maxFilters = 1 << 12
	maxSide    = 1 << 16
	maxSteps   = 1 << 50
	maxWork    = 1 << 40 // steps of all pictures
	maxWays    = 1 << 8
	maxWord    = 1 << 8  // bytes
	maxFormula = 1 << 16 // bytes of an objective or a method
	maxMargin  = 1000
	maxScale   = 64
)

var sha256Hex = regexp.MustCompile("^[0-9a-f]{64}$")

// Check returns an error that wraps [ErrDamaged] or [ErrFormat] when the recipe makes no sense. Whether there is such
// a layer, and whether the job fits the machine, only a model can tell.
func (r Recipe) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: the recipe says "+format, append([]any{ErrDamaged}, args...)...)
	}
	within := func(n, least, most int) bool { return least <= n && n <= most }
	switch n := len(r.Filters); {
	case r.Format < bookFormat || r.Format > NetworkFormat:
		return fmt.Errorf("%w: its format is %d, this one knows %d to %d",
			ErrFormat, r.Format, bookFormat, NetworkFormat)
	case (r.Format == NetworkFormat) != (r.Network != ""), r.Network == "" && r.Input != "":
		return bad("the network %.40q in the format %d", r.Network, r.Format)
	case r.Format == bookFormat && (r.Method != bookMethod || r.Rescue):
		return bad("the method %.40q in a format that has none", r.Method)
	case r.Format < filesFormat && (r.Files != nil || r.Pixels != ""):
		return bad("files and pixels in a format that has none")
	case r.Format < filesFormat && r.WeightsInput != "":
		return bad("the input %.40q of its weights in a format that has none", r.WeightsInput)
	case r.Kind != Pattern && r.Kind != Grid:
		return fmt.Errorf("%w: it makes %q, this one knows pattern and grid", ErrFormat, r.Kind)
	case !within(n, 1, maxFilters) || r.Kind == Pattern && n > 1:
		return bad("%s of %d filters", r.Kind, n)
	case !within(slices.Min(r.Filters), 0, maxSide) || slices.Max(r.Filters) > maxSide:
		return bad("filters %d to %d", slices.Min(r.Filters), slices.Max(r.Filters))
	case !within(r.Height, 1, maxSide) || !within(r.Width, 1, maxSide):
		return bad("%dx%d pixels: 1 to %d are possible", r.Height, r.Width, maxSide)
	case !within(r.Steps, 1, maxSteps):
		return bad("%d steps", r.Steps)
	case r.Step == 0 || !(math.Abs(r.Step) <= math.MaxFloat32/256):
		return bad("steps of %g", r.Step)
	case r.Seed == 0:
		return bad("seed 0: they count from 1")
	case !within(r.Batch, 1, maxFilters):
		return bad("%d pictures at once", r.Batch)
	case r.Taken != nil && (len(r.Taken) != n || slices.Min(r.Taken) < 0 || slices.Max(r.Taken) > r.Steps):
		return bad("other numbers of steps taken than %d filters can have with %d steps", n, r.Steps)
	case r.Work() > maxWork:
		return bad("%d steps of all pictures: at most %d", r.Work(), maxWork)
	case r.Pixels != "" && !sha256Hex.MatchString(r.Pixels):
		return bad("pixels with the SHA-256 %.80q", r.Pixels)
	case (r.Kind == Grid) != (r.Layout != nil):
		return bad("a %s with layout %v", r.Kind, r.Layout)
	case r.Format >= Format && r.Ways != nil:
		return bad("ways of computing in a format that has none")
	case len(r.Ways) > maxWays:
		return bad("%d ways of computing", len(r.Ways))
	}
	if err := r.checkWords(); err != nil {
		return err
	}
	if err := r.checkConvolutions(); err != nil {
		return err
	}
	if l := r.Layout; l != nil {
		if _, err := picture.ParseOrder(l.Order); err != nil || !within(l.Margin, 0, maxMargin) ||
			!within(l.Scale, 1, maxScale) {
			return bad("margin %d, order %q, scale %d", l.Margin, l.Order, l.Scale)
		}
	}
	if s := r.Start; s != nil {
		channels := 3
		if r.Format == NetworkFormat && len(s.Shape) == 4 {
			channels = s.Shape[3] // which the network checks
		}
		if !within(channels, 1, maxSide) {
			return bad("a start of shape %v", s.Shape)
		}
		one, each := []int{1, r.Height, r.Width, channels}, []int{len(r.Filters), r.Height, r.Width, channels}
		if !slices.Equal(s.Shape, one) && !slices.Equal(s.Shape, each) || !sha256Hex.MatchString(s.SHA256) {
			return bad("a start of shape %v with the SHA-256 %q", s.Shape, short(s.SHA256))
		}
		if s.Pictures != nil {
			if err := s.checkPictures(); err != nil {
				return err
			}
		}
	}
	return r.checkFiles()
}

// checkWords refuses texts that are missing, too long or would do something to a terminal.
func (r Recipe) checkWords() error {
	v := r.Versions
	needed := []string{r.Convolution, r.Weights, r.Backend, r.Platform, v.Go}
	words := slices.Concat(needed, []string{r.WeightsInput, r.Network, r.Input, v.Convscope,
		v.GoMLX, v.Compute, v.GoXLA},
		slices.Collect(maps.Keys(r.Ways)), slices.Collect(maps.Values(r.Ways)))
	formulas := []string{r.Layer, r.Method}
	for i, word := range slices.Concat(formulas, words) {
		most := maxWord
		if i < len(formulas) {
			most = maxFormula
		}
		if len(word) > most {
			return fmt.Errorf("%w: the recipe says %.40q..., %d bytes: at most %d", ErrDamaged, word, len(word), most)
		}
		if !utf8.ValidString(word) || strings.ContainsFunc(word, unsafe) {
			return fmt.Errorf("%w: the recipe says %.40q", ErrDamaged, word)
		}
	}
	if slices.Contains(slices.Concat(formulas, needed), "") {
		return fmt.Errorf("%w: the recipe leaves out its layer, method, convolution, weights, backend, platform "+
			"or Go version", ErrDamaged)
	}
	return nil
}

// unsafe says that a character would do something to a terminal instead of being shown, or that what it shows depends
// on its neighbours.
func unsafe(c rune) bool {
	const joiner = '\u200d' // between the parts of an emoji
	return !unicode.IsGraphic(c) && c != joiner
}

// Word makes a word of text from outside, such as a driver's name, that a recipe can hold.
func Word(text string) string {
	text = strings.Map(func(c rune) rune {
		if unsafe(c) || c == utf8.RuneError {
			return '?'
		}
		return c
	}, text)
	if len(text) > maxWord {
		text = strings.ToValidUTF8(text[:maxWord], "")
	}
	return text
}
