// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"encoding/json"
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
	venv := newVenv(dir)
	check := func(text string) error {
		found, err := venv.look(ctx)
		if err != nil {
			return err
		}
		return found.compare(packagesMarker(text), nil)
	}
	return venv.Python, ensure(ctx, dir, check, func(part string) (string, error) {
		made := newVenv(part)
		made.packages = p.Name
		return made.buildPackages(ctx, p, dir)
	})
}

// packagesMarker reads the marker of an environment. Older ones say only "3.11 of /usr/bin/python3".
func packagesMarker(text string) (made venvMarker) {
	if json.Unmarshal([]byte(text), &made) != nil {
		made.Python, _, _ = strings.Cut(text, " ")
	}
	return made
}

// buildPackages makes the environment in v.Dir, which is empty, and returns its marker.
func (v *Venv) buildPackages(ctx context.Context, p Packages, older string) (string, error) {
	python, err := FindPython(ctx)
	if err != nil {
		return "", err
	}
	found, err := v.renew(ctx, python, older, nil)
	if err != nil {
		if err := v.create(ctx, python); err != nil {
			return "", err
		}
		if err := v.installPackages(ctx, p); err != nil {
			return "", err
		}
		if found, err = v.look(ctx); err != nil {
			return "", fmt.Errorf("the new virtual environment does not start: %w", err)
		}
	}
	text, err := json.Marshal(found.marker())
	return string(text), err
}

func (v *Venv) installPackages(ctx context.Context, p Packages) error {
	list := filepath.Join(v.Dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(p.Requirements), 0o644); err != nil {
		return err
	}
	bar := progress.New(p.Name+": packages", 0, progress.Steps)
	defer bar.Done()
	var seen int64
	return v.pip(ctx, v.Python, func(line string) {
		if strings.HasPrefix(line, "Collecting ") {
			seen++
			bar.Set(seen)
		}
	}, "--no-cache-dir", "--requirement", list)
}
