// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// stage is one server and one browser for all tests: real ones.
type stage struct {
	server   *browser.Server
	chromium *browser.Chromium
	env      *jupyter.Jupyter
	dir      string // the server's notebooks
	clone    string
}

var (
	theStage     *stage
	theStageErr  error
	openTheStage sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	if theStage != nil {
		theStage.close()
	}
	os.Exit(code)
}

// onStage returns the stage for a test that runs only when everything is asked for.
func onStage(t *testing.T) *stage {
	t.Helper()
	level.OnlyFull(t, "drives a real browser for minutes")
	return alwaysOnStage(t)
}

// alwaysOnStage returns the stage for the one test that runs wherever a browser is. Without one it skips; where
// everything is asked for, CI must have one.
func alwaysOnStage(t *testing.T) *stage {
	t.Helper()
	level.Real(t, "drives a real browser on a real Jupyter with the real weights")
	if _, err := browser.Find(); err != nil && (os.Getenv("CI") == "" || !level.Full()) {
		t.Skip(err)
	}
	openTheStage.Do(func() { theStage, theStageErr = newStage() })
	require.NoError(t, theStageErr)
	return theStage
}

func newStage() (*stage, error) {
	ctx := context.Background()
	env, err := jupyter.Install(ctx, jupyter.Options{})
	if err != nil {
		return nil, err
	}
	s := &stage{env: env}
	if s.clone, err = filepath.Abs(".."); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "convscope-playground"); err != nil {
		return nil, err
	}
	if s.chromium, err = browser.Open(ctx); err != nil {
		return nil, err
	}
	s.server, err = browser.Serve(ctx, env, s.dir, nil)
	return s, err
}

func (s *stage) close() {
	if s.server != nil {
		s.server.Close()
	}
	s.chromium.Close()
	os.RemoveAll(s.dir)
}

// lesson puts a copy of a lesson where it can be saved. Its first cell still takes this clone; sources are new
// contents for cells, by id.
func (s *stage) lesson(t *testing.T, file, as string, sources map[string]string) *jupyter.Notebook {
	t.Helper()
	nb, err := jupyter.ReadNotebook(filepath.Join("..", "notebooks", file))
	require.NoError(t, err)
	for id, source := range sources {
		nb.Cells[cell(t, nb, id)].Source = source
	}
	for _, c := range nb.Cells {
		c.Source = strings.ReplaceAll(c.Source, `"$GONB_DIR"`, strconv.Quote(s.clone))
		c.Outputs, c.Count = nil, 0
	}
	require.NoError(t, nb.Write(filepath.Join(s.dir, as)))
	return nb
}

// playgroundCell is the lesson's cell with other options.
func playgroundCell(options string) map[string]string {
	return map[string]string{"playground": "import \"convscope/playground\"\n\n%%\n" +
		"playground.MustRun(vgg16.MustOpen(), playground.Options{" + options + "})"}
}

// cell is the place of a cell among all.
func cell(t *testing.T, nb *jupyter.Notebook, id string) int {
	t.Helper()
	for i, c := range nb.Cells {
		if c.ID == id {
			return i
		}
	}
	t.Fatalf("the lesson has no cell %s", id)
	return 0
}

// panel is a playground that runs in a page.
type panel struct {
	*browser.Page
	t    *testing.T
	s    *stage
	name string
	nb   *jupyter.Notebook
	cell int
}

// open opens the lesson in an application, runs its cells up to the panel, and waits for the first picture. options
// are the fields of playground.Options.
func (s *stage) open(t *testing.T, app browser.App, name, options string) *panel {
	t.Helper()
	p := s.page(t, app, name, options)
	p.must(p.Run(p.cell))
	p.status("Done in")
	return p
}

// page opens the lesson and runs the cells before the panel.
func (s *stage) page(t *testing.T, app browser.App, name, options string) *panel {
	t.Helper()
	p := s.visit(t, app, name, s.lesson(t, "5-playground.ipynb", name, playgroundCell(options)))
	for _, id := range []string{"setup", "model"} {
		p.run(id)
	}
	return p
}

// visit opens a notebook in a page of its own.
func (s *stage) visit(t *testing.T, app browser.App, name string, nb *jupyter.Notebook) *panel {
	t.Helper()
	tab, err := s.chromium.Tab()
	require.NoError(t, err)
	p := &panel{tab, t, s, name, nb, 0}
	for i, c := range nb.Cells {
		if c.ID == "playground" {
			p.cell = i
		}
	}
	t.Cleanup(func() {
		if t.Failed() && tab.Open() {
			p.save("failed-" + name)
		}
		tab.Close()
	})
	p.must(p.OpenNotebook(s.server, app, name, len(nb.Cells)))
	return p
}

// run runs a cell to its end.
func (p *panel) run(id string) {
	p.t.Helper()
	at := cell(p.t, p.nb, id)
	p.must(p.Run(at))
	p.must(p.Done(at, 2*time.Minute))
}

func (p *panel) must(err error) {
	p.t.Helper()
	require.NoError(p.t, err)
}

// text is what an element of the panel says.
func (p *panel) text(name string) string {
	p.t.Helper()
	text, err := browser.Eval[string](p.Page,
		fmt.Sprintf(`document.querySelector('[data-name="%s"]')?.textContent ?? ""`, name))
	p.must(err)
	return text
}

// says waits until an element of the panel says something.
func (p *panel) says(name, what string) {
	p.t.Helper()
	err := p.Until(fmt.Sprintf(`document.querySelector('[data-name="%s"]')?.textContent.includes(%q)`,
		name, what), 2*time.Minute)
	if err != nil {
		p.t.Fatalf("%s says %q, not %q; error: %q", name, p.text(name), what, p.text("error"))
	}
}

func (p *panel) status(what string) {
	p.t.Helper()
	p.says("status", what)
}

// source is the picture that the panel shows in a place, as it came.
func (p *panel) source(place string) string {
	p.t.Helper()
	src, err := browser.Eval[string](p.Page,
		fmt.Sprintf(`document.querySelector('[data-name="%s"]')?.getAttribute("src") ?? ""`, place))
	p.must(err)
	return src
}

func at(name string) string { return fmt.Sprintf(`[data-name="%s"]`, name) }

// save keeps a screenshot of the whole page where CONVSCOPE_SHOTS says.
func (p *panel) save(name string) {
	p.keep(name, "")
}

// keep keeps a screenshot of an element. The pictures in docs/ are made with CONVSCOPE_SHOTS=../docs/live.
func (p *panel) keep(name, selector string) {
	dir := os.Getenv("CONVSCOPE_SHOTS")
	if dir == "" {
		return
	}
	img, err := p.Screenshot(selector)
	p.must(err)
	var data bytes.Buffer
	p.must(jpeg.Encode(&data, img, &jpeg.Options{Quality: 85}))
	p.must(os.WriteFile(filepath.Join(dir, name+".jpg"), data.Bytes(), 0o644))
}
