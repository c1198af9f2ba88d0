// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/edsrzf/mmap-go"

	"convscope/internal/fetch"
	"convscope/internal/file"
)

// The cache is a safetensors file, which other tools read too, laid out for mapping: the values begin at a page,
// and the tensors stand in the order of the layers, so that a shallow layer needs only the file's first part.

const (
	// headerAlign is where the values begin: a multiple of the page size.
	headerAlign = 4096
	// maxHeader is how long a cached file's header may be.
	maxHeader = 1 << 20
	// metadata is safetensors' key for text, recordedPrefix begins the keys of hashes that were not known beforehand.
	metadata       = "__metadata__"
	recordedPrefix = "sha256 of "
)

// layout is what the cached file must look like, byte by byte up to the values.
type layout struct {
	header  []byte
	offsets []int64 // of each tensor, from the file's start
	size    int64
}

func (m Manifest) layout() layout {
	type entry struct {
		Type    string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	l := layout{}
	about := map[string]string{"model": m.Model, "licence": m.Licence, "table_sha256": m.SHA256()}
	table := map[string]any{metadata: about}
	at := int64(0)
	for _, s := range m.Tensors {
		if s.recorded {
			about[recordedPrefix+s.Name] = s.SHA256
		}
		table[s.Name] = entry{"F32", append([]int{}, s.Shape...), [2]int64{at, at + s.Bytes()}}
		l.offsets = append(l.offsets, at)
		at += s.Bytes()
	}
	text, err := json.Marshal(table) // sorted by name, so always the same
	if err != nil {
		panic(err) // strings and numbers only
	}
	total := (8 + len(text) + headerAlign - 1) / headerAlign * headerAlign
	text = append(text, bytes.Repeat([]byte(" "), total-8-len(text))...)
	l.header = append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	for i := range l.offsets {
		l.offsets[i] += int64(total)
	}
	l.size = int64(total) + at
	return l
}

// cachePath returns where a model's cached weights are, whether they exist or not.
func cachePath(m Manifest) (string, error) {
	dir, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "weights", m.Model+"-"+m.SHA256()[:12]+".safetensors"), nil
}

// writeCache writes official tensors to path, whole or not at all.
func writeCache(path string, m Manifest, l *loaded) error {
	m.Tensors = l.table
	return fetch.WriteAtomic(path, func(w io.Writer) error {
		if _, err := w.Write(m.layout().header); err != nil {
			return err
		}
		for _, v := range l.values {
			if _, err := w.Write(bytesOf(v)); err != nil {
				return err
			}
		}
		return nil
	})
}

// cached is an open cache file. Tensors are mapped one by one, and their hashes checked then.
type cached struct {
	path   string
	m      Manifest // with the hashes that were recorded
	layout layout
	file   *os.File
	maps   []mmap.MMap
}

// openCache opens the file if it is complete: its header and its size are as they must be. The error wraps
// fs.ErrNotExist or ErrDamagedCache.
func openCache(path string, m Manifest) (*cached, error) {
	opened, err := file.Open(path)
	if errors.Is(err, file.ErrNotRegular) {
		return nil, fmt.Errorf("%w: %w", ErrDamagedCache, err)
	} else if err != nil {
		return nil, err
	}
	c := &cached{path: path, m: m, file: opened}
	if m.known() < len(m.Tensors) {
		err = c.seal()
	}
	if err == nil {
		c.layout = c.m.layout()
		err = c.checkFrame()
	}
	if err != nil {
		opened.Close()
		return nil, err
	}
	return c, nil
}

// seal completes the manifest with the hashes that were recorded when the file was written. checkFrame compares the
// rest of the header.
func (c *cached) seal() error {
	var length [8]byte
	_, err := io.ReadFull(io.NewSectionReader(c.file, 0, 8), length[:])
	n := binary.LittleEndian.Uint64(length[:])
	if err != nil || n > maxHeader {
		return fmt.Errorf("%w: %s: no header", ErrDamagedCache, c.path)
	}
	var head map[string]json.RawMessage
	var about map[string]string
	if err = json.NewDecoder(io.NewSectionReader(c.file, 8, int64(n))).Decode(&head); err == nil {
		err = json.Unmarshal(head[metadata], &about)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: header: %w", ErrDamagedCache, c.path, err)
	}
	c.m.Tensors = slices.Clone(c.m.Tensors)
	for i, s := range c.m.Tensors {
		if s.SHA256 == "" {
			c.m.Tensors[i].SHA256, c.m.Tensors[i].recorded = about[recordedPrefix+s.Name], true
		}
	}
	return nil
}

func (c *cached) checkFrame() error {
	info, err := c.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != c.layout.size {
		return fmt.Errorf("%w: %s has %d bytes, needs %d", ErrDamagedCache, c.path, info.Size(), c.layout.size)
	}
	got := make([]byte, len(c.layout.header))
	if _, err := c.file.ReadAt(got, 0); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamagedCache, c.path, err)
	}
	if !bytes.Equal(got, c.layout.header) {
		return fmt.Errorf("%w: %s: its header is another", ErrDamagedCache, c.path)
	}
	return nil
}

// tensor maps the i-th tensor and checks its hash. The values are valid until close.
func (c *cached) tensor(i int) ([]float32, error) {
	s := c.m.Tensors[i]
	page := int64(os.Getpagesize())
	start := c.layout.offsets[i] / page * page
	skip := int(c.layout.offsets[i] - start)
	mapped, err := mmap.MapRegion(c.file, skip+int(s.Bytes()), mmap.RDONLY, 0, start)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", c.path, err)
	}
	c.maps = append(c.maps, mapped)
	b := mapped[skip:]
	hash, err := hashMapped(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: tensor %s: %w", ErrDamagedCache, c.path, s.Name, err)
	}
	if hash != s.SHA256 {
		return nil, fmt.Errorf("%w: %s: tensor %s has another hash", ErrDamagedCache, c.path, s.Name)
	}
	return float32sOf(b), nil
}

func (c *cached) close() error {
	var errs []error
	for _, m := range c.maps {
		errs = append(errs, m.Unmap())
	}
	c.maps = nil
	return errors.Join(append(errs, c.file.Close())...)
}

// hashMapped hashes mapped bytes. A page that cannot be read, because the file shrank or the disk fails, comes
// as a fault, which would end the process; here it is an error.
func hashMapped(b []byte) (hash string, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			err = errors.New("cannot be read")
		}
	}()
	return hashOf(b), nil
}

// why shortens a cache error to what a person needs.
func why(err error, path string) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "not there (" + path + ")"
	}
	return err.Error()
}
