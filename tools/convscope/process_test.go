// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/vgg16"
)

// commandEnv makes this test binary the command itself.
const commandEnv = "CONVSCOPE_COMMAND_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(commandEnv) != "" {
		main()
	}
	// Under nohup the tests ignore SIGHUP, and so would their children: a signal that is caught is back at its default
	// in them.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	os.Exit(m.Run())
}

// process is the command as a process of its own.
func process(args ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), commandEnv+"=1")
	return command
}

// TestFullDevice prints to a device that is full.
func TestFullDevice(t *testing.T) {
	t.Chdir(t.TempDir())
	savePNG(t, "made.png", madeUp())
	for _, args := range []string{"show made.png", "show --json made.png", "methods", "--help", "pattern --help"} {
		t.Run(args, func(t *testing.T) {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Skip("there is no /dev/full here: ", err)
			}
			defer full.Close()
			var stderr bytes.Buffer
			command := process(strings.Fields(args)...)
			command.Stdout, command.Stderr = full, &stderr
			require.Error(t, command.Run())
			require.Equal(t, exitFailure, command.ProcessState.ExitCode())
			require.Regexp(t, "^convscope: (printing: )?write .*no space left on device\n$", stderr.String())
		})
	}
}

// TestReaderThatLeaves is head, or tee in a closed terminal: no words, and no death by a signal.
func TestReaderThatLeaves(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	var stderr bytes.Buffer
	command := process("methods")
	command.Stdout, command.Stderr = writer, &stderr
	require.Error(t, command.Run())
	require.NoError(t, writer.Close())
	require.Equal(t, exitFailure, command.ProcessState.ExitCode())
	require.Empty(t, stderr.String())
}

// TestStandardOutputTakesThePicture and the words go to stderr.
func TestStandardOutputTakesThePicture(t *testing.T) {
	level.Real(t, "needs the weights (59 MB) and XLA")
	t.Chdir(t.TempDir())
	var stderr bytes.Buffer
	command := process(strings.Fields("pattern --layer block1_conv2 --size 16 --steps 2 --out /dev/stdout")...)
	command.Stderr = &stderr
	picture, err := command.Output()
	require.NoError(t, err, stderr.String())
	require.Contains(t, stderr.String(), "/dev/stdout: 16x16 px")
	status, _, wrong := runCommand(t,
		strings.Fields("pattern --layer block1_conv2 --size 16 --steps 2 --out file.png")...)
	require.Equal(t, exitOK, status, wrong)
	written, err := os.ReadFile("file.png")
	require.NoError(t, err)
	require.True(t, bytes.Equal(written, picture))
}

// TestMemoryEstimates compares the peaks of processes with what was estimated before: more than that, beside what
// every process takes, would let a job begin that can't end.
func TestMemoryEstimates(t *testing.T) {
	level.OnlyFull(t, "climbs in a process for each job")
	if runtime.GOOS != "linux" {
		t.Skip("peaks are in KiB on Linux")
	}
	t.Chdir(t.TempDir())
	dev, err := device.New(device.Options{Kind: device.CPU})
	require.NoError(t, err)
	defer dev.Close()
	net, err := vgg16.Load(dev, vgg16.Options{})
	require.NoError(t, err)
	defer net.Close()
	peak := func(t *testing.T, layer string, size int) int64 {
		t.Helper()
		command := process(strings.Fields(fmt.Sprintf("pattern --layer %s --size %d --steps 20 --out made.png "+
			"--device cpu", layer, size))...)
		said, err := command.CombinedOutput()
		require.NoError(t, err, "%s", said)
		return command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	}
	for _, kernel := range []string{"", "off"} {
		t.Setenv(device.EnvKernel, kernel)
		least := peak(t, "block1_conv1", 1)
		for layer, size := range map[string]int{"block1_conv2": 600, "block3_conv1": 150, "block4_conv1": 300,
			"block5_conv1": 150, "block5_conv3": 32} {
			t.Run(fmt.Sprintf("%s at %d, kernel %s", layer, size, kernel), func(t *testing.T) {
				target, err := net.Channel(layer, 0)
				require.NoError(t, err)
				estimate, took := target.FixedBytes+target.PictureBytes(size, size), peak(t, layer, size)-least
				t.Logf("%d MiB of %d", took>>20, estimate>>20)
				require.LessOrEqual(t, took, estimate)
			})
		}
	}
}

// climbs matches what a command's bar says first: of a contest it counts pictures.
var climbs = regexp.MustCompile(` (steps|pictures: \d+) \.\.\.`)

// startClimb starts a command that climbs for hours, and returns when it has begun.
func startClimb(t *testing.T, command *exec.Cmd) (stderr func() string) {
	t.Helper()
	pipe, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	hangs := time.AfterFunc(5*time.Minute, func() { _ = command.Process.Kill() })
	t.Cleanup(func() { hangs.Stop() })
	lines, said := bufio.NewReader(pipe), ""
	for !climbs.MatchString(said) {
		line, err := lines.ReadString('\n')
		said += line
		require.NoError(t, err, said)
	}
	return func() string {
		rest, err := io.ReadAll(lines)
		require.NoError(t, err)
		return said + string(rest)
	}
}

const longClimb = "pattern --layer block2_conv1 --filter 3 --size 32 --steps 1000000000 --out kept.png"

// TestSignalsKeepThePicture ends a climb by each signal that asks for an end, and by the two that a closed terminal
// sends.
func TestSignalsKeepThePicture(t *testing.T) {
	level.Real(t, "needs the weights (59 MB) and XLA")
	t.Chdir(t.TempDir())
	for name, signals := range map[string][]os.Signal{
		"Ctrl-C": {syscall.SIGINT}, "SIGTERM": {syscall.SIGTERM}, "a closed terminal": {syscall.SIGHUP, syscall.SIGHUP},
	} {
		t.Run(name, func(t *testing.T) {
			command := process(strings.Fields(longClimb)...)
			stderr := startClimb(t, command)
			for _, signal := range signals {
				require.NoError(t, command.Process.Signal(signal))
			}
			said := stderr()
			require.Error(t, command.Wait())
			require.Equal(t, exitInterrupted, command.ProcessState.ExitCode(), said)
			require.Contains(t, said, "convscope: stopped early, kept.png holds the picture so far")
			status, shown, wrong := runCommand(t, "show", "kept.png")
			require.Equal(t, exitOK, status, wrong)
			require.Contains(t, shown, "stopped ")
			if name == "Ctrl-C" { // most likely before the first step
				status, said, wrong := runCommand(t, "reproduce", "kept.png", "--out", "again.png")
				require.Equal(t, exitOK, status, wrong)
				require.Contains(t, said, identical)
			}
			require.NoError(t, os.Remove("kept.png"))
		})
	}
	t.Run("nohup", func(t *testing.T) {
		command := exec.Command("sh", "-c", `trap "" HUP; exec "$0" "$@"`, os.Args[0])
		command.Args = append(command.Args, strings.Fields(longClimb)...)
		command.Env = append(os.Environ(), commandEnv+"=1")
		stderr := startClimb(t, command)
		if runtime.GOOS == "linux" {
			state, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", command.Process.Pid))
			if err == nil {
				require.Regexp(t, `SigIgn:\t[0-9a-f]*[13579bdf]\n`, string(state), "SIGHUP, the first bit, is ignored")
			}
		}
		require.NoError(t, command.Process.Signal(syscall.SIGHUP))
		require.NoError(t, command.Process.Signal(syscall.SIGINT))
		said := stderr()
		require.Error(t, command.Wait())
		require.NotContains(t, said, "terminal")
		require.FileExists(t, "kept.png")
	})
}

// TestSignalsKeepOtherWork stops each other command that climbs.
func TestSignalsKeepOtherWork(t *testing.T) {
	level.OnlyFull(t, "climbs by five commands")
	inFolderWithPhoto(t)
	status, _, wrong := runCommand(t,
		strings.Fields("grid --layer block1_conv2 --filters 0-3 --size 16 --steps 200 --batch 2 --out old.png")...)
	require.Equal(t, exitOK, status, wrong)
	for _, test := range []struct{ args, want string }{
		{"grid --layer block2_conv1 --filters 0-9 --size 32 --steps 100000000 --out sheet.png",
			"sheet.png holds the picture so far"},
		{"explain --image photo.png --classifier samples --method book,steps=100000000 --channels 2 --out told.png",
			"the terminal was closed"},
		{"census --layer block2_conv1 --size 32 --steps 100000000 --out none.md", "so nothing was written"},
		{"contest --blocks 1 --filters 2 --size 32 --against book,steps=100000000 --method book,steps=2,border=1 --out duel",
			"stopped early"},
	} {
		t.Run(test.args, func(t *testing.T) {
			command := process(strings.Fields(test.args)...)
			stderr := startClimb(t, command)
			require.NoError(t, command.Process.Signal(syscall.SIGHUP))
			said := stderr()
			require.Error(t, command.Wait())
			require.Equal(t, exitInterrupted, command.ProcessState.ExitCode(), said)
			require.Contains(t, said, test.want)
		})
	}
	require.FileExists(t, "sheet.png")
	require.NoFileExists(t, "none.md")
}
