// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/file"
)

// text is what writes it.
func text(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

// content is what a file holds.
func content(t *testing.T, path string) string {
	t.Helper()
	all, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(all)
}

// names are those of a folder's files.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

func TestOpen(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("text", []byte("here"), 0o600))
	require.NoError(t, os.Symlink("text", "link"))
	require.NoError(t, syscall.Mkfifo("pipe", 0o600))
	require.NoError(t, os.Symlink("pipe", "to-pipe"))
	require.NoError(t, os.Mkdir("dir", 0o700))
	for _, path := range []string{"text", "link"} {
		opened, err := file.Open(path)
		require.NoError(t, err)
		got, err := io.ReadAll(opened)
		require.NoError(t, err)
		require.Equal(t, "here", string(got))
		require.NoError(t, opened.Close())
	}
	for path, want := range map[string]string{
		"pipe": "it is a pipe", "to-pipe": "it is a pipe", "dir": "it is a folder", "/dev/null": "it is a device",
	} {
		_, err := file.Open(path)
		require.ErrorIs(t, err, file.ErrNotRegular)
		require.ErrorContains(t, err, path+": not a regular file: "+want)
	}
	_, err := file.Open("none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWriteReplacesWhatIsRegular(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Run("what is new", func(t *testing.T) {
		require.NoError(t, file.Check("new", 1000))
		require.NoFileExists(t, "new")
		require.NoError(t, file.Write("new", text("one")))
		require.Equal(t, "one", content(t, "new"))
	})
	t.Run("what fails leaves the old", func(t *testing.T) {
		bad := errors.New("no")
		err := file.Write("new", func(w io.Writer) error {
			_, _ = io.WriteString(w, "half")
			return bad
		})
		require.ErrorIs(t, err, bad)
		require.Equal(t, "one", content(t, "new"))
	})
	t.Run("permissions stay", func(t *testing.T) {
		require.NoError(t, os.Chmod("new", 0o640))
		require.NoError(t, file.Write("new", text("two")))
		info, err := os.Stat("new")
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o640), info.Mode())
	})
	t.Run("links stay", func(t *testing.T) {
		require.NoError(t, os.Mkdir("other", 0o700))
		require.NoError(t, os.Symlink("../new", "other/link"))
		require.NoError(t, os.Symlink("other/link", "link"))
		require.NoError(t, file.Check("link", 1))
		require.NoError(t, file.Write("link", text("three")))
		require.Equal(t, "three", content(t, "new"))
		to, err := os.Readlink("link")
		require.NoError(t, err)
		require.Equal(t, "other/link", to)
		require.Equal(t, []string{"link"}, names(t, "other"))
	})
	t.Run("links to what is not there yet", func(t *testing.T) {
		require.NoError(t, os.Symlink("other/later", "first"))
		require.NoError(t, os.Symlink("first", "second"))
		require.NoError(t, file.Check("second", 1))
		require.NoError(t, file.Write("second", text("four")))
		require.Equal(t, "four", content(t, "other/later"))
		require.Equal(t, os.ModeSymlink, modeOf(t, "second")&os.ModeType)
	})
	t.Run("a link to itself", func(t *testing.T) {
		require.NoError(t, os.Symlink("loop", "loop"))
		require.ErrorContains(t, file.Check("loop", 1), "writing loop: too many")
		require.Error(t, file.Write("loop", text("x")))
	})
	for _, name := range names(t, ".") {
		require.False(t, strings.HasPrefix(name, "."), "%s was left behind", name)
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	return info.Mode()
}

func TestPipesAndDevices(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, syscall.Mkfifo("pipe", 0o600))
	require.ErrorContains(t, file.Check("pipe", 1), "it is a pipe: name a file")
	require.Error(t, file.Write("pipe", text("x")), "nobody reads")
	require.Equal(t, os.ModeNamedPipe, modeOf(t, "pipe")&os.ModeType)

	require.ErrorContains(t, file.Check(".", 1), "it is a folder: name a file")
	require.ErrorContains(t, file.Check("none/x", 1), "there is no folder none: make it first")
	require.NoError(t, os.WriteFile("file", nil, 0o600))
	require.ErrorContains(t, file.Check("file/x", 1), "not a directory")
	require.ErrorContains(t, file.Check(strings.Repeat("x", 300), 1), "file name too long")

	// The real devices may only be looked at: a fault would replace them.
	if os.Geteuid() != 0 {
		require.NoError(t, file.Write("/dev/null", text("x")))
	}
	require.NoError(t, file.Check("/dev/null", 1))
	require.True(t, file.IsDevice("/dev/null"))
	require.True(t, file.IsStream("/dev/null"))
	require.ErrorContains(t, file.Check("/dev/full", 1), "no space left")
	if err := syscall.Mknod("null", syscall.S_IFCHR|0o600, 1<<8|3); err == nil { // root may make a second one
		if writable, err := os.OpenFile("null", os.O_WRONLY, 0); err == nil {
			require.NoError(t, writable.Close())
			require.NoError(t, os.Symlink("null", "to-null"))
			require.NoError(t, file.Check("to-null", 1))
			require.NoError(t, file.Write("to-null", text("x")))
			require.Equal(t, os.ModeDevice|os.ModeCharDevice, modeOf(t, "null")&os.ModeType)
		}
	}
}

// helperEnv makes this test binary write to a path of its own.
const helperEnv = "CONVSCOPE_FILE_TEST"

func TestMain(m *testing.M) {
	if path := os.Getenv(helperEnv); path != "" {
		err := file.Check(path, 1)
		if err == nil {
			err = file.Write(path, text("content\n"))
		}
		if err != nil {
			_, _ = io.WriteString(os.Stderr, err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// helper is a process that writes to the path.
func helper(path string) *exec.Cmd {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), helperEnv+"="+path)
	return command
}

func TestStandardOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	got, err := helper("/dev/stdout").Output()
	require.NoError(t, err)
	require.Equal(t, "content\n", string(got), "a pipe")

	// A file that a shell opened gets it where it stands, and is not replaced.
	out, err := os.Create("out")
	require.NoError(t, err)
	_, err = out.WriteString("before\n")
	require.NoError(t, err)
	command := helper("/dev/stdout")
	command.Stdout = out
	require.NoError(t, command.Run())
	_, err = out.WriteString("after\n")
	require.NoError(t, err)
	require.NoError(t, out.Close())
	require.Equal(t, "before\ncontent\nafter\n", content(t, "out"))

	// A pipe that a shell made for us: >(...).
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	command = helper("/dev/fd/3")
	command.ExtraFiles = []*os.File{writer}
	require.NoError(t, command.Run())
	require.NoError(t, writer.Close())
	piped, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, "content\n", string(piped))
	require.NoError(t, reader.Close())
}

// TestOtherUser tries as somebody to whom permissions apply.
func TestOtherUser(t *testing.T) {
	dir := t.TempDir()
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		require.NoError(t, os.Chmod(parent, 0o755))
	}
	binary := filepath.Join(dir, "helper")
	code, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(binary, code, 0o755))
	closed, open := filepath.Join(dir, "closed"), filepath.Join(dir, "open")
	require.NoError(t, os.Mkdir(closed, 0o755))
	require.NoError(t, os.Mkdir(open, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(closed, "shared"), []byte("old, and longer"), 0o666))
	require.NoError(t, os.Chmod(filepath.Join(closed, "shared"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(open, "locked"), []byte("old"), 0o444))
	require.NoError(t, os.Chmod(open, 0o777))
	if os.Geteuid() != 0 {
		require.NoError(t, os.Chmod(closed, 0o555))
		defer func() { _ = os.Chmod(closed, 0o755) }()
	}
	run := func(path string) (string, error) {
		command := helper(path)
		command.Path = binary
		if os.Geteuid() == 0 {
			const nobody = 65534
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		said, err := command.CombinedOutput()
		return string(said), err
	}
	said, err := run(filepath.Join(closed, "new"))
	require.Error(t, err)
	require.Contains(t, said, "its folder "+closed+" takes no such file (permission denied): choose another")
	said, err = run(filepath.Join(open, "locked"))
	require.Error(t, err)
	require.Contains(t, said, "it can't be written to (permission denied): name another file")
	require.Equal(t, "old", content(t, filepath.Join(open, "locked")))
	said, err = run(filepath.Join(closed, "shared"))
	require.NoError(t, err, said)
	require.Equal(t, "content\n", content(t, filepath.Join(closed, "shared")), "written into, as it can't be replaced")
	said, err = run(filepath.Join(open, "new"))
	require.NoError(t, err, said)
	require.Equal(t, []string{"shared"}, names(t, closed))
	require.Equal(t, []string{"locked", "new"}, names(t, open))
}

func TestSame(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("a", nil, 0o600))
	require.NoError(t, os.WriteFile("b", nil, 0o600))
	require.NoError(t, os.Link("a", "hard"))
	require.NoError(t, os.Symlink("a", "soft"))
	require.NoError(t, os.Mkdir("dir", 0o700))
	require.NoError(t, os.Symlink("dir", "to-dir"))
	require.NoError(t, os.Symlink("dir/new", "to-new"))
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, pair := range [][2]string{
		{"a", "a"}, {"a", "./a"}, {"a", "hard"}, {"soft", "hard"}, {"a", filepath.Join(here, "a")}, {"a", "dir/../a"},
		{"new", "new"}, {"new", "dir/../new"}, {"dir/new", "to-dir/new"}, {"dir/new", "to-new"},
		{"new", filepath.Join(here, "new")},
	} {
		require.True(t, file.Same(pair[0], pair[1]), pair)
		require.True(t, file.Same(pair[1], pair[0]), pair)
	}
	for _, pair := range [][2]string{{"a", "b"}, {"a", "new"}, {"new", "newer"}, {"dir/new", "new"},
		{"none/x", "none/x"}} {
		require.False(t, file.Same(pair[0], pair[1]), pair)
	}
}

func TestFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, file.Folder("a/b"))
	require.Empty(t, names(t, "a/b"))
	require.NoError(t, os.WriteFile("file", nil, 0o600))
	require.ErrorContains(t, file.Folder("file"), "name another")
	require.ErrorContains(t, file.Folder("/proc"), "the folder /proc takes no files")
}
