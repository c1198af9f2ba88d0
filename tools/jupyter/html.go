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

	"convscope/internal/fetch"
)

// HTML exports a notebook file as one HTML file that shows everything without a network, written atomically.
func (j *Jupyter) HTML(ctx context.Context, notebook, page string) error {
	dir, err := scratch()
	if err != nil {
		return err
	}
	defer removeAll(dir)
	source, err := filepath.Abs(notebook)
	if err != nil {
		return err
	}
	title := strings.TrimSuffix(filepath.Base(notebook), filepath.Ext(notebook))
	made := filepath.Join(dir, "page.html")
	cmd := exec.Command(j.Venv.Python, "-I", filepath.Join(dir, "export_html.py"), source, made, title)
	cmd.Dir = dir
	cmd.Env = environ(dir, j.Kernel.headless(), nil, "JUPYTER_NO_CONFIG=1")
	if output, err := run(ctx, cmd, nil); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s could not be exported to HTML: %s", filepath.Base(notebook), output.last(isComplaint))
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
