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

// HTML exports a notebook file as one HTML file that shows everything without a network, written atomically.
func (j *Jupyter) HTML(ctx context.Context, notebook, page string) error {
	room, err := newRoom()
	if err != nil {
		return err
	}
	defer room.Remove()
	source, err := filepath.Abs(notebook)
	if err != nil {
		return err
	}
	title := strings.TrimSuffix(filepath.Base(notebook), filepath.Ext(notebook))
	made := room.at("page.html")
	cmd := exec.Command(j.Venv.Python, "-I", room.at("export_html.py"), source, made, title)
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
