// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"convscope/internal/fetch"
)

// Deque's checks for pages that everybody can use, and what the package's file must be.
const (
	axeVersion = "4.14.1"
	axeSHA512  = "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73" +
		"4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5"
)

// ErrNoNPM is returned by [Axe] where the machine has no npm, which fetches it.
var ErrNoNPM = errors.New("no npm on this machine: apt-get install npm")

// Finding is something about a page that keeps some readers out.
type Finding struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	}
}

// Axe runs axe-core, https://github.com/dequelabs/axe-core, on the page as it is, and returns what it finds that is
// serious or critical. npm fetches it into the cache the first time.
func (p *Page) Axe(ctx context.Context) ([]Finding, error) {
	script, err := axe(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.Exec(`(async () => {if (!globalThis.axe) {` + string(script) + `}})()`); err != nil {
		return nil, errors.New("axe-core does not start in this page")
	}
	text, err := Eval[string](p, `axe.run(document, {resultTypes: ["violations"], preload: false})
		.then((found) => JSON.stringify(found.violations))`)
	if err != nil {
		return nil, err
	}
	var all, grave []Finding
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("axe-core's findings: %w", err)
	}
	for _, finding := range all {
		if finding.Impact == "serious" || finding.Impact == "critical" {
			grave = append(grave, finding)
		}
	}
	return grave, nil
}

// axe is the script of axe-core.
func axe(ctx context.Context) ([]byte, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(cache, "axe-core-"+axeVersion+".tgz")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, err
	}
	unlock, err := fetch.Lock(ctx, path+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	data, err := os.ReadFile(path)
	if err != nil || !isAxe(data) {
		if data, err = packed(ctx); err != nil {
			return nil, err
		}
		err := fetch.WriteAtomic(path, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return member(data, "package/axe.min.js")
}

func isAxe(data []byte) bool {
	sum := sha512.Sum512(data)
	return hex.EncodeToString(sum[:]) == axeSHA512
}

// packed lets npm bring the package, as its user's settings say.
func packed(ctx context.Context) ([]byte, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, ErrNoNPM
	}
	dir, err := os.MkdirTemp("", "convscope-axe")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	command := exec.CommandContext(ctx, npm, "pack", "--silent", "axe-core@"+axeVersion)
	command.Dir = dir
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack axe-core@%s: %w: %s", axeVersion, err, said)
	}
	data, err := os.ReadFile(filepath.Join(dir, "axe-core-"+axeVersion+".tgz"))
	if err == nil && !isAxe(data) {
		err = fmt.Errorf("axe-core %s from npm is another one than was tested with", axeVersion)
	}
	return data, err
}

// member is a file of a package.
func member(data []byte, name string) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("%s in axe-core: %w", name, err)
		}
		if header.Name == name {
			return io.ReadAll(files)
		}
	}
}
