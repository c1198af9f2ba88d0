// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package texture

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the network
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/fetch"
	"convscope/internal/file"
)

//go:embed textures.keras
var network []byte

// File puts the network into the cache, with the names of its classes beside it, and returns its path.
func File() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "texture", fmt.Sprintf("%.6x", sha256.Sum256(network)))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for name, data := range map[string][]byte{
		"textures.keras":       network,
		"textures.classes.txt": []byte(strings.Join(Classes(), "\n")),
	} {
		path := filepath.Join(folder, name)
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, data) {
			continue
		}
		if err := file.Write(path, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
			return "", err
		}
	}
	return filepath.Join(folder, "textures.keras"), nil
}

// MustFile is [File] for notebook cells: errors panic.
func MustFile() string {
	path, err := File()
	if err != nil {
		panic(err)
	}
	return path
}
