// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

// claim is what a lesson's prose says, and what holds it. One of output, code and because is given.
type claim struct {
	prose string // the cell that says it
	words string // its own words, with all of their numbers

	output string                  // the cell whose output shows it, or several
	holds  func(shown output) bool // whether it does, on any processor

	code string // CELL: text that this cell's source has, which makes it so

	because string // why it needs no output: a fact about the network, the book, the arithmetic; or how it was measured
}

// output is what a cell shows, as text: tables have a line a row and " | " between cells, pictures are their captions.
type output string

// TestClaims holds the prose of each lesson to the outputs that are saved with it: each claim's words are there and
// are true, and there is no number in the prose that no claim has.
func TestClaims(t *testing.T) {
	for _, path := range notebooks(t) {
		t.Run(path, func(t *testing.T) {
			nb, err := jupyter.ReadNotebook(path)
			require.NoError(t, err)
			require.NotEmpty(t, claims[path])
			checkClaims(t, nb, claims[path])
			checkOutputs(t, nb, claims[path])
			for _, cell := range nb.Cells {
				if cell.Kind == jupyter.Markdown && cell.ID != "cite" {
					for _, number := range unclaimed(cell, claims[path]) {
						t.Errorf("cell %s: no claim in claims_test.go has the number in %q", cell.ID, number)
					}
				}
			}
		})
	}
}

// checkClaims checks that each claim is still what a lesson says, and those that its code makes so.
func checkClaims(t *testing.T, nb *jupyter.Notebook, claims []claim) {
	t.Helper()
	for _, c := range claims {
		if !strings.Contains(find(t, nb, c.prose).Source, c.words) {
			t.Errorf("cell %s does not say %q any more: change the claim with the prose", c.prose, c.words)
		}
		switch {
		case c.output != "": // checkOutputs
		case c.code != "":
			id, source, _ := strings.Cut(c.code, ": ")
			require.NotEmpty(t, source)
			if !strings.Contains(find(t, nb, id).Source, source) {
				t.Errorf("cell %s says %q, but cell %s has no %s", c.prose, c.words, id, source)
			}
		default:
			require.NotEmpty(t, c.because, "nothing holds %q", c.words)
		}
	}
}

// checkOutputs checks the claims that a lesson's outputs hold: the saved ones, or those of a run.
func checkOutputs(t *testing.T, nb *jupyter.Notebook, claims []claim) {
	t.Helper()
	for _, c := range claims {
		if c.output == "" {
			continue
		}
		var shown output
		for _, id := range strings.Fields(c.output) {
			shown += text(find(t, nb, id))
		}
		if !c.holds(shown) {
			t.Errorf("cell %s says %q, but cell %s shows\n%s", c.prose, c.words, c.output, shown)
		}
	}
}

func find(t *testing.T, nb *jupyter.Notebook, id string) *jupyter.Cell {
	t.Helper()
	for _, cell := range nb.Cells {
		if cell.ID == id {
			return cell
		}
	}
	t.Fatalf("%s has no cell %s", nb.Name, id)
	return nil
}

var (
	imageTag = regexp.MustCompile(`<img alt="([^"]*)"[^>]*>`)
	tag      = regexp.MustCompile(`<[^>]*>`)
	ends     = strings.NewReplacer("</tr>", "\n", "</th>", " | ", "</td>", " | ")
)

// text is what a cell shows.
func text(cell *jupyter.Cell) output {
	var all strings.Builder
	for _, o := range cell.Outputs {
		all.WriteString(o.Text)
		for _, mime := range []string{"text/plain", "text/html"} {
			if shown, ok := o.Data[mime].(string); ok {
				shown = imageTag.ReplaceAllString(shown, "$1\n")
				all.WriteString(html.UnescapeString(tag.ReplaceAllString(ends.Replace(shown), "")) + "\n")
			}
		}
	}
	return output(all.String())
}

// numeral is a number, in digits or as a word. "One" is left out, which English needs for much else.
var numeral = regexp.MustCompile(`(?i)\d(?:[\d,.]*\d)?(?:e-?\d+)?|\b(?:two|three|four|five|six|seven|eight|nine|` +
	`ten|eleven|twelve|thirteen|fifteen|sixteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|` +
	`half|halves|thirds?|quarters?|fifth|tenths?|twice)\b`)

// aside is what has digits that say nothing of a result: code, the numbers of titles and exercises, names, links,
// references.
var aside = regexp.MustCompile("`[^`]*`|(?m:^#+ [\\d ·]*(?:Three questions$)?)|" +
	"\\[[^\\]]*\\]\\([^)]*\\)|\\*\\*\\d+\\.\\*\\*|(?m:^\\d+\\. )|" +
	`\b[A-Za-z][A-Za-z-]*\d[\w-]*|(?i:lessons? \d(?: to \d| of \d)?|sections? \d+|width="\d+"|` +
	`5\.\d(?:\.\d)?|1st edition|blocks? \d(?: and \d)?|filters? \d+(?:(?: to|,| and) \d+)*|et al\. \d{4})`)

// unclaimed are the numbers of a prose cell that no claim's words have, each with the words around it.
func unclaimed(cell *jupyter.Cell, claims []claim) (found []string) {
	covered := make([]bool, len(cell.Source))
	cover := func(from, to int) {
		for i := from; i < to; i++ {
			covered[i] = true
		}
	}
	for _, place := range aside.FindAllStringIndex(cell.Source, -1) {
		cover(place[0], place[1])
	}
	for _, c := range claims {
		if at := strings.Index(cell.Source, c.words); c.prose == cell.ID && at >= 0 {
			cover(at, at+len(c.words))
		}
	}
	for _, place := range numeral.FindAllStringIndex(cell.Source, -1) {
		if !covered[place[0]] {
			found = append(found, cell.Source[max(0, place[0]-30):min(len(cell.Source), place[1]+30)])
		}
	}
	return found
}

// row is the numbers in the first line that begins with the name, without the name's own.
func (o output) row(name string) (values []float64) {
	for line := range strings.Lines(string(o)) {
		if rest, found := strings.CutPrefix(line, name+" | "); found {
			return output(rest).numbers()
		}
	}
	return nil
}

var decimal = regexp.MustCompile(`-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?`)

// numbers are all numbers in the order in which they stand.
func (o output) numbers() (values []float64) {
	for _, found := range decimal.FindAllString(string(o), -1) {
		if value, err := strconv.ParseFloat(strings.ReplaceAll(found, ",", ""), 64); err == nil {
			values = append(values, value)
		}
	}
	return values
}

// of is the row's only or first number; without one NaN, with which no comparison holds.
func (o output) of(name string) float64 {
	if values := o.row(name); len(values) > 0 {
		return values[0]
	}
	return math.NaN()
}

var curve = regexp.MustCompile(`: (\S+) to (\S+) in \d+ values\]`)

// rises says whether the first curve ends at more than so many times where it begins.
func (o output) rises(times float64) bool {
	found := curve.FindStringSubmatch(string(o))
	return found != nil && output(found[2]).numbers()[0] > times*output(found[1]).numbers()[0]
}

// count is how many times the text is there.
func (o output) count(text string) int { return strings.Count(string(o), text) }

var caption = regexp.MustCompile(`channel (\d+)`)

// channels are the numbers of the channels that pictures' captions name.
func (o output) channels() (numbers []string) {
	for _, found := range caption.FindAllStringSubmatch(string(o), -1) {
		numbers = append(numbers, found[1])
	}
	return numbers
}

// within says whether all of the values, of which there are some, lie between two bounds.
func within(low, high float64, values ...float64) bool {
	for _, value := range values {
		if !(value >= low && value <= high) {
			return false
		}
	}
	return len(values) > 0
}

// has says whether all of the texts are there.
func (o output) has(texts ...string) bool {
	for _, text := range texts {
		if !strings.Contains(string(o), text) {
			return false
		}
	}
	return true
}

// TestUnclaimed holds what TestClaims takes for a number without a claim.
func TestUnclaimed(t *testing.T) {
	claims := []claim{{prose: "here", words: "40 steps"}}
	for source, want := range map[string]int{
		"It takes 40 steps.":                                               0,
		"It takes 41 steps.":                                               1,
		"It takes 40 steps, and 40 more.":                                  1,
		"It rises by 12.5 %, or 1e-5, in a third of it.":                   3,
		"About six of seven, none of the two.":                             3,
		"## 4 · Filter 17 of VGG16's `block4_conv1` is as lesson 2 has it": 0,
		"**2.** How many?":                                                 0,
		"## Three questions":                                               0,
		"**Lesson 2 of 7**, after [1 · A photo](1-a.ipynb), in 3 minutes":  1,
	} {
		cell := &jupyter.Cell{ID: "here", Kind: jupyter.Markdown, Source: source}
		require.Len(t, unclaimed(cell, claims), want, source)
	}
}
