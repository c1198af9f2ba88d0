// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package regular_test

import (
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/regular"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(path, []byte("abc"), 0o600))
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(path, link))
	for _, good := range []string{path, link} {
		file, size, err := regular.Open(good)
		require.NoError(t, err)
		require.EqualValues(t, 3, size)
		require.NoError(t, file.Close())
	}
	_, _, err := regular.Open(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)

	pipe := filepath.Join(dir, "pipe")
	if err := exec.Command("mkfifo", pipe).Run(); err == nil {
		refused(t, pipe, "a pipe")
	}
	if socket, err := net.Listen("unix", filepath.Join(dir, "socket")); err == nil {
		defer socket.Close()
		refused(t, filepath.Join(dir, "socket"), "a socket")
	}
	refused(t, dir, "a directory")
	refused(t, os.DevNull, "a device")
}

func refused(t *testing.T, path, what string) {
	t.Helper()
	_, _, err := regular.Open(path)
	require.ErrorIs(t, err, regular.ErrKind)
	require.ErrorContains(t, err, path+" is "+what)
}
