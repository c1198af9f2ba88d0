// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/pkg/weights/format"
)

// The words of the protocol. A side reads one a line and answers each with one line of JSON.
const (
	prepare = "prepare" // load, compile and warm up
	run     = "run"     // do the job once
)

// answer is what a side says.
type answer struct {
	About  string    `json:"about,omitempty"`  // who it is, to prepare
	Losses []float64 `json:"losses,omitempty"` // each filter's loss before its last step, to run
	Error  string    `json:"error,omitempty"`
}

// Serve is our side of a job: it reads the task that the bench wrote at path, then words from in, and answers on out,
// until in ends. load gives the model in a file, "" is VGG16. It climbs as ascent does by default; nothing is tuned
// for the bench.
func Serve(ctx context.Context, path string, in io.Reader, out io.Writer, load Load) error {
	w := &worker{path: path, load: load}
	encoder := json.NewEncoder(out)
	words := bufio.NewScanner(in)
	for words.Scan() {
		a, err := w.obey(ctx, words.Text())
		if err != nil {
			a = answer{Error: err.Error()}
		}
		if err := encoder.Encode(a); err != nil {
			return err
		}
	}
	return words.Err()
}

// Load gives the model in a file, which takes pictures as they are, "" is VGG16.
type Load func(ctx context.Context, file string) (*network.Model, error)

// worker carries one task out, again and again.
type worker struct {
	path    string
	load    Load
	target  ascent.Target
	options ascent.Options
}

func (w *worker) obey(ctx context.Context, word string) (answer, error) {
	if word == run {
		return w.run(ctx)
	}
	return w.prepare(ctx)
}

// prepare loads, compiles and runs the job once.
func (w *worker) prepare(ctx context.Context) (answer, error) {
	t, err := readTask(w.path)
	if err != nil {
		return answer{}, err
	}
	start, err := format.ReadNPY(t.Start)
	if err != nil {
		return answer{}, err
	}
	file := ""
	if t.Network != "" {
		file = t.Weights
	}
	net, err := w.load(ctx, file)
	if err != nil {
		return answer{}, err
	}
	if w.target, err = net.Channels(t.Layer, t.Filters...); err != nil {
		return answer{}, err
	}
	// The peers wake nothing either.
	w.options = ascent.Options{NoRescue: true, Steps: t.Steps, Step: t.Step, Start: start}
	if _, err := w.run(ctx); err != nil {
		return answer{}, err
	}
	return answer{About: ours + ", " + w.target.Backend}, nil
}

// run runs the job.
func (w *worker) run(ctx context.Context) (answer, error) {
	result, err := ascent.Run(ctx, w.target, w.options)
	if err != nil {
		return answer{}, err
	}
	if result.Stopped {
		return answer{}, context.Cause(ctx)
	}
	return answer{Losses: lastLosses(result.Loss)}, nil
}

// lastLosses picks each filter's loss before its last step.
func lastLosses(all [][]float32) []float64 {
	var last []float64
	for _, losses := range all {
		last = append(last, float64(losses[len(losses)-1]))
	}
	return last
}
