// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/pkg/device"
)

// tarball returns a .tar.gz with one member.
func tarball(t *testing.T, name string, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(text))}))
	_, err := w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestRelease(t *testing.T) {
	archive := tarball(t, "pjrt_c_api_cpu_v1.2.3_plugin.so", device.FakeELF())
	sum := func() string {
		sum := sha256.Sum256(archive)
		return hex.EncodeToString(sum[:])
	}
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		_, _ = w.Write(archive)
	}))
	t.Cleanup(server.Close)
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "go-xla-v1")
	get := func(sum, dir string) error {
		source, err := device.ReleaseGet(t, ctx, server.URL+"/", "darwin/arm64", sum, dir)
		if device.CPURelease == "" {
			t.Skip("this build has no XLA")
		}
		require.Contains(t, source, "go-xla's releases (v")
		return err
	}

	err := get("", dir)
	assert.ErrorContains(t, err, "this program knows no SHA-256 of pjrt_cpu_darwin_arm64.tar.gz: take it from "+
		server.URL+"/tag/"+device.CPURelease)
	assert.ErrorContains(t, err, "/home/ada/Library/Application Support/go-xla by hand")
	assert.Empty(t, asked, "nothing is fetched that nobody vouches for")

	write(t, filepath.Join(dir, cpuFile), []byte("damaged"))
	require.NoError(t, get(strings.ToUpper(sum()), dir))
	assert.Equal(t, []string{"/download/" + device.CPURelease + "/pjrt_cpu_darwin_arm64.tar.gz"}, asked)
	plugin := filepath.Join(dir, "pjrt_c_api_cpu_v1.2.3_plugin.so")
	assert.NoError(t, device.CheckFile(plugin))
	assert.NoError(t, device.Intact(plugin, true))
	assert.FileExists(t, plugin+".json")
	assert.NoFileExists(t, filepath.Join(dir, cpuFile))
	left, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	assert.Len(t, left, 1)

	for _, test := range []struct {
		name  string
		text  []byte
		fails string
	}{
		{"no plugin inside", tarball(t, "README", []byte("hello")), "holds no CPU plugin"},
		{"no archive", []byte("hello"), "unpack"},
		{"a path out of the directory", tarball(t, "../../"+cpuFile, []byte("x")), "unsafe"},
	} {
		t.Run(test.name, func(t *testing.T) {
			archive = test.text
			dir := filepath.Join(t.TempDir(), "go-xla-v1")
			assert.ErrorContains(t, get(sum(), dir), test.fails)
			left, err := os.ReadDir(filepath.Dir(dir))
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
	t.Run("another file than promised", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "go-xla-v1")
		assert.ErrorIs(t, get(strings.Repeat("0", 64), dir), fetch.ErrHash)
		assert.NoDirExists(t, dir)
	})
	t.Run("where pip has plugins, one without a hash is not offered", func(t *testing.T) {
		source, err := device.ReleaseGet(t, ctx, server.URL+"/", "linux/amd64", "", dir)
		require.NoError(t, err)
		assert.Empty(t, source)
	})
	for path, sum := range device.ReleaseSums {
		assert.Regexp(t, `^v[0-9.]+/pjrt_cpu_\w+\.tar\.gz$`, path)
		assert.Regexp(t, `^[0-9a-f]{64}$`, sum)
	}
}
