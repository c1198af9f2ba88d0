// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	sum := sha256.Sum256(archive)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	hang := make(chan struct{})
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hang) }) // before Close, which waits for the handlers
	list := func(digest string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"assets": [{"name": "pjrt_cpu_mars.tar.gz"}, {"name": "pjrt_cpu_moon.tar.gz", "size": %d,
				"browser_download_url": "%s/file/pjrt_cpu_moon.tar.gz", "digest": %s}]}`, len(archive), server.URL, digest)
		}
	}
	mux.HandleFunc("/tags/v1", list(`"`+digest+`"`))
	mux.HandleFunc("/tags/nohash", list("null"))
	mux.HandleFunc("/tags/html", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") })
	mux.HandleFunc("/tags/busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	mux.HandleFunc("/tags/hang", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/file/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive) })
	device.SetReleases(t, server.URL+"/tags/", 200*time.Millisecond)
	ctx := context.Background()

	file, err := device.FindRelease(ctx, "v1", "pjrt_cpu_moon")
	require.NoError(t, err)
	assert.Equal(t, digest, "sha256:"+file.SHA256)
	dir := filepath.Join(t.TempDir(), "go-xla-v1")
	write(t, filepath.Join(dir, cpuFile), []byte("damaged"))
	require.NoError(t, device.UnpackRelease(ctx, file, dir))
	plugin := filepath.Join(dir, "pjrt_c_api_cpu_v1.2.3_plugin.so")
	assert.NoError(t, device.CheckFile(plugin))
	assert.NoError(t, device.Intact(plugin, true))
	assert.FileExists(t, plugin+".json")
	assert.NoFileExists(t, filepath.Join(dir, cpuFile))
	left, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	assert.Len(t, left, 1)

	for _, test := range []struct{ version, name, fails string }{
		{"v1", "pjrt_cpu_venus", "release v1 has no pjrt_cpu_venus"},
		{"nohash", "pjrt_cpu_moon", "no SHA-256 is given for pjrt_cpu_moon.tar.gz"},
		{"html", "pjrt_cpu_moon", "its list of files does not read"},
		{"busy", "pjrt_cpu_moon", "it says 403 Forbidden"},
		{"none", "pjrt_cpu_moon", "it says 404 Not Found"},
		{"hang", "pjrt_cpu_moon", "no answer within"},
	} {
		t.Run(test.version+" "+test.name, func(t *testing.T) {
			_, err := device.FindRelease(ctx, test.version, test.name)
			assert.ErrorContains(t, err, test.fails)
		})
	}
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
			sum := sha256.Sum256(archive)
			file := fetch.File{URL: file.URL, SHA256: hex.EncodeToString(sum[:])}
			dir := filepath.Join(t.TempDir(), "go-xla-v1")
			assert.ErrorContains(t, device.UnpackRelease(ctx, file, dir), test.fails)
			left, err := os.ReadDir(filepath.Dir(dir))
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
	t.Run("another file than promised", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "go-xla-v1")
		assert.ErrorIs(t, device.UnpackRelease(ctx, file, dir), fetch.ErrHash)
		assert.NoDirExists(t, dir)
	})
	t.Run("nobody there", func(t *testing.T) {
		device.SetReleases(t, "http://127.0.0.1:1/", time.Second)
		_, err := device.FindRelease(ctx, "v1", "pjrt_cpu_moon")
		assert.ErrorIs(t, err, fetch.ErrUnreachable)
		assert.ErrorContains(t, err, "connection refused")
	})
}
