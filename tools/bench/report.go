// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"convscope/internal/fetch"
)

// Report is what a bench measured, as bench.json holds it.
type Report struct {
	When    time.Time `json:"when"`
	Machine Machine   `json:"machine"`
	Steps   int       `json:"steps"`
	Rounds  int       `json:"rounds"`
	// Peers says that others were asked for, and Notes what a reader should know besides.
	Peers bool         `json:"peers"`
	Notes []string     `json:"notes,omitempty"`
	Jobs  []*JobResult `json:"jobs"`
	// Stopped says that the bench did not come to its end.
	Stopped bool `json:"stopped,omitempty"`
}

// JobResult is one job on all sides, ours first.
type JobResult struct {
	Job
	Sides []*Side `json:"sides,omitempty"`
	// Cells is for job F.
	Cells *Cells `json:"cells,omitempty"`
	// Problem says why the job was not measured.
	Problem string `json:"problem,omitempty"`
}

// Side is one side of a job.
type Side struct {
	// Name is "convscope" or a peer's, Title the one that people know, and About says what exactly ran.
	Name  string `json:"name"`
	Title string `json:"title"`
	About string `json:"about,omitempty"`
	// Seconds are those of each round, in the order of the rounds.
	Seconds []float64 `json:"seconds"`
	// PeakBytes is the most memory that the process had: in job E the largest of all its processes.
	PeakBytes int64 `json:"peakBytes"`
	// Losses are the filters' losses before the last step.
	Losses  []float64 `json:"losses,omitempty"`
	Summary *Summary  `json:"summary,omitempty"`
	// Problem says why the side was not measured, or not to the end.
	Problem string `json:"problem,omitempty"`
}

// note adds what a round found.
func (s *Side) note(took time.Duration, losses []float64) {
	s.Seconds = append(s.Seconds, took.Seconds())
	s.Losses = losses
}

// Unlike names the sides that did not reach our loss, one line each.
func (r *Report) Unlike() []string {
	var unlike []string
	for _, job := range r.Jobs {
		for _, side := range job.Sides {
			if s := side.Summary; s != nil && s.Losses != nil && !s.Losses.Same {
				unlike = append(unlike, fmt.Sprintf("%s in job %s (%s)", side.Title, job.Name, percent(s.Losses.Mean)))
			}
		}
	}
	return unlike
}

// Measured says whether there is any number in the report.
func (r *Report) Measured() bool {
	return slices.ContainsFunc(r.Jobs, func(job *JobResult) bool {
		return job.Cells != nil || slices.ContainsFunc(job.Sides,
			func(side *Side) bool { return len(side.Seconds) > 0 })
	})
}

// Write writes bench.md and bench.json into the directory, each complete or not at all, and returns the path of the
// first.
func (r *Report) Write(dir string) (path string, err error) {
	path = filepath.Join(dir, "bench.md")
	err = fetch.WriteAtomic(path, func(w io.Writer) error {
		_, err := io.WriteString(w, r.Markdown())
		return err
	})
	if err != nil {
		return path, err
	}
	return path, fetch.WriteAtomic(filepath.Join(dir, "bench.json"), func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	})
}
