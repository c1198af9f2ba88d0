// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// WorkOptions say which part of the work is one's own. The zero value is all of it.
type WorkOptions struct {
	// Shard and Of take every Of-th shard from that one on, from 0; Of of 0 means 1.
	Shard, Of int
	// Photos is the folder of the photographs, if the plan has some.
	Photos string
	// Progress, when not nil, hears which share of the own work is done, 0 to 1.
	Progress func(share float64)
	// Report, when not nil, hears a line of news, such as that a record was damaged.
	Report func(line string)
}

// check returns an error for a part that there is not.
func (o WorkOptions) check() error {
	if o.Of < 1 || o.Shard < 0 || o.Shard >= o.Of {
		return fmt.Errorf("shard %d of %d: give 0/%d to %d/%d", o.Shard, o.Of, max(o.Of, 1), max(o.Of, 1)-1, max(o.Of, 1))
	}
	return nil
}

// worker does shards of one gallery.
type worker struct {
	dir     string
	plan    Plan
	hash    string
	net     *network.Model
	names   names
	options WorkOptions
	costs   map[string]float64 // of a filter of each layer
	photos  *album.Album       // once they were asked for
}

// Work makes what is missing of one's own part of a gallery, shard by shard. When ctx ends, what is lost is the batch
// that was under way; the error is the context's.
//
// Errors are an [*OtherPlanError] when the network, its weights or convscope are others than the plan's, those of
// [Open], [ascent.Run] and of the file system.
func Work(ctx context.Context, net *network.Model, dir string, o WorkOptions) error {
	if o.Of == 0 {
		o.Of = 1
	}
	if err := o.check(); err != nil {
		return err
	}
	w, err := newWorker(net, dir, o)
	if err != nil {
		return err
	}
	var own []Shard
	total := 0.0
	for i, s := range w.plan.Shards() {
		if i%o.Of == o.Shard {
			own = append(own, s)
			total += w.cost(s)
		}
	}
	if err := w.check(ctx, own); err != nil {
		return err
	}
	w.progress(0)
	done := 0.0
	var failed error
	for _, s := range own {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		cost := w.cost(s)
		err := w.shard(ctx, s, func(share float64) { w.progress((done + cost*share) / total) })
		if errors.Is(err, ascent.ErrDiverged) { // numbers that are none are this layer's alone
			w.report("passed over: %s: %v", s, err)
			failed = cmp.Or(failed, err)
		} else if err != nil {
			return err
		}
		done += cost
		w.progress(done / total)
	}
	return failed
}

// check returns the error that a shard would end with, before anything is computed, such as that memory lacks, or that
// the photographs are others.
func (w *worker) check(ctx context.Context, shards []Shard) error {
	known := make(map[string]bool)
	for _, s := range shards {
		if s.Kind == Examples {
			_, err := os.Lstat(filepath.Join(w.dir, filepath.FromSlash(w.names.record(s))))
			if errors.Is(err, fs.ErrNotExist) { // who has done it needs no photographs
				err = w.openPhotos(ctx)
			}
			if err != nil {
				return err
			}
		}
		if known[s.Layer] || s.Kind != Patterns {
			continue
		}
		known[s.Layer] = true
		target, err := w.net.Channels(s.Layer, s.First)
		for _, v := range w.plan.variants() {
			if err == nil {
				err = target.Check(v.options(w.plan.Batch))
			}
		}
		if err != nil {
			return w.explain(err)
		}
	}
	return nil
}

// newWorker reads the plan of a folder, which must be one of that network.
func newWorker(net *network.Model, dir string, o WorkOptions) (*worker, error) {
	p, err := Open(dir)
	if err != nil {
		return nil, err
	}
	now, err := New(net, p.options())
	if err == nil {
		err = different(dir, p, now)
	}
	if err != nil {
		return nil, err
	}
	var layers []string
	for _, layer := range net.Layers() {
		layers = append(layers, layer.Name)
	}
	return &worker{
		dir: dir, plan: p, hash: p.Hash(), net: net, names: layerNames(layers), options: o, costs: costsOf(net.Table, p),
	}, nil
}

// options are those that the plan was made from.
func (p Plan) options() Options {
	o := Options{
		Methods: p.Methods, Size: p.Size, Seeds: p.Seeds, Negative: p.Negative, Large: p.Large, Photos: p.Photos,
		Shard: p.Shard, Batch: p.Batch,
	}
	for _, layer := range p.Layers {
		o.Layers = append(o.Layers, layer.Name)
	}
	return o
}

// progress tells which share is done.
func (w *worker) progress(share float64) {
	if w.options.Progress != nil {
		w.options.Progress(min(share, 1))
	}
}

// report tells a line of news.
func (w *worker) report(format string, args ...any) {
	if w.options.Report != nil {
		w.options.Report(fmt.Sprintf(format, args...))
	}
}

// shard does one shard, unless its record and its files are there.
func (w *worker) shard(ctx context.Context, s Shard, news func(share float64)) error {
	name := w.names.record(s)
	if _, err := w.whole(name, s); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		w.report("%s is made again: %v", s, err)
	}
	var done *record
	var err error
	if s.Kind == Examples {
		done, err = w.exampleShard(ctx, s)
	} else {
		done, err = w.patternShard(ctx, s, news)
	}
	if err != nil {
		return err
	}
	if err := done.write(w.dir, name); err != nil {
		return err
	}
	for _, part := range partsOf(w.dir, w.names, s) {
		_ = os.Remove(filepath.Join(w.dir, filepath.FromSlash(part)))
	}
	return nil
}

// whole reads a shard's record.
func (w *worker) whole(name string, s Shard) (*record, error) {
	r, err := readRecord(w.dir, name, w.hash, s)
	if err == nil && !r.complete() {
		err = fmt.Errorf("it has %d of %d filters", len(r.Filters), r.Count)
	}
	return r, err
}

// patternShard makes a shard's pictures, batch by batch, and goes on with the parts that an earlier process left.
func (w *worker) patternShard(ctx context.Context, s Shard, news func(share float64)) (*record, error) {
	all := &record{Shard: s, Plan: w.hash}
	left := make([]int, s.Count)
	for i := range left {
		left[i] = s.First + i
	}
	add := func(part *record) {
		all.Backend = part.Backend
		all.Files = append(all.Files, part.Files...)
		all.Filters = append(all.Filters, part.Filters...)
		left = slices.DeleteFunc(left, func(filter int) bool {
			return slices.ContainsFunc(part.Filters, func(e entry) bool { return e.Index == filter })
		})
	}
	for _, name := range partsOf(w.dir, w.names, s) {
		part, err := readRecord(w.dir, name, w.hash, s)
		if err != nil {
			continue // it is made again
		}
		if !slices.ContainsFunc(part.Filters, func(e entry) bool { return !slices.Contains(left, e.Index) }) {
			add(part)
		}
	}
	if len(left) == 0 {
		return all, nil
	}
	layer, err := w.net.Find(s.Layer)
	if err != nil {
		return nil, err
	}
	order, err := w.silentFirst(layer, left)
	if err != nil {
		return nil, err
	}
	before := s.Count - len(order)
	for batch := range slices.Chunk(slices.Clone(order), w.plan.Batch) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		part, err := w.patterns(ctx, s, slices.Clone(batch), func(share float64) {
			news((float64(before) + share*float64(len(batch))) / float64(s.Count))
		})
		if err != nil {
			return nil, w.explain(err)
		}
		before += len(batch)
		if before < s.Count { // else the record follows
			if err := part.write(w.dir, w.names.part(s, batch[0])); err != nil {
				return nil, err
			}
		}
		add(part)
	}
	return all, nil
}

// explain says of an error what can be done about it in a gallery.
func (w *worker) explain(err error) error {
	if memory := new(ascent.MemoryError); errors.As(err, &memory) {
		const mib = 1 << 20
		return fmt.Errorf("%d at once, %s needs about %d MiB, but %d MiB are free: "+
			"plan a gallery with fewer at once (--batch) or a smaller size",
			w.plan.Batch, memory.What, memory.Need/mib+1, memory.Free/mib)
	}
	return err
}

// noise is a picture of noise, as pictures start.
func (w *worker) noise() *tensors.Tensor {
	channels := w.net.PictureChannels()
	levels := make([]float32, w.plan.Size*w.plan.Size*channels)
	ascent.Noise(levels, ascent.BookSeed, 0)
	return tensors.FromFlatDataAndDimensions(levels, 1, w.plan.Size, w.plan.Size, channels)
}

// cost is about how much work a shard is.
func (w *worker) cost(s Shard) float64 {
	if s.Kind == Examples {
		return w.costs[w.plan.Layers[s.First+s.Count-1].Name]
	}
	return w.costs[s.Layer] * float64(s.Count)
}

// costsOf is about how much work a filter of each layer is: the products that the layers up to it take.
func costsOf(table *network.Table, p Plan) map[string]float64 {
	own := make(map[string]float64)
	for _, layer := range table.Layers() {
		rows, columns := layer.OutputSize(p.Size, p.Size)
		own[layer.Name] = 1 + float64(layer.Parameters())*float64(rows)*float64(columns)
	}
	costs := make(map[string]float64)
	for _, layer := range p.Layers {
		needed, err := table.Network().UpTo(layer.Name)
		if err != nil {
			continue
		}
		for _, below := range needed {
			costs[layer.Name] += own[below.Name]
		}
	}
	return costs
}
