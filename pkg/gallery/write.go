// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// tries is how often a file is written whose temporary one somebody else sweeps away.
const tries = 10

// write writes a file of the gallery, which appears complete or not at all: under another name in tmp, and renamed.
// Who sweeps tmp need not know who else is at work: a file that is lost is written again. The name has slashes.
//
// Nothing is synced to the disk, which takes long on a file system over the network: what a power cut spoils has
// another SHA-256 than its record says, and is made again.
func write(dir, name string, content []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	var err error
	for range tries {
		if err = writeOnce(dir, path, content); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return unwritten(path, err)
	}
	return nil
}

// unwritten says of a file that can't be written what can be done about it.
func unwritten(path string, err error) error {
	inTheWay := path
	if made := new(fs.PathError); errors.As(err, &made) && made.Op == "mkdir" {
		inTheWay = made.Path
	}
	for _, way := range []error{syscall.ENOTDIR, syscall.EISDIR, syscall.EEXIST, syscall.ENOTEMPTY} {
		if errors.Is(err, way) {
			return fmt.Errorf("writing %s: %s is in the way (%w): remove it", path, inTheWay, plain(err))
		}
	}
	return fmt.Errorf("writing %s: %w", path, plain(err))
}

func writeOnce(dir, path string, content []byte) error {
	temp, err := writeTemp(dir, content)
	if err != nil {
		return err
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

// tempName is what files in tmp are called. Others there are somebody's.
var tempName = regexp.MustCompile(`^[0-9a-f]{16}$`)

// writeTemp writes a file in tmp and returns its path.
func writeTemp(dir string, content []byte) (path string, err error) {
	temp := filepath.Join(dir, tempDir)
	if err := os.MkdirAll(temp, 0o755); err != nil {
		return "", err
	}
	path = filepath.Join(temp, fmt.Sprintf("%016x", rand.Uint64()))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Close()) // over a network it is known only now that the disk is full
	if err != nil {
		_ = os.Remove(path)
		return "", err
	}
	return path, nil
}

// sweep removes what killed processes left on its way, all of it: a living one writes again what it loses. Parts of
// shards that are done go as well.
func sweep(dir string, parts []string) {
	for _, folder := range []string{"", dataDir, tempDir} {
		entries, _ := os.ReadDir(filepath.Join(dir, folder))
		for _, entry := range entries {
			name := entry.Name()
			left := folder == tempDir && tempName.MatchString(name) || folder != tempDir && temporary(name)
			if entry.Type().IsRegular() && left {
				_ = os.Remove(filepath.Join(dir, folder, name)) // what stays is only in the way of disk space
			}
		}
	}
	_ = os.Remove(filepath.Join(dir, tempDir)) // if it is empty
	for _, name := range parts {
		_ = os.Remove(filepath.Join(dir, filepath.FromSlash(name)))
	}
	_ = os.Remove(filepath.Join(dir, partDir)) // if it is empty
}

// temporary says that a name is one that internal/file gives a file on its way: a dot, the name and digits.
// The one that tries whether the folder takes files is called probe.
func temporary(name string) bool {
	kept := strings.TrimRight(name, "0123456789")
	ending := filepath.Ext(kept)
	page := ending == ".html" || ending == ".js" || ending == ".css"
	return strings.HasPrefix(name, ".") && kept != name && (page || kept == ".probe")
}

// plain is a file system's error without the path, which may be that of a temporary file.
func plain(err error) error {
	if file := new(fs.PathError); errors.As(err, &file) {
		return file.Err
	}
	if link := new(os.LinkError); errors.As(err, &link) {
		return link.Err
	}
	return err
}
