// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
)

// slow is the price of the pure Go backend, measured on VGG16.
const slow = "which is over two hundred times slower"

// choice is one search for a device. It keeps a note of all it tried.
type choice struct {
	host    host
	options Options
	notes   []string
	seen    map[string]error // why plugins do not work, by their path with links followed
	forced  bool             // a person asked for this very kind
	tuned   bool             // a person gave go-xla options
}

// note keeps a line for Explain, once; tell also reports it.
func (c *choice) note(format string, args ...any) {
	if line := oneLine(format, args...); !slices.Contains(c.notes, line) {
		c.notes = append(c.notes, line)
	}
}

func (c *choice) tell(format string, args ...any) {
	c.note(format, args...)
	c.options.report("device: " + oneLine(format, args...))
}

func oneLine(format string, args ...any) string {
	return strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ")
}

func (c *choice) run(ctx context.Context) (*Device, error) {
	c.seen = make(map[string]error)
	wanted, err := ParseKind(string(c.options.Kind))
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	value := c.host.getenv(envBackend)
	switch {
	case value == "":
		c.note("%s: not set", envBackend)
	case wanted != Auto:
		c.note("%s=%s: passed over, since %s was asked for", envBackend, value, wanted)
	default:
		return c.fromEnv(ctx, value)
	}
	switch wanted {
	case Go:
		return c.done(pureGo(""))
	case CPU, GPU:
		c.forced = true
		o, err := c.xla(ctx, wanted, "")
		if errors.Is(err, ErrNoGPU) {
			err = fmt.Errorf("%w: ask for cpu or auto", err)
		}
		if err != nil {
			return nil, fmt.Errorf("device: %s was asked for and cannot be had: %w", wanted, err)
		}
		return c.done(o, nil)
	}
	if c.host.gpu.present() {
		o, err := c.xla(ctx, GPU, "")
		if err == nil {
			return c.done(o, nil)
		}
		if err := final(ctx, err); err != nil {
			return nil, err
		}
		c.tell("there is an NVIDIA GPU, but it cannot be used (%v): going on with the CPU", err)
	} else {
		c.note("gpu: %v", c.host.gpu.absent())
	}
	o, err := c.xla(ctx, CPU, "")
	if err == nil {
		return c.done(o, nil)
	}
	if err := final(ctx, err); err != nil {
		return nil, err
	}
	c.tell("XLA cannot be had (%v): going on with GoMLX's pure Go backend, %s%s", err, slow, c.remedy(err))
	return c.done(pureGo(""))
}

// final is an error that ends the choice: the caller stopped it, or no plugin takes the flags.
func final(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("device: %w", ctx.Err())
	}
	if errors.Is(err, ErrFlags) {
		return fmt.Errorf("device: %w", err)
	}
	return nil
}

// remedy says how to get a plugin by hand, unless the error does.
func (c *choice) remedy(err error) string {
	if c.host.notBuilt != nil || errors.Is(err, errNoSum) {
		return ""
	}
	return "; to get XLA, run this once with a network, or set " + envPlugins + " to a directory with a PJRT plugin"
}

// xla opens a plugin for kind: an installed one, else one got from somewhere. The error is one line.
func (c *choice) xla(ctx context.Context, kind Kind, options string) (*opened, error) {
	if c.host.notBuilt != nil {
		return nil, c.host.notBuilt
	}
	if kind == GPU {
		if !c.host.gpu.present() {
			return nil, c.host.gpu.absent()
		}
		options = c.precision(options)
	}
	for _, p := range c.host.installed() {
		if o := c.firstOf(p, kind, kind.accepts(), options); o != nil {
			return o, nil
		}
	}
	if o := c.fromCache(kind, options); o != nil {
		return o, nil
	}
	return c.get(ctx, kind, options)
}

// fromCache opens the first plugin in the cache that works.
func (c *choice) fromCache(kind Kind, options string) *opened {
	places, err := c.host.cached(kind)
	if err != nil {
		c.note("%s: cache: %v", kind, err)
		return nil
	}
	found := false
	for _, p := range places {
		found = found || len(p.candidates(kind.accepts())) > 0
		if o := c.firstOf(p, kind, kind.accepts(), options); o != nil {
			return o
		}
	}
	if !found {
		root, _ := c.host.pluginCache()
		c.note("%s: cache %s: no plugin", kind, root)
	}
	return nil
}

// firstOf opens the place's first plugin that works and that want accepts by name.
func (c *choice) firstOf(p place, kind Kind, want func(string) bool, options string) *opened {
	candidates := p.candidates(want)
	if len(candidates) == 0 && p.name != cacheName {
		c.note("%s: %s %s: no plugin", kind, p.name, p.dir)
	}
	for _, candidate := range candidates {
		target := candidate.path
		if followed, err := filepath.EvalSymlinks(target); err == nil {
			target = followed
		}
		if _, tried := c.seen[target]; tried {
			continue // pjrt_c_api_cpu_plugin.so is often a link to the versioned name beside it
		}
		o, err := c.host.load(candidate, kind, options)
		c.seen[target] = err
		if err != nil {
			c.tell("%s: %s %s: passed over: %v", kind, p.name, candidate.path, err)
			continue
		}
		c.note("%s: %s %s: works", kind, p.name, candidate.path)
		return o
	}
	return nil
}

// unfit is the reason not to let the dynamic linker see a file.
type unfit struct{ error }

func (u unfit) Unwrap() error { return u.error }

// load opens one plugin file after the checks that keep a bad one from ending the process.
func (h host) load(f candidate, kind Kind, options string) (*opened, error) {
	if f.place.name == cacheName {
		if err := intact(f.path, false); err != nil {
			return nil, unfit{err}
		}
	}
	if err := checkFile(f.path); err != nil {
		return nil, unfit{err}
	}
	if err := checkFlags(f.path, h.getenv(envFlags)); err != nil {
		return nil, err
	}
	return guard(func() (*opened, error) { return h.open(f.path, kind, options) })
}

// precision adds TF32's setting to go-xla's options, unless they have it.
func (c *choice) precision(options string) string {
	switch {
	case mentions(options, "tf32"):
		return options
	case c.options.TF32:
		return join(options, "tf32")
	default:
		return join(options, noTF32)
	}
}

// pureGo opens GoMLX's own backend.
func pureGo(config string) (*opened, error) {
	backend, err := guard(func() (compute.Backend, error) { return gobackend.New(config) })
	if err != nil {
		return nil, fmt.Errorf("GoMLX's pure Go backend: %w", err)
	}
	return &opened{backend: backend, kind: Go}, nil
}

// done makes the device.
func (c *choice) done(o *opened, err error) (*Device, error) {
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	d := &Device{
		Backend: o.backend, kind: o.kind, name: c.host.name(o), plugin: o.path, faults: o.faults,
		memory: c.host.memory(o),
	}
	if len(o.faults) > 0 {
		c.note("%s: computes wrongly, and convscope does without it: %s", o.kind, strings.Join(o.faults, ", "))
	}
	c.note("chosen: %s", d.name)
	d.notes = c.notes
	return d, nil
}

// name makes the line for people.
func (h host) name(o *opened) string {
	version := ""
	if o.api != "" {
		version = " (PJRT API " + o.api + ")"
	}
	switch o.kind {
	case Go:
		return "GoMLX's pure Go backend (over two hundred times slower than XLA)"
	case CPU:
		return "XLA on CPU" + version
	case GPU:
		return "XLA on " + h.gpu.model() + version
	default:
		return o.backend.Description()
	}
}
