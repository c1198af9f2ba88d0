// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// Grace is how long a child may take to end by itself after it was asked to.
var Grace = 8 * time.Second

// Child is a program that was started.
type Child struct {
	cmd   *exec.Cmd
	ended chan error
}

// Run runs a command in a process group of its own (Ctrl-C in the terminal then reaches only us) to its end. When ctx
// ends the group gets an interrupt, on which pip and go build clean up, and is killed after a grace period; the error
// is then ctx's. When this process is killed, so is the group. each, if not nil, is called with every line of the
// command's output; the last lines come back as well.
func Run(ctx context.Context, cmd *exec.Cmd, each func(line string)) (*Tail, error) {
	output := &Tail{Each: each}
	cmd.Stdout, cmd.Stderr = output, output
	if ctx.Err() != nil {
		return output, ctx.Err()
	}
	c, err := Start(cmd)
	if err != nil {
		return output, err
	}
	defer guard(cmd.Process.Pid)()
	return output, c.Wait(ctx, nil)
}

// Output runs a command that answers soon, and returns what it wrote to stdout and to stderr. The error is ctx's when
// that has ended.
func Output(ctx context.Context, cmd *exec.Cmd) (stdout, stderr []byte, err error) {
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	c, err := Start(cmd)
	if err != nil {
		return nil, nil, err
	}
	err = c.Wait(ctx, nil)
	return out.Bytes(), said.Bytes(), err
}

// Start starts a command in a process group of its own. On Linux it gets SIGTERM when this process is killed.
func Start(cmd *exec.Cmd) (*Child, error) {
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = time.Second // a descendant that holds on to stderr must not hold us up
	c := &Child{cmd: cmd, ended: make(chan error, 1)}
	started := make(chan error, 1)
	go func() {
		// What Linux takes for the parent's end is the end of the thread that started the child, so it stays until
		// then.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		if err = cmd.Wait(); errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		c.ended <- err
	}()
	return c, <-started
}

// Wait waits for the child's end. When ctx ends, it calls stop (nil interrupts the group) and then makes sure that the
// child and all its descendants are gone, whatever group they moved to. It returns ctx's error in that case.
func (c *Child) Wait(ctx context.Context, stop func()) error {
	select {
	case err := <-c.ended:
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	case <-ctx.Done():
	}
	pid := c.cmd.Process.Pid
	family := descendants(pid)
	if stop == nil {
		stop = func() { _ = syscall.Kill(-pid, syscall.SIGINT) }
	}
	stop()
	select {
	case <-c.ended:
	case <-time.After(Grace):
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		_ = c.cmd.Process.Kill()
		<-c.ended
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
