// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/tools/bench"
)

const (
	// childEnv makes this test binary act as the sides of a race: "convscope=good torch=dies".
	childEnv = "CONVSCOPE_BENCH_TEST"
	// marksEnv names a folder where each side leaves a file that its process id names.
	marksEnv = "CONVSCOPE_BENCH_MARKS"
)

func TestMain(m *testing.M) {
	if roles := os.Getenv(childEnv); roles != "" {
		actChild(roles)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// actChild plays the part that the environment gives the side that the command line names.
func actChild(roles string) {
	if roles == "real" {
		if err := serveReal(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	line := strings.Join(os.Args, " ")
	for role := range strings.FieldsSeq(roles) {
		side, part, _ := strings.Cut(role, "=")
		if !strings.Contains(line, "A-"+side+".json") {
			continue
		}
		if marks := os.Getenv(marksEnv); marks != "" {
			if err := os.WriteFile(filepath.Join(marks, strconv.Itoa(os.Getpid())), nil, 0o600); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if part == "deaf" {
			fmt.Println(`{"about": "deaf"}`)
			time.Sleep(time.Hour)
		}
		for words := bufio.NewScanner(os.Stdin); words.Scan(); {
			playWord(side, part, words.Text())
		}
	}
}

func playWord(side, part, word string) {
	switch {
	case word == "prepare" && part != "absent":
		fmt.Printf("{\"about\": \"%s 1.0\"}\n", side)
	case part == "absent":
		fmt.Fprintln(os.Stderr, "Traceback:\n  ...\nModuleNotFoundError: No module named 'torch'")
		os.Exit(1)
	case part == "dies":
		fmt.Fprintln(os.Stderr, "out of memory")
		os.Exit(3)
	case part == "garbage":
		fmt.Println("Segmentation fault")
	case part == "endless":
		fmt.Print(strings.Repeat("x", 2<<20))
	case part == "complains":
		fmt.Println(`{"error": "no such layer"}`)
	case part == "few":
		fmt.Println(`{"losses": []}`)
	case part == "hangs":
		time.Sleep(time.Hour)
	default:
		fmt.Println(`{"losses": [2.5]}`)
	}
}

// race runs job A between children with these roles.
func race(t *testing.T, ctx context.Context, roles string) (*bench.JobResult, error) {
	t.Helper()
	t.Setenv(childEnv, roles)
	jobs, err := bench.ParseJobs("A")
	require.NoError(t, err)
	peers, err := bench.ParsePeers("torch")
	require.NoError(t, err)
	b := bench.Bench{Worker: []string{os.Args[0]}, Peers: peers, Rounds: 3, Steps: 2, Report: func(string) {}}
	return bench.Race(ctx, b, t.TempDir(), os.Args[0], jobs[0])
}

func TestRace(t *testing.T) {
	result, err := race(t, t.Context(), "convscope=good torch=good")
	require.NoError(t, err)
	for i, name := range []string{"convscope", "torch"} {
		side := result.Sides[i]
		require.Equal(t, name, side.Name)
		require.Equal(t, name+" 1.0", side.About)
		require.Empty(t, side.Problem)
		require.Len(t, side.Seconds, 3)
		require.Equal(t, []float64{2.5}, side.Losses)
		require.Greater(t, side.PeakBytes, int64(1<<20))
	}
	require.True(t, result.Sides[1].Summary.Losses.Same)
}

func TestBadPeers(t *testing.T) {
	for part, want := range map[string]string{
		"absent":    "PyTorch: ended early (exit status 1): ModuleNotFoundError: No module named 'torch'",
		"dies":      "PyTorch: ended early (exit status 3): out of memory",
		"garbage":   "PyTorch: answered \"Segmentation fault\" in place of JSON",
		"endless":   "PyTorch: answered a line of more than 1048576 bytes in place of JSON",
		"complains": "PyTorch: no such layer",
		"few":       "PyTorch: 0 losses for 1 filters",
	} {
		t.Run(part, func(t *testing.T) {
			result, err := race(t, t.Context(), "convscope=good torch="+part)
			require.NoError(t, err, "the others go on")
			require.Len(t, result.Sides[0].Seconds, 3)
			require.Empty(t, result.Sides[1].Seconds)
			require.Equal(t, want, result.Sides[1].Problem)
		})
	}
	t.Run("ours ends the job", func(t *testing.T) {
		result, err := race(t, t.Context(), "convscope=dies torch=good")
		require.EqualError(t, err, "convscope: ended early (exit status 3): out of memory")
		require.LessOrEqual(t, len(result.Sides[1].Seconds), 1)
	})
	t.Run("one that does not start", func(t *testing.T) {
		b := bench.Bench{Worker: []string{filepath.Join(t.TempDir(), "none")}, Rounds: 1, Steps: 1, Report: func(string) {}}
		_, err := bench.Race(t.Context(), b, t.TempDir(), "", bench.Jobs()[0])
		require.ErrorContains(t, err, "convscope does not start: ")
	})
}

func TestStop(t *testing.T) {
	for _, part := range []string{"hangs", "deaf"} {
		t.Run(part, func(t *testing.T) {
			defer bench.SetGrace(100 * time.Millisecond)()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			marks := t.TempDir()
			t.Setenv(marksEnv, marks)
			go func() {
				for begun := []os.DirEntry(nil); len(begun) < 2 && ctx.Err() == nil; begun, _ = os.ReadDir(marks) {
					time.Sleep(10 * time.Millisecond)
				}
				time.Sleep(200 * time.Millisecond) // until it waits for an answer
				stop()
			}()
			result, err := race(t, ctx, "convscope=good torch="+part)
			require.ErrorIs(t, err, context.Canceled)
			require.LessOrEqual(t, len(result.Sides[0].Seconds), 1, "what was measured so far")
			sides, err := os.ReadDir(marks)
			require.NoError(t, err)
			require.Len(t, sides, 2)
			for _, side := range sides {
				pid, err := strconv.Atoi(side.Name())
				require.NoError(t, err)
				require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH, "each side has ended")
			}
		})
	}
}
