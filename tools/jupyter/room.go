// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/dustin/go-humanize"
	"github.com/shirou/gopsutil/v4/disk"

	"convscope/internal/child"
	"convscope/internal/scratch"
)

// scripts are the Python programs that talk to nbclient, nbconvert and JupyterLab.
//
//go:embed script/*.py
var scripts embed.FS

// room is a directory for one run: the Python programs, Jupyter's private directories, the kernel's spec, and what the
// kernel and its cells put into TMPDIR. Its path is short, because sockets in it may have only a hundred characters.
type room struct {
	*scratch.Dir
}

func newRoom() (r room, err error) {
	if r.Dir, err = scratch.Make(); err != nil {
		return room{}, err
	}
	for _, name := range []string{"config", "data", "runtime", "tmp", "specs"} {
		err = errors.Join(err, os.Mkdir(r.at(name), 0o700))
	}
	if err = errors.Join(err, unpackScripts(r.Path)); err != nil {
		r.Remove()
		return room{}, scratch.Explain(err)
	}
	return r, nil
}

// at is the path of a file in the room.
func (r room) at(name string) string { return filepath.Join(r.Path, name) }

func unpackScripts(dir string) error {
	return fs.WalkDir(scripts, "script", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := scripts.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, filepath.Base(path)), text, 0o600)
	})
}

// cellSpace is what the compiler needs for a cell that imports everything: the program twice, and its parts.
const cellSpace = 100 << 20

// CheckTemp says why Run could not work with the directory for temporary files, which TMPDIR names, where that can be
// known before: it is not there, cannot be written, has no room or lets no program start. It leaves nothing there.
func CheckTemp() error {
	r, err := newRoom()
	if err != nil {
		return err
	}
	defer r.Remove()
	return r.canCompile()
}

// canCompile says why no cell could be compiled and started in the room, where that can be known before.
func (r room) canCompile() error {
	if usage, err := disk.Usage(r.Path); err == nil && usage.Free < cellSpace {
		return scratch.Explain(fmt.Errorf("only %s are free for temporary files, and a cell takes up to %s",
			humanize.Bytes(usage.Free), humanize.Bytes(cellSpace)))
	}
	probe := r.at("probe")
	if err := os.WriteFile(probe, []byte("#!/bin/sh\n"), 0o700); err != nil {
		return scratch.Explain(err)
	}
	if err := exec.Command(probe).Run(); errors.Is(err, syscall.EACCES) {
		return scratch.Explain(errors.New("no program can be started from the directory for temporary files (noexec)"))
	}
	return os.Remove(probe)
}

// jupyterEnv are variables of the user's own Jupyter, which must not reach into ours.
var jupyterEnv = []string{"JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR",
	"JUPYTER_RUNTIME_DIR", "JUPYTER_PREFER_ENV_PATH", "JUPYTER_NO_CONFIG", "JUPYTERLAB_DIR", "JUPYTERLAB_SETTINGS_DIR",
	"JUPYTERLAB_WORKSPACES_DIR", "PYTHONHOME", "VIRTUAL_ENV"}

// environ is the environment of a Jupyter program: private directories below home, the room's kernel spec, temporary
// files in the room, and the given directories first on PATH.
func (r room) environ(home string, path []string, settings ...string) []string {
	search := os.Getenv("PATH")
	for _, dir := range slices.Backward(path) {
		search = dir + string(os.PathListSeparator) + search
	}
	ours := []string{
		"PATH=" + search,
		"TMPDIR=" + r.at("tmp"),
		"JUPYTER_PATH=" + r.at("specs"),
		"JUPYTER_CONFIG_DIR=" + filepath.Join(home, "config"),
		"JUPYTER_DATA_DIR=" + filepath.Join(home, "data"),
		"JUPYTER_RUNTIME_DIR=" + filepath.Join(home, "runtime"),
		"JUPYTER_PLATFORM_DIRS=1",
	}
	// Cells are compiled in a module of their own, in TMPDIR, of which the user's workspace knows nothing.
	if workspaceAbove(r.Path) {
		ours = append(ours, "GOWORK=off")
	}
	drop := child.Named(append([]string{"PATH", "TMPDIR", "GOWORK"}, jupyterEnv...)...)
	return child.Environ(drop, slices.Concat(ours, settings)...)
}

// workspaceAbove says whether there is a go.work in the directory or above it.
func workspaceAbove(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}
