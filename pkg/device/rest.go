// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"encoding/json"
	"io"
	"os"
	"time"

	"convscope/internal/fetch"
)

// A notebook asks for a device in each cell, and each cell is a new process. On a machine with a GPU and no way to
// the 2 GB that CUDA takes, every cell would spend its seconds on finding that out again. So a source may rest
// after a failure; a person who asks for its kind by name wakes it at once.
type nap struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

func restPath(dir string) string { return dir + ".failed.json" }

// resting returns until when the source for dir rests, and why.
func (s source) resting(dir string) (until time.Time, why string) {
	text, err := os.ReadFile(restPath(dir))
	var n nap
	if s.rest == 0 || err != nil || json.Unmarshal(text, &n) != nil || n.Until.After(time.Now().Add(s.rest)) {
		return time.Time{}, "" // a clock that was set back must not put it to sleep for years
	}
	return n.Until, n.Why
}

// tired lets the source rest after a failure.
func (s source) tired(dir string, failure error) {
	if s.rest == 0 {
		return
	}
	// Not to remember costs seconds at the next start, and nothing else.
	_ = fetch.WriteAtomic(restPath(dir), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(nap{Until: time.Now().Add(s.rest), Why: failure.Error()})
	})
}
