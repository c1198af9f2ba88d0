// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// App is a notebook application of the server.
type App string

// The two applications that readers use.
const (
	Lab      App = "lab/tree"  // JupyterLab
	Notebook App = "notebooks" // Jupyter Notebook 7
)

// cells selects the cells of the notebook that is open.
const cells = ".jp-Notebook .jp-Cell"

// OpenNotebook opens a notebook file of the server's directory, which has so many cells, and waits for its kernel.
func (p *Page) OpenNotebook(s *Server, app App, name string, count int) error {
	query := url.Values{}
	if app == Lab {
		query.Set("reset", "")
	}
	if err := p.Goto(s.URL(string(app)+"/"+name, query)); err != nil {
		return err
	}
	if err := p.Until(fmt.Sprintf("document.querySelectorAll(%q).length >= %d", cells, count), limit); err != nil {
		return err
	}
	return p.connected()
}

// connected waits until the page has its kernel. A cell that is run before is not run at all, without a word.
func (p *Page) connected() error {
	return p.Until(`jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === "connected"`,
		limit)
}

// Idle waits until the kernel of a notebook is there and has nothing to do.
func (s *Server) Idle(name string, patience time.Duration) error {
	state := "none"
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var err error
		if state, err = s.kernel(name); err != nil {
			return err
		}
		if state == "idle" {
			return nil
		}
	}
	return fmt.Errorf("the kernel of %s is %s after %s", name, state, patience)
}

// session is a notebook that is open, with its kernel.
type session struct {
	Path   string
	Kernel struct {
		ID    string
		State string `json:"execution_state"`
	}
}

func (s *Server) sessions() (list []session, err error) {
	response, err := http.Get(s.URL("api/sessions", nil))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return list, json.NewDecoder(response.Body).Decode(&list)
}

// kernel is what the kernel of a notebook does, "none" where there is none.
func (s *Server) kernel(name string) (string, error) {
	sessions, err := s.sessions()
	if err != nil {
		return "", err
	}
	for _, session := range sessions {
		if session.Path == name {
			return session.Kernel.State, nil
		}
	}
	return "none", nil
}

// Select makes the cell the active one: the n-th of all cells, from 0.
func (p *Page) Select(cell int) error {
	return p.Exec(fmt.Sprintf(`(async () => {
		const cell = document.querySelectorAll(%q)[%d];
		cell.scrollIntoView({block: "center"});
		const place = cell.querySelector(".jp-InputArea-prompt, .jp-Cell-inputWrapper");
		for (const kind of ["mousedown", "mouseup", "click"]) {
			place?.dispatchEvent(new MouseEvent(kind, {bubbles: true, button: 0}));
		}
		await new Promise((done) => setTimeout(done, 100));
	})()`, cells, cell))
}

// Run runs the cell as a reader does: with Shift and Enter. It waits until the cell has begun, not for its end.
func (p *Page) Run(cell int) error {
	if err := p.connected(); err != nil {
		return err
	}
	if err := p.Select(cell); err != nil {
		return err
	}
	before, err := Eval[string](p, prompt(cell))
	if err != nil {
		return err
	}
	if err := p.Do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift))); err != nil {
		return err
	}
	return p.Until(fmt.Sprintf("%s !== %q", prompt(cell), before), limit)
}

// Done waits for the cell's execution number: it came to its end.
func (p *Page) Done(cell int, patience time.Duration) error {
	return p.Until(fmt.Sprintf(`/\[\d+\]/.test(%s)`, prompt(cell)), patience)
}

// prompt is, in JavaScript, what stands before the cell: [ ], [*] while it runs or waits, [1] after its end.
func prompt(cell int) string {
	return fmt.Sprintf(`document.querySelectorAll(%q)[%d].querySelector(".jp-InputPrompt").textContent`, cells, cell)
}

// Command runs a command of the application, such as "notebook:run-all-cells"; args are JavaScript, "" for none.
func (p *Page) Command(id, args string) error {
	return p.Exec(fmt.Sprintf(`globalThis.jupyterapp.commands.execute(%q, %s)`, id, cmp.Or(args, "{}")))
}

// Interrupt asks the kernel of a notebook to stop what it does, as the Stop button does.
func (s *Server) Interrupt(name string) error {
	sessions, err := s.sessions()
	if err != nil {
		return err
	}
	for _, session := range sessions {
		if session.Path == name {
			response, err := http.Post(s.URL("api/kernels/"+session.Kernel.ID+"/interrupt", nil),
				"application/json", nil)
			if err != nil {
				return err
			}
			return response.Body.Close()
		}
	}
	return fmt.Errorf("%s has no kernel", name)
}

// Save saves the notebook as a reader does: with Ctrl and S.
func (p *Page) Save() error {
	return p.Do(chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)),
		chromedp.Sleep(1500*time.Millisecond))
}
