// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"convscope/internal/child"
	"convscope/internal/fetch"
	"convscope/internal/progress"
)

// Venv is the private virtual environment.
type Venv struct {
	Dir    string // <cache>/jupyter-<hash of the pins>
	Python string // its interpreter
	About  string // "JupyterLab 4.6.6 on Python 3.11.7"

	packages string // what else than JupyterLab it is for
}

func newVenv(dir string) *Venv { return &Venv{Dir: dir, Python: filepath.Join(dir, "bin", "python")} }

// venvMarker is what the marker of a complete environment says.
type venvMarker struct {
	Python   string // version that it was made with
	Platform string // for which its packages are; "" = not noted
	Jupyter  string // JupyterLab's version
	Packages int    // how many are in it; 0 = not counted
}

// OpenVenv returns the environment if it is complete, else an error that says what is wrong with it. It installs
// nothing.
func OpenVenv(ctx context.Context) (*Venv, error) {
	dir, err := venvDir()
	if err != nil {
		return nil, err
	}
	venv := newVenv(dir)
	return venv, usable(dir, func(marker string) error { return venv.check(ctx, marker) })
}

// EnsureVenv returns the environment and makes it first where that is needed: about 20 seconds and 170 MB, of which
// pip downloads 30 MB. Two processes at once make it only once; an environment that was left half-built, or whose
// Python is gone, is made anew.
func EnsureVenv(ctx context.Context) (*Venv, error) {
	dir, err := venvDir()
	if err != nil {
		return nil, err
	}
	venv := newVenv(dir)
	check := func(marker string) error { return venv.check(ctx, marker) }
	err = ensure(ctx, dir, check, func(part string) (string, error) {
		made := newVenv(part)
		marker, err := made.build(ctx, dir)
		venv.About = made.About
		return marker, err
	})
	if err != nil {
		return nil, err
	}
	return venv, nil
}

func venvDir() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "jupyter-"+fingerprint(strings.Join(requirements(), "\n"))), nil
}

// needs are the packages without which nothing here runs.
var needs = []string{"jupyterlab", "nbclient", "nbconvert", "zmq", "psutil"}

// check compares what the marker says with what is there.
func (v *Venv) check(ctx context.Context, text string) error {
	var marker venvMarker
	if err := json.Unmarshal([]byte(text), &marker); err != nil {
		return errHalf
	}
	found, err := v.look(ctx)
	if err != nil {
		return err
	}
	if err := found.compare(marker, needs); err != nil {
		return err
	}
	v.About = found.about()
	return nil
}

// build makes the environment in v.Dir, which is empty, out of an older one if that will do.
func (v *Venv) build(ctx context.Context, older string) (string, error) {
	python, err := FindPython(ctx)
	if err != nil {
		return "", err
	}
	found, err := v.renew(ctx, python, older, needs)
	if err != nil {
		if err := v.create(ctx, python); err != nil {
			return "", err
		}
		if err := v.install(ctx); err != nil {
			return "", err
		}
		if found, err = v.look(ctx); err == nil {
			err = found.compare(found.marker(), needs)
		}
		if err != nil {
			return "", fmt.Errorf("the new virtual environment is not complete: %w", err)
		}
	}
	v.About = found.about()
	text, err := json.Marshal(found.marker())
	return string(text), err
}

// install gets all pins with pip, which first collects them all and then unpacks them.
func (v *Venv) install(ctx context.Context) error {
	list := filepath.Join(v.Dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirementsTxt), 0o644); err != nil {
		return err
	}
	pins, seen := int64(len(requirements())), int64(0)
	bar := progress.New("jupyter: packages", pins, progress.Steps)
	defer func() { bar.Done() }()
	err := v.pip(ctx, v.Python, func(line string) {
		switch word, _, _ := strings.Cut(line, " "); word {
		case "Collecting", "Ignoring": // one of them for each pin, the second where it is for another Python
			seen++
			bar.Set(seen)
		case "Installing":
			bar.Set(pins)
			bar.Done()
			bar = progress.New("jupyter: unpacking", 0, progress.Steps)
		}
	}, "--no-deps", "--require-hashes", "--requirement", list)
	if err == nil {
		bar.Set(pins)
	}
	return err
}

// create makes the bare environment, with a pip in it.
func (v *Venv) create(ctx context.Context, python Python) error {
	if !python.Ensurepip && !python.Pip {
		return fmt.Errorf("%w: install python3-venv, or python3-pip (%s)", ErrNoVenv, python.Path)
	}
	if python.Ensurepip {
		return v.bare(ctx, python)
	}
	if err := v.bare(ctx, python, "--without-pip"); err != nil {
		return err
	}
	// Debian without python3-venv: the system's pip, of any age, puts a pip into the environment.
	found, err := v.look(ctx)
	if err != nil {
		return fmt.Errorf("the new environment does not start: %w", err)
	}
	list := filepath.Join(v.Dir, "pip.txt")
	if err := os.WriteFile(list, []byte(bootstrapPip), 0o644); err != nil {
		return err
	}
	return v.pip(ctx, python.Path, nil, "--no-deps", "--require-hashes", "--target", found.Site, "--requirement", list)
}

// bare makes the environment without packages.
func (v *Venv) bare(ctx context.Context, python Python, flags ...string) error {
	cmd := exec.Command(python.Path, append(append([]string{"-I", "-m", "venv"}, flags...), v.Dir)...)
	cmd.Env = fetch.PythonEnv("TMPDIR=" + v.Dir) // what a killed one leaves goes with the directory
	output, err := child.Run(ctx, cmd, nil)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("python3 -m venv failed: %s (install python3-venv)", output.Last(isComplaint))
}

// pip runs pip install with one of the two interpreters.
func (v *Venv) pip(ctx context.Context, python string, each func(line string), args ...string) error {
	args = append([]string{"-m", "pip", "install", "--only-binary=:all:", "--retries", "2", "--no-input",
		"--progress-bar", "off", "--no-color", "--disable-pip-version-check", "--no-warn-script-location"}, args...)
	cmd := exec.Command(python, args...)
	cmd.Dir = v.Dir
	settings := []string{"TMPDIR=" + v.Dir}
	if python == v.Python {
		settings = append(settings, "PYTHONNOUSERSITE=1")
	}
	cmd.Env = fetch.PipEnv(ctx, python, v.Dir, "install", settings...)
	output, err := child.Run(ctx, cmd, each)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("pip could not install %s: %s (source: pip's package index; "+
		"offline, set PIP_INDEX_URL to a mirror or PIP_FIND_LINKS to a directory with the packages)",
		cmp.Or(v.packages, "JupyterLab"), pipReason(output))
}

// pipReason makes one line of why pip failed. Without a network its last word is only that there is no such version;
// the reason stands in the warning before.
func pipReason(output *child.Tail) string {
	retry := output.Last(func(line string) bool { return strings.Contains(line, "after connection broken by") })
	if _, broken, found := strings.Cut(retry, "after connection broken by "); found {
		cause, _, _ := strings.Cut(broken, "': /")
		if _, errno, found := strings.Cut(cause, "[Errno "); found {
			_, cause, _ = strings.Cut(errno, "] ")
		}
		return "no connection: " + strings.Trim(cause, `'")`)
	}
	return strings.TrimPrefix(output.Last(isComplaint), "ERROR: ")
}

// isComplaint picks pip's and Python's last word out of their output.
func isComplaint(line string) bool {
	return strings.HasPrefix(line, "ERROR: ") || strings.Contains(line, "Error: ")
}
