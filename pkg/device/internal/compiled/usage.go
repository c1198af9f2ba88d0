// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package compiled

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// Use is what is kept.
type Use struct {
	Dir     string
	Entries int
	Bytes   int64
	Last    Counts // of the last process that compiled or loaded anything
}

// Usage looks at what is kept. The error says why nothing can be.
func Usage() (Use, error) {
	s, err := Open()
	if err != nil {
		return Use{Dir: s.dir}, err
	}
	use := Use{Dir: s.dir}
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasSuffix(info.Name(), suffix) {
			use.Entries++
			use.Bytes += info.Size()
		}
	}
	if text, err := os.ReadFile(filepath.Join(s.dir, countsAt)); err == nil {
		_ = json.Unmarshal(text, &use.Last)
	}
	return use, err
}

// Off says whether the user asked for no kept programs.
func Off() bool { return os.Getenv(Env) == "off" }

// Empty removes all kept programs. Processes that run go on with what they have loaded.
func Empty() error {
	s, err := Open()
	if err != nil {
		return err
	}
	s.sweep(-1)
	return nil
}
