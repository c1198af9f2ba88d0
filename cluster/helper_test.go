// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
)

// kept returns a folder of the cache that holds what make puts into it, which is named by what that is.
func kept(t *testing.T, kind string, what []string, make func(dir string)) string {
	t.Helper()
	cache, err := fetch.CacheDir()
	require.NoError(t, err)
	dir := filepath.Join(cache, fmt.Sprintf("test-%s-%.6x", kind, sha256.Sum256([]byte(strings.Join(what, " ")))))
	unlock, err := fetch.Lock(context.Background(), dir+".lock")
	require.NoError(t, err)
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	part := dir + ".part"
	require.NoError(t, os.RemoveAll(part))
	require.NoError(t, os.MkdirAll(part, 0o700))
	make(part)
	require.NoError(t, os.Rename(part, dir))
	return dir
}

// unpacked is a folder with the contents of Debian's packages, of which nothing is installed.
type unpacked string

// debian unpacks packages, and what they need that is not installed here. It skips the test where that can't be done.
func debian(t *testing.T, packages ...string) unpacked {
	t.Helper()
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%q come from Debian's packages: there is no %s here", packages, tool)
		}
	}
	return unpacked(kept(t, "debian", packages, func(dir string) {
		temp := t.TempDir()
		archives, lists := filepath.Join(temp, "archives"), filepath.Join(temp, "lists")
		for _, dir := range []string{archives, lists} {
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "partial"), 0o700))
		}
		apt := func(args ...string) ([]byte, error) {
			own := []string{"-q", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=", "-o", "Dir::Cache=" + temp,
				"-o", "Dir::Cache::archives=" + archives}
			return exec.Command("apt-get", append(own, args...)...).CombinedOutput()
		}
		install := append([]string{"install", "--download-only", "--reinstall", "--yes", "--no-install-recommends"},
			packages...)
		said, err := apt(install...)
		if err != nil { // perhaps there are no lists of packages yet, or old ones
			own := []string{"-o", "Dir::State::lists=" + lists}
			if said, err = apt(append(own, "update")...); err == nil {
				said, err = apt(append(own, install...)...)
			}
		}
		if err != nil {
			t.Skipf("%q can't be had from Debian's packages here: %s", packages, said)
		}
		found, err := filepath.Glob(filepath.Join(archives, "*.deb"))
		require.NoError(t, err)
		require.NotEmpty(t, found, string(said))
		for _, path := range found {
			run(t, "dpkg-deb", "-x", path, dir)
		}
	}))
}

// tool is the path of a program, which Debian may have under another name.
func (u unpacked) tool(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{"usr/bin/" + name, "usr/sbin/" + name, "usr/sbin/" + name + "-wlm"} {
		if _, err := os.Stat(filepath.Join(string(u), path)); err == nil {
			return filepath.Join(string(u), path)
		}
	}
	require.Fail(t, "there is no "+name)
	return ""
}

// pythonWith returns a function that runs Python with packages.
func pythonWith(t *testing.T, packages ...string) func(args ...string) ([]byte, error) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("the schema comes with a package of Python, which is not here")
	}
	site := kept(t, "python", append([]string{run(t, python, "--version")}, packages...), func(dir string) {
		pip := exec.Command(python, append([]string{"-m", "pip", "install", "--quiet", "--no-deps", "--target",
			filepath.Join(dir, "site")}, packages...)...)
		pip.Env = fetch.PipEnv(context.Background(), python, t.TempDir(), "install")
		said, err := pip.CombinedOutput()
		require.NoError(t, err, string(said))
	})
	return func(args ...string) ([]byte, error) {
		command := exec.Command(python, args...)
		command.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(site, "site"), "PYTHONDONTWRITEBYTECODE=1")
		return command.CombinedOutput()
	}
}
