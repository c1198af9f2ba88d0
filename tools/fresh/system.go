// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fresh

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"convscope/internal/child"
)

// ErrCannot is wrapped by the error of [Able].
var ErrCannot = errors.New("no bare system can be made here")

// Able says why no system can be made on this machine, where that can be known before.
func Able() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: it needs root", ErrCannot)
	}
	for _, name := range []string{"mmdebstrap", "unshare", "chroot"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%w: apt-get install %s", ErrCannot, name)
		}
	}
	if out, err := exec.Command("unshare", "--mount", "--pid", "--fork", "true").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", ErrCannot, bytes.TrimSpace(out))
	}
	return nil
}

// System is a Debian in a folder.
type System struct {
	Root string
	Log  io.Writer // gets what the commands print
}

// Make makes a system that has apt and what apt needs, and nothing else.
func Make(ctx context.Context, suite string, log io.Writer) (*System, error) {
	if err := Able(); err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "convscope-fresh")
	if err != nil {
		return nil, err
	}
	s := &System{Root: root, Log: log}
	args := []string{"--mode=root", "--variant=apt", "--format=directory"}
	for _, option := range aptOptions(ctx) {
		args = append(args, "--aptopt="+option)
	}
	args = append(append(args, suite, root), sources(suite)...)
	out, err := exec.CommandContext(ctx, "mmdebstrap", args...).CombinedOutput()
	if err == nil {
		err = s.connect()
	}
	if err != nil {
		s.Remove()
		return nil, fmt.Errorf("mmdebstrap %s: %w: %s", suite, err, out)
	}
	return s, nil
}

// Copy makes another system that is as this one is now.
func (s *System) Copy(ctx context.Context, log io.Writer) (*System, error) {
	root, err := os.MkdirTemp("", "convscope-fresh")
	if err != nil {
		return nil, err
	}
	c := &System{Root: root, Log: log}
	if out, err := exec.CommandContext(ctx, "cp", "-a", s.Root+"/.", root).CombinedOutput(); err != nil {
		c.Remove()
		return nil, fmt.Errorf("copying a system: %w: %s", err, out)
	}
	return c, nil
}

// Remove removes the system. Nothing runs or is mounted in it after Run.
func (s *System) Remove() { _ = os.RemoveAll(s.Root) }

// Command is a script for sh and where it runs.
type Command struct {
	User   string   // "" is root
	Dir    string   // "" is /
	Env    []string // on top of what apt, pip and Go need to find their packages
	Script string
}

// inside runs as root in namespaces of its own, which end with it: it gives the system what a running one has, and
// this machine's Go as one that was unpacked there.
const inside = `set -e
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
if [ -d "$1/usr/local/go" ]; then mount --bind -o ro "$2" "$1/usr/local/go"; fi
root=$1; shift 2
exec chroot "$root" "$@"`

// Run runs a command. What it started ends with it.
func (s *System) Run(ctx context.Context, c Command) error {
	goroot, err := goEnv(ctx, "GOROOT")
	if err != nil {
		return err
	}
	args := []string{"--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside, "inside", s.Root, goroot[0]}
	args = append(args, "setpriv", "--reset-env")
	if c.User != "" {
		args = append(args, "--reuid="+c.User, "--regid="+c.User, "--init-groups")
	}
	settings, err := clientEnv(ctx)
	if err != nil {
		return err
	}
	args = append(append(append(args, "env"), settings...), c.Env...)
	args = append(args, "sh", "-c", `cd "$1" && eval "$2"`, "sh", cmp.Or(c.Dir, "/"), c.Script)
	said, err := child.Run(ctx, exec.Command("unshare", args...), func(line string) { fmt.Fprintln(s.Log, line) })
	if err != nil {
		return fmt.Errorf("%s: %w: %s", c.Script, err, said.Last(func(string) bool { return true }))
	}
	return nil
}

// AddGo lets the system have this machine's Go in /usr/local/go, as if its archive had been unpacked there.
func (s *System) AddGo() error { return os.MkdirAll(filepath.Join(s.Root, "usr/local/go"), 0o755) }

// AddTree copies the files of a clone that git does not ignore into a folder of the system.
func (s *System) AddTree(ctx context.Context, clone, dir string) error {
	list := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = clone
	names, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(names), "\x00"), "\x00") {
		from, to := filepath.Join(clone, name), filepath.Join(s.Root, dir, name)
		info, err := os.Stat(from)
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not committed yet
		} else if err != nil {
			return err
		}
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// Has says whether there is a file in the system.
func (s *System) Has(path string) bool {
	_, err := os.Stat(filepath.Join(s.Root, path))
	return err == nil
}
