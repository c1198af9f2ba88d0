// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"

	"convscope/internal/file"
)

// isWhole returns nil when the file at path is, byte by byte, the official one: its size first, which costs nothing,
// then its hashes. An error that wraps ErrNotOfficial says what differs; others are about reading.
func isWhole(ctx context.Context, path string, want Download) error {
	opened, size, err := file.OpenSized(path)
	if err != nil {
		return err
	}
	defer opened.Close()
	if size != want.Bytes {
		return fmt.Errorf("%w: the file has %d bytes, the official one %d", ErrNotOfficial, size, want.Bytes)
	}
	hashes := []struct {
		name, want string
		sum        hash.Hash
	}{{"MD5", want.MD5, md5.New()}, {"SHA-256", want.SHA256, sha256.New()}}
	var sums []io.Writer
	for _, h := range hashes {
		if h.want != "" {
			sums = append(sums, h.sum)
		}
	}
	if _, err := io.CopyBuffer(io.MultiWriter(sums...), &checkedReader{ctx, opened}, make([]byte, 1<<20)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, h := range hashes {
		if got := hex.EncodeToString(h.sum.Sum(nil)); h.want != "" && !strings.EqualFold(got, h.want) {
			return fmt.Errorf("%w: the file has the official one's size, but the %s %s, not %s",
				ErrNotOfficial, h.name, got, h.want)
		}
	}
	return nil
}

// checkedReader reads until the context ends.
type checkedReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *checkedReader) Read(b []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(b)
}
