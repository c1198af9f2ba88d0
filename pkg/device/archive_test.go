// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// TestUntar unpacks archives that would write elsewhere: nothing outside the directory changes, whatever is in them.
func TestUntar(t *testing.T) {
	type member struct {
		kind       byte
		name, link string
	}
	plain := member{tar.TypeReg, cpuFile, ""}
	for _, test := range []struct {
		name    string
		members []member
		files   []string
		unsafe  bool
	}{
		{"a plugin", []member{plain}, []string{cpuFile}, false},
		{"in a directory, with others", []member{{tar.TypeDir, "lib/", ""}, {tar.TypeReg, "lib/" + cpuFile, ""},
			{tar.TypeReg, "lib/README", ""}},
			[]string{cpuFile}, false},
		{"a dangling link, then a file through it", []member{{tar.TypeSymlink, cpuFile, "OUT/new"}, plain},
			[]string{cpuFile}, false},
		{"a link to a file, then a file through it", []member{{tar.TypeSymlink, cpuFile, "OUT/old"}, plain},
			[]string{cpuFile}, false},
		{"a link to a directory", []member{{tar.TypeSymlink, "lib", "OUT"}, {tar.TypeReg, "lib/" + cpuFile, ""}},
			[]string{cpuFile}, false},
		{"a hard link", []member{{tar.TypeLink, cpuFile, "OUT/old"}, plain}, []string{cpuFile}, false},
		{"only links", []member{{tar.TypeSymlink, cpuFile, "OUT/old"}}, nil, false},
		{"a device", []member{{tar.TypeChar, cpuFile, ""}, {tar.TypeFifo, "pjrt_c_api_cpu_v1_plugin.so", ""}}, nil, false},
		{"two dots", []member{{tar.TypeReg, "../" + cpuFile, ""}}, nil, true},
		{"two dots inside", []member{{tar.TypeReg, "lib/../../" + cpuFile, ""}}, nil, true},
		{"an absolute name", []member{{tar.TypeReg, "/" + cpuFile, ""}}, nil, true},
		{"no name", []member{{tar.TypeReg, "", ""}}, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			outside, dir := filepath.Join(root, "outside"), filepath.Join(root, "inside")
			write(t, filepath.Join(outside, "old"), []byte("as it was"))
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			w := tar.NewWriter(z)
			for _, m := range test.members {
				header := &tar.Header{Typeflag: m.kind, Name: m.name,
					Linkname: strings.ReplaceAll(m.link, "OUT", outside), Mode: 0o777}
				if m.kind == tar.TypeReg {
					header.Size = 5
				}
				require.NoError(t, w.WriteHeader(header))
				if m.kind == tar.TypeReg {
					_, err := w.Write([]byte("hello"))
					require.NoError(t, err)
				}
			}
			require.NoError(t, w.Close())
			require.NoError(t, z.Close())
			archive := filepath.Join(root, "a.tar.gz")
			write(t, archive, b.Bytes())

			files, err := device.UntarPlugins(archive, dir)
			if test.unsafe {
				assert.Error(t, err)
			} else {
				require.NoError(t, err)
				assert.Equal(t, test.files, files)
			}
			for _, name := range test.files {
				info, err := os.Lstat(filepath.Join(dir, name))
				require.NoError(t, err)
				assert.True(t, info.Mode().IsRegular())
			}
			text, err := os.ReadFile(filepath.Join(outside, "old"))
			require.NoError(t, err)
			assert.Equal(t, "as it was", string(text))
			left, err := os.ReadDir(outside)
			require.NoError(t, err)
			assert.Len(t, left, 1)
			left, err = os.ReadDir(root)
			require.NoError(t, err)
			assert.Len(t, left, 3)
		})
	}
	t.Run("without end", func(t *testing.T) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeros", Size: 5 << 30, Mode: 0o644}))
		require.NoError(t, z.Close()) // it ends after the header: what counts is what is promised
		archive := filepath.Join(t.TempDir(), "a.tar.gz")
		write(t, archive, b.Bytes())
		_, err := device.UntarPlugins(archive, t.TempDir())
		assert.Error(t, err)
	})
}

func TestUnzip(t *testing.T) {
	root := t.TempDir()
	outside, dir := filepath.Join(root, "outside"), filepath.Join(root, "inside")
	require.NoError(t, os.MkdirAll(outside, 0o755))
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link"))) // left by whoever
	pack := func(names ...string) string {
		path := filepath.Join(t.TempDir(), "a.zip")
		f, err := os.Create(path)
		require.NoError(t, err)
		z := zip.NewWriter(f)
		for _, name := range names {
			header := &zip.FileHeader{Name: strings.TrimSuffix(name, "@")}
			header.SetMode(0o644)
			if strings.HasSuffix(name, "@") {
				header.SetMode(fs.ModeSymlink | 0o777)
			}
			w, err := z.CreateHeader(header)
			require.NoError(t, err)
			_, err = w.Write([]byte(outside))
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		require.NoError(t, f.Close())
		return path
	}
	same := func(name string) string { return name }
	require.NoError(t, device.Unzip(pack("lib/a.so", "bin/ptxas", "lib/l@"), dir, same))
	info, err := os.Stat(filepath.Join(dir, "bin/ptxas"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&0o100)
	assert.NoFileExists(t, filepath.Join(dir, "lib/l"), "links are not made")
	require.NoError(t, device.Unzip(pack("lib/a.so"), dir, same), "an interrupted installation goes on")
	for _, name := range []string{"../outside/a", "/etc/passwd", "link/a"} {
		t.Run(name, func(t *testing.T) { assert.Error(t, device.Unzip(pack(name), dir, same)) })
	}
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, left)
}
