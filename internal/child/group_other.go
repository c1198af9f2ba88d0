// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build !linux

package child

import "syscall"

// ownGroup starts a child in its own process group.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
