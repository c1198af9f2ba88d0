// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"convscope/internal/child"
	"convscope/internal/fetch"
)

// Home is where a notebook is at home: what its prose links by relative paths lies there.
type Home struct {
	Folder string // the folder that relative paths start in
	Root   string // the folder of which all is the notebook's own, so that its pictures may be put into a page
}

// HTML exports a notebook file as one HTML file that shows everything without a network, written atomically.
func (j *Jupyter) HTML(ctx context.Context, notebook, page string) error {
	return j.HTMLOf(ctx, notebook, page, Home{Folder: filepath.Dir(notebook), Root: filepath.Dir(notebook)})
}

// HTMLOf is HTML for a notebook file that was written somewhere else than where it is at home: the links of the page
// lead there, and the pictures that lie there are part of it.
func (j *Jupyter) HTMLOf(ctx context.Context, notebook, page string, home Home) error {
	room, err := newRoom()
	if err != nil {
		return err
	}
	defer room.Remove()
	var paths []string
	for _, path := range []string{notebook, filepath.Dir(page), home.Folder, home.Root} {
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		paths = append(paths, path)
	}
	title := strings.TrimSuffix(filepath.Base(notebook), filepath.Ext(notebook))
	made := room.at("page.html")
	cmd := exec.Command(j.Venv.Python, "-I", room.at("export_html.py"), made, title)
	cmd.Args = append(cmd.Args, paths...)
	cmd.Dir = room.Path
	cmd.Env = room.environ(room.Path, nil, "JUPYTER_NO_CONFIG=1")
	if output, err := child.Run(ctx, cmd, nil); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s could not be exported to HTML: %s", filepath.Base(notebook), output.Last(isComplaint))
	}
	text, err := os.ReadFile(made)
	if err != nil {
		return err
	}
	return fetch.WriteAtomic(page, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
