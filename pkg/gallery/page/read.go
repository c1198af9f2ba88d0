// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"convscope/internal/file"
)

// ErrNoGallery is returned by [Read] for folders without a gallery.
var ErrNoGallery = errors.New("no gallery")

// maxNetwork is more than the map of any network takes, in bytes.
const maxNetwork = 64 << 20

// Read reads what a gallery's first page shows from the folder that [Write] wrote it to.
func Read(dir string) (n Network, err error) {
	opened, err := file.Open(filepath.Join(dir, "data", "network.js"))
	if errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("%s: %w: convscope gallery --out %s makes one", dir, ErrNoGallery, dir)
	} else if err != nil {
		return n, err
	}
	defer opened.Close()
	script, err := io.ReadAll(io.LimitReader(opened, maxNetwork))
	if err != nil {
		return n, fmt.Errorf("reading the gallery in %s: %w", dir, err)
	}
	text, is := bytes.CutPrefix(bytes.TrimSpace(script), []byte("convscopeGallery.network("))
	text, ends := bytes.CutSuffix(text, []byte(");"))
	if is && ends {
		err = json.Unmarshal(text, &n)
	}
	if !is || !ends || err != nil {
		return Network{}, fmt.Errorf("%s: %w: its data/network.js is damaged: convscope gallery merge makes it again", dir,
			ErrNoGallery)
	}
	return n, nil
}
