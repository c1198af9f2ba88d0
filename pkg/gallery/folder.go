// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/file"
	"convscope/pkg/network"
)

// ErrNoGallery is returned, wrapped, for a folder that holds no gallery.
var ErrNoGallery = errors.New("it holds no gallery")

// OtherPlanError says that a folder holds another gallery than the one asked for.
type OtherPlanError struct {
	Dir string
	// Differences names what differs, with what the folder holds and what was asked for.
	Differences []string
}

// Error names both.
func (e *OtherPlanError) Error() string {
	return fmt.Sprintf("%s holds another gallery: %s: name another folder, or ask for the same",
		e.Dir, strings.Join(e.Differences, "; "))
}

// maxPlan is how long a plan may be, in bytes.
const maxPlan = 16 << 20

// Open reads the plan of a folder. Errors wrap [ErrNoGallery] where there is none.
func Open(dir string) (Plan, error) {
	path := filepath.Join(dir, planName)
	text, err := read(path, maxPlan)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return Plan{}, fmt.Errorf("%s: %w: there is no %s in it", dir, ErrNoGallery, planName)
	} else if err != nil {
		return Plan{}, fmt.Errorf("reading %s: %w", path, plain(err))
	}
	p, err := parsePlan(text)
	if err != nil {
		return p, fmt.Errorf("%s is damaged, or of another version: %w: remove that file and plan the gallery again",
			path, err)
	}
	return p, nil
}

// parsePlan reads a plan.
func parsePlan(text []byte) (p Plan, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&p); err != nil {
		return p, err
	}
	return p, p.check()
}

// read reads a file that is not too long.
func read(path string, most int64) ([]byte, error) {
	f, err := file.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("it is longer than %d bytes", most)
	}
	return text, err
}

// Check returns the error that [Create] would return for a plan with those options, as far as the network's table
// tells. It makes the folder, and tries whether that takes files.
func Check(dir string, o Options, table *network.Table) error {
	if err := checkFolder(dir); err != nil {
		return err
	}
	has, err := Open(dir)
	if errors.Is(err, ErrNoGallery) {
		return nil
	} else if err != nil {
		return err
	}
	asked, err := o.plan(table)
	if err != nil {
		return err
	}
	asked.Program, asked.Network, asked.Fingerprint = has.Program, has.Network, has.Fingerprint // not known yet
	return different(dir, has, asked)
}

// different returns an [*OtherPlanError] unless the plans are the same.
func different(dir string, has, asked Plan) error {
	if found := has.Differences(asked); len(found) > 0 {
		return &OtherPlanError{dir, found}
	}
	return nil
}

// checkFolder refuses folders with something else in them.
func checkFolder(dir string) error {
	if err := file.Folder(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading the folder %s: %w", dir, plain(err))
	}
	if _, err := os.Lstat(filepath.Join(dir, planName)); err == nil {
		return nil
	}
	_, err = os.Lstat(filepath.Join(dir, recordDir))
	made := err == nil // a gallery that has lost its plan
	for _, entry := range entries {
		name := entry.Name()
		if foreign(name) && !temporary(name) || !made && replaced(name) {
			return fmt.Errorf("%s: %w, but %s: name a new folder", dir, ErrNoGallery, name)
		}
	}
	return nil
}

// Create puts the plan into its folder, which it makes, unless it is there already. A folder with another one is
// refused with an [*OtherPlanError], and one that holds something else than a gallery.
func Create(dir string, p Plan) error {
	if err := checkFolder(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, planName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := place(dir, path, p.text()); err != nil {
			return fmt.Errorf("writing %s: %w", path, plain(err))
		}
	}
	has, err := Open(dir) // another process may have been faster
	if err != nil {
		return err
	}
	return different(dir, has, p)
}

// place puts a file where none is: of two that do so at once one wins, where the file system has links.
func place(dir, path string, content []byte) (err error) {
	for range tries {
		var temp string
		if temp, err = writeTemp(dir, content); err != nil {
			continue
		}
		err = os.Link(temp, path)
		if errors.Is(err, fs.ErrExist) {
			err = nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(temp, path)
		}
		_ = os.Remove(temp)
		if err == nil {
			return nil
		}
	}
	return err
}
