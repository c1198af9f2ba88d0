// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"convscope/display/page"
	"convscope/internal/file"
)

// mostBytes is how large a file may be that goes through the browser.
const mostBytes = 256 << 20

// Kept is the path of the file that an [Upload] control of that name has: the last one that the reader chose and that
// was drawn without an error, in any cell since the kernel started. It is "" as long as there is none. The kernel
// takes the files away when it ends.
func Kept(name string) string {
	folder, err := folderOf(name)
	if err != nil {
		return ""
	}
	path, err := os.ReadFile(filepath.Join(folder, accepted))
	if err != nil {
		return ""
	}
	return string(path)
}

// accepted is the file that names the last one which was drawn.
const accepted = "accepted"

// folderOf is where a control's files are kept: the kernel has a folder of its own, which all cells know.
func folderOf(name string) (string, error) {
	kernel := os.Getenv(protocol.GONB_TMP_DIR_ENV)
	if kernel == "" {
		return "", fmt.Errorf("files are kept only while a notebook's kernel runs")
	}
	return filepath.Join(kernel, "kept", fmt.Sprintf("%x", name)), nil
}

// keep writes the file that the reader chose, under its own name in a folder of its own: one that is still open stays.
func (c Control) keep(event page.Event) (string, error) {
	bad := func(format string, args ...any) (string, error) {
		return "", &ValueError{c.Label, fmt.Sprintf("%q ", short(event.Title)) + fmt.Sprintf(format, args...)}
	}
	switch size, _ := strconv.ParseInt(event.Value, 10, 64); {
	case event.Value == "0":
		return bad("is empty: choose another file")
	case size > mostBytes:
		return bad("has more than %d MB, too many for a browser: give its path in the code instead", mostBytes>>20)
	case len(event.Data) == 0:
		return bad("did not arrive: choose it again")
	}
	folder, err := folderOf(c.Name)
	if err != nil {
		return bad("can't be kept: %v", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return bad("can't be kept: %v", err)
	}
	own, err := os.MkdirTemp(folder, "")
	if err != nil {
		return bad("can't be kept: %v", err)
	}
	path := filepath.Join(own, nameOf(event.Title))
	if err := os.WriteFile(path, event.Data, 0o600); err != nil {
		return bad("can't be kept: %v", err)
	}
	return path, nil
}

// accept notes that an [Upload]'s file is the one that [Kept] tells from now on.
func (c Control) accept(path string) error {
	if c.Kind != Upload || path == "" {
		return nil
	}
	folder, err := folderOf(c.Name)
	if err != nil || filepath.Dir(filepath.Dir(path)) != folder {
		return nil // a default, which the program has anyway
	}
	return file.Write(filepath.Join(folder, accepted), func(w io.Writer) error {
		_, err := io.WriteString(w, path)
		return err
	})
}

var ending = regexp.MustCompile(`\.\w{1,12}$`)

// nameOf is the file's own name, without what a file system takes for something else.
func nameOf(title string) string {
	end := ending.FindString(title)
	return file.Name(strings.TrimSuffix(title, end), "file") + end
}
