// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"errors"
	"fmt"
	"strings"

	"convscope/pkg/layer"
)

// try runs a check and shows a panic of it, or of the reader's code that it calls, as "not yet".
func try(check func() bool) (right bool) {
	thrown, right := catch(check)
	if thrown == nil {
		return right
	}
	if err, is := thrown.(error); is && errors.As(err, new(*layer.UnknownLayerError)) {
		return refuse(err)
	}
	switch why := cause(thrown); {
	case strings.Contains(why, "nil pointer dereference"), strings.HasPrefix(why, "output node") &&
		strings.Contains(why, " is nil"):
		return say(false, "something is nil that is needed: a value that was given, or one that your code returns")
	default:
		return say(false, "%v", why)
	}
}

func catch(check func() bool) (thrown any, right bool) {
	defer func() { thrown = recover() }()
	return nil, check()
}

// cause is the first line of what went wrong, without what GoMLX says about the graph it was in.
func cause(thrown any) string {
	text := fmt.Sprint(thrown)
	if at := strings.LastIndex(text, " panicked: "); at >= 0 {
		text = text[at+len(" panicked: "):]
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "runtime panic: : "), "runtime error: ")
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// refuse shows why something that was named can't be found.
func refuse(err error) bool {
	var unknown *layer.UnknownLayerError
	if errors.As(err, &unknown) && len(unknown.Valid) > 0 {
		return say(false, "there is no layer %q: did you mean %s?", unknown.Name, unknown.Valid[0])
	}
	return say(false, "%v", err)
}
