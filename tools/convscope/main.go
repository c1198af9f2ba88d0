// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Command convscope draws what the filters of VGG16 respond to, runs the lessons about it in Jupyter, and gets what it
// needs for that.
//
//	go run ./tools/convscope run       # the lesson, executed in a clean kernel, in out/
//	go run ./tools/convscope lab       # JupyterLab on the lessons
//	go run ./tools/convscope pattern   # one filter's picture
//	go run ./tools/convscope doctor    # what is installed, and what to do about what is not
//
// Errors are one line on stderr that says what to do. The exit status is 1, 2 when the command line is wrong, 130
// when Ctrl-C, SIGTERM or a closed terminal ended it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"syscall"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 128 + int(syscall.SIGINT)
)

func main() {
	findHome()
	os.Exit(execute(untilSignal(), os.Args[1:], os.Stdout, os.Stderr))
}

// findHome sets HOME where it is not, as under some schedulers and in some containers: the cache, Go's module cache
// and the cells' compiler go by it.
func findHome() {
	if os.Getenv("HOME") != "" {
		return
	}
	if who, err := user.Current(); err == nil {
		if info, err := os.Stat(who.HomeDir); err == nil && info.IsDir() {
			_ = os.Setenv("HOME", who.HomeDir)
		}
	}
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	out := &printer{Writer: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("printing: %w", out.err)
	}
	var usage usageError
	vast := errors.Is(err, network.ErrVast) // as other jobs that don't fit the memory
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, syscall.EPIPE): // who read it wanted no more, as head does
		return exitFailure
	case errors.As(err, &usage) && !vast, errors.As(err, new(*ascent.OptionError)) && !errors.As(err, new(*fileError)):
		fmt.Fprintf(stderr, "convscope: %s (%s --help shows how)\n", oneLine(err), cmd.CommandPath())
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "convscope: %s\n", oneLine(stopped(err)))
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "convscope: %s\n", oneLine(err))
	return exitFailure
}

// stopped is the news after a Ctrl-C: the error when it says more than that there was one.
func stopped(err error) error {
	if errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "stopped") {
		return errors.New("stopped")
	}
	return err
}

// oneLine joins the lines of an error, without what would do something to a terminal.
func oneLine(err error) string {
	var parts []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, progress.Printable(line))
		}
	}
	return strings.Join(parts, "; ")
}
