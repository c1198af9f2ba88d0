// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/progress"
)

func TestBoard(t *testing.T) {
	t.Run("one line for each step, and news between them", func(t *testing.T) {
		var out bytes.Buffer
		b := newBoard(&out)
		b.add("weights", func(context.Context) (string, error) {
			progress.Line("weights: cache: not there")
			bar := progress.New("download", 59e6, progress.Bytes)
			defer bar.Done()
			bar.Set(12e6)
			return "26 tensors", nil
		})
		require.NoError(t, b.run(t.Context()))
		require.Regexp(t, `^weights: cache: not there\nweights  26 tensors, \d+\.\d s\n$`, out.String())
	})
	t.Run("where nobody watches, it says now and then how far it is", func(t *testing.T) {
		defer func(before time.Duration) { progress.Pause = before }(progress.Pause)
		progress.Pause = time.Millisecond
		var out syncBuffer
		b := newBoard(&out)
		wait := func(text string) {
			require.Eventually(t, func() bool { return strings.Contains(out.String(), text) }, time.Minute, time.Millisecond)
		}
		b.add("device", func(context.Context) (string, error) {
			wait("device (0 s)\n") // a step that says nothing of itself
			bar := progress.New("download", 59e6, progress.Bytes)
			defer bar.Done()
			bar.Set(12e6)
			wait("download 12 MB of 59 MB")
			return "XLA", nil
		})
		require.NoError(t, b.run(t.Context()))
		require.Regexp(t, `\ndevice   XLA, \d+\.\d s\n$`, out.String())
	})
	t.Run("a failure is named, and cancels the others", func(t *testing.T) {
		var out bytes.Buffer
		b := newBoard(&out)
		b.add("slow", func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		})
		b.add("jupyter", func(context.Context) (string, error) { return "", errors.New("pip failed") })
		require.EqualError(t, b.run(t.Context()), "jupyter: pip failed")
		require.Empty(t, out.String())
	})
	t.Run("what an error says already is not said twice", func(t *testing.T) {
		b := newBoard(new(bytes.Buffer))
		b.add("weights", func(context.Context) (string, error) { return "", errors.New("weights: no source") })
		require.EqualError(t, b.run(t.Context()), "weights: no source")
	})
	t.Run("bars and news go back to where they were", func(t *testing.T) {
		var lines []string
		before := progress.Line
		defer func() { progress.Line = before }()
		progress.Line = func(text string) { lines = append(lines, text) }
		require.NoError(t, newBoard(new(bytes.Buffer)).run(t.Context()))
		progress.Line("after")
		require.Equal(t, []string{"after"}, lines)
	})
	t.Run("the last line of a terminal", func(t *testing.T) {
		var out bytes.Buffer
		b := newBoard(&out)
		b.width = 40
		b.newBar("weights", 59e6, progress.Bytes).Set(12e6)
		b.newTask("kernel").say("cell %d of %d", 3, 20)
		b.line("news")
		text := out.String()
		require.True(t, strings.HasPrefix(text, "news\nweights 12 MB of 59 MB, "), "%q", text)
		require.LessOrEqual(t, len(text)-len("news\n"), 39, "it never wraps")
		b.line("more")
		require.Contains(t, out.String(), "\r\x1b[Kmore\n")
	})
}

// syncBuffer takes what steps write at the same time.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestBoardBar(t *testing.T) {
	b := newBoard(new(bytes.Buffer))
	began := time.Now().Add(-10 * time.Second)
	for want, bar := range map[string]*boardBar{
		"weights 20 MB of 60 MB, 2.0 MB/s, 20s left": {what: "weights", done: 20e6, total: 60e6, unit: progress.Bytes},
		"jupyter 45 of 90, 10s left":                 {what: "jupyter", done: 45, total: 90, unit: progress.Steps},
		"kernel 89":                                  {what: "kernel", done: 89, unit: progress.Steps},
		"unpacking (10 s)":                           {what: "unpacking", unit: progress.Steps},
		"a.ipynb cell 3 of 20 (10 s)":                {what: "a.ipynb", words: "cell 3 of 20", unit: progress.Steps},
	} {
		bar.board, bar.began = b, began
		require.Equal(t, want, bar.String())
	}
}
