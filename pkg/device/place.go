// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// place is a directory that may hold plugins.
type place struct {
	name string // for people: "PJRT_PLUGIN_LIBRARY_PATH", "go-xla", "gopjrt", "cache"
	dir  string
}

// candidate is a file that looks like a plugin by its name.
type candidate struct {
	path  string
	name  string // the plugin's own: "cpu", "cpu_v0.114.0", "cuda"
	place place
}

// Environment variables that go-xla and its plugins obey.
const (
	envBackend = "GOMLX_BACKEND"
	envPlugins = "PJRT_PLUGIN_LIBRARY_PATH"
	envLibrary = "LD_LIBRARY_PATH"
	envFlags   = "XLA_FLAGS" // settings of XLA itself
)

// installed returns the places outside the cache, first come first served. go-xla looks nowhere else once
// PJRT_PLUGIN_LIBRARY_PATH is set; here the rest follows, so that a stale variable costs a line and not the lesson.
func (h host) installed() []place {
	var places []place
	for _, dir := range filepath.SplitList(h.getenv(envPlugins)) {
		if dir != "" {
			places = append(places, place{envPlugins, absolute(dir)})
		}
	}
	libs := []string{h.shared}
	switch {
	case h.home == "":
	case strings.HasPrefix(h.platform, "darwin/"):
		libs = []string{filepath.Join(h.home, "Library", "Application Support"), h.shared}
	default:
		libs = []string{filepath.Join(h.home, ".local", "lib"), h.shared}
	}
	for _, lib := range libs {
		places = append(places,
			place{"go-xla", filepath.Join(lib, "go-xla")},
			place{"go-xla", filepath.Join(lib, "go-xla", "nvidia")},
			place{"gopjrt", filepath.Join(lib, "gomlx", "pjrt")})
	}
	for _, dir := range filepath.SplitList(h.getenv(envLibrary)) {
		if filepath.IsAbs(dir) {
			places = append(places, place{envLibrary, dir})
		}
	}
	return places
}

// cached returns the places in the cache for one kind: those that this version would fill first, in its order,
// then any that another version of convscope left.
func (h host) cached(kind Kind) ([]place, error) {
	root, err := h.pluginCache()
	if err != nil {
		return nil, err
	}
	var places []place
	known := make(map[string]bool)
	add := func(id string) {
		dir := filepath.Join(root, id)
		if kind == GPU {
			dir = filepath.Join(dir, cudaBelow)
		}
		places = append(places, place{"cache", dir})
		known[id] = true
	}
	for _, s := range h.sources(h, kind) {
		add(s.id)
	}
	left, err := os.ReadDir(root)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for _, entry := range left {
		if entry.IsDir() && !known[entry.Name()] && !strings.HasPrefix(entry.Name(), ".") {
			add(entry.Name())
		}
	}
	return places, nil
}

// pluginNames are the ways to spell a plugin's file name: two as in go-xla, and JAX's own for CUDA.
var pluginNames = []*regexp.Regexp{
	regexp.MustCompile(`^pjrt_c_api_(.+)_plugin\.(so|dylib)$`),
	regexp.MustCompile(`^pjrt[-_]plugin[-_](.+)\.(so|dylib)$`),
	regexp.MustCompile(`^xla_(cuda)_plugin\.(so)$`),
}

// pluginName returns a plugin's own name, such as "cpu_v0.114.0", from that of its file.
func pluginName(file string) (name string, is bool) {
	for _, pattern := range pluginNames {
		if m := pattern.FindStringSubmatch(file); m != nil {
			return m[1], true
		}
	}
	return "", false
}

// candidates returns the place's plugins that want accepts by name, the plain name before the versioned ones and
// new versions before old.
func (p place) candidates(want func(name string) bool) []candidate {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return nil
	}
	var found []candidate
	for _, entry := range entries {
		if name, is := pluginName(entry.Name()); is && want(name) {
			found = append(found, candidate{filepath.Join(p.dir, entry.Name()), name, p})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		plainA, versionA := splitVersion(a.name)
		plainB, versionB := splitVersion(b.name)
		if c := cmp.Compare(plainA, plainB); c != 0 {
			return c
		}
		if len(versionA) == 0 || len(versionB) == 0 {
			return len(versionA) - len(versionB)
		}
		return slices.Compare(versionB, versionA)
	})
	return found
}

// splitVersion takes "cpu_v0.114.0" apart into "cpu" and 0, 114, 0.
func splitVersion(name string) (plain string, version []int) {
	plain, numbers, found := strings.Cut(name, "_v")
	if !found {
		return name, nil
	}
	for _, number := range strings.Split(numbers, ".") {
		n, _ := strconv.Atoi(number)
		version = append(version, n)
	}
	return plain, version
}

// named accepts a plugin by its name or by its name and a version ("cpu_v0.114.0" for "cpu").
func named(want string) func(string) bool {
	return func(name string) bool {
		plain, _ := splitVersion(name)
		return name == want || plain == want
	}
}

// accepts returns which plugin names serve a kind.
func (k Kind) accepts() func(string) bool {
	if k == GPU {
		return isCUDA
	}
	return named("cpu")
}

// isCUDA is go-xla's own test. It sees a plugin's whole path where the plugin was loaded by path, which
// [neutralPath] must know.
func isCUDA(name string) bool {
	name = strings.ToUpper(name)
	return strings.Contains(name, "CUDA") || strings.Contains(name, "NVIDIA")
}

func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
