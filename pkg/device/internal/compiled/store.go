// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package compiled

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"convscope/internal/fetch"
)

const (
	// Env is the environment variable that turns this off when it is "off".
	Env = "CONVSCOPE_COMPILE_CACHE"
	// Limit is how many bytes of programs are kept; the ones that were not used for longest go first.
	Limit = 256 << 20

	suffix   = ".program"
	countsAt = "last-run.json"
)

// magic begins each file, before the SHA-256 of the rest.
var magic = []byte("convscope program\n")

// Store is the directory of the kept programs.
type Store struct{ dir string }

// Open returns the store, and makes its directory where that is missing. It refuses a directory that others may write
// to: what lies in it is run.
func Open() (Store, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return Store{}, err
	}
	s := Store{dir: filepath.Join(cache, "compiled")}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return Store{}, err
	}
	info, err := os.Lstat(s.dir)
	if err != nil {
		return Store{}, err
	}
	if !info.IsDir() || !ours(info) {
		return Store{}, errors.New("others may write to it")
	}
	return s, nil
}

// ours says whether the file is the user's own and nobody else may write to it.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}

func (s Store) path(key string) string { return filepath.Join(s.dir, key+suffix) }

// Read returns a kept program, or nil. A file that is not what was written is removed.
func (s Store) Read(key string) []byte {
	file, err := os.OpenFile(s.path(key), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || !ours(info) || info.Size() > Limit {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(file, info.Size()))
	program, whole := unseal(text)
	if err != nil || !whole {
		s.Drop(key)
		return nil
	}
	now := time.Now() // the time of its last use
	_ = os.Chtimes(s.path(key), now, now)
	return program
}

// Write keeps a program. A process that dies meanwhile leaves only a temporary file, which the next sweep takes.
func (s Store) Write(key string, program []byte) {
	if len(program) == 0 || len(program) > Limit/4 {
		return
	}
	file, err := os.CreateTemp(s.dir, "new-*")
	if err != nil {
		return
	}
	_, err = file.Write(seal(program))
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), s.path(key))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return
	}
	s.sweep(Limit)
}

// Drop removes a program that turned out to be of no use.
func (s Store) Drop(key string) { _ = os.Remove(s.path(key)) }

func seal(program []byte) []byte {
	sum := sha256.Sum256(program)
	return slices.Concat(magic, sum[:], program)
}

func unseal(text []byte) (program []byte, whole bool) {
	head := len(magic) + sha256.Size
	if len(text) <= head || !bytes.HasPrefix(text, magic) {
		return nil, false
	}
	sum := sha256.Sum256(text[head:])
	return text[head:], bytes.Equal(sum[:], text[len(magic):head])
}

// sweep removes the programs not used for longest until no more than limit bytes are left, and what killed processes
// left.
func (s Store) sweep(limit int64) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	var total int64
	for _, entry := range entries {
		info, err := entry.Info()
		switch {
		case err != nil:
		case strings.HasSuffix(info.Name(), suffix):
			files, total = append(files, info), total+info.Size()
		case strings.HasPrefix(info.Name(), "new-") && time.Since(info.ModTime()) > time.Hour:
			_ = os.Remove(filepath.Join(s.dir, info.Name()))
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if total <= limit {
			return
		}
		if os.Remove(filepath.Join(s.dir, info.Name())) == nil {
			total -= info.Size()
		}
	}
}

// Counts say what became of the compile calls of one process.
type Counts struct {
	Loaded   int // found here
	Compiled int
}

// counts are this process's.
var counts struct {
	sync.Mutex
	Counts
}

// Count notes a compile call, in this process and for [Usage] in others.
func (s Store) Count(loaded bool) {
	counts.Lock()
	defer counts.Unlock()
	if loaded {
		counts.Loaded++
	} else {
		counts.Compiled++
	}
	text, err := json.Marshal(counts.Counts)
	if err == nil {
		_ = os.WriteFile(filepath.Join(s.dir, countsAt), text, 0o600)
	}
}

// Calls returns the counts of this process.
func Calls() Counts {
	counts.Lock()
	defer counts.Unlock()
	return counts.Counts
}
