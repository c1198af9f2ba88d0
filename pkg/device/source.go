// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"convscope/internal/fetch"
)

// source is somewhere a plugin can be got from, into a directory of its own in the cache.
type source struct {
	name string
	id   string // the directory's name
	// get fills the directory. What it leaves there is complete: it works under other names until the end.
	get func(ctx context.Context, dir string) error
	// family is what several sources share: one that takes long to fail spares the next ones of its family.
	family string
	// rest is how long a failure is remembered, 0 = not at all.
	rest time.Duration
}

// impatient is how long a source may take to fail before its family is given up.
const impatient = 5 * time.Second

// sources returns where this machine can get a plugin of the kind, in order.
func sources(h host, kind Kind) []source {
	if kind == GPU {
		return cudaSources(h)
	}
	return append(releaseSources(h), pipSources(h)...)
}

// get fetches a plugin into the cache and opens it. One process at a time does this; the others wait, and find what
// it left.
func (c *choice) get(ctx context.Context, kind Kind, options string) (*opened, error) {
	sources := c.host.sources(c.host, kind)
	if len(sources) == 0 {
		c.note("%s: nobody offers a plugin for %s", kind, c.host.platform)
		return nil, fmt.Errorf("%w is installed, and nobody offers one for %s", ErrNoPlugin, c.host.platform)
	}
	root, err := c.host.pluginCache()
	if err != nil {
		return nil, c.failed(kind, err)
	}
	unlock, err := fetch.Lock(ctx, filepath.Join(root, "install.lock"))
	if err != nil {
		return nil, c.failed(kind, err)
	}
	defer unlock()
	c.forget()
	if o := c.fromCache(kind, options); o != nil {
		return o, nil // got by another process meanwhile
	}
	given := make(map[string]bool) // families
	var failures failures
	for _, s := range sources {
		if err := c.refused(); err != nil {
			return nil, err
		}
		dir := filepath.Join(root, s.id)
		switch {
		case given[s.family]:
			c.note("%s: %s: not tried, as the one before took too long to fail", kind, s.name)
			continue
		case c.here(kind, dir):
			c.note("%s: %s: not tried, as what it gives is in %s and does not work", kind, s.name, dir)
			continue
		}
		if until, why := s.resting(dir); !c.forced && time.Now().Before(until) {
			c.note("%s: %s: failed lately (%s), not tried again before %s",
				kind, s.name, why, until.Format(time.TimeOnly))
			failures.add(s, errors.New(why))
			continue
		}
		c.tell("%s: getting the plugin from %s", kind, s.name)
		start := time.Now()
		err := s.get(ctx, dir)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			given[s.family] = s.family != "" && (errors.Is(err, fetch.ErrNoPython) || time.Since(start) > impatient)
			failures.add(s, err)
			c.note("%s: %s: %s", kind, s.name, strings.TrimPrefix(err.Error(), s.name+": "))
			s.tired(dir, err)
			_ = os.Remove(dir) // only if it is empty
			continue
		}
		_ = os.Remove(restPath(dir))
		c.forget()
		if o := c.fromCache(kind, options); o != nil {
			return o, nil
		}
		failures.add(s, errors.New("what it gives does not work here"))
	}
	if err := c.refused(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", ErrNoPlugin, failures)
}

// failures are why the sources failed, one each, and of a family only the first: pip fails for all its packages alike.
type failures []failure

type failure struct {
	source source
	err    error
	more   int // others of the family
}

func (f *failures) add(s source, err error) {
	for i := range *f {
		if s.family != "" && (*f)[i].source.family == s.family {
			(*f)[i].more++
			return
		}
	}
	*f = append(*f, failure{source: s, err: err})
}

func (f failures) Error() string {
	if len(f) == 0 {
		return "what is in the cache does not work here"
	}
	var all []string
	for _, one := range f {
		text := one.source.name + ": " + strings.TrimPrefix(one.err.Error(), one.source.name+": ")
		if one.more > 0 {
			text += fmt.Sprintf(", and %d more", one.more)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func (f failures) Unwrap() []error {
	var all []error
	for _, one := range f {
		all = append(all, one.err)
	}
	return all
}

// failed notes why nothing can be got at all.
func (c *choice) failed(kind Kind, err error) error {
	c.note("%s: %v", kind, err)
	return fmt.Errorf("%w is installed, and none can be got: %w", ErrNoPlugin, err)
}

// refused returns why a sound plugin did not start with a person's options or flags: another plugin would not like
// them better.
func (c *choice) refused() error {
	for _, err := range c.seen {
		if errors.Is(err, ErrFlags) || c.tuned && err != nil && !errors.As(err, new(unfit)) {
			return err
		}
	}
	return nil
}

// forget lets the plugins be tried again that were not fit to be loaded and have been mended since.
func (c *choice) forget() {
	for path, err := range c.seen {
		if errors.As(err, new(unfit)) && intact(path, false) == nil && checkFile(path) == nil {
			delete(c.seen, path)
		}
	}
}

// here says whether dir holds an intact plugin for kind, which then was tried in vain.
func (c *choice) here(kind Kind, dir string) bool {
	if kind == GPU {
		dir = filepath.Join(dir, cudaBelow)
	}
	for _, f := range (place{cacheName, dir}).candidates(kind.accepts()) {
		if intact(f.path, false) == nil && checkFile(f.path) == nil {
			return true
		}
	}
	return false
}
