// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"maps"
	"slices"
	"strings"
)

// Convolutions returns the program with calls in the place of its convolutions, and what became of them. Where none is
// replaced, the program is the same.
func Convolutions(program string) (string, Counts) {
	var done Counts
	if !strings.Contains(program, "stablehlo.convolution") {
		return program, done
	}
	head, _, _ := strings.Cut(program, "\n")
	if !strings.HasPrefix(head, "module @") || !strings.HasSuffix(head, " {") ||
		strings.Contains(head, " attributes ") {
		return program, done // one of several devices, for instance
	}
	var text strings.Builder
	written := 0
	for at := len(head) + 1; at < len(program); {
		line, _, _ := strings.Cut(program[at:], "\n")
		at += len(line) + 1
		switch {
		case line == "" || line == "  }" || line == "}":
			continue
		case !strings.HasPrefix(line, "  func.func ") || !strings.HasSuffix(line, " {"):
			return program, Counts{}
		}
		statements, end, ok := body(program, at)
		if !ok {
			return program, Counts{}
		}
		f, ok := newFunction(statements)
		if !ok {
			return program, Counts{}
		}
		calls, left := f.calls()
		done.Left += left
		for _, place := range slices.Sorted(maps.Keys(calls)) {
			s, c := statements[place], calls[place]
			text.WriteString(program[written:s.start])
			text.WriteString(c.call(s.results[0]))
			written = s.end
			done.count(c.form, c.window != nil)
		}
		at = end
	}
	if done.Calls == 0 {
		return program, done
	}
	text.WriteString(program[written:])
	return text.String(), done
}

// calls returns the calls by the place of the statement that each replaces. left counts the other convolutions.
func (f *function) calls() (calls map[int]*convolution, left int) {
	all := make(map[int]*convolution)
	within := make(map[int]bool) // the convolutions that only a gradient needs which becomes one call
	for i, s := range f.statements {
		if s.op != "concatenate" || !f.needed(i) {
			continue
		}
		if c, ok := f.depthwiseGradient(i); ok {
			all[i] = &c
			for _, name := range s.operands {
				if _, only := f.onlyUser(name); only {
					within[f.defined[name]] = true
				}
			}
		}
	}
	for i, s := range f.statements {
		if s.op != "convolution" || within[i] || !f.needed(i) {
			continue
		}
		c, ok := f.convolution(i)
		if !ok {
			c, ok = f.depthwise(i)
		}
		if ok {
			all[i] = &c
		} else {
			left++
		}
	}
	calls = make(map[int]*convolution, len(all))
	for _, c := range all {
		f.takeIn(c, all)
		calls[c.last] = c
	}
	return calls, left
}
