// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"convscope/internal/progress"
)

// File is a file on the web and what must come back for it. At least one hash must be given.
type File struct {
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`            // size; 0 = not known
	MD5    string `json:"md5,omitempty"`    // lower-case hex; "" = not checked
	SHA256 string `json:"sha256,omitempty"` // lower-case hex; "" = not checked
}

// patience says after how long a silent source is given up, so that the next one gets its turn.
var patience = struct{ dial, header, stall time.Duration }{5 * time.Second, 10 * time.Second, 20 * time.Second}

// Download fetches f to path, with a progress bar. The file appears at path only when it is complete and its
// size and hashes are right; on an error (ErrUnreachable, ErrHash, a full disk, a cancelled context) nothing
// is left behind. It gives up a source that cannot be connected to within 5 s, that sends no header within
// 10 s, or that stops sending for 20 s.
func Download(ctx context.Context, f File, path string) error {
	if f.MD5 == "" && f.SHA256 == "" {
		return fmt.Errorf("download %s: no hash to check it by", f.name())
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	body, size, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if f.Bytes > 0 {
		if size >= 0 && size != f.Bytes {
			return mismatch(f.name(), "size", size, f.Bytes)
		}
		size = f.Bytes
	}

	bar := progress.New("download "+f.base(), size, progress.Bytes)
	defer bar.Done()
	stalled := time.AfterFunc(patience.stall, func() {
		cancel(fmt.Errorf("%s: %w: nothing came for %s", f.name(), ErrUnreachable, patience.stall))
	})
	defer stalled.Stop()
	watched := readFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if n > 0 {
			stalled.Reset(patience.stall)
		}
		if err != nil && err != io.EOF {
			if cause := context.Cause(ctx); cause != nil {
				return n, cause
			}
			err = fmt.Errorf("%s: %w: the download broke off: %s", f.name(), ErrUnreachable, reason(err))
		}
		return n, err
	})
	return WriteAtomic(path, func(w io.Writer) error { return f.copy(w, watched, bar) })
}

// open asks for the file and returns its bytes to come and their number, -1 if the server does not say.
func (f File) open(ctx context.Context) (io.ReadCloser, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("download %s: %w", f.name(), err)
	}
	// The size is checked against the bytes as they are stored, so no transparent compression.
	req.Header.Set("Accept-Encoding", "identity")
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: patience.dial}).DialContext,
		TLSHandshakeTimeout:   patience.dial,
		ResponseHeaderTimeout: patience.header,
		ForceAttemptHTTP2:     true,
		DisableKeepAlives:     true,
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, 0, fmt.Errorf("download %s: %w", f.name(), context.Cause(ctx))
	case err != nil:
		return nil, 0, fmt.Errorf("%s: %w: %s", f.name(), ErrUnreachable, reason(err))
	case resp.StatusCode != http.StatusOK:
		resp.Body.Close()
		return nil, 0, fmt.Errorf("%s: %w: the server says %s", f.name(), ErrUnreachable, resp.Status)
	}
	return resp.Body, resp.ContentLength, nil
}

// copy writes the file's bytes to w, no more than are wanted, and checks their number and hashes.
func (f File) copy(w io.Writer, from io.Reader, bar progress.Bar) error {
	sums := map[string]hash.Hash{"md5": md5.New(), "sha256": sha256.New()}
	to := io.MultiWriter(w, sums["md5"], sums["sha256"])
	if f.Bytes > 0 {
		from = io.LimitReader(from, f.Bytes+1) // one more shows that there is more
	}
	var done int64
	buf := make([]byte, 128<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return fmt.Errorf("download %s: %w", f.base(), err)
			}
			done += int64(n)
			bar.Set(done)
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if f.Bytes > 0 && done > f.Bytes {
		return mismatch(f.name(), "size", "larger", f.Bytes)
	} else if f.Bytes > 0 && done < f.Bytes {
		return mismatch(f.name(), "size", done, f.Bytes)
	}
	for _, want := range []struct{ kind, sum string }{{"md5", f.MD5}, {"sha256", f.SHA256}} {
		got := hex.EncodeToString(sums[want.kind].Sum(nil))
		if want.sum != "" && !strings.EqualFold(got, want.sum) {
			return mismatch(f.name(), want.kind, got, want.sum)
		}
	}
	return nil
}

// name is how messages call the file: its address, without what may be secret in it.
func (f File) name() string {
	u, err := url.Parse(f.URL)
	if err != nil || u.Host == "" {
		return "download address"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// base is the file's own name.
func (f File) base() string {
	if u, err := url.Parse(f.URL); err == nil {
		return path.Base(u.Path)
	}
	return "file"
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
