// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"encoding/json"
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/gallery/page"
)

// layers are those, and then an error if there is one.
func layers(err error, all ...page.Layer) iter.Seq2[page.Layer, error] {
	return func(yield func(page.Layer, error) bool) {
		for _, layer := range all {
			if !yield(layer, nil) {
				return
			}
		}
		if err != nil {
			yield(page.Layer{}, err)
		}
	}
}

// called is the value that a script calls the gallery's with.
func called(t *testing.T, path, function string, into any) string {
	t.Helper()
	script, err := os.ReadFile(path)
	require.NoError(t, err)
	text, is := strings.CutPrefix(string(script), "convscopeGallery."+function+"(")
	require.True(t, is)
	text, is = strings.CutSuffix(text, ");\n")
	require.True(t, is)
	require.NoError(t, json.Unmarshal([]byte(text), into))
	return string(script)
}

// TestDataStayData reads back texts that could end a script, a line or a string.
func TestDataStayData(t *testing.T) {
	for _, name := range []string{
		"plain", "</script><script>alert(1)</script>", "<!--", "a\u2028b\u2029c", `quote " and \ back`, "new\nline",
		"a/b:c%20d#e?f", "층 <b>&amp;", "\x00\x1f", "bad \xff utf-8",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			n := page.Network{Title: name, Command: name, Layers: []page.Summary{{Name: name, File: "layer", Shown: true}}}
			layer := page.Layer{Name: name, Filters: []page.Filter{{
				Cell: name, Score: map[string]float64{name: 1}, Pictures: []page.Picture{{Seed: math.MaxUint64, Text: name}},
			}}}
			require.NoError(t, page.Write(dir, n, layers(nil, layer)))

			valid := strings.ToValidUTF8(name, "\ufffd")
			var network page.Network
			script := called(t, filepath.Join(dir, "data", "network.js"), "network", &network)
			require.Equal(t, valid, network.Title)
			require.Equal(t, valid, network.Layers[0].Name)
			var read page.Layer
			script += called(t, filepath.Join(dir, "data", "layer.js"), "layer", &read)
			require.Equal(t, valid, read.Name)
			require.Equal(t, map[string]float64{valid: 1}, read.Filters[0].Score)
			require.Equal(t, uint64(math.MaxUint64), read.Filters[0].Pictures[0].Seed)
			require.NotContains(t, script, "<")
			require.NotContains(t, script, "\u2028")
			require.Contains(t, script, `"18446744073709551615"`, "JavaScript would round the number")

			index, err := os.ReadFile(filepath.Join(dir, "index.html"))
			require.NoError(t, err)
			require.NotContains(t, string(index), "<script>alert")
			require.Equal(t, 2, strings.Count(string(index), "<script"))
		})
	}
}

// TestNumbersAreShort leaves out what is no number: one filter's must not cost the whole gallery.
func TestNumbersAreShort(t *testing.T) {
	dir := t.TempDir()
	n := page.Network{Layers: []page.Summary{{Name: "a", File: "a", Shown: true}}}
	require.NoError(t, page.Write(dir, n, layers(nil, page.Layer{Name: "a", Filters: []page.Filter{{
		Score: map[string]float64{
			"nan": math.NaN(), "infinite": math.Inf(-1), "long": 1.0 / 3, "large": 123456789, "whole": 3, "none": 0,
		},
	}}})))
	var read struct {
		Filters []struct{ Score map[string]*float64 }
	}
	script := called(t, filepath.Join(dir, "data", "a.js"), "layer", &read)
	score := read.Filters[0].Score
	require.Nil(t, score["nan"])
	require.Nil(t, score["infinite"])
	require.InDelta(t, 1.0/3, *score["long"], 1e-4)
	require.InEpsilon(t, 123456789, *score["large"], 1e-4)
	require.Contains(t, script, `"large":123460000,"long":0.33333,"nan":null,"none":0,"whole":3}`, "in this order")
}

func TestWriteReplacesWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	n := page.Network{Title: "first"}
	n.Layers = []page.Summary{{Name: "a", File: "a", Shown: true}, {Name: "between"}, {Name: "between"}}
	require.NoError(t, page.Write(dir, n, layers(nil, page.Layer{Name: "a"})))
	n.Title = "second"
	require.NoError(t, page.Write(dir, n, layers(nil)))
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	require.Equal(t, []string{"data/a.js", "data/network.js", "gallery.css", "gallery.js", "index.html"}, names)
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.Contains(t, string(index), "<title>second")
}

func TestWriteRefuses(t *testing.T) {
	shown := func(names ...string) (n page.Network) { // name and file, in turn
		for i := 0; i < len(names); i += 2 {
			n.Layers = append(n.Layers, page.Summary{Name: names[i], File: names[i+1], Shown: true})
		}
		return n
	}
	broken := errors.New("a record is damaged")
	tests := map[string]struct {
		n      page.Network
		layers iter.Seq2[page.Layer, error]
		want   string
	}{
		"no layers":             {page.Network{}, layers(nil), "a gallery needs layers"},
		"a path":                {shown("a", "../a"), layers(nil), `layer "a": "../a" is no name for a file`},
		"no name":               {shown("a", ""), layers(nil), `"" is no name for a file`},
		"a hidden file":         {shown("a", ".a"), layers(nil), `".a" is no name for a file`},
		"the network's file":    {shown("a", "Network"), layers(nil), `layer "a": its file Network is that of the network`},
		"one file for two":      {shown("a", "a", "A", "A"), layers(nil), `layer "A": its file A is that of "a"`},
		"one name for two":      {shown("a", "a", "a", "b"), layers(nil), `there are two layers "a"`},
		"an unknown layer":      {shown("a", "a"), layers(nil, page.Layer{Name: "b"}), `"b" is not among the network's 1`},
		"a layer twice":         {shown("a", "a"), layers(nil, page.Layer{Name: "a"}, page.Layer{Name: "a"}), `"a" is not`},
		"an error among layers": {shown("a", "a"), layers(broken, page.Layer{Name: "a"}), "a record is damaged"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.ErrorContains(t, page.Write(dir, test.n, test.layers), test.want)
			require.NoFileExists(t, filepath.Join(dir, "index.html"))
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, page.Write(file, shown("a", "a"), layers(nil)), "not a directory")
}
