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
// when Ctrl-C ended it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"convscope/pkg/ascent"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 128 + int(syscall.SIGINT)
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first Ctrl-C asks everything to end in order; after it, a second one ends this process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage), errors.As(err, new(*ascent.OptionError)):
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

// oneLine joins the lines of an error.
func oneLine(err error) string {
	var parts []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, "; ")
}
