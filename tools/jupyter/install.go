// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options say what Install prepares. The zero value is what running notebooks needs.
type Options struct {
	// Report is called after each part: "jupyter" and then "kernel", in the order in which they end. nil is quiet.
	Report func(part, about string, spent time.Duration)
}

// Jupyter is a private Jupyter with a Go kernel, ready to run notebooks.
type Jupyter struct {
	Venv   *Venv
	Kernel *Kernel
}

// Install returns the private Jupyter, making what is missing of it: both parts at the same time, since pip waits for
// the network while the Go compiler works. See [EnsureVenv] and [EnsureKernel] for what that takes.
func Install(ctx context.Context, o Options) (*Jupyter, error) {
	report := o.Report
	if report == nil {
		report = func(string, string, time.Duration) {}
	}
	env := &Jupyter{}
	group, both := errgroup.WithContext(ctx)
	begin := time.Now()
	// errgroup keeps one error, so the one that is only the other's cancellation must not win: it comes later.
	group.Go(func() (err error) {
		if env.Venv, err = EnsureVenv(both); err == nil {
			report("jupyter", env.Venv.About, time.Since(begin))
		}
		return err
	})
	group.Go(func() (err error) {
		if env.Kernel, err = EnsureKernel(both); err == nil {
			report("kernel", env.Kernel.About, time.Since(begin))
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return env, nil
}

// Open returns the private Jupyter if it is complete, and installs nothing.
func Open(ctx context.Context) (*Jupyter, error) {
	venv, err1 := OpenVenv(ctx)
	kernel, err2 := OpenKernel(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return &Jupyter{Venv: venv, Kernel: kernel}, nil
}
