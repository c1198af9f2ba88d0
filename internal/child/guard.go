// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// guard kills the process group when this process is killed, with all that a helper has started in it (python3 may be
// a script, and pip the child of a child), until the returned function is called. A shell waits for the end of a pipe
// whose other end is here: it comes with a line when all is well.
func guard(group int) (stop func()) {
	read, write, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer read.Close()
	cmd := exec.Command("/bin/sh", "-c", `read -r _ || kill -KILL "-$0"`, strconv.Itoa(group))
	cmd.Stdin = read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = write.Close()
		return func() {}
	}
	return func() {
		_, _ = write.WriteString("\n")
		_ = write.Close()
		_ = cmd.Wait()
	}
}
