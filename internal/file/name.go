// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file

import (
	"regexp"
	"strings"
)

// device names that Windows keeps, whatever ending follows.
var devices = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// Name makes a name that every file system takes, without an ending, of a text that may hold anything, such as a
// layer's name; other is for a text that nothing is left of. Different texts may have the same.
func Name(text, other string) string {
	name := strings.Map(func(c rune) rune {
		if c < ' ' || strings.ContainsRune(`/\:*?"<>|`, c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(text, "_"))
	const most = 100 // bytes: file systems take 255
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "")
	}
	name = strings.TrimRight(strings.TrimLeft(name, ".-_ "), ". ")
	if devices.MatchString(name) {
		name = "_" + name
	}
	if name == "" {
		return other
	}
	return name
}
