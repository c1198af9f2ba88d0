// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"convscope/tools/jupyter"
)

// changedCall is the call of a check in a student's cell, if it asks for something else than the lesson's does:
// another layer, an easier limit. Where the lesson has a plain name, such as answer, the student may write the answer
// itself.
func changedCall(student, lesson *jupyter.Cell, check string) string {
	if student == nil {
		return ""
	}
	own, asked := arguments(student.Source, check), arguments(lesson.Source, check)
	same := func(theirs, ours string) bool { return theirs == ours || token.IsIdentifier(ours) }
	if own == nil || slices.EqualFunc(own, asked, same) {
		return ""
	}
	return "check." + check + "(" + strings.Join(own, ", ") + ")"
}

// arguments are those of the last call of a check in a cell, without comments and spaces. Nil is no call.
func arguments(source, check string) (last []string) {
	words := tokens(source)
	for i := range words {
		if i+3 < len(words) && slices.Equal(words[i:i+4], []string{"check", ".", check, "("}) {
			last = untilClosed(words[i+4:])
		}
	}
	return last
}

// untilClosed joins the tokens of each argument up to the parenthesis that closes the call.
func untilClosed(words []string) []string {
	all, one, depth := []string{}, "", 0
	for _, word := range words {
		if depth == 0 && (word == "," || word == ")") {
			if one != "" {
				all = append(all, one)
			}
			if one = ""; word == ")" {
				return all
			}
			continue
		}
		switch word {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		}
		one += word
	}
	return all
}

// tokens are a cell's Go tokens; GoNB's own lines give some that mean nothing.
func tokens(source string) (words []string) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), []byte(source), func(token.Position, string) {}, 0)
	for {
		_, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return words
		case kind == token.SEMICOLON: // most are the scanner's own, at a line's end
		case kind.IsOperator():
			words = append(words, kind.String())
		default:
			words = append(words, text)
		}
	}
}
