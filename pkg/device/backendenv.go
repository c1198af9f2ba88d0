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
)

// xlaNames are the names under which go-xla registers its one backend.
var xlaNames = []string{"xla", "stablehlo", "shlo", "hlo"}

// noTF32 is go-xla's option for full float32 in matrix products; openXLA extends it to convolutions.
const noTF32 = "notf32"

// fromEnv obeys GOMLX_BACKEND: BACKEND or BACKEND:CONFIG, and for XLA a CONFIG of PLUGIN,OPTION,... where PLUGIN is
// a name or an absolute path. Its failure is an error: the person who set it wants that backend and no other.
func (c *choice) fromEnv(ctx context.Context, value string) (*Device, error) {
	c.note("%s=%s: obeyed", envBackend, value)
	o, err := c.open(ctx, value)
	if err != nil {
		return nil, fmt.Errorf("device: %s=%s: %w", envBackend, value, err)
	}
	return c.done(o, nil)
}

// CheckBackend returns an error when [New] could not obey GOMLX_BACKEND=value, whatever plugins there are. It opens
// nothing.
func CheckBackend(value string) error {
	if name, _, _ := strings.Cut(value, ":"); slices.Contains(xlaNames, name) && Built() != nil {
		return Built()
	}
	return checkBackend(value)
}

func checkBackend(value string) error {
	name, config, _ := strings.Cut(value, ":")
	switch {
	case name == "go":
		o, err := pureGo(config)
		if err == nil {
			o.backend.Finalize()
		}
		return err
	case slices.Contains(xlaNames, name):
		plugin, options, _ := strings.Cut(config, ",")
		if plugin == "help" || mentions(options, "help") {
			return errors.New("the form is xla:PLUGIN,OPTION,... with cpu, cuda or a file's " +
				"absolute path as PLUGIN and " +
				optionHelp + " as OPTION")
		}
		if filepath.IsAbs(plugin) {
			if err := checkFile(plugin); err != nil {
				return fmt.Errorf("%s: %w", plugin, err)
			}
		}
		return checkOptions(options)
	case !slices.Contains(compute.List(), name):
		known := compute.List()
		slices.Sort(known)
		return fmt.Errorf("this program has no backend called %q: it has %s", name, strings.Join(known, ", "))
	}
	return nil
}

func (c *choice) open(ctx context.Context, value string) (*opened, error) {
	name, config, _ := strings.Cut(value, ":")
	switch {
	case name == "go":
		return pureGo(config)
	case slices.Contains(xlaNames, name) && c.host.notBuilt != nil:
		return nil, c.host.notBuilt
	}
	if err := checkBackend(value); err != nil {
		return nil, err // compute.NewWithConfig panics for an unknown name
	}
	if slices.Contains(xlaNames, name) {
		return c.openNamed(ctx, config)
	}
	backend, err := guard(func() (compute.Backend, error) { return compute.NewWithConfig(value) })
	if err != nil {
		return nil, err
	}
	return &opened{backend: backend, kind: Kind(name)}, nil
}

// openNamed opens the XLA plugin that go-xla's configuration names. go-xla itself would load every plugin it finds to
// see which there are, and end with a crash if one of them is damaged; and it does not know the cache.
func (c *choice) openNamed(ctx context.Context, config string) (*opened, error) {
	plugin, options, _ := strings.Cut(config, ",")
	c.tuned = options != ""
	switch {
	case filepath.IsAbs(plugin):
		if isCUDA(filepath.Base(plugin)) {
			options = c.precision(options)
		}
		return c.host.load(candidate{path: plugin}, Auto, options)
	case plugin == "":
		if c.host.gpu.present() {
			o, err := c.xla(ctx, GPU, options)
			if err == nil || ctx.Err() != nil {
				return o, err
			}
			c.tell("there is an NVIDIA GPU, but it cannot be used (%v): going on with the CPU", err)
		}
		return c.xla(ctx, CPU, options)
	case plugin == "cpu":
		c.forced = true
		return c.xla(ctx, CPU, options)
	case plugin == "cuda":
		c.forced = true
		return c.xla(ctx, GPU, options)
	}
	kind := Auto
	if isCUDA(plugin) {
		kind = GPU
	} else if named("cpu")(plugin) {
		kind = CPU
	}
	for _, p := range c.host.installed() {
		if o := c.firstOf(p, kind, named(plugin), options); o != nil {
			return o, nil
		}
	}
	return nil, fmt.Errorf("%w called %q is installed: give a file's absolute path, or its directory in %s",
		ErrNoPlugin, plugin, envPlugins)
}

// optionHelp lists go-xla's options.
const optionHelp = "tf32, notf32, shared_buffers, noshared_buffers, preallocate, " +
	"memory_fraction=0.75, allocator=NAME, visible_devices=0;1 and use_tfrt_gpu_client"

// checkOptions finds a misspelt option before a plugin is loaded, or even fetched, for it.
func checkOptions(options string) error {
	known := []string{"tf32", "shared_buffers", "preallocate", // these three may begin with no
		"memory_fraction", "allocator", "visible_devices", "use_tfrt_gpu_client"}
	for option := range strings.SplitSeq(options, ",") {
		key, _, _ := strings.Cut(option, "=")
		if key != "" && !slices.Contains(known, key) && !slices.Contains(known[:3], strings.TrimPrefix(key, "no")) {
			return fmt.Errorf("XLA has no option %q: it has %s", key, optionHelp)
		}
	}
	return nil
}

// mentions says whether options set the named one, as "name", "name=value" or "noname".
func mentions(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		key, _, _ := strings.Cut(option, "=")
		if strings.TrimPrefix(key, "no") == name {
			return true
		}
	}
	return false
}

func join(options, more string) string {
	return strings.Trim(options+","+more, ",")
}
