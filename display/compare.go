// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/signal"
	"strings"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

// Compare runs the target with each of the settings, as one batch where their sizes agree, and shows a row of pictures for each of its filters. The
// captions say in what the settings differ, such as "step 0.1", "step 1", "step 10". An interrupt, such as the notebook's Stop button, shows
// what there is; errors panic. In a terminal it prints one line a row.
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
			made, err := picture.Deprocess(result.Pictures)
			if err != nil {
				panic(err) // a run's pictures are pictures
			}
			images[k], captions[k] = made[i], difference(result.Options, results)
			if loss := result.Loss[i]; result.Stopped {
				captions[k] += fmt.Sprintf(" (stopped at step %d)", len(loss))
			} else if result.Dead[i] {
				captions[k] += " (dead: only noise)"
			}
		}
		if len(results) > 0 {
			Row(images, captions...)
			Text("%s; all else: %s", results[0].Caption(i), results[0].Options)
		}
	}
	return results
}

// difference names the knobs that are not the same in all results.
func difference(o ascent.Options, results []*ascent.Result) string {
	knobs := []struct {
		text func(ascent.Options) string
	}{
		{func(o ascent.Options) string { return fmt.Sprintf("%dx%d px", o.Height, o.Width) }},
		{func(o ascent.Options) string { return fmt.Sprintf("%d steps", o.Steps) }},
		{func(o ascent.Options) string { return fmt.Sprintf("step %g", o.Step) }},
		{func(o ascent.Options) string {
			if o.Start != nil {
				return "given start"
			}
			return fmt.Sprintf("seed %d", o.Seed)
		}},
	}
	var parts []string
	for _, knob := range knobs {
		for _, other := range results {
			if knob.text(other.Options) != knob.text(o) {
				parts = append(parts, knob.text(o))
				break
			}
		}
	}
	if len(parts) == 0 {
		return "the same settings"
	}
	return strings.Join(parts, ", ")
}
