// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"os/exec"
	"time"
)

// For tests: the parts below the exported functions.
var (
	Requirements = requirements
	Requirement  = requirement
	KernelMod    = kernelMod
	KernelSum    = kernelSum
	GonbVersion  = gonbVersion
	MarkerName   = markerName
	Ensure       = ensure
	ReplacePaths = replacePaths
	Scratch      = scratch
	BootstrapPip = bootstrapPip
)

// SetGrace makes children have less time to end by themselves, and returns a function that undoes it.
func SetGrace(limit time.Duration) (undo func()) {
	before := grace
	grace = limit
	return func() { grace = before }
}

// Reason returns why the cell failed.
func (c *Cell) Reason() string { return c.reason() }

// JoinStreams joins neighbouring outputs of one stream.
func (nb *Notebook) JoinStreams() { nb.joinStreams() }

// PipReason gives pip's output lines and returns the reason found in them.
func PipReason(text string) string {
	t := &tail{}
	_, _ = t.Write([]byte(text))
	return pipReason(t)
}

// RunHelper runs a helper command as pip and go build are run.
func RunHelper(ctx context.Context, cmd *exec.Cmd) error {
	_, err := run(ctx, cmd, nil)
	return err
}

// CreateVenv makes a bare environment in dir from a Python.
func CreateVenv(ctx context.Context, dir string, python Python) error {
	venv := &Venv{Dir: dir, Python: dir + "/bin/python"}
	return venv.create(ctx, python)
}

// BuildVenv makes a complete environment in dir.
func BuildVenv(ctx context.Context, dir string) error {
	venv := &Venv{Dir: dir, Python: dir + "/bin/python"}
	_, err := venv.build(ctx)
	return err
}

// CheckKernel looks for the parts of a kernel in dir.
func CheckKernel(dir string) error { return (&Kernel{Dir: dir}).check("") }
