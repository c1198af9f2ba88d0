// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"github.com/stretchr/testify/require"

	"convscope/internal/child"
)

// helper names the variable that makes this program the process that TestKilled kills: it runs a shell's command line.
const helper = "CONVSCOPE_CHILD_HELPER"

func TestMain(m *testing.M) {
	if script := os.Getenv(helper); script != "" {
		_, _ = child.Run(context.Background(), exec.Command("sh", "-c", script), nil)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// running says whether a sleep of that many seconds is there.
func running(t *testing.T, seconds string) bool {
	t.Helper()
	all, err := process.Processes()
	require.NoError(t, err)
	for _, p := range all {
		line, err := p.CmdlineSlice()
		status, _ := p.Status()
		if err == nil && slices.Equal(line, []string{"sleep", seconds}) && !slices.Contains(status, process.Zombie) {
			return true
		}
	}
	return false
}

func eventually(t *testing.T, so func() bool) {
	t.Helper()
	require.Eventually(t, so, time.Minute, 20*time.Millisecond)
}

func TestInterrupt(t *testing.T) {
	before := child.Grace
	defer func() { child.Grace = before }()
	child.Grace = 100 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		eventually(t, func() bool { return running(t, "98765431") && running(t, "98765432") })
		stop()
	}()
	// The child ignores the polite request, has a child of its own, and that one moves to another group.
	_, err := child.Run(ctx, exec.Command("sh", "-c",
		`trap "" INT; setsid sleep 98765431 & sleep 98765432; sleep 98765432`), nil)
	require.ErrorIs(t, err, context.Canceled)
	eventually(t, func() bool { return !running(t, "98765431") && !running(t, "98765432") })

	_, err = child.Run(ctx, exec.Command("/nonexistent"), nil)
	require.ErrorIs(t, err, context.Canceled, "nothing starts any more")
}

func TestDescendantThatKeepsStderrOpen(t *testing.T) {
	_, err := child.Run(t.Context(), exec.Command("sh", "-c", "sleep 98765433 & echo $!"), func(pid string) {
		t.Cleanup(func() { _ = exec.Command("kill", pid).Run() })
	})
	require.NoError(t, err)
	require.True(t, running(t, "98765433"), "it was not waited for")
}

// TestKilled kills a process whose child has started another, as python3 does where it is a script.
func TestKilled(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helper+"=sleep 98765434 & sleep 98765435; sleep 1")
	require.NoError(t, cmd.Start())
	eventually(t, func() bool { return running(t, "98765434") && running(t, "98765435") })
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	eventually(t, func() bool { return !running(t, "98765434") && !running(t, "98765435") })
}

func TestTail(t *testing.T) {
	var all bytes.Buffer
	var lines []string
	tail := &child.Tail{To: &all, Each: func(line string) { lines = append(lines, line) }}
	for _, part := range []string{"one\r\ntw", "o\n\nERROR: three\nla", "st"} {
		_, _ = tail.Write([]byte(part))
	}
	require.Equal(t, []string{"one", "two", "", "ERROR: three"}, lines)
	require.Equal(t, "one\r\ntwo\n\nERROR: three\nlast", all.String())
	require.Equal(t, "ERROR: three", tail.Last(func(line string) bool { return strings.HasPrefix(line, "ERROR") }))
	require.Equal(t, "last", tail.Last(func(string) bool { return false }))
	for i := range 1000 {
		fmt.Fprintln(tail, i)
	}
	require.Len(t, tail.Lines(), 200)
}
