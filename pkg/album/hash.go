// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package album

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"convscope/internal/file"
	"convscope/internal/progress"
)

// Hash tells the photographs from others: the SHA-256, in hex, over their names in order and each one's content. One
// whose file can't be read counts as such. When ctx ends, it returns ctx's cause.
func (a *Album) Hash(ctx context.Context) (string, error) {
	bar := progress.New("photographs' hash", int64(len(a.Names)), progress.Things)
	defer bar.Done()
	sum := sha256.New()
	for i, name := range a.Names {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		fmt.Fprintf(sum, "%q %s\n", name, a.content(name))
		bar.Set(int64(i + 1))
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// content is the hash of a file, "" for one that can't be read.
func (a *Album) content(name string) string {
	opened, err := file.Open(a.path(name))
	if err != nil {
		return ""
	}
	defer opened.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, opened); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}
