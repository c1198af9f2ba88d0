// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"

	"convscope/internal/child"
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
	BootstrapPip = bootstrapPip
)

// Damage makes the error of a check that proves damage.
func Damage(about string) error { return damage{about} }

// Reason returns why the cell failed.
func (c *Cell) Reason() string { return c.reason() }

// JoinStreams joins neighbouring outputs of one stream.
func (nb *Notebook) JoinStreams() { nb.joinStreams() }

// PipReason gives pip's output lines and returns the reason found in them.
func PipReason(text string) string {
	t := &child.Tail{}
	_, _ = t.Write([]byte(text))
	return pipReason(t)
}

// CreateVenv makes a bare environment in dir from a Python.
func CreateVenv(ctx context.Context, dir string, python Python) error {
	return newVenv(dir).create(ctx, python)
}

// BuildVenv makes a complete environment in dir.
func BuildVenv(ctx context.Context, dir string) error {
	_, err := newVenv(dir).build(ctx, "")
	return err
}

// CheckKernel looks for the parts of a kernel in dir.
func CheckKernel(dir string) error { return (&Kernel{Dir: dir}).check("") }
