// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"convscope/pkg/picture"
)

// The limits keep a forged recipe from overflowing anything; no honest run comes near.
const (
	bookFormat = 1
	maxFilters = 1 << 12
	maxSide    = 1 << 16
	maxSteps   = 1 << 50
	maxWays    = 1 << 8
	maxWord    = 1 << 8 // bytes
	maxMargin  = 1000
	maxScale   = 64
)

var sha256Hex = regexp.MustCompile("^[0-9a-f]{64}$")

// text encodes the recipe as JSON.
func (r Recipe) text() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding the recipe: %w", err)
	}
	if len(head)+len(text) > maxText {
		return nil, fmt.Errorf("the recipe takes %d bytes: at most %d", len(text), maxText-len(head))
	}
	return text, nil
}

// parse reads a recipe from JSON.
func parse(text []byte) (Recipe, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return Recipe{}, fmt.Errorf("%w: the recipe is no JSON: %w", ErrDamaged, err)
	}
	if version.Format != Format && version.Format != bookFormat {
		return Recipe{}, fmt.Errorf("%w: its format is %d, this one reads %d and %d", ErrFormat, version.Format, bookFormat, Format)
	}
	var r Recipe
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields() // one that is passed over could make another picture
	if err := decoder.Decode(&r); err != nil {
		return Recipe{}, fmt.Errorf("%w: the recipe: %w", ErrDamaged, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Recipe{}, fmt.Errorf("%w: text after the recipe's end", ErrDamaged)
	}
	if r.Format == bookFormat {
		r.Format, r.Method, r.Rescue = Format, "book", false
	}
	return r, r.Check()
}

// Check returns an error that wraps [ErrDamaged] or [ErrFormat] when the recipe makes no sense. Whether there is such a layer, and whether
// the job fits the machine, only a model can tell.
func (r Recipe) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: the recipe says "+format, append([]any{ErrDamaged}, args...)...)
	}
	within := func(n, least, most int) bool { return least <= n && n <= most }
	switch n := len(r.Filters); {
	case r.Format != Format:
		return fmt.Errorf("%w: its format is %d, this one knows %d", ErrFormat, r.Format, Format)
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
	case !within(r.Batch, 1, n):
		return bad("%d pictures at once, of %d", r.Batch, n)
	case r.Taken != nil && (len(r.Taken) != n || slices.Min(r.Taken) < 0 || slices.Max(r.Taken) > r.Steps):
		return bad("other numbers of steps taken than %d filters can have with %d steps", n, r.Steps)
	case (r.Kind == Grid) != (r.Layout != nil):
		return bad("a %s with layout %v", r.Kind, r.Layout)
	case len(r.Ways) > maxWays:
		return bad("%d ways of computing", len(r.Ways))
	}
	if err := r.checkWords(); err != nil {
		return err
	}
	if l := r.Layout; l != nil {
		if _, err := picture.ParseOrder(l.Order); err != nil || !within(l.Margin, 0, maxMargin) || !within(l.Scale, 1, maxScale) {
			return bad("margin %d, order %q, scale %d", l.Margin, l.Order, l.Scale)
		}
	}
	if s := r.Start; s != nil {
		one, each := []int{1, r.Height, r.Width, 3}, []int{len(r.Filters), r.Height, r.Width, 3}
		if !slices.Equal(s.Shape, one) && !slices.Equal(s.Shape, each) || !sha256Hex.MatchString(s.SHA256) {
			return bad("a start of shape %v with the SHA-256 %q", s.Shape, short(s.SHA256))
		}
		if s.Pictures != nil {
			return s.checkPictures()
		}
	}
	return nil
}

// checkWords refuses texts that are missing, too long or would do something to a terminal.
func (r Recipe) checkWords() error {
	v := r.Versions
	needed := []string{r.Layer, r.Method, r.Convolution, r.Weights, r.Backend, r.Platform, v.Go}
	words := slices.Concat(needed, []string{v.Convscope, v.GoMLX, v.Compute, v.GoXLA},
		slices.Collect(maps.Keys(r.Ways)), slices.Collect(maps.Values(r.Ways)))
	for _, word := range words {
		strange := strings.ContainsFunc(word, func(c rune) bool { return !unicode.IsPrint(c) || c == unicode.ReplacementChar })
		if strange || len(word) > maxWord {
			return fmt.Errorf("%w: the recipe says %.40q", ErrDamaged, word)
		}
	}
	if slices.Contains(needed, "") {
		return fmt.Errorf("%w: the recipe leaves out its layer, method, convolution, weights, backend, platform or Go version", ErrDamaged)
	}
	return nil
}
