// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"convscope/internal/fetch"
)

// cacheName is the name of the places in convscope's cache.
const cacheName = "cache"

// record is what is known of a plugin file in the cache. It lies beside the file, under its name and ".json", so
// that a start need not read 200 MB to trust the file: hashing them takes 0.16 s on a processor with SHA
// instructions, and a multiple of that on one without; a look at size and time takes nothing.
type record struct {
	Source   string    `json:"source"`
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Modified time.Time `json:"modified"` // the file's time when its hash was last right
	Check    string    `json:"check"`    // of the other fields: a damaged record is not believed; old ones have none
}

// check is the record's own checksum.
func (r record) check() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %s %d", r.Source, r.Bytes, r.SHA256, r.Modified.UnixNano()))
	return hex.EncodeToString(sum[:8])
}

// errDamaged says that a file of the cache is not what was put there.
var errDamaged = errors.New("damaged")

func recordPath(path string) string { return path + ".json" }

// intact says whether a file of the cache is still what was put there. Size and time are enough unless they differ
// or full asks for more; then its hash decides: the one that this program knows for it, or else the record's. A file
// without a sound record whose hash nobody knows, put there by hand, say, is the other checks' business.
func intact(path string, full bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return reason(err)
	}
	r, lost, err := readRecord(path)
	if err != nil {
		return err
	}
	source, sum := published(path)
	if lost {
		if sum == "" {
			return nil
		}
		r = record{Source: source, Bytes: info.Size()}
	}
	if sum == "" {
		sum = r.SHA256
	}
	same := info.ModTime().Equal(r.Modified) && info.Size() == r.Bytes && sum == r.SHA256
	if same && !full {
		return nil
	}
	if source == "" && info.Size() != r.Bytes {
		return fmt.Errorf("%w: it has %d bytes instead of %d", errDamaged, info.Size(), r.Bytes)
	}
	got, err := sha256File(path)
	if err != nil {
		return reason(err)
	}
	if got != sum {
		return fmt.Errorf("%w: its SHA-256 is %s instead of %s", errDamaged, got, sum)
	}
	if !same {
		// Touched, or copied, or its record was lost. Where the cache is read-only the next start hashes again.
		_ = record{Source: r.Source, Bytes: info.Size(), SHA256: sum, Modified: info.ModTime()}.write(path)
	}
	return nil
}

// readRecord reads the record of a file. A damaged one counts as lost: the 200 bytes say nothing of the 200 MB beside
// them.
func readRecord(path string) (r record, lost bool, err error) {
	text, err := os.ReadFile(recordPath(path))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return r, true, nil
	case err != nil:
		return r, false, reason(err)
	}
	damaged := json.Unmarshal(text, &r)
	return r, damaged != nil || len(r.SHA256) != 2*sha256.Size || r.Check != "" && r.Check != r.check(), nil
}

// keep records a file just put into the cache. sum is its SHA-256, "" if nobody has computed it yet.
func keep(path, source, sum string) error {
	if sum == "" {
		var err error
		if sum, err = sha256File(path); err != nil {
			return err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return record{Source: source, Bytes: info.Size(), SHA256: sum, Modified: info.ModTime()}.write(path)
}

// contentOf tells a plugin's file from others without reading all of it: by the hash in its record, or where it has
// none by its path, size and time.
func contentOf(path string) string {
	var r record
	if text, err := os.ReadFile(recordPath(path)); err == nil && json.Unmarshal(text, &r) == nil &&
		len(r.SHA256) == 2*sha256.Size {
		return r.SHA256
	}
	info, err := os.Stat(path)
	if err != nil {
		return path
	}
	return fmt.Sprintf("%s, %d bytes, %s", path, info.Size(), info.ModTime().UTC())
}

func (r record) write(path string) error {
	r.Check = r.check()
	return fetch.WriteAtomic(recordPath(path), func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "\t")
		return encoder.Encode(r)
	})
}

func sha256File(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
