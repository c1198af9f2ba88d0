// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package scratch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// prefix begins the name of every scratch directory, and lockName is the file in it that its process has locked.
const (
	prefix   = "convscope-"
	lockName = ".alive"
)

// Dir is a directory for temporary files.
type Dir struct {
	Path string
	lock *os.File
}

// Make makes a directory below TMPDIR, and first removes those of processes that were killed.
func Make() (*Dir, error) {
	sweep(os.TempDir())
	// It gets its lock under another name, so that nobody sweeps it before.
	hidden, err := os.MkdirTemp("", "."+prefix)
	if err != nil {
		return nil, Explain(fmt.Errorf("no directory for temporary files: %w", err))
	}
	d := &Dir{Path: hidden}
	path := filepath.Join(filepath.Dir(hidden), filepath.Base(hidden)[1:])
	if d.lock, err = os.OpenFile(filepath.Join(hidden, lockName), os.O_CREATE|os.O_RDWR, 0o600); err == nil {
		err = errors.Join(syscall.Flock(int(d.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), os.Rename(hidden, path))
	}
	if err != nil {
		d.Remove()
		return nil, Explain(fmt.Errorf("no directory for temporary files: %w", err))
	}
	d.Path = path
	held.Store(path, d.lock)
	return d, nil
}

// held keeps the locks from the garbage collector, which would close their files.
var held sync.Map

// Lend makes the directory live as long as the command, too, when this process is killed.
func (d *Dir) Lend(cmd *exec.Cmd) { cmd.ExtraFiles = append(cmd.ExtraFiles, d.lock) }

// Remove removes the directory, also when a process that is just ending still writes there.
func (d *Dir) Remove() {
	for range 20 {
		if err := os.RemoveAll(d.Path); err == nil || !errors.Is(err, syscall.ENOTEMPTY) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	held.Delete(d.Path)
	if d.lock != nil {
		_ = d.lock.Close()
	}
}

// Explain adds to an error about a temporary file where such files lie and what can be done.
func Explain(err error) error {
	return fmt.Errorf("%w (temporary files are in %s: set TMPDIR to another directory)", err, os.TempDir())
}

// sweep removes what killed processes of this user left: directories whose lock nobody holds. One without a lock is of
// another kind.
func sweep(temp string) {
	entries, err := os.ReadDir(temp)
	if err != nil {
		return
	}
	for _, entry := range entries {
		path := filepath.Join(temp, entry.Name())
		if !strings.HasPrefix(entry.Name(), prefix) || !ours(path) {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(path) // what cannot be removed is only in the way of disk space
		}
		_ = lock.Close()
	}
}

// ours says whether the path is a directory of this user's.
func ours(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
