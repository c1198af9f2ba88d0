// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package scratch_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/scratch"
)

// TestMain is also the process that TestSweep kills: it makes a directory, perhaps lends it to a child, and waits.
func TestMain(m *testing.M) {
	child, asked := os.LookupEnv("CONVSCOPE_SCRATCH_HELPER")
	if !asked {
		os.Exit(m.Run())
	}
	dir, err := scratch.Make()
	if err != nil {
		panic(err)
	}
	if child != "" {
		cmd := exec.Command("sleep", "600")
		dir.Lend(cmd)
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		fmt.Println(cmd.Process.Pid)
	} else {
		fmt.Println(0)
	}
	fmt.Println(dir.Path)
	time.Sleep(10 * time.Minute)
}

// another starts a process with a scratch directory, and perhaps a child to which it is lent.
func another(t *testing.T, child string) (cmd *exec.Cmd, pid int, dir string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CONVSCOPE_SCRATCH_HELPER="+child)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReader(out)
	_, err = fmt.Fscanln(lines, &pid)
	require.NoError(t, err)
	dir, err = lines.ReadString('\n')
	require.NoError(t, err)
	return cmd, pid, strings.TrimSpace(dir)
}

// makeOne makes a directory, on which others are swept, and removes it.
func makeOne(t *testing.T) {
	t.Helper()
	d, err := scratch.Make()
	require.NoError(t, err)
	require.DirExists(t, d.Path)
	d.Remove()
	require.NoDirExists(t, d.Path)
}

func TestSweep(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	mine := filepath.Join(temp, "convscope-mine")
	require.NoError(t, os.Mkdir(mine, 0o755))

	cmd, _, dir := another(t, "")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	makeOne(t)
	require.FileExists(t, filepath.Join(dir, "file"), "its process lives")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	makeOne(t)
	require.NoDirExists(t, dir, "its process was killed")

	cmd, pid, dir := another(t, "child")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	makeOne(t)
	require.DirExists(t, dir, "the child that it was lent to lives")
	child, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, child.Kill())
	require.Eventually(t, func() bool {
		makeOne(t)
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	}, time.Minute, 20*time.Millisecond)
	require.DirExists(t, mine, "a directory of another kind")
}

func TestMake(t *testing.T) {
	t.Run("many at once", func(t *testing.T) {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 20 {
					d, err := scratch.Make()
					if err == nil {
						_, err = os.Stat(d.Path)
						d.Remove()
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		left, err := os.ReadDir(temp)
		require.NoError(t, err)
		require.Empty(t, left)
	})
	t.Run("no such TMPDIR", func(t *testing.T) {
		t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
		_, err := scratch.Make()
		require.ErrorContains(t, err, "set TMPDIR")
		require.ErrorContains(t, err, os.Getenv("TMPDIR"))
	})
}
