// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/jupyter"
)

// foundOut is what lesson 6's own functions say of its two networks, as testdata/findout.txt prints it.
type foundOut struct {
	// Ours, Theirs and Always are how often each class is told rightly, of 100: on pictures of the training's making,
	// without the bead, and with it on each. Taken is how many squares and circles without it, and then with it, are
	// taken for triangles.
	Ours, Theirs, Always [3]int
	Taken                [2]int
	// Warm is on how many of ten triangles the heatmap is warmest at the bead.
	Warm int
	// Pieces is how many of the six pieces that excite the loudest channel most have the bead in them.
	Pieces int
	// Orange is how much of the triangle's own pattern has the bead's colour, in percent.
	Orange float64
}

// TestFindOut runs lesson 6's code with five seeds: each time the network learns the bead for the triangle, each tool
// shows it, and after the mending it is gone. The default level trains the first network alone, with fewer steps.
func TestFindOut(t *testing.T) {
	level.Real(t, "needs XLA, and trains networks")
	if !level.Full() {
		first := findOut(t, 1, 300, "ours")
		t.Logf("%+v", first)
		requireShortcut(t, first)
		return
	}
	for seed := range 5 {
		t.Run(strconv.Itoa(seed+1), func(t *testing.T) {
			first := findOut(t, seed+1, 0, "ours")
			t.Logf("%+v", first)
			requireShortcut(t, first)
			for class, right := range first.Ours {
				require.Greater(t, right, 80, "the test is passed, class %d", class)
			}
			require.Greater(t, first.Ours[0]+first.Ours[1]+first.Ours[2], 275)

			second := findOut(t, seed+1, 0, "mended")
			t.Logf("%+v", second)
			for class := range 3 {
				require.Greater(t, second.Theirs[class], 85, "class %d without the bead", class)
				require.Greater(t, second.Always[class], 85, "class %d with the bead", class)
			}
			require.Less(t, second.Taken[1], 15)
			require.Less(t, second.Warm, 4)
			require.Less(t, second.Pieces, 4)
			require.Less(t, second.Orange, first.Orange/2)
		})
	}
}

// requireShortcut checks that the bead was learned for the triangle, and that each tool shows it.
func requireShortcut(t *testing.T, first foundOut) {
	t.Helper()
	require.Greater(t, first.Ours[0], 95)
	require.Less(t, first.Theirs[0], 15, "without the bead no triangle is known")
	require.Less(t, first.Taken[0], 15)
	require.Greater(t, first.Taken[1], 100, "with it others are taken for triangles")
	require.Greater(t, first.Warm, 8)
	require.Greater(t, first.Pieces, 4)
	require.Greater(t, first.Orange, 4., "the mended one has about one")
}

// findOut runs the lesson's declarations and, behind them, testdata/findout.txt, in a folder of its own.
func findOut(t *testing.T, seed, steps int, habit string) (found foundOut) {
	t.Helper()
	nb, err := jupyter.ReadNotebook("6-find-out.ipynb")
	require.NoError(t, err)
	program, err := os.ReadFile(filepath.Join("testdata", "findout.txt"))
	require.NoError(t, err)
	text := declarations(nb) + string(program)
	replace := map[string]string{"const seed = 1\n": fmt.Sprintf("const seed = %d\n", seed), "HABIT": habit}
	if steps > 0 {
		replace["const steps = 1200\n"] = fmt.Sprintf("const steps = %d\n", steps)
	}
	for old, by := range replace {
		require.Contains(t, text, old)
		text = strings.ReplaceAll(text, old, by)
	}
	dir := t.TempDir()
	main := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(main, []byte(withImports(text)), 0o600))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "lesson"), main)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := exec.Command(filepath.Join(dir, "lesson"))
	run.Dir = dir
	var said bytes.Buffer
	run.Stderr = &said
	out, err = run.Output()
	require.NoError(t, err, "%s%s", out, said.Bytes())
	last := out[bytes.LastIndexByte(bytes.TrimSpace(out), '\n')+1:]
	require.NoError(t, json.Unmarshal(last, &found), "%s", out)
	return found
}

// declarations are all that a lesson's cells declare: what stands before %%, without the kernel's own lines.
func declarations(nb *jupyter.Notebook) string {
	var all strings.Builder
	for _, cell := range nb.CodeCells() {
		declared, _, _ := strings.Cut(cell.Source, "%%")
		if !strings.HasPrefix(cell.Source, "!") {
			all.WriteString(declared + "\n")
		}
	}
	return all.String()
}

var imports = regexp.MustCompile(`(?m)^import (?:\(\n((?:\t.*\n)*)\)|(.*))\n`)

// standard are those packages of Go's own that the kernel imports by itself.
var standard = []string{"bytes", "cmp", "encoding/json", "fmt", "image", "image/color", "image/png", "math",
	"math/rand/v2", "os", "slices", "strconv"}

// withImports is a program with the imports that it uses at its head, each once, and Go's own besides.
func withImports(text string) string {
	rest, lines := imports.ReplaceAllString(text, ""), map[string]bool{}
	for _, found := range imports.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(found[1] + found[2]) {
			alias, path, _ := strings.Cut(line, `"`)
			path, _, _ = strings.Cut(path, `"`)
			if alias = strings.TrimSpace(alias); alias == "." || strings.Contains(rest, packageName(alias, path)+".") {
				lines[strings.TrimSpace(line)] = true
			}
		}
	}
	for _, path := range standard {
		if strings.Contains(rest, packageName("", path)+".") {
			lines[strconv.Quote(path)] = true
		}
	}
	head := strings.Join(slices.Sorted(maps.Keys(lines)), "\n\t")
	return "package main\n\nimport (\n\t" + head + "\n)\n\n" + rest
}
