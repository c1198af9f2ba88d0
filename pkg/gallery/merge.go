// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"convscope/internal/file"
	"convscope/pkg/gallery/page"
	"convscope/pkg/neighbor"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// Report says what a gallery holds.
type Report struct {
	// Shards counts the pieces of work, Filters the filters, Done those whose pictures are there.
	Shards, Filters, Done int
	// Missing are the shards that are not done, with why where a record was there.
	Missing []Missing
	// Backends are what ran it: pictures from different ones can differ by rounding.
	Backends []string
}

// Missing is a shard that is not done.
type Missing struct {
	Shard
	// Why says what is wrong with its record or files, "" if there is none.
	Why string
}

// String lists what is missing in a line, "" if nothing is.
func (r Report) String() string {
	const few = 8
	var texts []string
	for _, m := range r.Missing[:min(len(r.Missing), few)] {
		text := m.Shard.String()
		if m.Why != "" {
			text += " (" + m.Why + ")"
		}
		texts = append(texts, text)
	}
	if len(r.Missing) > few {
		texts = append(texts, fmt.Sprintf("and %d others", len(r.Missing)-few))
	}
	return strings.Join(texts, "; ")
}

// Merge builds the pages from whatever is there, and says what is missing. The network must be the plan's; only its
// table and weights are used, so any device will do.
func Merge(ctx context.Context, net *network.Model, dir string) (Report, error) {
	w, err := newWorker(net, dir, WorkOptions{Of: 1})
	if err != nil {
		return Report{}, err
	}
	m := &merger{worker: w, report: Report{Filters: w.plan.Filters()}}
	if err := m.collect(ctx); err != nil {
		return Report{}, err
	}
	for range tries { // another one that ends meanwhile sweeps files away that are on their way
		if err = m.write(ctx); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return Report{}, err
	}
	sweep(dir, m.stale)
	return m.report, nil
}

// merger puts the records of a gallery together.
type merger struct {
	*worker
	report Report
	layers map[string][]entry // by the layer's name, in the order of the filters
	photos int
	stale  []string // parts of what is done
}

// collect reads all records, and checks their files.
func (m *merger) collect(ctx context.Context) error {
	m.layers = make(map[string][]entry)
	for _, s := range m.plan.Shards() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		m.report.Shards++
		r, err := m.whole(m.names.record(s), s)
		if err == nil {
			m.stale = append(m.stale, partsOf(m.dir, m.names, s)...)
			m.add(r)
			continue
		}
		missing := Missing{Shard: s}
		if !errors.Is(err, fs.ErrNotExist) {
			missing.Why = err.Error()
		}
		m.report.Missing = append(m.report.Missing, missing)
		for _, name := range partsOf(m.dir, m.names, s) { // of one that is under way
			if part, err := readRecord(m.dir, name, m.hash, s); err == nil {
				m.add(part)
			}
		}
	}
	for name, entries := range m.layers {
		slices.SortStableFunc(entries, func(a, b entry) int { return a.Index - b.Index })
		m.layers[name] = joined(entries)
	}
	return nil
}

// add takes over what a record says.
func (m *merger) add(r *record) {
	if r.Kind == Examples {
		m.photos = r.Photos
		for i, entries := range r.Layers {
			name := m.plan.Layers[r.First+i].Name
			m.layers[name] = append(m.layers[name], entries...)
		}
	} else {
		m.layers[r.Layer] = append(m.layers[r.Layer], r.Filters...)
	}
	if r.Backend != "" && !slices.Contains(m.report.Backends, r.Backend) {
		m.report.Backends = append(m.report.Backends, r.Backend)
	}
}

// joined makes one entry of those of the same filter, which stand beside each other: one has its pictures, another one
// its examples. Filters without pictures are left out.
func joined(entries []entry) (all []entry) {
	for _, e := range entries {
		last := len(all) - 1
		switch {
		case last < 0 || all[last].Index != e.Index:
			all = append(all, e)
		case len(e.Pictures) > 0:
			e.Examples, e.Histogram, e.Alike = all[last].Examples, all[last].Histogram, all[last].Alike
			all[last] = e
		default:
			all[last].Examples, all[last].Histogram, all[last].Alike = e.Examples, e.Histogram, e.Alike
		}
	}
	return slices.DeleteFunc(all, func(e entry) bool { return len(e.Pictures) == 0 })
}

// write writes the previews and the pages.
func (m *merger) write(ctx context.Context) error {
	n := page.Network{
		Title: m.plan.Network, Fingerprint: m.plan.Fingerprint, Program: m.plan.Program, Command: m.plan.command(),
		Methods: m.plan.Methods, Size: m.plan.Size, Seeds: m.plan.Seeds, Photos: m.photos,
	}
	m.report.Done = 0
	for _, layer := range m.net.Layers() {
		summary, err := m.summary(layer)
		if err != nil {
			return err
		}
		m.report.Done += summary.Done
		n.Layers = append(n.Layers, summary)
	}
	return page.Write(m.dir, n, m.pages(ctx))
}

// summary is a layer on the map; its preview is written.
func (m *merger) summary(layer network.Layer) (page.Summary, error) {
	row, err := m.net.Network().Find(layer.Name)
	if err != nil {
		return page.Summary{}, err
	}
	summary := page.Summary{
		Name: layer.Name, File: m.names[layer.Name], Kind: layer.Kind, Takes: row.Inputs, Filters: layer.Filters,
		Shown: slices.ContainsFunc(m.plan.Layers, func(l Layer) bool { return l.Name == layer.Name }),
		Field: layer.ReceptiveField(), Output: m.output(layer),
	}
	entries := m.layers[layer.Name]
	summary.Done = len(entries)
	for _, e := range entries {
		switch e.Fate {
		case "dead":
			summary.Dead++
		case "rescued":
			summary.Rescued++
		case "inert":
			summary.Inert++
		}
	}
	if len(entries) == 0 {
		return summary, nil
	}
	summary.Preview = m.names.preview(layer.Name)
	return summary, m.preview(summary.Preview, entries)
}

// output is the shape of a layer's output for a picture of the gallery.
func (m *merger) output(layer network.Layer) string {
	shape, err := m.net.Network().ShapeOf(layer.Name, m.plan.Size, m.plan.Size)
	if err != nil || len(shape) == 0 {
		return ""
	}
	var texts []string
	for _, dim := range shape {
		texts = append(texts, fmt.Sprint(dim))
	}
	return strings.Join(texts, " x ")
}

// preview writes a strip of some of a layer's patterns, spread over those that show one.
func (m *merger) preview(name string, entries []entry) error {
	shown := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return len(e.Look) == 0 })
	if len(shown) == 0 {
		shown = entries
	}
	count := min(frames, len(shown))
	var tiles []image.Image
	for k := range count {
		small, err := m.small(shown[k*len(shown)/count].Pictures[0].File)
		if err != nil {
			return err
		}
		tiles = append(tiles, small)
	}
	encoded, err := strip(tiles)
	if err != nil {
		return err
	}
	return write(m.dir, name, encoded)
}

// small is a picture of the gallery as a tile.
func (m *merger) small(name string) (image.Image, error) {
	f, err := file.Open(filepath.Join(m.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, plain(err))
	}
	defer f.Close()
	img, err := picture.Decode(f, name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return small(img), nil
}

// pages are the layers' data, one after the other.
func (m *merger) pages(ctx context.Context) iter.Seq2[page.Layer, error] {
	return func(yield func(page.Layer, error) bool) {
		for _, layer := range m.plan.Layers {
			if err := context.Cause(ctx); err != nil {
				yield(page.Layer{}, err)
				return
			}
			data, err := m.page(layer)
			if !yield(data, err) || err != nil {
				return
			}
		}
	}
}

// page is one layer's data.
func (m *merger) page(layer Layer) (page.Layer, error) {
	entries := m.layers[layer.Name]
	looks, filters := make([][]float64, len(entries)), make([]int, len(entries))
	for i, e := range entries {
		looks[i], filters[i] = e.Look, e.Index
	}
	all := page.Layer{Name: layer.Name, Filters: make([]page.Filter, len(entries))}
	if len(entries) == 0 {
		return all, nil
	}
	joined, err := m.net.Neighbors(layer.Name, neighbors, filters...)
	if err != nil {
		return all, err
	}
	places := inOrder(looks)
	for i, e := range entries {
		e.Likeness = places[i]
		e.FedBy, e.Feeds = shown(joined[i].FedBy), shown(joined[i].Feeds)
		all.Filters[i] = e.Filter
	}
	return all, nil
}

// shown are neighbours as the page has them.
func shown(all []neighbor.Neighbor) (list []page.Neighbor) {
	for _, n := range all {
		one := page.Neighbor{Layer: n.Layer, Filter: n.Filter, Weight: rounded(n.Weight)}
		for _, row := range n.Kernel {
			short := make([]float64, len(row))
			for i, v := range row {
				short[i] = rounded(v)
			}
			one.Kernel = append(one.Kernel, short)
		}
		list = append(list, one)
	}
	return list
}
