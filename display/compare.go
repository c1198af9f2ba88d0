// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"convscope/pkg/ascent"
)

// Compare runs the target with each of the settings, as one batch where their sizes agree, and shows a row of pictures
// for each of its filters. The captions say in what the settings differ, such as "step 0.1", "step 1", "step 10". An
// interrupt, such as the notebook's Stop button, shows what there is; errors panic. In a terminal it prints one line a
// row.
func Compare(target ascent.Target, settings ...ascent.Options) []*ascent.Result {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	results, err := ascent.RunEach(ctx, target, settings)
	if err != nil {
		panic(err)
	}
	for i := range target.Filters {
		images, captions := make([]image.Image, len(results)), make([]string, len(results))
		for k, result := range results {
			made, err := result.Images()
			if err != nil {
				panic(err) // a run's pictures are pictures
			}
			_, own := knobs(result.Options, results)
			images[k], captions[k] = made[i], cmp.Or(own, "the same settings")
			if loss := result.Loss[i]; result.Stopped {
				captions[k] += fmt.Sprintf(" (stopped at step %d)", len(loss))
			} else if result.Dead[i] {
				captions[k] += " (" + string(result.Fates[i].Life) + ": only noise)"
			} else if result.Fates[i].Life == ascent.Rescued {
				captions[k] += " (rescued)"
			}
		}
		if len(results) > 0 {
			Row(images, captions...)
			shared, _ := knobs(results[0].Options, results)
			Text("%s, filter %d: %s", target.Layer, target.Filters[i], cmp.Or(shared, "all settings differ"))
		}
	}
	return results
}

// knobs names the knobs that all results share, and those of o that they don't.
func knobs(o ascent.Options, results []*ascent.Result) (shared, own string) {
	texts := []func(ascent.Options) string{
		func(o ascent.Options) string { return o.Method.String() },
		func(o ascent.Options) string { return fmt.Sprintf("%dx%d px", o.Height, o.Width) },
		func(o ascent.Options) string { return english.Plural(o.Steps, "step", "") },
		func(o ascent.Options) string { return fmt.Sprintf("step %g", o.Step) },
		func(o ascent.Options) string {
			if o.Start != nil {
				return "given start"
			}
			return fmt.Sprintf("seed %d", o.Seed)
		},
	}
	var common, different []string
	for _, text := range texts {
		if slices.ContainsFunc(results, func(r *ascent.Result) bool { return text(r.Options) != text(o) }) {
			different = append(different, text(o))
		} else if text(o) != "book" { // goes without saying
			common = append(common, text(o))
		}
	}
	return strings.Join(common, ", "), strings.Join(different, ", ")
}
