// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"bytes"
	"sync"
)

// syncBuffer takes what a spinner's own goroutine writes.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
