// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"convscope/pkg/ascent"
)

// task is a job as our worker and the peers read it, a JSON file.
type task struct {
	Network string  `json:"network"` // "" is VGG16
	Layer   string  `json:"layer"`
	Filters []int   `json:"filters"`
	Steps   int     `json:"steps"`
	Step    float64 `json:"step"`
	Weights string  `json:"weights"` // .npz with block1_conv1/kernel and so on, or another network as .onnx
	Start   string  `json:"start"`   // .npy, float32 [filters, height, width, 3]
	Out     string  `json:"out"`     // the PNG of a whole process

	path string // of the JSON file
}

// writeStart writes a job's start pictures into the directory: the noise that ascent begins with.
func writeStart(dir string, job Job) error {
	pixels := job.Size * job.Size * 3
	pictures := make([]float32, job.Filters*pixels)
	for i := range job.Filters {
		ascent.Noise(pictures[i*pixels:(i+1)*pixels], ascent.BookSeed, i)
	}
	start := tensors.FromFlatDataAndDimensions(pictures, job.Filters, job.Size, job.Size, 3)
	if err := numpy.ToNpyFile(start, startPath(dir, job)); err != nil {
		return fmt.Errorf("writing the start pictures: %w (set TMPDIR to a directory with room)", err)
	}
	return nil
}

func startPath(dir string, job Job) string { return filepath.Join(dir, job.Name+".npy") }

// writeTask writes the job for one side into the directory, where the weights and the start pictures are already.
func writeTask(dir string, job Job, side string, steps int) (task, error) {
	name := filepath.Join(dir, job.Name+"-"+side)
	t := task{
		Network: job.Network, Layer: job.Layer, Filters: job.indices(), Steps: steps,
		Step: cmp.Or(job.Step, ascent.BookStep), Weights: filepath.Join(dir, weightsName), Start: startPath(dir, job),
		Out: name + ".png", path: name + ".json",
	}
	if job.Network != "" {
		t.Weights = networkPath(dir, job.Network)
	}
	text, err := json.Marshal(t)
	if err != nil {
		return t, err
	}
	return t, os.WriteFile(t.path, text, 0o644)
}

// readTask reads what writeTask wrote.
func readTask(path string) (task, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return task{}, err
	}
	t := task{path: path}
	if err := json.Unmarshal(text, &t); err != nil {
		return task{}, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}
