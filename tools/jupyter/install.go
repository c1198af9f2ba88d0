// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// scripts are the Python programs that talk to nbclient, nbconvert and JupyterLab.
//
//go:embed script/*.py
var scripts embed.FS

// Options say what Install prepares. The zero value is what running notebooks needs.
type Options struct {
	// Completion also builds gopls, for Tab and tooltips in JupyterLab.
	Completion bool
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
		if env.Kernel, err = EnsureKernel(both, o.Completion); err == nil {
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

// scratch makes a directory for one run: the Python programs, Jupyter's private directories, and what the kernel
// and its cells put into TMPDIR. Its path is short, because sockets in it may have only a hundred characters.
func scratch() (dir string, err error) {
	dir, err = os.MkdirTemp("", "convscope-")
	if err != nil {
		return "", fmt.Errorf("no directory for temporary files: %w (set TMPDIR)", err)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	for _, name := range []string{"config", "data", "runtime", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return "", err
		}
	}
	return dir, unpackScripts(dir)
}

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

// jupyterEnv are variables of the user's own Jupyter, which must not reach into ours.
var jupyterEnv = []string{"JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR",
	"JUPYTER_RUNTIME_DIR", "JUPYTER_PREFER_ENV_PATH", "JUPYTER_NO_CONFIG", "JUPYTERLAB_DIR", "JUPYTERLAB_SETTINGS_DIR",
	"JUPYTERLAB_WORKSPACES_DIR", "PYTHONHOME", "VIRTUAL_ENV"}

// environ is the environment of a Jupyter program: private directories below dir, the kernel specs of one data
// directory, and the given directories first on PATH.
func environ(dir, specs string, path []string, settings ...string) []string {
	search := os.Getenv("PATH")
	for i := len(path) - 1; i >= 0; i-- {
		search = path[i] + string(os.PathListSeparator) + search
	}
	return without(os.Environ(), append([]string{"PATH"}, jupyterEnv...), append([]string{
		"PATH=" + search,
		"JUPYTER_PATH=" + specs,
		"JUPYTER_CONFIG_DIR=" + filepath.Join(dir, "config"),
		"JUPYTER_DATA_DIR=" + filepath.Join(dir, "data"),
		"JUPYTER_RUNTIME_DIR=" + filepath.Join(dir, "runtime"),
		"JUPYTER_PLATFORM_DIRS=1",
	}, settings...)...)
}
