// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"slices"
	"strings"

	"convscope/pkg/ascent"
)

// Kind says what of a job is timed.
type Kind string

const (
	// Steps times the steps alone, in a process that has loaded, compiled and run the job before.
	Steps Kind = "steps"
	// Process times a fresh process from its start to its end, when the PNG is written.
	Process Kind = "process"
	// Cell times a changed cell of a notebook, without its steps.
	Cell Kind = "cell"
)

// Job is one thing to measure.
type Job struct {
	// Name is a letter.
	Name string `json:"name"`
	// Title says what it is.
	Title string `json:"title"`
	Kind  Kind   `json:"kind"`
	// Network is one that PyTorch makes, "" is VGG16.
	Network string `json:"network,omitempty"`
	// Layer, Filters and Size are what is climbed: filters 0 to Filters-1, pictures of Size x Size pixels.
	Layer   string `json:"layer"`
	Filters int    `json:"filters"`
	Size    int    `json:"size"`
	// Step is the length of a step, 0 the book's. In networks of random weights the least rounding takes pictures
	// apart within some long steps, and then their losses tell nothing.
	Step float64 `json:"step,omitempty"`
}

// The sides of the pictures of other networks, in pixels: even ones all the way down, since one of the networks
// divides its borders unevenly.
const lateSize, sheetSize = 160, 96

// shortStep is theirs.
const shortStep = 0.002

// Jobs returns all jobs.
func Jobs() []Job {
	return []Job{
		{"A", "one pattern, the steps alone", Steps, "", "block3_conv1", 1, ascent.BookSize, 0},
		{"B", "one deep pattern, the steps alone", Steps, "", "block5_conv1", 1, ascent.BookSize, 0},
		{"C", "a sheet of 64, the steps alone", Steps, "", "block1_conv1", 64, 64, 0},
		{"D", "a deep sheet of 64, the steps alone", Steps, "", "block4_conv1", 64, 64, 0},
		{"E", "one pattern, from the process's start to the PNG", Process, "", "block3_conv1", 1, ascent.BookSize, 0},
		{"F", "a changed cell in the notebook, without the steps", Cell, "", "block3_conv1", 1, ascent.BookSize, 0},
		{"G", "one deep pattern of ResNet18, the steps alone", Steps, "resnet18", "8.main.2", 1, lateSize, shortStep},
		{"H", "a sheet of 16 of ResNet18, the steps alone", Steps, "resnet18", "5.main.2", 16, sheetSize, shortStep},
		{"I", "one deep pattern of MobileNetV2, the steps alone", Steps, "mobilenetv2", "16.main.0",
			1, lateSize, shortStep},
		{"J", "a sheet of 16 of MobileNetV2, the steps alone", Steps, "mobilenetv2", "9.main.0",
			16, sheetSize, shortStep},
		{"K", "one deep pattern of EfficientNet-Lite0, the steps alone", Steps, "efficientnet-lite0", "15.main.0",
			1, lateSize, shortStep},
		{"L", "a sheet of 16 of EfficientNet-Lite0, the steps alone", Steps, "efficientnet-lite0", "8.main.0",
			16, sheetSize, shortStep},
	}
}

// ParseJobs finds jobs by their letters, such as "A,C"; "" is all of them.
func ParseJobs(names string) ([]Job, error) {
	all := Jobs()
	var known []string
	for _, job := range all {
		known = append(known, job.Name)
	}
	chosen, err := choose("job", strings.ToUpper(names), known)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(job Job) bool { return !slices.Contains(chosen, job.Name) }), nil
}

// choose splits a list such as "A,C" and refuses what is not known; "" is all that is.
func choose(what, names string, known []string) ([]string, error) {
	if strings.TrimSpace(names) == "" {
		return known, nil
	}
	var chosen []string
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown %s %q: choose from %s", what, name, strings.Join(known, ","))
		}
		chosen = append(chosen, name)
	}
	return chosen, nil
}

// indices are the job's filters.
func (j Job) indices() []int {
	filters := make([]int, j.Filters)
	for i := range filters {
		filters[i] = i
	}
	return filters
}
