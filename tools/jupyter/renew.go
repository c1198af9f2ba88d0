// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// renew makes the environment in v.Dir, which is empty, with the packages of an older one whose interpreter is gone: a
// cache that was copied to a machine with the same Python in another place, where there may be no network. An error
// means that this cannot be done, and leaves v.Dir empty.
func (v *Venv) renew(ctx context.Context, python Python, older string, needed []string) (found contents, err error) {
	text, err := os.ReadFile(filepath.Join(older, markerName))
	if err != nil {
		return contents{}, err
	}
	var made venvMarker
	if err := json.Unmarshal(text, &made); err != nil {
		return contents{}, err
	}
	site := newVenv(older).site(python)
	entries, err := os.ReadDir(site)
	if err != nil {
		return contents{}, err
	}
	there := contents{Version: python.Version, Platform: python.Platform}
	for _, entry := range entries {
		there.Packages = append(there.Packages, entry.Name())
	}
	if err := there.compare(made, needed); err != nil {
		return contents{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(v.Dir), os.Mkdir(v.Dir, 0o755))
		}
	}()
	if err := v.bare(ctx, python, "--without-pip"); err != nil {
		return contents{}, err
	}
	if err := os.RemoveAll(v.site(python)); err != nil {
		return contents{}, err
	}
	if err := os.CopyFS(v.site(python), os.DirFS(site)); err != nil {
		return contents{}, err
	}
	// JupyterLab's and nbconvert's own files lie beside the packages.
	for _, name := range []string{"share", "etc"} {
		err := os.CopyFS(filepath.Join(v.Dir, name), os.DirFS(filepath.Join(older, name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return contents{}, err
		}
	}
	if found, err = v.look(ctx); err != nil {
		return contents{}, err
	}
	return found, found.compare(made, needed)
}

// site is where the environment's packages lie.
func (v *Venv) site(python Python) string {
	return filepath.Join(v.Dir, "lib", "python"+minor(python.Version), "site-packages")
}
