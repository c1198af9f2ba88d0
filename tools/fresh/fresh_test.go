// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fresh_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/fresh"
)

// The tests read the commands from the very files that users and services read.

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	require.NoError(t, err)
	return string(text)
}

// clone is this repository.
func clone(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	require.NoError(t, err)
	return path
}

// suite is the Debian of the Dockerfile's image, which the other files have as well.
func suite(t *testing.T) string {
	t.Helper()
	steps := fresh.ParseDockerfile(read(t, "Dockerfile"))
	require.Equal(t, "FROM", steps[0].Name)
	name, err := fresh.Suite(steps[0].Text)
	require.NoError(t, err)
	return name
}

// bare is one bootstrap for all tests; each has a copy of it.
var bare struct {
	sync.Once
	*fresh.System
	err error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if bare.System != nil {
		bare.Remove()
	}
	os.Exit(status)
}

// system is a bare Debian. CI has what that takes, and time for README's commands.
func system(t *testing.T) *fresh.System {
	t.Helper()
	level.OnlyFull(t, "takes minutes, and fetches all that a new machine fetches")
	inCI := os.Getenv("CI") != ""
	if inCI && t.Name() != "TestREADME" {
		t.Skip("as long again as TestREADME: run it where the files that it reads have changed")
	}
	if err := fresh.Able(); err != nil && !inCI {
		t.Skip(err)
	}
	name := suite(t)
	bare.Do(func() { bare.System, bare.err = fresh.Make(context.Background(), name, io.Discard) })
	require.NoError(t, bare.err)
	s, err := bare.Copy(t.Context(), t.Output())
	require.NoError(t, err)
	t.Cleanup(s.Remove)
	return s
}

func TestREADME(t *testing.T) {
	s := system(t)
	promise, err := fresh.ParseREADME(read(t, "README.md"))
	require.NoError(t, err)
	root := func(script string) {
		t.Helper()
		require.NoError(t, s.Run(t.Context(), fresh.Command{Script: script}))
	}
	root("apt-get update && " +
		"DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends " + promise.Packages)
	require.NoError(t, s.AddGo())
	require.NoError(t, s.Trust())
	const dir = "/home/reader/convscope"
	root("useradd --create-home reader")
	require.NoError(t, s.AddTree(t.Context(), clone(t), dir))
	root("chown -R reader: " + dir)
	user := func(script string) {
		t.Helper()
		require.NoError(t, s.Run(t.Context(), fresh.Command{User: "reader", Dir: dir, Script: script,
			Env: []string{"HOME=/home/reader", "PATH=/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin"}}))
	}
	for _, command := range promise.Commands {
		if strings.HasSuffix(command, " lab") {
			command += " --prepare" // without opening a browser, as README says beside it
		}
		user(command)
	}
	require.True(t, s.Has(dir+"/out/2-filters.html"))
	user("go run ./tools/convscope doctor")
}

func TestDockerfile(t *testing.T) {
	b := build(t, "Dockerfile")
	require.True(t, b.System.Has(b.Dir+"/out/2-filters.html"))
	require.NoError(t, b.Run(t.Context(), "convscope doctor"), "the command is on the path")
}

func TestBinder(t *testing.T) {
	b := build(t, ".binder/Dockerfile")
	require.NoError(t, b.Run(t.Context(), "jupyter notebook --version && jupyter lab --version"), "what Binder starts")
	require.True(t, b.System.Has("/tmp/tried/1-activations.ipynb"), "a Jupyter that is not convscope's ran a lesson")
}

// build carries out a Dockerfile.
func build(t *testing.T, path string) *fresh.Builder {
	t.Helper()
	s := system(t)
	steps := fresh.ParseDockerfile(read(t, path))
	name, err := fresh.Suite(steps[0].Text)
	require.NoError(t, err)
	require.Equal(t, suite(t), name)
	require.NoError(t, s.Image(t.Context()))
	b := fresh.NewBuilder(s, clone(t))
	for _, step := range steps {
		require.NoError(t, b.Step(t.Context(), step), "%s %s", step.Name, step.Text)
	}
	return b
}

func TestDevContainer(t *testing.T) {
	s := system(t)
	container, err := fresh.ParseContainer([]byte(read(t, ".devcontainer/devcontainer.json")))
	require.NoError(t, err)
	name, err := fresh.Suite(container.Image)
	require.NoError(t, err)
	require.Equal(t, suite(t), name)
	require.NoError(t, s.Image(t.Context()))
	b := fresh.NewBuilder(s, clone(t))
	b.Dir = "/workspaces/convscope"
	require.NoError(t, s.AddTree(t.Context(), b.Clone, b.Dir))
	for _, command := range container.Commands() {
		require.NotEmpty(t, command)
		require.NoError(t, b.Run(t.Context(), command))
	}
	require.NoError(t, b.Run(t.Context(), `test -f "$HOME/.local/share/jupyter/kernels/gonb/kernel.json"`),
		"where editors look")
}

func TestParseDockerfile(t *testing.T) {
	got := fresh.ParseDockerfile("# a\nFROM x:1\nRUN a \\\n  # between\n && b\nUSER me\n")
	require.Equal(t, []fresh.Step{{"FROM", "x:1"}, {"RUN", "a  && b"}, {"USER", "me"}}, got)
}

func TestSuite(t *testing.T) {
	name, err := fresh.Suite("golang:1.26-bookworm")
	require.NoError(t, err)
	require.Equal(t, "bookworm", name)
	for _, image := range []string{"golang:1.26", "golang", "debian:bookworm-slim"} {
		_, err := fresh.Suite(image)
		require.Error(t, err, image)
	}
}

func TestTrust(t *testing.T) {
	s := &fresh.System{Root: t.TempDir()}
	require.ErrorIs(t, s.Trust(), fresh.ErrNoCertificates)
}

func ExampleParseREADME() {
	promise, err := fresh.ParseREADME("On Debian `apt install gcc`. In a clone of this repository:\n\n" +
		"```\ngo run ./tools/convscope run    # and so on\n```\n")
	fmt.Println(promise.Packages, promise.Commands, err)
	// Output: gcc [go run ./tools/convscope run] <nil>
}
