// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"convscope/internal/file"
	"convscope/pkg/gallery/page"
)

// record says that a shard, or a part of one, is done: which files it wrote, and what the pages say of its filters.
type record struct {
	Shard
	// Plan is the hash of the plan that it belongs to.
	Plan string `json:"plan"`
	// Backend says in one line what ran it.
	Backend string  `json:"backend,omitempty"`
	Files   []saved `json:"files"`
	Filters []entry `json:"filters,omitempty"`
	// Layers are, of examples, the filters of each layer, and Photos counts the photographs.
	Layers [][]entry `json:"layers,omitempty"`
	Photos int       `json:"photos,omitempty"`
}

// entry is a filter's part of a record.
type entry struct {
	page.Filter
	// Look describes the first picture in numbers, so that those that look alike can stand together.
	Look []float64 `json:"look,omitempty"`
}

// files are the names of those that a filter's page shows.
func (e entry) files() (all []string) {
	for _, p := range e.Pictures {
		all = append(all, p.File)
	}
	for _, x := range e.Examples {
		all = append(all, x.File)
	}
	if e.Film != "" {
		all = append(all, e.Film)
	}
	return all
}

// saved is a file that was written, relative to the folder.
type saved struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// newSaved describes a file's content.
func newSaved(name string, content []byte) saved {
	sum := sha256.Sum256(content)
	return saved{name, int64(len(content)), hex.EncodeToString(sum[:])}
}

// maxRecord is how long a record may be, in bytes.
const maxRecord = 256 << 20

// text is the record as it lies in the folder.
func (r *record) text() ([]byte, error) {
	slices.SortFunc(r.Filters, func(a, b entry) int { return a.Index - b.Index })
	slices.SortFunc(r.Files, func(a, b saved) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	text, err := json.Marshal(r)
	return append(text, '\n'), err
}

// write puts the record into its place.
func (r *record) write(dir, name string) error {
	text, err := r.text()
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return write(dir, name, text)
}

// readRecord reads what is said to be done, and checks that it is of that plan and shard, and that all its files are
// there as they were written. The error says what is wrong; it is that of a file that is not there for a shard that
// nobody did.
func readRecord(dir, name, plan string, s Shard) (*record, error) {
	text, err := read(filepath.Join(dir, filepath.FromSlash(name)), maxRecord)
	if err != nil {
		return nil, err
	}
	r, err := parseRecord(text, plan, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, f := range r.Files {
		if err := f.check(dir); err != nil {
			return nil, fmt.Errorf("%s: %v", f.Name, plain(err)) // not as if there were no record
		}
	}
	return r, nil
}

// parseRecord reads a record, and checks what the pages rely on.
func parseRecord(text []byte, plan string, s Shard) (*record, error) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if r.Plan != plan || r.Shard != s {
		return nil, fmt.Errorf("it is of another plan or shard")
	}
	for _, f := range r.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return nil, fmt.Errorf("it is damaged: it names the file %.80q", f.Name)
		}
	}
	if s.Kind == Examples && r.Filters != nil || s.Kind != Examples && r.Layers != nil {
		return nil, fmt.Errorf("it is damaged: it has what another kind has")
	}
	known := make(map[string]bool)
	for _, f := range r.Files {
		known[f.Name] = true
	}
	check := func(entries []entry, first, end int) error {
		for i, e := range entries {
			if e.Index < first || e.Index >= end || i > 0 && e.Index <= entries[i-1].Index {
				return fmt.Errorf("it is damaged: it has the filter %d where it can't be", e.Index)
			}
			if (len(e.Pictures) == 0) != (s.Kind == Examples) {
				return fmt.Errorf("it is damaged: it has %d pictures of filter %d", len(e.Pictures), e.Index)
			}
			if len(e.Look) != 0 && len(e.Look) != lookLength {
				return fmt.Errorf("it is damaged: the look of filter %d has %d numbers", e.Index, len(e.Look))
			}
			for _, name := range e.files() {
				if !known[name] { // it would be opened, or shown, unseen by the checks
					return fmt.Errorf("it is damaged: filter %d shows %.80q, which is none of its files", e.Index, name)
				}
			}
		}
		return nil
	}
	err := check(r.Filters, s.First, s.First+s.Count)
	for _, layer := range r.Layers {
		err = errors.Join(err, check(layer, 0, maxFilters))
	}
	return &r, err
}

// complete says whether the record has all filters, or all layers, of its shard.
func (r *record) complete() bool { return len(r.Filters)+len(r.Layers) == r.Count }

// check returns an error unless the file is there as it was written.
func (f saved) check(dir string) error {
	opened, size, err := file.OpenSized(filepath.Join(dir, filepath.FromSlash(f.Name)))
	if err != nil {
		return err
	}
	defer opened.Close()
	if size != f.Size {
		return fmt.Errorf("it has %d bytes, not %d", size, f.Size)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, opened); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("it is damaged: its content has another SHA-256")
	}
	return nil
}

// rounded keeps six digits, more than anybody reads; what is no number is 0.
func rounded(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	return short
}

// finite are the numbers that can be written, rounded.
func finite(all map[string]float64) map[string]float64 {
	for key, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			delete(all, key)
		} else {
			all[key] = rounded(v)
		}
	}
	return all
}

// partsOf lists the parts of a shard that are there.
func partsOf(dir string, n names, s Shard) (all []string) {
	if s.Kind == Examples { // one pass over the photographs finds all of them
		return nil
	}
	entries, _ := os.ReadDir(filepath.Join(dir, partDir))
	there := make(map[string]bool)
	for _, e := range entries {
		there[partDir+"/"+e.Name()] = true
	}
	for filter := s.First; filter < s.First+s.Count; filter++ {
		if name := n.part(s, filter); there[name] {
			all = append(all, name)
		}
	}
	return all
}
