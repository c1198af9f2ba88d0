// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// grace is how long a child may take to end by itself after it was asked to.
var grace = 8 * time.Second

// run starts a helper command in a process group of its own (Ctrl-C in the terminal then reaches only us) and waits
// for it. When ctx ends the group gets an interrupt, on which pip and go build clean up, and is killed after a grace
// period. each, if not nil, is called with every line of the command's output; the last lines come back as well.
func run(ctx context.Context, cmd *exec.Cmd, each func(line string)) (*tail, error) {
	output := &tail{each: each}
	cmd.Stdout, cmd.Stderr = output, output
	prepare(cmd)
	if err := cmd.Start(); err != nil {
		return output, err
	}
	err := wait(ctx, cmd, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) })
	return output, err
}

// prepare makes a command ready for wait.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = time.Second // a descendant that holds on to stderr must not hold us up
}

// wait waits for a started command that was prepared. When ctx ends, it calls stop and then makes sure that the command and all its
// descendants are gone, whatever group they moved to. It returns ctx's error in that case.
func wait(ctx context.Context, cmd *exec.Cmd, stop func()) error {
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	case <-ctx.Done():
	}
	family := descendants(cmd.Process.Pid)
	stop()
	select {
	case <-ended:
	case <-time.After(grace):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Process.Kill()
		<-ended
	}
	for _, relative := range family {
		// gopsutil compares the start time first, so a reused process id is safe.
		if alive, err := relative.IsRunning(); err == nil && alive {
			_ = relative.Kill()
		}
	}
	return ctx.Err()
}

// descendants returns every process below pid.
func descendants(pid int) []*process.Process {
	parent, err := process.NewProcess(int32(pid))
	if err != nil {
		return nil
	}
	var all []*process.Process
	var collect func(p *process.Process)
	collect = func(p *process.Process) {
		children, err := p.Children()
		if err != nil {
			return
		}
		for _, child := range children {
			all = append(all, child)
			collect(child)
		}
	}
	collect(parent)
	return all
}

// tail keeps the last lines that a command wrote, to explain its failure.
type tail struct {
	mu    sync.Mutex
	each  func(line string)
	lines []string
	part  []byte
	to    io.Writer // if not nil, gets everything as well
}

// tailLines is how many lines a tail keeps.
const tailLines = 200

// Write takes the command's output in any portions.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.to != nil {
		_, _ = t.to.Write(p)
	}
	t.part = append(t.part, p...)
	for {
		line, rest, found := bytes.Cut(t.part, []byte("\n"))
		if !found {
			return len(p), nil
		}
		t.part = rest
		t.add(strings.TrimRight(string(line), "\r"))
	}
}

func (t *tail) add(line string) {
	t.lines = append(t.lines, line)
	if len(t.lines) > tailLines {
		t.lines = t.lines[1:]
	}
	if t.each != nil {
		t.each(line)
	}
}

// last returns the last line that matches, or else the last line that is not blank.
func (t *tail) last(match func(line string) bool) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines
	if len(t.part) > 0 {
		lines = append(lines[:len(lines):len(lines)], string(t.part))
	}
	any := ""
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			continue
		}
		if match(line) {
			return line
		}
		if any == "" {
			any = line
		}
	}
	return any
}

// without returns the environment without the named variables, then with the settings added.
func without(environ, names []string, settings ...string) []string {
	env := make([]string, 0, len(environ)+len(settings))
next:
	for _, entry := range environ {
		for _, name := range names {
			if strings.HasPrefix(entry, name+"=") {
				continue next
			}
		}
		env = append(env, entry)
	}
	return append(env, settings...)
}

// removeAll removes a scratch directory, also when a process that is just ending still writes there.
func removeAll(dir string) {
	for range 20 {
		if err := os.RemoveAll(dir); err == nil || !errors.Is(err, syscall.ENOTEMPTY) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
