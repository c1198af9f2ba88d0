// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

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

// venvMarker is what the marker of a complete environment says.
type venvMarker struct {
	Python  string // version that it was made with
	Jupyter string // JupyterLab's version
}

// pipEnv are settings of the user's pip that would send packages elsewhere than into the environment.
var pipEnv = []string{"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_CONSTRAINT",
	"PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}

// OpenVenv returns the environment if it is complete, else an error that says what is wrong with it. It installs nothing.
func OpenVenv(ctx context.Context) (*Venv, error) {
	dir, err := venvDir()
	if err != nil {
		return nil, err
	}
	venv := &Venv{Dir: dir, Python: filepath.Join(dir, "bin", "python")}
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
	venv := &Venv{Dir: dir, Python: filepath.Join(dir, "bin", "python")}
	err = ensure(ctx, dir,
		func(marker string) error { return venv.check(ctx, marker) },
		func() (string, error) { return venv.build(ctx) })
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

// check compares what the marker says with what is there. An upgrade of the system's Python leaves an environment
// whose interpreter looks for its packages in another directory.
func (v *Venv) check(ctx context.Context, text string) error {
	var marker venvMarker
	if err := json.Unmarshal([]byte(text), &marker); err != nil {
		return errHalf
	}
	version, lab, err := v.ask(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return errors.New("its Python or its packages are damaged")
	}
	if minor(version) != minor(marker.Python) {
		return fmt.Errorf("made for Python %s, which is now %s", marker.Python, version)
	}
	v.About = about(lab, version)
	return nil
}

// ask starts the environment's interpreter and returns its version and JupyterLab's. It looks for the packages
// without importing them, which would take seconds.
func (v *Venv) ask(ctx context.Context) (python, lab string, err error) {
	const question = `import sys, importlib.util as u, importlib.metadata as m
missing = [name for name in ("jupyterlab", "nbclient", "nbconvert", "zmq", "psutil") if not u.find_spec(name)]
if missing: sys.exit("missing: %s" % missing)
print("%d.%d.%d" % sys.version_info[:3], m.version("jupyterlab"))`
	out, err := exec.CommandContext(ctx, v.Python, "-I", "-c", question).Output()
	if err != nil {
		return "", "", err
	}
	python, lab, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
	return python, lab, nil
}

// minor cuts "3.11.7" to "3.11": what a virtual environment depends on.
func minor(version string) string {
	if last := strings.LastIndexByte(version, '.'); last > 0 {
		return version[:last]
	}
	return version
}

func about(lab, python string) string { return fmt.Sprintf("JupyterLab %s on Python %s", lab, python) }

// build makes the environment in v.Dir, which is empty.
func (v *Venv) build(ctx context.Context) (string, error) {
	python, err := FindPython(ctx)
	if err != nil {
		return "", err
	}
	if err := v.create(ctx, python); err != nil {
		return "", err
	}
	if err := v.install(ctx); err != nil {
		return "", err
	}
	version, lab, err := v.ask(ctx)
	if err != nil {
		return "", fmt.Errorf("the new virtual environment does not start: %w", err)
	}
	v.About = about(lab, version)
	text, err := json.Marshal(venvMarker{Python: version, Jupyter: lab})
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
	}, "--no-deps", "--requirement", list)
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
	args := []string{"-I", "-m", "venv", v.Dir}
	if !python.Ensurepip {
		args = []string{"-I", "-m", "venv", "--without-pip", v.Dir}
	}
	cmd := exec.Command(python.Path, args...)
	cmd.Env = without(os.Environ(), pipEnv)
	if output, err := run(ctx, cmd, nil); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("python3 -m venv failed: %s (install python3-venv)", output.last(isComplaint))
	}
	if python.Ensurepip {
		return nil
	}
	// Debian without python3-venv: the system's pip, of any age, puts a pip into the environment.
	out, err := exec.CommandContext(ctx, v.Python, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").Output()
	if err != nil {
		return fmt.Errorf("the new environment does not start: %w", err)
	}
	return v.pip(ctx, python.Path, nil, "--no-deps", "--target", strings.TrimSpace(string(out)), bootstrapPip)
}

// pip runs pip install with one of the two interpreters.
func (v *Venv) pip(ctx context.Context, python string, each func(line string), args ...string) error {
	args = append([]string{"-m", "pip", "install", "--only-binary=:all:", "--retries", "2", "--no-input",
		"--disable-pip-version-check", "--no-warn-script-location"}, args...)
	cmd := exec.Command(python, args...)
	cmd.Dir = v.Dir
	// PIP_USER also overrides a configuration file that asks for --user.
	cmd.Env = without(os.Environ(), pipEnv, "PIP_USER=0", "PYTHONNOUSERSITE=1")
	if python != v.Python {
		cmd.Env = without(os.Environ(), pipEnv, "PIP_USER=0")
	}
	output, err := run(ctx, cmd, each)
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
func pipReason(output *tail) string {
	retry := output.last(func(line string) bool { return strings.Contains(line, "after connection broken by") })
	if _, broken, found := strings.Cut(retry, "after connection broken by "); found {
		cause, _, _ := strings.Cut(broken, "': /")
		if _, errno, found := strings.Cut(cause, "[Errno "); found {
			_, cause, _ = strings.Cut(errno, "] ")
		}
		return "no connection: " + strings.Trim(cause, `'")`)
	}
	return strings.TrimPrefix(output.last(isComplaint), "ERROR: ")
}

// isComplaint picks pip's and Python's last word out of their output.
func isComplaint(line string) bool {
	return strings.HasPrefix(line, "ERROR: ") || strings.Contains(line, "Error: ")
}
