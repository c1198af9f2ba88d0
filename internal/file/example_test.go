// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"convscope/internal/file"
)

func ExampleWrite() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "text")
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "all of it")
		return err
	}
	fmt.Println(file.Check(path, 9), file.Write(path, write))
	opened, size, err := file.OpenSized(path)
	fmt.Println(size, "bytes", err)
	opened.Close()
	_, err = file.Open(dir)
	fmt.Println(err != nil)
	// Output:
	// <nil> <nil>
	// 9 bytes <nil>
	// true
}
