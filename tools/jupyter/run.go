// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"convscope/internal/child"
)

// RunOptions say how a notebook runs. The zero value is right for most.
type RunOptions struct {
	// Dir is the directory that the cells run in; "" is the current one. The lessons need the one they lie in.
	Dir string
	// Timeout is the limit for one cell, rounded up to seconds; 0 is ten minutes, a negative one is none.
	Timeout time.Duration
	// Env has settings for the kernel on top of the environment: "NAME=value".
	Env []string
	// Progress is called when a code cell starts, and once with cell = of+1 at the end of a run without errors.
	Progress func(cell, of int)
	// Timed is called when a code cell is done, with the times of the request to run it and of the kernel's last word.
	Timed func(cell int, began, ended time.Time)
	// Failed is called after the run for each cell that failed or ran too long, which then does not end the run.
	Failed func(*CellError)
}

// defaultTimeout is the limit for a cell: ten times what the slowest lesson's cell takes on two cores.
const defaultTimeout = 10 * time.Minute

// Run executes a notebook in a clean kernel and returns it with its outputs, as nbclient got them; nb itself stays as
// it is. A cell that fails or runs too long ends the run: the error is a [*CellError], and the notebook comes back
// with the outputs up to there. When ctx ends, so do the cell, the kernel and all that they started.
func (j *Jupyter) Run(ctx context.Context, nb *Notebook, o RunOptions) (*Notebook, error) {
	room, err := newRoom()
	if err != nil {
		return nil, err
	}
	defer room.Remove()
	if err := errors.Join(room.canCompile(), j.Kernel.place(headless, room.at("specs"))); err != nil {
		return nil, err
	}
	cwd, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	job := runJob{
		Input: room.at("in.ipynb"), Output: room.at("out.ipynb"),
		Kernel: KernelName, Cwd: cwd, Timeout: seconds(o.Timeout), On: o.Failed != nil,
	}
	if err := job.write(room.Path, nb.withoutOutputs()); err != nil {
		return nil, err
	}
	cell, end, failed, err := j.execute(ctx, room, o, len(nb.CodeCells()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", nb.Name, err)
	}
	text, err := os.ReadFile(job.Output) // however large it is
	if err != nil {
		return nil, fmt.Errorf("%s: the executed notebook: %w", nb.Name, err)
	}
	done, err := ParseNotebook(text)
	if err != nil {
		return nil, fmt.Errorf("%s: the executed notebook: %w", nb.Name, err)
	}
	done.Name = nb.Name
	done.joinStreams()
	limit := time.Duration(job.Timeout) * time.Second
	for _, f := range failed {
		o.Failed(done.cellError(f.cell, f.how, limit))
	}
	if end == "ok" {
		return done, nil
	}
	return done, done.cellError(cell, end, limit)
}

// runJob is what run_notebook.py reads.
type runJob struct {
	Input   string `json:"input"`
	Output  string `json:"output"`
	Kernel  string `json:"kernel"`
	Cwd     string `json:"cwd"`
	Timeout int    `json:"timeout"` // seconds, 0 = none
	On      bool   `json:"on"`      // past cells that fail
}

func (job runJob) write(dir string, nb *Notebook) error {
	if err := nb.Write(job.Input); err != nil {
		return err
	}
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "job.json"), text, 0o600)
}

// failedCell is a cell that failed in a run that goes on, and how.
type failedCell struct {
	cell int
	how  string
}

// execute runs run_notebook.py and returns the last cell that it started and how it ended, and the cells that failed
// before.
func (j *Jupyter) execute(ctx context.Context, room room, o RunOptions, of int) (cell int, end string,
	failed []failedCell, err error) {
	cmd := exec.Command(j.Venv.Python, "-I", room.at("run_notebook.py"), room.at("job.json"))
	cmd.Dir = room.Path
	room.Lend(cmd)
	cmd.Env = append(room.environ(room.Path, []string{j.Kernel.bin()}, "JUPYTER_NO_CONFIG=1"), o.Env...)
	log := &child.Tail{}
	cmd.Stderr = log
	cmd.Stdout = &child.Tail{Each: func(line string) {
		var event struct {
			Cell, Done, Failed int
			Began, Ended       float64 // seconds since 1970
			End, How           string
		}
		if json.Unmarshal([]byte(line), &event) != nil {
			return
		}
		if event.Done > 0 {
			if o.Timed != nil {
				o.Timed(event.Done, fromUnix(event.Began), fromUnix(event.Ended))
			}
			return
		}
		if event.Failed > 0 {
			failed = append(failed, failedCell{event.Failed, event.How})
			return
		}
		if end = event.End; end != "" {
			return
		}
		cell = event.Cell
		if o.Progress != nil {
			o.Progress(cell, of)
		}
	}}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, "", nil, err
	}
	defer stdin.Close() // open until run_notebook.py is done: its end tells it to stop
	nbclient, err := child.Start(cmd)
	if err != nil {
		return 0, "", nil, err
	}
	_ = nbclient.Wait(ctx, func() { _ = stdin.Close() }) // it says itself how it ended
	switch {
	case ctx.Err() != nil:
		return 0, "", nil, ctx.Err()
	case end == "":
		return 0, "", nil, fmt.Errorf("could not be run: %s", log.Last(isComplaint))
	case end == "ok" && o.Progress != nil:
		o.Progress(of+1, of)
	}
	return cell, end, failed, nil
}

// fromUnix turns Python's time.time() into ours, to the microsecond.
func fromUnix(seconds float64) time.Time { return time.UnixMicro(int64(seconds * 1e6)) }

// seconds rounds a limit up; 0 is the default and a negative one is none.
func seconds(limit time.Duration) int {
	switch {
	case limit == 0:
		limit = defaultTimeout
	case limit < 0:
		return 0
	}
	return int((limit + time.Second - 1) / time.Second)
}

// withoutOutputs returns a copy to run, so that cells after a failure don't come back with old outputs.
func (nb *Notebook) withoutOutputs() *Notebook {
	clean := *nb
	clean.Cells = nil
	for _, cell := range nb.Cells {
		c := *cell
		c.Count, c.Outputs = 0, nil
		clean.Cells = append(clean.Cells, &c)
	}
	return &clean
}
