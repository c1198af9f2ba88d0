// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"convscope/internal/child"
	"convscope/internal/progress"
)

// pipPatience is how long pip may go without a new byte on disk before it is given up. pip's own patience,
// set below, is shorter; this one is for a pip that hangs altogether.
var pipPatience = 60 * time.Second

// pip downloads the wheel into dir, where it also does its temporary work, so that dir's growth shows how far
// it has come and one RemoveAll clears up after it.
func (w Wheel) pip(ctx context.Context, dir string) error {
	python, err := exec.LookPath("python3")
	if err != nil {
		return fmt.Errorf("%s: %w: python3 is not on PATH", w, ErrNoPython)
	}
	bar := progress.New("download "+w.File, w.Bytes, progress.Bytes)
	defer bar.Done()
	said, err := w.download(ctx, python, dir, bar)
	if err != nil && noPip.MatchString(said) {
		// Debian's python3 comes without pip, and may still be able to make an environment that has it.
		venv := filepath.Join(dir, "venv")
		create := exec.Command(python, "-m", "venv", venv)
		create.Dir, create.Env = dir, PythonEnv("TMPDIR="+dir)
		if _, failure := child.Run(ctx, create, nil); failure != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w: %s has neither pip nor venv (on Debian: python3-pip or python3-venv)",
				w, ErrNoPython, python)
		}
		said, err = w.download(ctx, filepath.Join(venv, "bin", "python3"), dir, bar)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", w, context.Cause(ctx))
	case errors.Is(err, errStalled):
		return fmt.Errorf("%s: %w: pip got nothing for %s", w, ErrUnreachable, pipPatience)
	}
	return w.explain(said, err)
}

var (
	errStalled = errors.New("stalled")
	noPip      = regexp.MustCompile(`No module named '?pip\b`)
	broken     = regexp.MustCompile(`connection broken by .*?: ([^:']+)'`)
	timeout    = regexp.MustCompile(`(?i)time-?d? ?out|ReadTimeout`)
	diskFull   = regexp.MustCompile(`No space left on device|Disk quota exceeded`)
)

// download runs pip once and returns what it said.
func (w Wheel) download(ctx context.Context, python, dir string, bar progress.Bar) (said string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	arguments := []string{"-m", "pip", "download", "--no-deps", "--only-binary=:all:",
		"--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", "off",
		"--retries", "1", "--timeout", "10", "--dest", dir}
	if w.Python != "" {
		arguments = append(arguments, "--python-version", w.Python)
	}
	if w.Platform != "" {
		arguments = append(arguments, "--platform", w.Platform)
	}
	cmd := exec.Command(python, append(arguments, w.Package+"=="+w.Version)...)
	cmd.Dir = dir // python -m looks for modules where it is started
	cmd.Env = PipEnv(ctx, python, dir, "download", "TMPDIR="+dir)
	var out *child.Tail
	ended := make(chan error, 1)
	go func() {
		var err error
		out, err = child.Run(ctx, cmd, nil)
		ended <- err
	}()

	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var most int64
	grown := time.Now()
	for {
		select {
		case err := <-ended:
			if err == nil && w.Bytes > 0 {
				bar.Set(w.Bytes)
			}
			if cause := context.Cause(ctx); err != nil && cause != nil {
				err = cause
			}
			return strings.Join(out.Lines(), "\n"), err
		case <-tick.C:
			if n := largest(dir); n > most {
				most, grown = n, time.Now()
				bar.Set(n)
			} else if time.Since(grown) > pipPatience {
				cancel(errStalled)
			}
		}
	}
}

// explain makes one line of pip's many.
func (w Wheel) explain(said string, err error) error {
	switch {
	case diskFull.MatchString(said):
		return fmt.Errorf("%s: pip: %w", w, syscall.ENOSPC)
	case broken.MatchString(said):
		return fmt.Errorf("%s: %w: pip: %s", w, ErrUnreachable, broken.FindStringSubmatch(said)[1])
	case timeout.MatchString(said):
		return fmt.Errorf("%s: %w: pip: timed out", w, ErrUnreachable)
	}
	last := lastMeaningful(said)
	if last == "" {
		last = err.Error()
	}
	if strings.Contains(said, "(from versions: none)") {
		return fmt.Errorf("%s: %w: pip: %s", w, ErrUnreachable, last)
	}
	return fmt.Errorf("%s: pip: %s", w, last)
}

// lastMeaningful returns the last line that pip marks as an error, or else its last line.
func lastMeaningful(said string) string {
	last := ""
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		text, marked := strings.CutPrefix(line, "ERROR: ")
		// This one repeats the line before it, and says less.
		if marked && !strings.HasPrefix(text, "No matching distribution") {
			last = text
		}
	}
	if last == "" {
		lines := strings.Split(strings.TrimSpace(said), "\n")
		last = lines[len(lines)-1]
	}
	return oneLine(last)
}

// largest returns the size of the largest file under dir. (Not the sum: pip holds a second copy for its cache.)
func largest(dir string) int64 {
	var most int64
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone since the listing
		}
		if d.IsDir() && d.Name() == "venv" {
			return filepath.SkipDir
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			most = max(most, info.Size())
		}
		return nil
	})
	return most
}
