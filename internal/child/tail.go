// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// Tail takes what a command writes and keeps its last lines, to explain its failure.
type Tail struct {
	Each func(line string) // if not nil, is called with every line
	To   io.Writer         // if not nil, gets everything as well

	mu    sync.Mutex
	lines []string
	part  []byte
}

// tailLines is how many lines a Tail keeps.
const tailLines = 200

// Write takes the command's output in any portions.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.To != nil {
		_, _ = t.To.Write(p)
	}
	t.part = append(t.part, p...)
	for {
		line, rest, found := bytes.Cut(t.part, []byte("\n"))
		if !found {
			return len(p), nil
		}
		t.part = rest
		t.add(strings.TrimRight(string(line), "\r"))
	}
}

func (t *Tail) add(line string) {
	t.lines = append(t.lines, line)
	if len(t.lines) > tailLines {
		t.lines = t.lines[1:]
	}
	if t.Each != nil {
		t.Each(line)
	}
}

// Lines returns the last lines.
func (t *Tail) Lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines[:len(t.lines):len(t.lines)]
	if len(t.part) > 0 {
		lines = append(lines, string(t.part))
	}
	return lines
}

// Last returns the last line that matches, or else the last line that is not blank.
func (t *Tail) Last(match func(line string) bool) string {
	lines, last := t.Lines(), ""
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			continue
		}
		if match(line) {
			return line
		}
		if last == "" {
			last = line
		}
	}
	return last
}
