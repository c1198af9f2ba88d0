// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import "strings"

// A statement is one operation of a function's body, not of a region inside another one's, as it stands in the text.
type statement struct {
	start, end int      // in the program, from its indentation to before its line break
	results    []string // their names
	op         string   // such as "add", without its dialect; "" for what is not of the usual form
	operands   []string // their names
	attributes string   // what stands between the operands and the types
	types      string   // of the operands and the results
	uses       []string // all names in it but its results', those in its regions too
}

// body reads the statements of a function, or of a loop's region, from its first line on, up to the line that begins
// with the closing bracket. end is behind the last one.
func body(text string, start int, closing string) (statements []statement, end int, ok bool) {
	for start < len(text) {
		if strings.HasPrefix(text[start:], closing) {
			return statements, start, true
		}
		s, ok := read(text, start)
		if !ok {
			return nil, 0, false
		}
		statements = append(statements, s)
		start = s.end + 1
	}
	return nil, 0, false
}

// read reads the statement that begins at start. It goes as far as the line break outside all brackets.
func read(text string, start int) (statement, bool) {
	s := statement{start: start}
	var open [64]byte // the brackets that wait for their counterparts
	depth := 0
	equals, operands, colon := -1, -1, -1
	for i := start; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			length := quoted(text[i:])
			if length == 0 {
				return s, false
			}
			i += length - 1
		case '(', '[', '{', '<':
			if depth == len(open) {
				return s, false
			}
			open[depth] = c
			depth++
		case ')', ']', '}', '>':
			if c == '>' && text[i-1] == '-' {
				continue // an arrow
			}
			if depth == 0 || open[depth-1] != opening(c) {
				return s, false
			}
			depth--
			if depth == 0 && c == ')' && operands < 0 {
				operands = i
			}
		case '=':
			if depth == 0 && equals < 0 {
				equals = i
			}
		case ':':
			if depth == 0 {
				colon = i
			}
		case '%':
			length := identifier(text[i+1:])
			if length == 0 {
				return s, false
			}
			if name := text[i : i+1+length]; equals < 0 && depth == 0 {
				s.results = append(s.results, name)
			} else {
				s.uses = append(s.uses, name)
			}
			i += length
		case '/':
			return s, false // a comment may hold anything
		case '\n':
			if depth > 0 {
				continue
			}
			s.end = i
			s.divide(text, equals, operands, colon)
			return s, true
		}
	}
	return s, false
}

// divide fills in the statement's parts, if it is of the form %0, %1 = "stablehlo.op"(%2, %3) attributes : types.
func (s *statement) divide(text string, equals, operands, colon int) {
	first := s.start
	if equals >= 0 {
		first = equals + 1
		if strings.TrimSpace(text[s.start:equals]) != strings.Join(s.results, ", ") {
			return
		}
	} else if len(s.results) > 0 {
		return
	}
	if operands < first || colon < operands {
		return
	}
	name, list, found := strings.Cut(text[first:operands], "(")
	name, is := strings.CutPrefix(strings.TrimSpace(name), `"stablehlo.`)
	name, ends := strings.CutSuffix(name, `"`)
	if !found || !is || !ends {
		return
	}
	if list != "" {
		s.operands = strings.Split(list, ", ")
	}
	s.op = name
	s.attributes = strings.TrimSpace(text[operands+1 : colon])
	s.types = strings.TrimSpace(text[colon+1 : s.end])
}

// quoted returns the length of the string that text begins with, its quotes counted, or 0.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return 0
		}
	}
	return 0
}

// identifier returns the length of the name that text begins with.
func identifier(text string) int {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '$', c == '.':
		default:
			return i
		}
	}
	return len(text)
}

// opening returns the bracket that a closing one belongs to.
func opening(closing byte) byte {
	switch closing {
	case ')':
		return '('
	case ']':
		return '['
	case '}':
		return '{'
	}
	return '<'
}
