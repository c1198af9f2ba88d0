// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"convscope/internal/fetch"
)

// Normalize makes an executed notebook look the same whoever ran it, so that a commit of it shows what changed:
// execution counts run 1..n, every cell has an id and its place among the slides, the kernel is named as GoNB names
// itself, timing metadata, download chatter and outputs that show nothing are gone, and directories of this machine
// are replaced by names (see [MachinePaths]).
func (nb *Notebook) Normalize(paths []PathName) {
	nb.Format, nb.Minor = 4, 5
	nb.Metadata = maps.Clone(orEmpty(nb.Metadata))
	nb.Metadata["kernelspec"] = map[string]any{"display_name": KernelTitle, "language": "go", "name": KernelName}
	nb.Metadata["language_info"] = map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"}
	delete(nb.Metadata, "widgets")
	nb.GiveIDs()
	nb.giveSlides()
	for _, cell := range nb.Cells {
		for _, timing := range []string{"execution", "ExecuteTime"} {
			delete(cell.Metadata, timing)
		}
		cell.Count = 0
	}
	for i, cell := range nb.CodeCells() {
		cell.Count = i + 1
		cell.Outputs = slices.DeleteFunc(cell.Outputs, func(output *Output) bool {
			output.normalize(i+1, paths)
			return output.blank()
		})
	}
}

// GiveIDs keeps the ids that are there and unique, and names the other cells by their place.
func (nb *Notebook) GiveIDs() {
	taken := map[string]bool{}
	for _, cell := range nb.Cells {
		if taken[cell.ID] {
			cell.ID = ""
		}
		if cell.ID != "" {
			taken[cell.ID] = true
		}
	}
	for i, cell := range nb.Cells {
		for n := i + 1; cell.ID == ""; n++ {
			if id := fmt.Sprintf("%s-%d", cell.Kind, n); !taken[id] {
				cell.ID, taken[id] = id, true
			}
		}
	}
}

// blank says whether there is nothing to see: a progress bar, for example, takes itself away by showing nothing.
func (o *Output) blank() bool {
	switch o.Kind {
	case Stream:
		return strings.TrimSpace(o.Text) == ""
	case Display:
		for _, value := range o.Data {
			if text, ok := value.(string); !ok || strings.TrimSpace(text) != "" {
				return false
			}
		}
		return true
	}
	return false
}

func (o *Output) normalize(count int, paths []PathName) {
	clean := func(text string) string { return replacePaths(text, paths) }
	switch o.Kind {
	case Stream:
		o.Text = clean(withoutChatter(o.Text))
	case Failure:
		o.Value = clean(o.Value)
		for i := range o.Traceback {
			o.Traceback[i] = clean(o.Traceback[i])
		}
	default:
		if o.Kind == Result {
			o.Count = count
		}
		for mime, value := range o.Data {
			if text, ok := value.(string); ok && isText(mime) {
				o.Data[mime] = clean(text)
			}
		}
	}
}

// chatter is what the go command says while it fetches modules. It depends on what the machine has already.
var chatter = regexp.MustCompile(`^go: (downloading|finding|extracting|added|upgraded|creating|to add) `)

func withoutChatter(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !chatter.MatchString(line) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// PathName says which name stands for a directory of this machine in a saved notebook.
type PathName struct {
	Path string // absolute
	Name string // such as "~"
}

// MachinePaths returns the directories that outputs may mention and that are different on each machine: the clone
// itself, the cache, the home directory and the directory for temporary files.
func MachinePaths(root string) []PathName {
	paths := []PathName{{root, "convscope"}}
	if cache, err := fetch.CacheDir(); err == nil {
		paths = append(paths, PathName{cache, "~/.cache/convscope"})
	}
	if home, err := os.UserHomeDir(); err == nil {
		paths = append(paths, PathName{home, "~"})
	}
	paths = append(paths, PathName{os.TempDir(), "$TMPDIR"})
	// A symbolic link on the way gives a directory a second name.
	for _, p := range slices.Clone(paths) {
		if real, err := filepath.EvalSymlinks(p.Path); err == nil && real != p.Path {
			paths = append(paths, PathName{real, p.Name})
		}
	}
	return paths
}

// kernelDir matches the directory where GoNB compiles a notebook's cells: another one in each run.
var kernelDir = regexp.MustCompile(`(?:[\w.$~/-]*/)?gonb_[0-9a-f]{8}\b`)

// replacePaths replaces the longest paths first, so that the home directory leaves the clone inside it alone.
func replacePaths(text string, paths []PathName) string {
	paths = slices.Clone(paths)
	slices.SortFunc(paths, func(a, b PathName) int { return cmp.Compare(len(b.Path), len(a.Path)) })
	for _, p := range paths {
		if p.Path = strings.TrimRight(p.Path, "/"); p.Path == "" {
			continue
		}
		whole := regexp.MustCompile(regexp.QuoteMeta(p.Path) + `(/|[^\w./-]|\.\s|\.$|$)`)
		text = whole.ReplaceAllString(text, strings.ReplaceAll(p.Name, "$", "$$")+"$1")
	}
	return kernelDir.ReplaceAllString(text, "gonb")
}
