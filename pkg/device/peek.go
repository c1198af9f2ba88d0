// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"errors"
	"fmt"
)

// plug is the head of a plugin's API table, which no PJRT version has moved.
type plug struct {
	size         uint // bytes of the table
	major, minor int  // PJRT API version
}

// needed is how much of the table go-xla calls: its last call that every program makes is the 98th,
// PJRT_Executable_GetCompiledMemoryStats; the table starts with 40 bytes of header.
const needed = 40 + 98*8

// check says whether go-xla can talk to the plugin. PJRT only ever adds to the table's end while the major version
// stays 0, and an older plugin's table is shorter: calling past its end would jump anywhere.
func (p plug) check() error {
	if p.major != 0 {
		return fmt.Errorf("PJRT API %s: this program speaks 0.x", p.version())
	}
	if p.size < needed {
		return fmt.Errorf("PJRT API %s is too old", p.version())
	}
	return nil
}

func (p plug) version() string { return fmt.Sprintf("%d.%d", p.major, p.minor) }

// errNoEntry says that a library is no PJRT plugin.
var errNoEntry = errors.New("not a PJRT plugin: it does not export GetPjrtApi")
