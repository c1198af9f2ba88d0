// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// How convolutions are computed, as device.Device.Convolution says.
const (
	// Winograd is by Winograd's minimal filtering, in convscope's own kernel.
	Winograd = "winograd"
	// Direct is by the backend's own convolution.
	Direct = "direct"
)

// The ways that there were before version 4: Winograd's filtering too, but in other operations, so that a picture made
// now can differ by rounding.
const (
	lines = "lines"
	tiles = "tiles"
	auto  = "auto" // the fastest for each kind of convolution
)

// Convolutions returns the ways in which the convolutions were computed, sorted. What no way was noted for was
// computed by the backend's own convolution.
func (r Recipe) Convolutions() []string {
	if r.Format >= Format {
		return []string{r.Convolution}
	}
	ways := slices.Sorted(maps.Values(r.Ways))
	if len(ways) == 0 {
		return []string{Direct}
	}
	return slices.Compact(ways)
}

// checkConvolutions refuses ways that this version does not know.
func (r Recipe) checkConvolutions() error {
	asked, ways := []string{Winograd, Direct}, []string(nil)
	if r.Format < Format {
		asked, ways = []string{auto, Direct, lines, tiles}, []string{Direct, lines, tiles}
	}
	if !slices.Contains(asked, r.Convolution) {
		return fmt.Errorf("%w: unknown convolution %q", ErrFormat, r.Convolution)
	}
	for kind, way := range r.Ways {
		if !slices.Contains(ways, way) {
			return fmt.Errorf("%w: unknown way %q for the %s", ErrFormat, way, kind)
		}
	}
	return nil
}

// convolutionsDiffer says in which other way the convolutions of another picture were computed, and what that means;
// "" if in none.
func (r Recipe) convolutionsDiffer(other Recipe) string {
	then, now := r.Convolutions(), other.Convolutions()
	if slices.Equal(then, now) {
		return ""
	}
	text := fmt.Sprintf("convolution: %s then, %s now", listed(then), listed(now))
	gone := slices.DeleteFunc(slices.Clone(then), func(way string) bool { return way == Direct || way == Winograd })
	switch {
	case len(gone) == 1:
		return text + fmt.Sprintf(": %s is no longer there, so the picture can differ by rounding", gone[0])
	case len(gone) > 1:
		return text + fmt.Sprintf(": %s are no longer there, so the picture can differ by rounding", listed(gone))
	case slices.Equal(then, []string{Direct}):
		return text + ": CONVSCOPE_KERNEL=off computes directly"
	case slices.Equal(then, []string{Winograd}):
		return text + ": XLA on a CPU computes so, unless CONVSCOPE_KERNEL is off"
	}
	return text
}

// listed joins words as people do.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
