// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/tools/bench"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	jobs, peer, out string
	peers, tf32     bool
	rounds, steps   int
}

// workerName is the hidden command that bench starts for each job.
const workerName = "bench-worker"

// newBenchCommand makes "convscope bench": how fast patterns come, beside other frameworks.
func newBenchCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast patterns come, with --peers beside PyTorch, Keras and JAX",
		Long: "bench times patterns on this machine: A one pattern, B a deep one, C a sheet of 64, D a " +
			"deep sheet, E the whole\n" +
			"process from its start to the PNG, F a changed cell in the notebook. With --peers, PyTorch, Keras on " +
			"TensorFlow and JAX do\n" +
			"A to E as well, on the CPU, from the same start with the same weights, in turn with ours; and " +
			"PyTorch G to L: a deep\n" +
			"pattern and a sheet of 16 of ResNet18, MobileNetV2 and EfficientNet-Lite0. Their first use " +
			"downloads some GB into\n" +
			"convscope's cache, where they take 8 GB. The report is printed and left in out/bench/ as " +
			"bench.md and bench.json.",
		Example: "  convscope bench\n  convscope bench --peers\n  convscope bench --jobs A,E " +
			"--peer torch,jax --rounds 9",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.jobs, "jobs", "", "jobs to measure, such as A,C (default all)")
	flags.BoolVar(&f.peers, "peers", false, "let PyTorch, Keras and JAX do the same jobs")
	flags.StringVar(&f.peer, "peer", "", "let only these do so: of torch,keras,jax")
	flags.IntVar(&f.rounds, "rounds", 5, "how often each side runs each job")
	flags.IntVar(&f.steps, "steps", ascent.BookSteps, "how many steps uphill")
	flags.StringVar(&f.out, "out", "", "directory for the report (default out/bench/ in the clone)")
	flags.BoolVar(&f.tf32, "tf32", false, "with --device gpu: let the GPU round to TF32 inside convolutions")
	cmd.AddCommand(newGrowthCommand(), newLayersCommand())
	return cmd
}

// run measures and writes the report, also when not all of it could be measured.
func (f *benchFlags) run(cmd *cobra.Command) error {
	b, jobs, err := f.plan(cmd)
	if err != nil {
		return err
	}
	if err := file.Folder(f.out); err != nil {
		return err
	}
	report, failure := b.Run(cmd.Context(), jobs)
	if report == nil || !report.Measured() {
		return failure
	}
	fmt.Fprint(cmd.OutOrStdout(), report.Markdown())
	path, err := report.Write(f.out)
	unlike := report.Unlike()
	switch {
	case err != nil:
		return err
	case cmd.Context().Err() != nil:
		return fmt.Errorf("stopped early, %s holds what was measured so far", short(path))
	case failure != nil:
		return fmt.Errorf("%w (all up to there: %s)", failure, short(path))
	case len(unlike) > 0:
		return fmt.Errorf("not the same loss, so the times don't compare: %s (%s)",
			strings.Join(unlike, ", "), short(path))
	}
	progress.Line("report: " + short(path))
	return nil
}

// plan turns the flags into what to measure.
func (f *benchFlags) plan(cmd *cobra.Command) (b bench.Bench, jobs []bench.Job, err error) {
	bad := func(err error) (bench.Bench, []bench.Job, error) { return bench.Bench{}, nil, usageError{err} }
	if jobs, err = bench.ParseJobs(f.jobs); err != nil {
		return bad(err)
	}
	if f.peers || f.peer != "" {
		if b.Peers, err = bench.ParsePeers(f.peer); err != nil {
			return bad(err)
		}
	}
	if jobs, err = b.Able(jobs, f.jobs != ""); err != nil {
		return bad(err)
	}
	if f.rounds < 1 {
		return bad(fmt.Errorf("rounds %d: give at least 1", f.rounds))
	}
	if f.steps < 1 {
		return bad(fmt.Errorf("steps %d: give at least 1", f.steps))
	}
	chosen, err := readChoices(cmd)
	if err != nil {
		return b, nil, err
	}
	if f.tf32 && chosen.device != device.GPU {
		return bad(fmt.Errorf("--tf32 is for a GPU: add --device gpu"))
	}
	self, err := os.Executable()
	if err != nil {
		return b, nil, err
	}
	b.Worker, b.Pattern = []string{self, workerName}, []string{self, "pattern"}
	b.Env, b.Weights, b.Input, b.Rounds, b.Steps = f.env(chosen), chosen.weights, chosen.input, f.rounds, f.steps
	b.Report = func(line string) { progress.Line(line) }
	if len(b.Peers) > 0 && chosen.device != device.CPU {
		b.Note = "The peers compute on the CPU; convscope on what its line names."
	}
	root, missing := cloneRoot(".")
	if missing == nil {
		b.Notebook = func(context.Context) (*bench.Notebook, error) { return f.notebook(cmd, root) }
	} else if strings.Contains(strings.ToUpper(f.jobs), "F") {
		return b, nil, missing
	}
	if f.out == "" {
		f.out = filepath.Join(root, "out", "bench")
	}
	return b, jobs, nil
}

// env hands the device and the weights on to our processes and cells.
func (f *benchFlags) env(chosen choices) []string {
	env := append(chosen.env(), "CONVSCOPE_DEVICE=") // its choice is among the others already
	if f.tf32 {
		env = append(env, "GOMLX_BACKEND=xla:cuda,tf32")
	}
	return env
}

// notebook sets job F up: Jupyter, the kernel, and the lesson.
func (f *benchFlags) notebook(cmd *cobra.Command, root string) (*bench.Notebook, error) {
	paths, err := findNotebooks(root, lesson)
	if err != nil {
		return nil, err
	}
	env, err := setUp(cmd)
	if err != nil {
		return nil, err
	}
	chosen, err := readChoices(cmd)
	if err != nil {
		return nil, err
	}
	return &bench.Notebook{Jupyter: env.Jupyter, Lesson: paths[0], Env: append(env.kernel, f.env(chosen)...),
		Timeout: env.limit(0)}, nil
}

// newBenchWorkerCommand makes the hidden command that is our side of a job, in a process of its own.
func newBenchWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    workerName + " TASK.json",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return bench.Serve(cmd.Context(), args[0], cmd.InOrStdin(), cmd.OutOrStdout(),
				func(ctx context.Context, file string) (*network.Model, error) { return loadBenched(ctx, cmd, file) })
		},
	}
}

// loadBenched loads the network of a file that takes pictures as they are, "" is VGG16.
func loadBenched(ctx context.Context, cmd *cobra.Command, file string) (*network.Model, error) {
	if file == "" {
		return loadModel(ctx, cmd)
	}
	chosen, err := readChoices(cmd)
	if err != nil {
		return nil, err
	}
	dev, err := device.NewContext(ctx, device.Options{Kind: chosen.device})
	if err != nil {
		return nil, err
	}
	return network.Open(ctx, dev, network.Options{Model: file, Input: "raw"})
}
