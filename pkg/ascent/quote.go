// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"strconv"
	"strings"
)

// quoteLayer writes a layer's name as an objective has it: in quotes, as Go has them, if the name holds what has a
// meaning there, such as a colon, a space or a quote.
func quoteLayer(name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		return strings.ContainsRune(":\"\\ ", c) || !strconv.IsPrint(c)
	})
	if plain {
		return name
	}
	return strconv.Quote(name)
}

// cutLayer takes a layer's name, which may be in quotes, off the beginning of a term's rest; more says that something
// follows the colon after it.
func cutLayer(text string) (name, rest string, more, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		name, rest, more = strings.Cut(text, ":")
		return name, rest, more, name != ""
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", false, false
	}
	if name, err = strconv.Unquote(quoted); err != nil || name == "" {
		return "", "", false, false
	}
	rest = text[len(quoted):]
	if rest == "" {
		return name, "", false, true
	}
	rest, more = strings.CutPrefix(rest, ":")
	return name, rest, more, more
}
