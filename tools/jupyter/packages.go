// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/fetch"
	"convscope/internal/progress"
)

// Packages are pinned Python packages for which there is a private virtual environment beside Jupyter's.
type Packages struct {
	Name         string // what people call them, such as "PyTorch"
	Dir          string // how the environment's directory in the cache begins
	Requirements string // the text of a requirements.txt; pip adds what these need
}

// EnsurePackages returns the Python of the packages' environment and makes it first where that is needed. As with
// [EnsureVenv], two processes at once make it only once, and nothing is left of one that could not be completed.
func EnsurePackages(ctx context.Context, p Packages) (python string, err error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, p.Dir+"-"+fingerprint(p.Requirements))
	venv := &Venv{Dir: dir, Python: filepath.Join(dir, "bin", "python"), packages: p.Name}
	check := func(marker string) error {
		version, err := venv.version(ctx)
		if err != nil || version != marker {
			return errors.New("its Python has changed")
		}
		return nil
	}
	return venv.Python, ensure(ctx, dir, check, func() (string, error) { return venv.buildPackages(ctx, p) })
}

// buildPackages makes the environment in v.Dir, which is empty, and returns the version of its Python.
func (v *Venv) buildPackages(ctx context.Context, p Packages) (string, error) {
	python, err := FindPython(ctx)
	if err != nil {
		return "", err
	}
	if err := v.create(ctx, python); err != nil {
		return "", err
	}
	list := filepath.Join(v.Dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(p.Requirements), 0o644); err != nil {
		return "", err
	}
	bar := progress.New(p.Name+": packages", 0, progress.Steps)
	defer bar.Done()
	var seen int64
	err = v.pip(ctx, v.Python, func(line string) {
		if strings.HasPrefix(line, "Collecting ") {
			seen++
			bar.Set(seen)
		}
	}, "--no-cache-dir", "--requirement", list)
	if err != nil {
		return "", err
	}
	return v.version(ctx)
}

// version asks the environment's interpreter which one it is.
func (v *Venv) version(ctx context.Context) (string, error) {
	python, minor, err := probePython(ctx, v.Python)
	if err != nil {
		return "", fmt.Errorf("the new virtual environment does not start: %w", err)
	}
	return fmt.Sprintf("3.%d of %s", minor, python.Path), nil
}
