// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"convscope/display"
	"convscope/internal/verdict"
)

// say shows the verdict in the notebook's language, and keeps it beside that as data.
func say(right bool, format string, args ...any) bool {
	v := verdict.Verdict{Check: calledCheck(), Right: right, Message: fmt.Sprintf(word(format), args...)}
	line := "not yet: %s"
	if right {
		line = "right: %s"
	}
	display.Data(fmt.Sprintf(word(line), v.Message), verdict.MIME, v.Data())
	return right
}

// calledCheck is the name of the check that the cell called: the outermost function of this package among the callers.
// So no check needs to say its name.
func calledCheck() (name string) {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if own, found := strings.CutPrefix(frame.Function, "convscope/notebooks/check."); found {
			own, _, _ = strings.Cut(own, ".") // a function in it
			if first, _ := utf8.DecodeRuneInString(own); unicode.IsUpper(first) {
				name = own
			}
		}
		if !more {
			return name
		}
	}
}
