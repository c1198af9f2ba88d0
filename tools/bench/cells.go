// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	_ "embed" // the cell
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"convscope/tools/jupyter"
)

// Notebook is what job F needs: a Jupyter, and the lesson whose first cells it takes.
type Notebook struct {
	Jupyter *jupyter.Jupyter
	Lesson  string        // path
	Env     []string      // settings for the cells
	Timeout time.Duration // for each cell, as in jupyter.RunOptions
}

// Cells is what changed cells took, one number of seconds for each.
type Cells struct {
	// Turnaround is from the request to the kernel's last word, without the ascent: what a person waits for besides
	// it.
	Turnaround []float64 `json:"turnaround"`
	// Its parts: Go compiles and links the cell and starts it; the device and the weights; compiling the ascent; and
	// the rest, which is mostly showing the picture.
	Build   []float64 `json:"build"`
	Load    []float64 `json:"load"`
	Compile []float64 `json:"compile"`
	Rest    []float64 `json:"rest"`
	// Ascent is what was taken off.
	Ascent []float64 `json:"ascent"`
	// First is what the set-up cell and the first two cells that compute took, which get and compile all packages.
	First float64 `json:"first"`
	// About is the kernel.
	About string `json:"about"`
}

// knobs is the lesson's cell of knobs, with lines that tell the time.
//
//go:embed knobs.txt
var knobs string

// firstCells are the ids of the lesson's cells that come first: the set-up, and what opens the network.
var firstCells = []string{"setup", "model"}

// warmCells is how many cells run before those that count: the lesson's two, and the knobs for the first time.
const warmCells = 3

// cells measures job F.
func (b Bench) cells(ctx context.Context, result *JobResult) error {
	if b.Notebook == nil {
		result.Problem = "the notebooks are not here: change to the clone, which has them"
		return nil
	}
	n, err := b.Notebook(ctx)
	if err != nil {
		return err
	}
	tell := func(cell, of int) {
		if cell <= of {
			b.Report(fmt.Sprintf("job %s: cell %d of %d", result.Name, cell, of))
		}
	}
	result.Cells, err = n.measure(ctx, result.Job, b.Rounds, b.Steps, tell)
	return err
}

// measure runs the lesson's first cells, the knobs once to warm up, and then the knobs again and again with another
// filter each.
func (n *Notebook) measure(ctx context.Context, job Job, rounds, steps int, tell func(cell, of int)) (*Cells, error) {
	lesson, err := jupyter.ReadNotebook(n.Lesson)
	if err != nil {
		return nil, err
	}
	nb, err := knobsNotebook(lesson, job, rounds, steps)
	if err != nil {
		return nil, err
	}
	spans := map[int]span{} // by cell, from 1
	done, err := n.Jupyter.Run(ctx, nb, jupyter.RunOptions{
		Dir: filepath.Dir(n.Lesson), Timeout: n.Timeout, Env: n.Env, Progress: tell,
		Timed: func(cell int, began, ended time.Time) { spans[cell] = span{began, ended} },
	})
	if err != nil {
		return nil, err
	}
	cells := &Cells{About: n.Jupyter.Kernel.About}
	for i, cell := range done.CodeCells() {
		s, found := spans[i+1]
		if !found {
			return nil, fmt.Errorf("%s: the time of cell %d is missing", nb.Name, i+1)
		}
		if i < warmCells {
			cells.First += s.seconds()
			continue
		}
		if err := cells.add(s, cell); err != nil {
			return nil, fmt.Errorf("%s: cell %d: %w", nb.Name, i+1, err)
		}
	}
	return cells, nil
}

// span is a cell's time, as the process that asked saw it.
type span struct{ began, ended time.Time }

func (s span) seconds() float64 { return s.ended.Sub(s.began).Seconds() }

// knobsNotebook makes the notebook to run.
func knobsNotebook(lesson *jupyter.Notebook, job Job, rounds, steps int) (*jupyter.Notebook, error) {
	nb := *lesson
	nb.Name, nb.Cells = "bench.ipynb", nil
	for _, id := range firstCells {
		cell := findCell(lesson, id)
		if cell == nil {
			return nil, fmt.Errorf("%s has no cell with the id %s", lesson.Name, id)
		}
		nb.Cells = append(nb.Cells, cell)
	}
	for i := range rounds + 1 {
		source := strings.NewReplacer("LAYER", job.Layer, "FILTER", strconv.Itoa(i), "SIZE", strconv.Itoa(job.Size),
			"STEPS", strconv.Itoa(steps)).Replace(knobs)
		nb.Cells = append(nb.Cells, &jupyter.Cell{Kind: jupyter.Code, ID: fmt.Sprintf("knobs-%d", i), Source: source})
	}
	return &nb, nil
}

func findCell(nb *jupyter.Notebook, id string) *jupyter.Cell {
	for _, cell := range nb.CodeCells() {
		if cell.ID == id {
			return cell
		}
	}
	return nil
}

// add splits one cell's time by what the cell printed.
func (c *Cells) add(s span, cell *jupyter.Cell) error {
	for _, output := range cell.Outputs {
		for line := range strings.Lines(output.Text) {
			var began, load, compile, climb int64 // microseconds
			if n, _ := fmt.Sscanf(line, "bench %d %d %d %d", &began, &load, &compile, &climb); n != 4 {
				continue
			}
			build := time.UnixMicro(began).Sub(s.began).Seconds()
			micro := func(us int64) float64 { return float64(us) / 1e6 }
			c.Build = append(c.Build, build)
			c.Load = append(c.Load, micro(load))
			c.Compile = append(c.Compile, micro(compile))
			c.Ascent = append(c.Ascent, micro(climb))
			turnaround := s.seconds() - micro(climb)
			c.Turnaround = append(c.Turnaround, turnaround)
			c.Rest = append(c.Rest, turnaround-build-micro(load)-micro(compile))
			return nil
		}
	}
	return fmt.Errorf("it did not tell its times")
}

// rows are the table of the report.
func (c *Cells) rows() [][]string {
	row := func(name string, values []float64) []string {
		sum := summarize(&Side{Seconds: values}, &Side{})
		return []string{name, seconds(sum.Median), seconds(sum.Least) + " to " + seconds(sum.Most)}
	}
	return [][]string{
		{c.About, "seconds", "least to most"},
		row("from the request to the end, without the ascent", c.Turnaround),
		row("- Go compiles, links and starts the cell", c.Build),
		row("- device and weights", c.Load),
		row("- XLA compiles the ascent", c.Compile),
		row("- the rest: showing the picture, the kernel's talk", c.Rest),
		row("(the ascent, not counted above)", c.Ascent),
	}
}
