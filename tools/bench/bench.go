// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"convscope/internal/scratch"
	"convscope/pkg/weights"
)

// ours is the name of our side.
const ours = "convscope"

// Bench says how to measure.
type Bench struct {
	// Worker is the command line of our worker, to which the path of a task is added; it calls [Serve].
	Worker []string
	// Pattern is the command line of "convscope pattern", to which the flags of a task are added.
	Pattern []string
	// Env has settings for both on top of the environment: "NAME=value".
	Env []string
	// Weights is the file of the weights that the peers get a copy of, "" the usual ones.
	Weights string
	// Input is what pictures they take, as weights.Options has it.
	Input string
	// Peers are to do the same jobs; none means no comparison.
	Peers []Peer
	// Rounds is how often each side runs each job, and Steps the number of steps of each climb.
	Rounds, Steps int
	// Notebook prepares job F, when its turn comes; nil leaves the job out.
	Notebook func(context.Context) (*Notebook, error)
	// Note is a line for the report, if not "".
	Note string
	// Report gets a line of news now and then.
	Report func(line string)

	dir string // temporary: scripts, weights, tasks
}

// Run measures the jobs one after the other. A peer that cannot be had or fails is told in the report. When ctx ends,
// or our own side fails, it returns the report of what there is, with the error. The report is nil when nothing could
// begin.
func (b Bench) Run(ctx context.Context, jobs []Job) (*Report, error) {
	report := &Report{When: time.Now().UTC(), Machine: thisMachine(), Steps: b.Steps, Rounds: b.Rounds,
		Peers: len(b.Peers) > 0}
	if b.Note != "" {
		report.Notes = append(report.Notes, b.Note)
	}
	temp, err := scratch.Make()
	if err != nil {
		return nil, err
	}
	defer temp.Remove()
	b.dir = temp.Path
	rivals, err := b.install(ctx, jobs)
	if err != nil {
		return nil, err
	}
	for _, job := range jobs {
		result := &JobResult{Job: job}
		report.Jobs = append(report.Jobs, result)
		if job.Kind == Cell {
			err = b.cells(ctx, result)
		} else {
			err = b.race(ctx, result, rivals)
		}
		for _, side := range result.Sides {
			side.Summary = summarize(side, result.Sides[0])
		}
		if ctx.Err() != nil {
			report.Stopped = true
			return report, ctx.Err()
		}
		if err != nil {
			result.Problem = err.Error()
			return report, fmt.Errorf("job %s: %w", job.Name, err)
		}
	}
	return report, nil
}

// rival is a peer that has been installed, or could not be.
type rival struct {
	Peer
	python  string
	problem string
}

// install gets the peers and writes their scripts and weights into the directory. Nothing is timed yet.
func (b Bench) install(ctx context.Context, jobs []Job) ([]rival, error) {
	if !slices.ContainsFunc(jobs, func(job Job) bool { return job.Kind != Cell }) {
		return nil, nil
	}
	if err := writePeers(b.dir); err != nil {
		return nil, err
	}
	classic := func(job Job) bool { return job.Kind != Cell && job.Network == "" }
	if !slices.ContainsFunc(jobs, classic) {
		return b.rivals(ctx)
	}
	if err := writeWeights(ctx, b.dir, weights.Options{Path: b.Weights, Input: b.Input}); err != nil {
		return nil, err
	}
	return b.rivals(ctx)
}

// rivals gets the peers.
func (b Bench) rivals(ctx context.Context) ([]rival, error) {
	var rivals []rival
	for _, peer := range b.Peers {
		python, err := peer.Install(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r := rival{Peer: peer, python: python}
		if err != nil {
			r.problem = fmt.Sprintf("%s: not installed: %v", peer.Title, err)
			b.Report(r.problem)
		}
		rivals = append(rivals, r)
	}
	return rivals, nil
}
