// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child

import "syscall"

// ownGroup starts a child in its own process group and ends it when we die without a chance to do so ourselves.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
