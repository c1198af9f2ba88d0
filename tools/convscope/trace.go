// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"

	"convscope/pkg/ascent"
)

// trace is the account of a run that --trace writes.
type trace struct {
	Layer   string      `json:"layer"`
	Filters []int       `json:"filters"`
	Size    [2]int      `json:"size"` // height, width in pixels
	Steps   int         `json:"steps"`
	Step    float64     `json:"step"`
	Seed    uint64      `json:"seed"`
	Backend string      `json:"backend"`
	Loss    [][]float32 `json:"loss"` // for each filter, the loss before each step
	Dead    []bool      `json:"dead"`
	// Fates says alive, rescued, inert or dead; Scores is there with --scores.
	Fates   []ascent.Fate  `json:"fates"`
	Scores  []ascent.Score `json:"scores,omitempty"`
	Seconds seconds        `json:"seconds"`
}

// seconds is the wall clock, split.
type seconds struct {
	Load    float64 `json:"load"`
	Compile float64 `json:"compile"`
	Ascent  float64 `json:"ascent"`
}

// writeTrace writes the account of a run as JSON.
func writeTrace(w io.Writer, r *ascent.Result, scores []ascent.Score) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(trace{
		Layer: r.Layer, Filters: r.Filters, Size: [2]int{r.Options.Height, r.Options.Width},
		Steps: r.Options.Steps, Step: r.Options.Step, Seed: r.Options.Seed, Backend: r.Backend,
		Loss: r.Loss, Dead: r.Dead, Fates: r.Fates, Scores: scores,
		Seconds: seconds{r.Time.Load.Seconds(), r.Time.Compile.Seconds(), r.Time.Ascent.Seconds()},
	})
}
