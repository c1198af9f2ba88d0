// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// completion returns the directory with the gopls that kernels find on PATH. GoNB starts it with the kernel and never
// again. So until gopls is built there is another program of that name: it answers at once, and hands over to gopls
// when that is there, so that Tab completes in notebooks that were open before.
func (j *Jupyter) completion(room room) (dir string, err error) {
	if j.Kernel.Completion() {
		return j.Kernel.lsp(), nil
	}
	dir = room.at("lsp")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %s -I %s %s \"$@\"\n",
		quote(j.Venv.Python), quote(room.at("late_gopls.py")), quote(filepath.Join(j.Kernel.lsp(), "gopls")))
	return dir, os.WriteFile(filepath.Join(dir, "gopls"), []byte(script), 0o700)
}

// quote makes one word of a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
