// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"convscope/internal/scratch"
)

// cellError describes the code cell that ended a run.
func (nb *Notebook) cellError(number int, end string, limit time.Duration) *CellError {
	code := nb.CodeCells()
	e := &CellError{Notebook: nb.Name, Cell: number, Of: len(code)}
	if number < 1 || number > len(code) {
		e.Reason = "the kernel did not start"
		return e
	}
	cell := code[number-1]
	e.ID = cell.ID
	switch end {
	case "timeout":
		e.Timeout = limit
	case "died":
		e.Reason = "the kernel died (out of memory?)"
	default:
		e.Reason = cell.reason()
		if cell.says("no space left on device") {
			e.Reason = scratch.Explain(errors.New(e.Reason)).Error()
		}
	}
	return e
}

// How GoNB, started with --raw_error, marks where something happened: a compiler's message comes with the lines
// around it, and a stack trace has the place between brackets.
var (
	compiled = regexp.MustCompile(`^Cell\[\d+\]: Line (\d+)\n`)
	traced   = regexp.MustCompile(`\[\[ Cell \[(\d+)\] Line (\d+) \]\]`)
	exited   = regexp.MustCompile(`^(exit status|signal:) `)
	crashed  = regexp.MustCompile(`(?m)^(panic|fatal error|runtime error): .*$`)
	ansi     = regexp.MustCompile("\x1b\\[[0-9;]*m")
	imports  = regexp.MustCompile(`\s(imports|tested by)\s*$`)
	refused  = regexp.MustCompile(`(?m)^(loadelf: |\S+: relocation target |\S+: unknown reloc).*$`) // by Go's own linker
)

// Failure returns one line of why the cell failed, by its outputs, or "" if they have no failure.
func (c *Cell) Failure() string {
	for _, output := range c.Outputs {
		if output.Kind == Failure {
			return c.reason()
		}
	}
	return ""
}

// reason returns one line of why the cell failed: the compiler's first message, the panic, or the last thing that the
// program wrote to stderr.
func (c *Cell) reason() string {
	said, failure := strings.Builder{}, (*Output)(nil)
	for _, output := range c.Outputs {
		switch {
		case output.Kind == Failure:
			failure = output
		case output.Kind == Stream && output.Name == "stderr":
			said.WriteString(output.Text)
		}
	}
	stderr := ansi.ReplaceAllString(said.String(), "")
	if failure == nil {
		return cmp.Or(shellReason(stderr), "the kernel gave no reason")
	}
	for _, frame := range failure.Traceback {
		if place := compiled.FindStringSubmatch(frame); place != nil {
			return "line " + place[1] + ": " + lastLine(frame)
		}
	}
	if crash := crashed.FindString(stderr); crash != "" {
		return c.place(stderr) + crash
	}
	if exited.MatchString(failure.Value) {
		if said := lastLine(stderr); said != "" {
			return said
		}
	}
	if unlinked := refused.FindString(failure.Value); unlinked != "" {
		return unlinked + " (%env " + linkerEnv + " 1 in the first cell lets the C compiler link)"
	}
	if said := goSaid(failure.Value); said != "" {
		return said
	}
	return firstLine(ansi.ReplaceAllString(failure.Value, ""))
}

// goSaid returns what the go command said, which stands below the command that failed: past what it fetches, and past
// who imports what is missing.
func goSaid(text string) string {
	_, text, found := strings.Cut("\n"+text, "\ngo: ")
	if !found {
		return ""
	}
	for line := range strings.Lines("go: " + text) {
		if !chatter.MatchString(line) && !imports.MatchString(line) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// place says where a trace passes through this cell first, else through a cell before it.
func (c *Cell) place(trace string) string {
	elsewhere := ""
	for _, mark := range traced.FindAllStringSubmatch(trace, -1) {
		if mark[1] == strconv.Itoa(c.Count) {
			return "line " + mark[2] + ": "
		}
		elsewhere = cmp.Or(elsewhere, "line "+mark[2]+" of cell "+mark[1]+": ")
	}
	return elsewhere
}

// says says whether the text is among the outputs.
func (c *Cell) says(text string) bool {
	for _, output := range c.Outputs {
		if strings.Contains(output.Text, text) || strings.Contains(output.Value, text) {
			return true
		}
	}
	return false
}

// shellReason returns what a failed shell line said before its exit status, or else that.
func shellReason(stderr string) string {
	said := ""
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if exited.MatchString(line) {
			return cmp.Or(said, line)
		}
		if line != "" && !chatter.MatchString(line) {
			said = line
		}
	}
	return ""
}

// lastLine returns the last line that is neither blank nor an exit status.
func lastLine(text string) string {
	last := ""
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !exited.MatchString(line) {
			last = line
		}
	}
	return last
}

// joinStreams joins neighbouring outputs of one stream, which arrive in portions of any size.
func (nb *Notebook) joinStreams() {
	for _, cell := range nb.Cells {
		var joined []*Output
		for i, next := 0, 0; i < len(cell.Outputs); i = next {
			first, text := cell.Outputs[i], strings.Builder{}
			for next = i; next < len(cell.Outputs); next++ {
				output := cell.Outputs[next]
				if next > i && (first.Kind != Stream || output.Kind != Stream || output.Name != first.Name) {
					break
				}
				text.WriteString(output.Text)
			}
			first.Text = text.String()
			joined = append(joined, first)
		}
		cell.Outputs = joined
	}
}
