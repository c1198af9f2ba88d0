// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"convscope/internal/fetch"
)

var content = strings.Repeat("0123456789abcdef", 40_000)

// serve answers with one of the ways in which a server can fail, by path.
func serve(t *testing.T) *httptest.Server {
	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		half := func(size int) {
			w.Header().Set("Content-Length", fmt.Sprint(size))
			fmt.Fprint(w, content[:len(content)/2])
			w.(http.Flusher).Flush()
		}
		switch r.URL.Path {
		case "/good.h5":
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			fmt.Fprint(w, content)
		case "/chunked":
			fmt.Fprint(w, content[:100])
			w.(http.Flusher).Flush()
			fmt.Fprint(w, content[100:])
		case "/moved":
			http.Redirect(w, r, "/good.h5", http.StatusFound)
		case "/long":
			w.(http.Flusher).Flush() // no length in advance
			for range 100 {
				fmt.Fprint(w, content)
			}
		case "/short":
			fmt.Fprint(w, content[:100])
		case "/broken":
			half(len(content))
			panic(http.ErrAbortHandler)
		case "/stall":
			half(len(content))
			<-stop
		case "/silent":
			<-stop
		case "/other":
			fmt.Fprint(w, strings.ToUpper(content))
		case "/page":
			fmt.Fprint(w, "<html>please log in")
		default:
			http.NotFound(w, r)
		}
	}))
	s.Config.ErrorLog = nil
	t.Cleanup(func() {
		close(stop)
		s.Close()
	})
	return s
}

func good(url string) fetch.File {
	return fetch.File{
		URL: url, Bytes: int64(len(content)),
		MD5:    fmt.Sprintf("%x", md5.Sum([]byte(content))),
		SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(content))),
	}
}

func TestDownload(t *testing.T) {
	s := serve(t)
	const short = 200 * time.Millisecond
	tests := []struct {
		name          string
		path          string
		edit          func(*fetch.File)
		want          error
		text          string
		header, stall time.Duration // how long it waits; 0 is longer than any machine needs
	}{
		{name: "good", path: "/good.h5"},
		{name: "only MD5", path: "/good.h5", edit: func(f *fetch.File) { f.SHA256 = "" }},
		{name: "only SHA-256, size not known", path: "/good.h5", edit: func(f *fetch.File) { f.MD5, f.Bytes = "", 0 }},
		{name: "upper-case hash", path: "/good.h5", edit: func(f *fetch.File) { f.MD5 = strings.ToUpper(f.MD5) }},
		{name: "length not said", path: "/chunked"},
		{name: "redirected", path: "/moved"},
		{name: "not there", path: "/none?token=secret", want: fetch.ErrUnreachable, text: "404"},
		{name: "other content", path: "/other", want: fetch.ErrHash, text: "md5 is"},
		{name: "other SHA-256", path: "/other", edit: func(f *fetch.File) {
			f.MD5 = ""
		}, want: fetch.ErrHash, text: "sha256 is"},
		{name: "other size", path: "/page", want: fetch.ErrHash, text: "size is 19, want 640000"},
		{name: "too long", path: "/long", want: fetch.ErrHash, text: "size is larger, want 640000"},
		{name: "too short", path: "/short", want: fetch.ErrHash, text: "size is 100"},
		{name: "breaks off", path: "/broken", want: fetch.ErrUnreachable, text: "broke off"},
		{name: "stops sending", path: "/stall", want: fetch.ErrUnreachable, text: "nothing came for 200ms", stall: short},
		{name: "never answers", path: "/silent", want: fetch.ErrUnreachable, text: "timed out", header: short},
		{name: "no hash", path: "/good.h5", edit: func(f *fetch.File) { f.MD5, f.SHA256 = "", "" }, text: "no hash"},
		{name: "no address", edit: func(f *fetch.File) { f.URL = "::" }, text: "missing protocol scheme"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const long = time.Minute
			defer fetch.Hurry(long, cmp.Or(test.header, long), cmp.Or(test.stall, long), long)()
			f := good(s.URL + test.path)
			if test.edit != nil {
				test.edit(&f)
			}
			dir := t.TempDir()
			path := filepath.Join(dir, "w.h5")
			err := fetch.Download(t.Context(), f, path)
			if test.want == nil && test.text == "" {
				if err != nil {
					t.Fatal(err)
				}
				wantContent(t, path, content)
				wantFiles(t, dir, "w.h5")
				return
			}
			wantOneLine(t, err, test.text)
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v is not %v", err, test.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a token in %q", err)
			}
			wantFiles(t, dir)
		})
	}

	t.Run("the old file stays", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "w.h5")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := fetch.Download(t.Context(), good(s.URL+"/broken"), path); err == nil {
			t.Error("no error")
		}
		wantContent(t, path, "old")
	})
	t.Run("cancelled", func(t *testing.T) {
		dir := t.TempDir()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := fetch.Download(ctx, good(s.URL+"/stall"), filepath.Join(dir, "f"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wantFiles(t, dir)
	})
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		err = fetch.Download(t.Context(), good("http://"+l.Addr().String()+"/w.h5"), filepath.Join(t.TempDir(), "f"))
		if !errors.Is(err, fetch.ErrUnreachable) {
			t.Errorf("got %v", err)
		}
		wantOneLine(t, err, "connection refused")
	})
	t.Run("no such host", func(t *testing.T) {
		err := fetch.Download(t.Context(), good("http://convscope.invalid/w.h5"), filepath.Join(t.TempDir(), "f"))
		if !errors.Is(err, fetch.ErrUnreachable) {
			t.Errorf("got %v", err)
		}
		wantOneLine(t, err, "convscope.invalid")
	})
}
