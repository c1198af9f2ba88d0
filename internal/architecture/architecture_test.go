// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package architecture_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// goPackage is what go list tells of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// packages lists all packages of the module.
func packages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "convscope/...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())
	var all []goPackage
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	require.Greater(t, len(all), 10)
	return all
}

// within says whether the package is one of the named ones or below it.
func within(path string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		name = "convscope/" + name
		return path == name || strings.HasPrefix(path, name+"/")
	})
}

// TestImportsRunOneWay holds the order of the layers: notebooks and tools over display and vgg16 over pkg over
// internal.
func TestImportsRunOneWay(t *testing.T) {
	// What the packages below each name may have among all their dependencies of this module.
	mayUse := map[string][]string{
		"internal/progress":     {"internal/progress"},
		"internal/child":        {"internal/child"},
		"internal/scratch":      {"internal/scratch"},
		"internal/scheduler":    {"internal/scheduler"},
		"internal/quiet":        {"internal/quiet"},
		"internal/file":         {"internal/file"},
		"internal/fetch":        {"internal/fetch", "internal/child", "internal/file", "internal/progress"},
		"internal/architecture": {"internal/architecture"},
		"internal/verdict":      {"internal/verdict"},
		"internal/level":        {"internal/level"},  // only tests use it
		"internal/sketch":       {"internal/sketch"}, // likewise
		"internal/tree":         {"internal/tree"},   // likewise
		"pkg/ascent":            {"pkg/ascent", "pkg/picture"},
		"pkg/picture":           {"pkg/picture"},
		"pkg/activation":        {"pkg/activation", "pkg/picture"},
		"pkg/album":             {"pkg/album", "pkg/picture", "internal"},
		"pkg/example":           {"pkg/example", "pkg/album", "pkg/layer", "pkg/ascent", "pkg/picture", "internal"},
		"pkg/sample":            {"pkg/sample", "pkg/picture", "internal"},
		"pkg/heatmap":           {"pkg/heatmap", "pkg/label", "pkg/picture", "internal"},
		"pkg/head":              {"pkg/head", "pkg/picture"},
		"pkg/recipe":            {"pkg/recipe", "pkg/ascent", "pkg/picture"},
		"pkg/weights":           {"pkg/weights", "internal"},
		"pkg/gallery":           {"pkg", "internal"},
		"pkg/gallery/page":      {"pkg/gallery/page", "internal"},
		"pkg/layer":             {"pkg/layer", "pkg/ascent", "pkg/picture"},
		"pkg/neighbor":          {"pkg/neighbor", "pkg/layer", "pkg/ascent", "pkg/picture"},
		"pkg/keras": {"pkg/keras", "pkg/layer", "pkg/ascent", "pkg/picture", "pkg/weights/format",
			"pkg/weights/onnxfile", "pkg/weights/internal", "internal"},
		"pkg/network": {"pkg", "internal"},
		"pkg/label":   {"pkg/label", "internal"},
		"pkg/onnx": {"pkg/onnx", "pkg/layer", "pkg/ascent", "pkg/picture", "pkg/weights/onnxfile",
			"pkg/weights/internal", "internal"},
		"pkg/device":   {"pkg/device", "internal"},
		"vgg16":        {"vgg16", "pkg", "internal"},
		"efficientnet": {"efficientnet", "pkg", "internal"},
		"explain":      {"explain", "pkg", "internal"},
		"display": {"display", "pkg/activation", "pkg/album", "pkg/ascent", "pkg/example", "pkg/gallery/page",
			"pkg/heatmap", "pkg/label", "pkg/layer", "pkg/picture", "internal"},
		"playground": {"playground", "display", "vgg16", "efficientnet", "pkg", "internal"},
		"notebooks":  {"notebooks", "display", "explain", "vgg16", "efficientnet", "pkg", "internal"},
		"cluster":    {"cluster", "internal"},
		"tools":      {"tools", "explain", "vgg16", "efficientnet", "pkg", "internal"},
	}
	for _, p := range packages(t) {
		t.Run(strings.TrimPrefix(p.ImportPath, "convscope/"), func(t *testing.T) {
			known := false
			for name, allowed := range mayUse {
				if !within(p.ImportPath, name) {
					continue
				}
				known = true
				for _, dep := range p.Deps {
					if strings.HasPrefix(dep, "convscope/") {
						require.True(t, within(dep, allowed...), "%s must not depend on %s", p.ImportPath, dep)
					}
				}
			}
			require.True(t, known, "a new package: give it its place in the table of this test")
		})
	}
}

// TestOnePlaceForEach holds which packages may import what directly.
func TestOnePlaceForEach(t *testing.T) {
	rules := []struct {
		what    string
		matches func(importPath string) bool
		allowed []string
	}{
		{"the notebook kernel's library", func(i string) bool {
			return strings.HasPrefix(i, "github.com/janpfeifer/gonb")
		}, []string{"display"}},
		{"a backend", func(i string) bool {
			return strings.HasPrefix(i, "github.com/gomlx/go-xla") ||
				strings.HasPrefix(i, "github.com/gomlx/compute/gobackend") ||
				strings.HasPrefix(i, "github.com/gomlx/gomlx/backends")
		}, []string{"pkg/device"}},
		{"the network", func(i string) bool {
			return i == "net" || i == "net/http"
		}, []string{"internal/fetch", "pkg/weights", "pkg/device", "tools"}},
		{"downloads", func(i string) bool {
			return i == "convscope/internal/fetch"
		}, []string{"internal/fetch", "pkg/weights", "pkg/sample", "pkg/label", "pkg/device", "tools",
			"notebooks/texture"}}, // which only keeps a file in the cache
	}
	for _, rule := range rules {
		t.Run(rule.what, func(t *testing.T) {
			used := false
			for _, p := range packages(t) {
				for _, imported := range p.Imports {
					if rule.matches(imported) {
						used = true
						require.True(t, within(p.ImportPath, rule.allowed...), "%s must not import %s", p.ImportPath, imported)
					}
				}
			}
			require.True(t, used, "the rule matches nothing any more")
		})
	}
}
