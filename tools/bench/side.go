// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// grace is how long a side may take to end by itself once nothing is asked of it any more.
var grace = 10 * time.Second

// maxAnswer limits a line that a side answers.
const maxAnswer = 1 << 20

// child is one process of a side.
type child struct {
	name    string
	command *exec.Cmd
	stdin   io.WriteCloser
	answers *bufio.Scanner
	log     *lastLines
	began   time.Time
}

// start starts a process with settings on top of the environment. It has a process group of its own, so that Ctrl-C in
// the terminal reaches the bench alone; when ctx ends, the whole group is killed.
func start(ctx context.Context, name string, command, env []string) (*child, error) {
	c := &child{name: name, command: exec.CommandContext(ctx, command[0], command[1:]...), log: &lastLines{}}
	c.command.Env = append(os.Environ(), env...)
	c.command.Stderr = c.log
	c.command.SysProcAttr = ownGroup()
	c.command.Cancel = func() error { return c.kill() }
	c.command.WaitDelay = time.Second // a descendant that holds on to stderr must not hold us up
	var err error
	if c.stdin, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.answers = bufio.NewScanner(out)
	c.answers.Buffer(nil, maxAnswer)
	c.began = time.Now()
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", name, err)
	}
	return c, nil
}

// ask sends one word, waits for the answer and says how long that took.
func (c *child) ask(word string) (answer, time.Duration, error) {
	began := time.Now()
	if _, err := io.WriteString(c.stdin, word+"\n"); err != nil {
		return answer{}, 0, c.ended()
	}
	a, err := c.read()
	return a, time.Since(began), err
}

// read reads one answer.
func (c *child) read() (answer, error) {
	if !c.answers.Scan() {
		if err := c.answers.Err(); errors.Is(err, bufio.ErrTooLong) {
			return answer{}, c.garbage(fmt.Sprintf("a line of more than %d bytes", maxAnswer))
		}
		return answer{}, c.ended()
	}
	var a answer
	if err := json.Unmarshal(c.answers.Bytes(), &a); err != nil {
		return answer{}, c.garbage(fmt.Sprintf("%.60q", c.answers.Text()))
	}
	if a.Error != "" {
		return answer{}, fmt.Errorf("%s: %s", c.name, a.Error)
	}
	return a, nil
}

// garbage is the error for an answer that is none.
func (c *child) garbage(said string) error {
	_ = c.kill()
	c.finish()
	return fmt.Errorf("%s: answered %s in place of JSON", c.name, said)
}

// ended is the error for a process that is gone where an answer was due: its last words and its status.
func (c *child) ended() error {
	c.finish()
	status := "its output ended"
	if state := c.command.ProcessState; state != nil {
		status = state.String()
	}
	if last := c.log.last(); last != "" {
		return fmt.Errorf("%s: ended early (%s): %s", c.name, status, last)
	}
	return fmt.Errorf("%s: ended early (%s)", c.name, status)
}

// finish lets the process end, kills it where it does not, and returns the most memory that it had, in bytes. It may
// be called again.
func (c *child) finish() (peak int64) {
	_ = c.stdin.Close()
	timer := time.AfterFunc(grace, func() { _ = c.kill() })
	_ = c.command.Wait() // how it ended is no news any more
	timer.Stop()
	_ = c.kill() // what it may have started
	return peakOf(c.command.ProcessState)
}

// kill kills the process and all of its group.
func (c *child) kill() error { return syscall.Kill(-c.command.Process.Pid, syscall.SIGKILL) }

// whole runs a process from its start to its end and returns what it printed last.
func whole(ctx context.Context, name string, command,
	env []string) (last []byte, took time.Duration, peak int64, err error) {
	c, err := start(ctx, name, command, env)
	if err != nil {
		return nil, 0, 0, err
	}
	for c.answers.Scan() {
		last = slices.Clone(c.answers.Bytes())
	}
	_ = c.stdin.Close()
	failure := c.command.Wait()
	took = time.Since(c.began)
	_ = c.kill()
	if failure != nil {
		return nil, 0, 0, c.ended()
	}
	return last, took, peakOf(c.command.ProcessState), nil
}

// peakOf is the largest resident set of a process that has ended, 0 where the system does not tell. (Linux never says
// less than what the process that started it had; the bench has some 100 MiB.)
func peakOf(state *os.ProcessState) int64 {
	if state == nil {
		return 0
	}
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}

// lastLines keeps the end of what a process wrote to its stderr.
type lastLines struct {
	mu   sync.Mutex
	text []byte
}

// Write implements [io.Writer].
func (l *lastLines) Write(p []byte) (int, error) {
	const keep = 4096
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-keep):]
	return len(p), nil
}

// last is the last line that is not blank.
func (l *lastLines) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := bytes.TrimSpace(l.text)
	return strings.TrimSpace(string(text[bytes.LastIndexByte(text, '\n')+1:]))
}
