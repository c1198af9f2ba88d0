// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"convscope/tools/jupyter"
)

// ErrNoChromium is returned by [Find] where the machine has no Chromium.
var ErrNoChromium = errors.New("no Chromium on this machine: apt-get install chromium")

// Find returns Chromium's path, or [ErrNoChromium].
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoChromium
}

// Server is a Jupyter server with JupyterLab, Notebook 7 and the Go kernel.
type Server struct {
	dir, token string
	port       int
	cancel     context.CancelFunc
	done       chan error
}

// Serve starts a server on a directory of notebooks, on a free port of this machine. Log gets its messages; nil drops
// them.
func Serve(ctx context.Context, env *jupyter.Jupyter, dir string, log io.Writer) (*Server, error) {
	secret := make([]byte, 16)
	rand.Read(secret)
	s := &Server{dir: dir, token: hex.EncodeToString(secret), done: make(chan error, 1)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a free port: %w", err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	if log == nil {
		log = io.Discard
	}
	ctx, s.cancel = context.WithCancel(ctx)
	go func() {
		s.done <- env.Lab(ctx, jupyter.LabOptions{
			Dir: dir, NoBrowser: true, Output: log,
			Args: []string{fmt.Sprintf("--ServerApp.port=%d", s.port), "--ServerApp.port_retries=0",
				"--IdentityProvider.token=" + s.token,
				"--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"},
		})
	}()
	for range 240 {
		select {
		case err := <-s.done:
			return nil, fmt.Errorf("the Jupyter server ended: %w", err)
		case <-time.After(250 * time.Millisecond):
		}
		if response, err := http.Get(s.URL("api", nil)); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return s, nil
			}
		}
	}
	s.Close()
	return nil, errors.New("the Jupyter server did not answer within a minute")
}

// URL is an address on the server, with the token.
func (s *Server) URL(path string, query url.Values) string {
	if query == nil {
		query = url.Values{}
	}
	query.Set("token", s.token)
	return fmt.Sprintf("http://127.0.0.1:%d/%s?%s", s.port, path, query.Encode())
}

// Close stops the server and its kernels.
func (s *Server) Close() {
	s.cancel()
	<-s.done
}

// Chromium is a headless browser with its own empty profile.
type Chromium struct {
	ctx    context.Context
	cancel []context.CancelFunc
	dir    string
}

// Open starts Chromium.
func Open(ctx context.Context) (*Chromium, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "convscope-browser")
	if err != nil {
		return nil, err
	}
	c := &Chromium{dir: dir}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(60*time.Second))
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, cancelTab := chromedp.NewContext(allocator)
	c.ctx, c.cancel = tab, []context.CancelFunc{cancelTab, cancelAllocator}
	if err := chromedp.Do(tab); err != nil {
		c.Close()
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return c, nil
}

// Close ends the browser and removes its profile.
func (c *Chromium) Close() {
	for _, cancel := range c.cancel {
		cancel()
	}
	os.RemoveAll(c.dir)
}

// Tab opens another page in the same browser.
func (c *Chromium) Tab() (*Page, error) {
	ctx, cancel := chromedp.NewContext(c.ctx)
	p := &Page{ctx: ctx, cancel: cancel}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		return nil, err
	}
	// "Leave this page?" is answered with yes.
	return p, chromedp.Listen(ctx, func(event any) {
		if _, opened := event.(*page.EventJavascriptDialogOpening); opened {
			go func() {
				_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		}
	})
}
