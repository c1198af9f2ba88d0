// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// runner is a side that is ready for the rounds of a job.
type runner struct {
	side  *Side
	run   func() (losses []float64, took time.Duration, err error)
	close func()
}

// race prepares all sides of a job and lets them run in turn, in each round another one first.
func (b Bench) race(ctx context.Context, result *JobResult, rivals []rival) error {
	if err := writeStart(b.dir, result.Job); err != nil {
		return err
	}
	if err := b.makeNetwork(ctx, result.Job, rivals); err != nil {
		result.Problem = err.Error()
		return ctx.Err()
	}
	rivals = slices.DeleteFunc(slices.Clone(rivals), func(r rival) bool { return !r.takes(result.Job) })
	var runners []*runner
	defer func() {
		for _, r := range runners {
			r.close()
		}
	}()
	for i := range len(rivals) + 1 {
		side, python := &Side{Name: ours, Title: ours}, ""
		if i > 0 {
			rival := rivals[i-1]
			side, python = &Side{Name: rival.Name, Title: rival.Title, Problem: rival.problem}, rival.python
		}
		result.Sides = append(result.Sides, side)
		if side.Problem != "" {
			continue
		}
		b.Report(fmt.Sprintf("job %s: %s loads, compiles and warms up", result.Name, side.Title))
		r, err := b.prepare(ctx, result.Job, side, python)
		if err := b.failed(ctx, side, err); err != nil {
			return err
		}
		if r != nil {
			runners = append(runners, r)
		}
	}
	for round := range b.Rounds {
		b.Report(fmt.Sprintf("job %s: round %d of %d", result.Name, round+1, b.Rounds))
		for i := range runners {
			r := runners[(i+round)%len(runners)]
			if r.side.Problem != "" {
				continue
			}
			losses, took, err := r.run()
			if err == nil && len(losses) != result.Filters {
				err = fmt.Errorf("%s: %d losses for %d filters", r.side.Title, len(losses), result.Filters)
			}
			if err := b.failed(ctx, r.side, err); err != nil {
				return err
			}
			if err == nil {
				r.side.note(took, losses)
			}
		}
	}
	return nil
}

// failed judges an error of a side: the end of ctx and our own failures end the job, a peer's is noted.
func (b Bench) failed(ctx context.Context, side *Side, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case side.Name == ours:
		side.Problem = err.Error()
		return err
	}
	side.Problem = err.Error()
	b.Report(side.Problem)
	return nil
}

// prepare makes one side ready for a job.
func (b Bench) prepare(ctx context.Context, job Job, side *Side, python string) (*runner, error) {
	t, err := writeTask(b.dir, job, side.Name, b.Steps)
	if err != nil {
		return nil, err
	}
	command, env := append(b.Worker[:len(b.Worker):len(b.Worker)], t.path), b.Env
	if side.Name != ours {
		command, env = Peer{Name: side.Name}.command(python, b.dir, t.path), peerEnv(b.dir)
	}
	switch {
	case job.Kind == Steps:
		return prepareSteps(ctx, side, command, env)
	case side.Name == ours:
		return b.prepareOurs(ctx, side, t)
	}
	return prepareWhole(ctx, side, append(command, "whole"), env, t)
}

// prepareSteps starts a process that stays.
func prepareSteps(ctx context.Context, side *Side, command, env []string) (*runner, error) {
	c, err := start(ctx, side.Title, command, env)
	if err != nil {
		return nil, err
	}
	a, _, err := c.ask(prepare)
	if err != nil {
		c.finish()
		return nil, err
	}
	side.About = a.About
	return &runner{
		side: side,
		run: func() ([]float64, time.Duration, error) {
			a, took, err := c.ask(run)
			return a.Losses, took, err
		},
		close: func() { side.PeakBytes = c.finish() },
	}, nil
}
