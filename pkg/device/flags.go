// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/edsrzf/mmap-go"
)

// checkFlags says whether the plugin knows the flags, by their names in its file.
func checkFlags(path, flags string) error {
	words := strings.Fields(flags)
	if len(words) == 0 {
		return nil
	}
	if !strings.HasPrefix(words[0], "--") { // XLA takes it for the name of a file with flags
		text, err := os.ReadFile(words[0])
		if err != nil {
			return fmt.Errorf("%w=%s: flags begin with --, and there is no such file of flags either: "+
				"correct it, or unset it",
				ErrFlags, flags)
		}
		words = strings.Fields(string(text))
	}
	file, err := os.Open(path)
	if err != nil {
		return reason(err)
	}
	defer file.Close()
	contents, err := mmap.Map(file, mmap.RDONLY, 0)
	if err != nil {
		return nil // who cannot look must try
	}
	defer func() { _ = contents.Unmap() }()
	for _, word := range words {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && !bytes.Contains(contents, []byte(name+"\x00")) {
			return fmt.Errorf("%w: XLA in %s has no flag --%s: correct it, or unset it", ErrFlags, path, name)
		}
	}
	return nil
}
