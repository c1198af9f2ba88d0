// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
)

// String shows the recipe in a few aligned lines.
func (r Recipe) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s "+format+"\n", append([]any{name}, args...)...)
	}
	filters := "filters "
	if len(r.Filters) == 1 {
		filters = "filter "
	}
	line("picture", "%s of %s, %s", r.Kind, r.Layer, filters+ranges(r.Filters))
	if r.Network != "" {
		line("network", "%s, to be given by --model; it takes pictures as --input %s", r.Network, r.Input)
	}
	line("size", "%dx%d px", r.Height, r.Width)
	line("ascent", "%s, %s of %g, %d at once", r.Method, english.Plural(r.Steps, "step", ""), r.Step, r.Batch)
	if r.Rescue {
		line("rescue", "silent filters are woken")
	}
	if r.Taken != nil {
		line("stopped", "after %s", r.taken())
	}
	switch s := r.Start; {
	case s == nil:
		line("start", "noise, seed %d", r.Seed)
	case s.Pictures != nil:
		line("start", "%s, here in the recipe (SHA-256 %s...)", plural(s.Shape[0], "given picture"), short(s.SHA256))
	default:
		line("start", "%s, to be given again by --start (float32 %v, SHA-256 %s...)",
			plural(s.Shape[0], "given picture"), s.Shape, short(s.SHA256))
	}
	for _, f := range r.Files {
		where := "here in the recipe"
		if f.Data == nil {
			where = "to be given again by --photo"
		}
		line(string(f.Kind), "%s, %s (SHA-256 %s...)", f.Name(), where, short(f.SHA256))
	}
	if l := r.Layout; l != nil {
		labels := "no labels"
		if l.Labels {
			labels = "filters' numbers as labels"
		}
		line("layout", "by %s, margin %d px, scale %d, %s", l.Order, l.Margin, l.Scale, labels)
	}
	line("convolution", "%s%s", r.Convolution, r.ways())
	if r.WeightsInput == "" {
		line("weights", "%s", r.Weights)
	} else {
		line("weights", "%s, read with --weights-input %s", r.Weights, r.WeightsInput)
	}
	line("backend", "%s, %s", r.Backend, r.Platform)
	line("versions", "%s", r.Versions)
	return b.String()
}

// String shows the versions that are known on one line.
func (v Versions) String() string {
	parts := []string{v.Go}
	for _, module := range v.modules() {
		if module[1] != "" {
			parts = append(parts, strings.Join(module[:], " "))
		}
	}
	return strings.Join(parts, ", ")
}

// modules are the names and versions of the modules.
func (v Versions) modules() [][2]string {
	return [][2]string{{"convscope", v.Convscope}, {"gomlx", v.GoMLX}, {"compute", v.Compute}, {"go-xla", v.GoXLA}}
}

// taken says how many steps how many pictures took.
func (r Recipe) taken() string {
	var parts []string
	for first := 0; first < len(r.Taken); {
		next := first + 1
		for next < len(r.Taken) && r.Taken[next] == r.Taken[first] {
			next++
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", plural(r.Taken[first], "step"), plural(next-first, "picture")))
		first = next
	}
	return strings.Join(parts, ", ")
}

// ways counts how many kinds of convolution were computed in each way.
func (r Recipe) ways() string {
	counts := make(map[string]int)
	for _, way := range r.Ways {
		counts[way]++
	}
	var parts []string
	for _, way := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s: %d", way, counts[way]))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// Differences says, a few words each, in what the making of another picture by this recipe differed: what ran it,
// versions, weights, and how it was computed. It returns nil when nothing did.
func (r Recipe) Differences(other Recipe) []string {
	var found []string
	compare := func(what, was, is string) {
		if was != is {
			found = append(found, fmt.Sprintf("%s: %s then, %s now", what, known(was), known(is)))
		}
	}
	compare("backend", r.Backend, other.Backend)
	compare("platform", r.Platform, other.Platform)
	compare("weights", short(r.Weights), short(other.Weights))
	compare("Go", r.Versions.Go, other.Versions.Go)
	then, now := r.Versions.modules(), other.Versions.modules()
	for i := range then {
		compare(then[i][0], then[i][1], now[i][1])
	}
	compare("pictures at once", strconv.Itoa(r.Batch), strconv.Itoa(other.Batch))
	if differ := r.convolutionsDiffer(other); differ != "" {
		found = append(found, differ)
	}
	return found
}

// known puts a word where there is none.
func known(version string) string {
	if version == "" {
		return "not known"
	}
	return version
}

// plural counts things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// ranges lists numbers, with neighbours in a row as a range: 0-5, 9.
func ranges(numbers []int) string {
	var parts []string
	for first := 0; first < len(numbers); {
		last := first
		for last+1 < len(numbers) && numbers[last+1] == numbers[last]+1 {
			last++
		}
		part := strconv.Itoa(numbers[first])
		if last > first {
			part += "-" + strconv.Itoa(numbers[last])
		}
		parts = append(parts, part)
		first = last + 1
	}
	return strings.Join(parts, ", ")
}
