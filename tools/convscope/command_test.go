// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/tools/jupyter"
)

// runCommand runs a command line in this process.
func runCommand(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = execute(t.Context(), args, &out, &err)
	return status, out.String(), err.String()
}

func TestUsage(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown command": {[]string{"patern"}, `unknown command "patern": did you mean pattern?`},
		"unknown flag":    {[]string{"run", "--bogus"}, "unknown flag: --bogus (convscope run --help shows how)"},
		"bad value":       {[]string{"run", "--timeout", "soon"}, `invalid argument "soon"`},
		"extra argument":  {[]string{"doctor", "x"}, `unknown command "x" for "convscope doctor"`},
		"unknown device":  {[]string{"doctor", "--device", "tpu"}, `unknown device "tpu"`},
		"run and do not":  {[]string{"notebooks", "--write", "--format"}, "give one of them"},
		"kernel's none":   {[]string{"kernel", "x"}, `unknown command "x"`},
		"lab's own flags": {[]string{"lab", "x"}, "JupyterLab's own flags go after --"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := runCommand(t, test.args...)
			require.Equal(t, exitUsage, status)
			require.Contains(t, stderr, test.want)
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
		})
	}
	t.Run("help", func(t *testing.T) {
		status, stdout, stderr := runCommand(t)
		require.Equal(t, exitOK, status)
		require.Empty(t, stderr)
		for _, name := range []string{"run", "lab", "doctor", "notebooks", "pattern", "grid", "show", "reproduce"} {
			require.Contains(t, stdout, "\n  "+name+" ")
		}
	})
}

func TestErrors(t *testing.T) {
	t.Run("outside a clone", func(t *testing.T) {
		t.Chdir(t.TempDir())
		for _, name := range []string{"run", "lab", "notebooks"} {
			status, _, stderr := runCommand(t, name)
			require.Equal(t, exitFailure, status)
			require.Contains(t, stderr, "convscope: this is not inside a clone of convscope")
			require.Equal(t, 1, strings.Count(stderr, "\n"))
		}
	})
	t.Run("many lines become one", func(t *testing.T) {
		require.Equal(t, "a; b", oneLine(errors.Join(errors.New("a\n"), errors.New("  b"))))
	})
	t.Run("an interrupt", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		var out, err bytes.Buffer
		require.Equal(t, exitInterrupted, execute(ctx, []string{"doctor"}, &out, &err))
		require.Equal(t, "convscope: stopped\n", err.String())
	})
}

func TestChoices(t *testing.T) {
	read := func(t *testing.T, args ...string) (choices, error) {
		t.Helper()
		var got choices
		root := newRootCommand()
		root.AddCommand(&cobra.Command{Use: "probe", RunE: func(cmd *cobra.Command, _ []string) (err error) {
			got, err = readChoices(cmd)
			return err
		}})
		root.SetArgs(append([]string{"probe"}, args...))
		err := root.Execute()
		return got, err
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	t.Chdir(dir)
	t.Setenv("CONVSCOPE_CACHE", "cache")
	cache := "CONVSCOPE_CACHE=" + filepath.Join(dir, "cache")

	t.Run("none", func(t *testing.T) {
		got, err := read(t)
		require.NoError(t, err)
		require.Equal(t, choices{}, got)
		require.Equal(t, []string{cache}, got.env())
	})
	t.Run("flags", func(t *testing.T) {
		got, err := read(t, "--device", "CPU", "--weights", "w.npz", "--weights-input", "torch")
		require.NoError(t, err)
		path := filepath.Join(dir, "w.npz")
		require.Equal(t, choices{device.CPU, path, "torch"}, got)
		require.Equal(t, []string{"GOMLX_BACKEND=xla:cpu", "CONVSCOPE_WEIGHTS=" + path,
			"CONVSCOPE_WEIGHTS_INPUT=torch", cache}, got.env())
		_, err = read(t, "--weights-input", "rgb")
		require.ErrorAs(t, err, new(usageError))
		require.ErrorContains(t, err, "choose from caffe, caffe-rgb, torch, tf, unit")
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("CONVSCOPE_DEVICE", "go")
		t.Setenv("CONVSCOPE_WEIGHTS", "env.h5")
		got, err := read(t)
		require.NoError(t, err)
		require.Equal(t, device.Go, got.device)
		require.Equal(t, []string{"GOMLX_BACKEND=go", "CONVSCOPE_WEIGHTS=" + filepath.Join(dir, "env.h5"), cache}, got.env())
		got, err = read(t, "--device=auto")
		require.NoError(t, err)
		require.Equal(t, device.Auto, got.device, "the flag wins")
	})
	t.Run("limits", func(t *testing.T) {
		require.EqualValues(t, 0, (&environment{kind: device.CPU}).limit(0))
		require.EqualValues(t, -1, (&environment{kind: device.Go}).limit(0), "the pure Go backend takes its time")
		require.Equal(t, time.Minute, (&environment{kind: device.Go}).limit(time.Minute))
	})
}

func TestDoctor(t *testing.T) {
	t.Run("an empty machine", func(t *testing.T) {
		// Nothing but Go's toolchain directory is on PATH, so that Python is missing.
		goPath, err := exec.LookPath("go")
		require.NoError(t, err)
		bin := t.TempDir()
		require.NoError(t, os.Symlink(goPath, filepath.Join(bin, "go")))
		t.Setenv("PATH", bin)
		t.Setenv("CONVSCOPE_CACHE", filepath.Join(t.TempDir(), "none"))
		t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
		t.Setenv("CONVSCOPE_WEIGHTS", "")
		t.Setenv("GOMLX_BACKEND", "")
		status, stdout, stderr := runCommand(t, "doctor", "--json")
		var findings []finding
		require.NoError(t, json.Unmarshal([]byte(stdout), &findings))
		state := map[string]health{}
		for _, f := range findings {
			state[f.Part] = f.Health
			if f.Health == broken || f.Health == absent {
				require.NotEmpty(t, f.Advice, f.Part)
			}
		}
		require.Equal(t, broken, state["python"])
		require.Equal(t, warning, state["go"], "there is no C compiler")
		for _, part := range []string{"jupyter", "kernel", "weights"} {
			require.Equal(t, absent, state[part], part)
		}
		require.Equal(t, exitFailure, status)
		require.Equal(t, "convscope: python: broken, see the arrows above\n", stderr)
	})
	t.Run("weights that are not there", func(t *testing.T) {
		found := examineWeights(t.Context(), choices{weights: "/nonexistent.h5"})
		require.Equal(t, broken, found[0].Health)
		require.Error(t, brokenParts(found))
	})
	t.Run("a cache that cannot be made", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		t.Setenv("CONVSCOPE_CACHE", filepath.Join(file, "cache"))
		require.Equal(t, broken, examineCache(t.Context(), choices{})[0].Health)
	})
	t.Run("the table", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, printFindings(&out, []finding{
			{Part: "go", Health: ok, About: "go1.26"}, {"python", broken, "none", "install it"}}))
		require.Equal(t, "go      ok      go1.26\npython  broken  none\n                -> install it\n", out.String())
	})
}

// build compiles the command, for tests that need it as a process of its own.
func build(t *testing.T) string {
	t.Helper()
	level.Real(t, "runs the real command with a real Jupyter")
	path := filepath.Join(t.TempDir(), "convscope")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// deadProxy stands for a network that answers nothing, and counts how often it is asked.
func deadProxy(t *testing.T) (tries func() int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	var count atomic.Int64
	go func() {
		for {
			asked, err := listener.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			_ = asked.Close()
		}
	}()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://"+listener.Addr().String())
	}
	return count.Load
}

// writeNotebook writes a notebook of code cells into the clone.
func writeNotebook(t *testing.T, root, name string, cells ...string) {
	t.Helper()
	nb := &jupyter.Notebook{}
	for _, source := range cells {
		nb.Cells = append(nb.Cells, &jupyter.Cell{Kind: jupyter.Code, Source: source})
	}
	nb.Normalize(nil)
	require.NoError(t, nb.Write(filepath.Join(root, "notebooks", name)))
}

func TestRunCommand(t *testing.T) {
	command := build(t)
	root := makeClone(t)
	writeNotebook(t, root, "good.ipynb", "%%\n"+`fmt.Println("here:", os.Getenv("GONB_DIR"))`)
	writeNotebook(t, root, "bad.ipynb", "%%\n"+`fmt.Println("fine")`, "%%\nundefinedName()")
	writeNotebook(t, root, "long.ipynb", "%%\n"+`time.Sleep(time.Hour)`)
	start := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		cmd := exec.Command(command, args...)
		cmd.Dir = filepath.Join(root, "notebooks")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		require.NoError(t, cmd.Start())
		return cmd, &out
	}
	t.Run("a notebook that works", func(t *testing.T) {
		cmd, out := start("run", "good")
		require.NoError(t, cmd.Wait(), "%s", out)
		for _, step := range []string{"weights ", "device ", "jupyter ", "kernel ", "good.ipynb 1 cell, "} {
			require.Contains(t, out.String(), step)
		}
		done, err := jupyter.ReadNotebook(filepath.Join(root, "out", "good.ipynb"))
		require.NoError(t, err)
		require.Equal(t, "here: "+filepath.Join(root, "notebooks")+"\n", done.Cells[0].Outputs[0].Text)
		require.FileExists(t, filepath.Join(root, "out", "good.html"))
	})
	t.Run("a cell that fails", func(t *testing.T) {
		cmd, out := start("run", "bad")
		require.Error(t, cmd.Wait())
		require.Equal(t, exitFailure, cmd.ProcessState.ExitCode())
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Contains(t, lines[len(lines)-1],
			"convscope: bad.ipynb: cell 2 of 2 (id code-2) failed: line 2: undefined: undefinedName")
		page, err := os.ReadFile(filepath.Join(root, "out", "bad.html"))
		require.NoError(t, err)
		require.Contains(t, string(page), "fine", "what ran so far can be looked at")
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		level.OnlyFull(t, "starts Jupyter once more")
		cmd, out := start("run", "long", "--out", filepath.Join(root, "out2"))
		time.Sleep(6 * time.Second)
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		require.Error(t, cmd.Wait())
		require.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode())
		require.True(t, strings.HasSuffix(out.String(), "convscope: stopped\n"), "%s", out)
		left, err := os.ReadDir(filepath.Join(root, "out2"))
		require.NoError(t, err)
		require.Empty(t, left)
	})
	t.Run("notebooks --write", func(t *testing.T) {
		level.OnlyFull(t, "starts Jupyter twice more")
		cmd, out := start("notebooks", "--write", "good", "bad")
		require.Error(t, cmd.Wait(), "bad.ipynb fails, good.ipynb is refreshed all the same")
		require.Contains(t, out.String(), "convscope: bad.ipynb: cell 2 of 2")
		text, err := os.ReadFile(filepath.Join(root, "notebooks", "good.ipynb"))
		require.NoError(t, err)
		require.Contains(t, string(text), `"here: convscope/notebooks\n"`)
		text, err = os.ReadFile(filepath.Join(root, "notebooks", "bad.ipynb"))
		require.NoError(t, err)
		require.NotContains(t, string(text), `"fine\n"`, "a notebook that fails stays as it was")
	})
	t.Run("no network and nothing in the cache", func(t *testing.T) {
		level.OnlyFull(t, "waits for what does not answer")
		tries := deadProxy(t)
		t.Setenv("PIP_INDEX_URL", "http://pypi.invalid/simple")
		t.Setenv("PIP_NO_CACHE_DIR", "1")
		t.Setenv("PIP_FIND_LINKS", "")
		t.Setenv("CONVSCOPE_CACHE", t.TempDir())
		cmd, out := start("run", "good")
		require.Error(t, cmd.Wait())
		require.Equal(t, exitFailure, cmd.ProcessState.ExitCode())
		const sources, most = 5, 12 // files and packages to ask for, and how often each, with pip's own tries
		require.LessOrEqual(t, tries(), int64(sources*most), "it does not go on asking")
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.True(t, strings.HasPrefix(lines[len(lines)-1], "convscope: "), "%s", out)
		require.Contains(t, lines[len(lines)-1], "offline", "it says how to go on")
	})
}
