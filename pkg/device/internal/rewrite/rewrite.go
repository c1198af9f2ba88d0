// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"fmt"
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
	w := writer{program: program}
	for at := len(head) + 1; at < len(program); {
		line, _, _ := strings.Cut(program[at:], "\n")
		at += len(line) + 1
		switch {
		case line == "" || line == "  }" || line == "}":
			continue
		case !strings.HasPrefix(line, "  func.func ") || !strings.HasSuffix(line, " {"):
			return program, done
		}
		end, ok := w.rewrite(at, "  }", false)
		if !ok {
			return program, done
		}
		at = end
	}
	return w.text.String() + program[w.written:], w.done
}

// writer writes the new program while it reads the old one.
type writer struct {
	program string
	text    strings.Builder
	written int // of the program
	done    Counts
}

// rewrite takes the statements from a place on, those of a function or of a loop's region.
func (w *writer) rewrite(start int, closing string, looped bool) (end int, ok bool) {
	statements, end, ok := body(w.program, start, closing)
	if !ok {
		return 0, false
	}
	f, ok := newFunction(statements)
	if !ok {
		return 0, false
	}
	calls, left := f.calls()
	w.done.Left += len(left)
	for i, s := range statements {
		switch c := calls[i]; {
		case c != nil:
			w.replace(s, c.call(s.results[0]))
			w.done.count(c)
		case s.op == "while":
			if !w.loop(s) {
				return 0, false
			}
		case looped && left[i]:
			if text, ok := straight(w.program[s.start:s.end], &s); ok {
				w.replace(s, text)
			}
		}
	}
	return end, true
}

// replace writes another text for a statement.
func (w *writer) replace(s statement, text string) {
	w.text.WriteString(w.program[w.written:s.start])
	w.text.WriteString(text)
	w.written = s.end
}

// loop rewrites the regions of a loop.
func (w *writer) loop(s statement) bool {
	for at := s.start; at < s.end; {
		line, _, _ := strings.Cut(w.program[at:s.end], "\n")
		at += len(line) + 1
		if !strings.HasPrefix(line, "      ^") {
			continue
		}
		end, ok := w.rewrite(at, "    }", true)
		if !ok || end > s.end {
			return false
		}
		at = end
	}
	return true
}

// straight writes a convolution over kernels [height, width, out, in], which is how GoMLX writes a gradient, as one
// over kernels [height, width, in, out]. XLA's CPU has a fast way for these alone. In a program's own function, not in
// a loop, it does the same by itself.
func straight(text string, s *statement) (string, bool) {
	const from, to = "x[0, 1, o, i]->", "x[0, 1, i, o]->"
	types := strings.Split(strings.TrimPrefix(s.types, "("), ", ")
	if strings.Count(s.attributes, from) != 1 || len(s.operands) != 2 || len(s.results) != 1 || len(types) != 2 {
		return "", false
	}
	kernel, _, _ := strings.Cut(types[1], ")")
	sizes := dims(kernel)
	if len(sizes) != 4 {
		return "", false
	}
	turned := fmt.Sprintf("tensor<%dx%dx%dx%dxf32>", sizes[0], sizes[1], sizes[3], sizes[2])
	name := "%kernel_of_" + strings.TrimPrefix(s.results[0], "%")
	transpose := "    " + name + ` = "stablehlo.transpose"(` + s.operands[1] +
		") { permutation = array<i64: 0, 1, 3, 2> } : (" + kernel + ") -> " + turned + "\n"
	text = strings.Replace(text, "("+strings.Join(s.operands, ", ")+")", "("+s.operands[0]+", "+name+")", 1)
	text = strings.Replace(text, from, to, 1)
	return transpose + strings.Replace(text, ", "+kernel+")", ", "+turned+")", 1), true
}

// calls returns the calls by the place of the statement that each replaces, and the places of the other convolutions.
func (f *function) calls() (calls map[int]*convolution, left map[int]bool) {
	left = make(map[int]bool)
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
			left[i] = true
		}
	}
	calls = make(map[int]*convolution, len(all))
	for _, c := range all {
		f.takeIn(c, all)
		calls[c.last] = c
	}
	return calls, left
}
