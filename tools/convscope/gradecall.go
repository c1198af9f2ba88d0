// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"convscope/tools/jupyter"
)

// changedCall is the first call of a check in a student's cell that asks for something else than the lesson's does:
// another layer, an easier limit. Where the check has said something that no call in the cell asks for, it says so.
func changedCall(student, lesson *jupyter.Cell, check string) string {
	calls := callsOf(student.Source, check)
	for _, call := range calls {
		if !asks(call, lesson.Source, check) {
			return "check." + check + "(" + strings.Join(call, ", ") + ")"
		}
	}
	if _, said := lastVerdict(student, check); said && len(calls) == 0 {
		return "the cell itself has no call of check." + check
	}
	return ""
}

// asks says whether a call asks what the lesson's cell asks. Where the lesson has a plain name, such as answer, the
// student may write the answer itself.
func asks(call []string, lesson, check string) bool {
	same := func(theirs, ours string) bool { return theirs == ours || token.IsIdentifier(ours) }
	return slices.ContainsFunc(callsOf(lesson, check), func(asked []string) bool {
		return slices.EqualFunc(call, asked, same)
	})
}

// callsOf are the arguments of each call of a check in a cell, without comments and spaces, by whatever name the cell
// has the package.
func callsOf(source, check string) (calls [][]string) {
	words := tokens(source)
	for i := range words {
		if i+1 < len(words) && words[i] == check && words[i+1] == "(" {
			calls = append(calls, untilClosed(words[i+2:]))
		}
	}
	return calls
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

// shellLine matches a line of GoNB's own, with those that it goes on in: a quote or /* there would hide the code
// below.
var shellLine = regexp.MustCompile(`(?m)^[!%](.*\\\n)*.*$`)

// tokens are the Go tokens of a cell.
func tokens(source string) (words []string) {
	source = shellLine.ReplaceAllString(source, "")
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
