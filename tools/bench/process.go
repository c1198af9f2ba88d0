// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"strings"
	"time"
)

// prepareWhole is for a peer's processes from nothing to a PNG.
func prepareWhole(ctx context.Context, side *Side, command, env []string, t task) (*runner, error) {
	return warm(side, func() ([]float64, time.Duration, error) {
		last, took, peak, err := wholePNG(ctx, side, command, env, t)
		if err != nil {
			return nil, 0, err
		}
		var a answer
		if err := json.Unmarshal(last, &a); err != nil {
			return nil, 0, fmt.Errorf("%s: answered %.60q in place of JSON", side.Title, last)
		}
		side.About, side.PeakBytes = a.About, max(side.PeakBytes, peak)
		return a.Losses, took, nil
	})
}

// prepareOurs is for our own: "convscope pattern", as people call it.
func (b Bench) prepareOurs(ctx context.Context, side *Side, t task) (*runner, error) {
	trace := strings.TrimSuffix(t.path, ".json") + "-trace.json"
	command := append(b.Pattern[:len(b.Pattern):len(b.Pattern)], "--layer", t.Layer, "--filter",
		fmt.Sprint(t.Filters[0]),
		"--rescue=false", "--start", t.Start, "--steps", fmt.Sprint(t.Steps), "--out", t.Out, "--trace", trace)
	return warm(side, func() ([]float64, time.Duration, error) {
		_, took, peak, err := wholePNG(ctx, side, command, b.Env, t)
		if err != nil {
			return nil, 0, err
		}
		text, err := os.ReadFile(trace)
		if err != nil {
			return nil, 0, err
		}
		var told struct {
			Backend string
			Loss    [][]float32
		}
		if err := json.Unmarshal(text, &told); err != nil {
			return nil, 0, fmt.Errorf("%s: its trace: %w", side.Title, err)
		}
		side.About, side.PeakBytes = ours+" pattern, "+told.Backend, max(side.PeakBytes, peak)
		return lastLosses(told.Loss), took, nil
	})
}

// warm runs a side's process once, so that all of its files are in the page cache.
func warm(side *Side, once func() ([]float64, time.Duration, error)) (*runner, error) {
	if _, _, err := once(); err != nil {
		return nil, err
	}
	return &runner{side: side, run: once, close: func() {}}, nil
}

// wholePNG runs a process that has to leave a PNG.
func wholePNG(ctx context.Context, side *Side, command, env []string,
	t task) (last []byte, took time.Duration, peak int64, err error) {
	if err := os.Remove(t.Out); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, 0, err
	}
	if last, took, peak, err = whole(ctx, side.Title, command, env); err != nil {
		return nil, 0, 0, err
	}
	file, err := os.Open(t.Out)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("%s: left no picture", side.Title)
	}
	defer file.Close()
	if _, err := png.DecodeConfig(file); err != nil {
		return nil, 0, 0, fmt.Errorf("%s: left no picture: %w", side.Title, err)
	}
	return last, took, peak, nil
}
