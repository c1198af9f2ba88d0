// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"convscope/internal/fetch"
)

func ExampleDownload() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "weights")
	}))
	defer server.Close()
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)

	path := filepath.Join(dir, "w.h5")
	f := fetch.File{URL: server.URL + "/w.h5", Bytes: 7, MD5: "00000000000000000000000000000000"}
	err := fetch.Download(context.Background(), f, path)
	_, missing := os.Stat(path)
	fmt.Println("not the expected file:", errors.Is(err, fetch.ErrHash))
	fmt.Println("nothing left behind:", errors.Is(missing, os.ErrNotExist))
	// Output:
	// not the expected file: true
	// nothing left behind: true
}

func ExampleWriteAtomic() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "note")
	_ = fetch.WriteAtomic(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "whole")
		return err
	})
	text, _ := os.ReadFile(path)
	fmt.Println(string(text))
	// Output: whole
}
