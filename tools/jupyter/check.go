// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"fmt"
	"regexp"
	"strings"
)

// Rules are what a lesson promises beyond running without an error. A zero limit is not checked.
type Rules struct {
	MaxLines   int  // lines of Go in a code cell, without special and blank lines
	MaxPicture int  // bytes of each picture
	Saved      bool // the outputs of a whole run are in the file
}

// LessonRules are the rules for the committed lessons.
var LessonRules = Rules{MaxLines: 12, MaxPicture: 150_000, Saved: true}

// cellID is what nbformat allows as an id.
var cellID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// machinePath matches a path that is only right on one machine. The character before it keeps URLs out.
var machinePath = regexp.MustCompile(
	`(?:^|[^\w.~$/-])((?:/(?:home|root|Users|work|workspace|workspaces|mnt|media|var/folders|tmp)/|[A-Z]:\\)[\w.-]*)`)

// Check returns what is wrong with a notebook without running it, one line for each thing: the format, the ids, the
// kernel, paths of a machine, and the rules. No lines means that all is well.
func (nb *Notebook) Check(rules Rules) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if nb.Format != 4 || nb.Minor != 5 {
		fault("nbformat is %d.%d, not 4.5", nb.Format, nb.Minor)
	}
	if spec, _ := nb.Metadata["kernelspec"].(map[string]any); spec["name"] != KernelName {
		fault("the kernel is %v, not %s", spec["name"], KernelName)
	}
	seen := map[string]int{}
	for i, cell := range nb.Cells {
		if !cellID.MatchString(cell.ID) {
			fault("cell %d of all has the id %q, which nbformat does not allow", i+1, cell.ID)
		} else if first, found := seen[cell.ID]; found {
			fault("cells %d and %d of all have the same id %q", first, i+1, cell.ID)
		}
		seen[cell.ID] = i + 1
		for _, text := range cell.texts() {
			if found := machinePath.FindStringSubmatch(text); found != nil {
				fault("cell %s has a path of one machine: %s", cell.ID, found[1])
			}
		}
		if n := goLines(cell.Source); cell.Kind == Code && rules.MaxLines > 0 && n > rules.MaxLines {
			fault("cell %s has %d lines of Go, more than %d", cell.ID, n, rules.MaxLines)
		}
	}
	if rules.Saved {
		faults = append(faults, nb.checkSaved()...)
	}
	pictures, err := nb.Pictures()
	if err != nil {
		fault("%v", err)
	}
	for _, picture := range pictures {
		if rules.MaxPicture > 0 && len(picture.Data) > rules.MaxPicture {
			fault("code cell %d has a picture of %d bytes, more than %d",
				picture.Cell, len(picture.Data), rules.MaxPicture)
		}
	}
	return faults
}

// checkSaved looks for the traces of one complete run without errors.
func (nb *Notebook) checkSaved() []string {
	var faults []string
	outputs := 0
	for i, cell := range nb.CodeCells() {
		if cell.Count != i+1 {
			faults = append(faults,
				fmt.Sprintf("cell %s has the execution count %d, not %d: run convscope notebooks --write",
					cell.ID, cell.Count, i+1))
		}
		outputs += len(cell.Outputs)
		for _, output := range cell.Outputs {
			if output.Kind == Failure && !cell.Tagged("raises-exception") {
				faults = append(faults, fmt.Sprintf("cell %s has a saved error: %s", cell.ID, firstLine(output.Value)))
			}
		}
	}
	if outputs == 0 {
		faults = append(faults, "no outputs are saved: run convscope notebooks --write")
	}
	return faults
}

// texts returns everything in the cell that a person reads.
func (c *Cell) texts() []string {
	texts := []string{c.Source}
	for _, output := range c.Outputs {
		texts = append(texts, output.Text, output.Value)
		texts = append(texts, output.Traceback...)
		for mime, value := range output.Data {
			if text, ok := value.(string); ok && isText(mime) {
				// Base64 has slashes of its own.
				texts = append(texts, dataURL.ReplaceAllString(text, ""))
			}
		}
	}
	return texts
}

// goLines counts the lines of a cell that are Go: neither blank, nor GoNB's (%, !).
func goLines(source string) int {
	n := 0
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '%' && line[0] != '!' {
			n++
		}
	}
	return n
}

// firstLine returns the first line that is not blank, without the spaces around it.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
