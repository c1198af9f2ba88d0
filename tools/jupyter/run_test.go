// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/jupyter"
)

// install returns the Jupyter in the ordinary cache, making it if need be.
func install(t *testing.T) *jupyter.Jupyter {
	t.Helper()
	level.Real(t, "runs a real Jupyter with the Go kernel, from the cache or the network")
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	return env
}

// notebook makes a notebook of code cells.
func notebook(cells ...string) *jupyter.Notebook {
	nb := &jupyter.Notebook{Name: "test.ipynb"}
	for _, source := range cells {
		nb.Cells = append(nb.Cells, &jupyter.Cell{Kind: jupyter.Code, Source: source})
	}
	nb.Normalize(nil)
	for _, cell := range nb.Cells {
		cell.Count = 0
	}
	return nb
}

// running says whether a process has the text in its command line.
func running(t *testing.T, text string) bool {
	t.Helper()
	all, err := process.Processes()
	require.NoError(t, err)
	for _, p := range all {
		line, err := p.Cmdline()
		status, _ := p.Status()
		if err == nil && strings.Contains(line, text) && !strings.Contains(strings.Join(status, ""), process.Zombie) {
			return true
		}
	}
	return false
}

// scratchDirs returns what runs have left among the temporary files.
func scratchDirs(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "convscope-*"))
	require.NoError(t, err)
	return left
}

// ownTemp moves temporary files to a directory of the test.
func ownTemp(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "cs")
	require.NoError(t, err)
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
}

func TestRun(t *testing.T) {
	env := install(t)
	t.Run("outputs come back, and the notebook stays as it is", func(t *testing.T) {
		ownTemp(t)
		nb := notebook("%%\n"+`fmt.Println("in", os.Getenv("GONB_DIR"), os.Getenv("CONVSCOPE_TEST"))`, "",
			"func f() int { return 3 }\n%%\n"+`fmt.Fprintln(os.Stderr, f())`)
		nb.Cells[2].Outputs = []*jupyter.Output{{Kind: jupyter.Stream, Name: "stdout", Text: "old"}}
		dir := t.TempDir()
		var seen []string
		done, err := env.Run(t.Context(), nb, jupyter.RunOptions{Dir: dir, Env: []string{"CONVSCOPE_TEST=set"},
			Progress: func(cell, of int) { seen = append(seen, fmt.Sprint(cell, "/", of)) }})
		require.NoError(t, err)
		require.Equal(t, "in "+dir+" set\n", done.Cells[0].Outputs[0].Text)
		require.Equal(t, []*jupyter.Output{{Kind: jupyter.Stream, Name: "stderr", Text: "3\n"}}, done.Cells[2].Outputs)
		require.Equal(t, []int{1, 0, 2}, []int{done.Cells[0].Count, done.Cells[1].Count, done.Cells[2].Count})
		require.Equal(t, []string{"1/2", "2/2", "3/2"}, seen)
		require.Equal(t, "old", nb.Cells[2].Outputs[0].Text)
		require.Empty(t, scratchDirs(t))
	})
	t.Run("what a cell prints without measure is cut off", func(t *testing.T) {
		const loop = `for range 20 { fmt.Println(strings.Repeat("x", 1<<20)) }`
		done, err := env.Run(t.Context(), notebook("%%\n"+loop+"\npanic(\"at the end\")", "%%\n"+`fmt.Println("after")`),
			jupyter.RunOptions{Failed: func(e *jupyter.CellError) { require.Equal(t, "line 3: panic: at the end", e.Reason) }})
		require.NoError(t, err)
		printed := done.Cells[0].Outputs[0].Text
		require.Less(t, len(printed), 17<<20)
		require.True(t, strings.HasSuffix(printed, "\n(more than 16 MB: the rest is left away)\n"))
		require.Equal(t, "after\n", done.Cells[1].Outputs[0].Text)
	})
	t.Run("a cell that fails is named, and ends the run", func(t *testing.T) {
		nb := notebook("%%\n"+`fmt.Println("fine")`, "%%\nundefinedName()", "%%\n"+`fmt.Println("never")`)
		nb.Cells[2].Outputs = []*jupyter.Output{{Kind: jupyter.Stream, Name: "stdout", Text: "old"}}
		done, err := env.Run(t.Context(), nb, jupyter.RunOptions{})
		var failed *jupyter.CellError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, &jupyter.CellError{Notebook: "test.ipynb", Cell: 2, Of: 3, ID: "code-2",
			Reason: "line 2: undefined: undefinedName"}, failed)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, "fine\n", done.Cells[0].Outputs[0].Text)
		require.Empty(t, done.Cells[2].Outputs, "old outputs do not pass for new ones")
	})
	t.Run("places come in pieces, as Go's runtime writes them", func(t *testing.T) {
		const slow = `_, file, line, _ := runtime.Caller(0)
			fmt.Fprint(os.Stderr, "panic: slow\n\n\t", file)
			time.Sleep(time.Second / 4)
			fmt.Fprintf(os.Stderr, ":%d\n", line)
			os.Exit(2)`
		nb := notebook("func f() {\n\t"+slow+"\n}", "%%\n_ = 3\nf()", "%%\n"+slow)
		var reasons []string
		_, err := env.Run(t.Context(), nb, jupyter.RunOptions{Failed: func(e *jupyter.CellError) {
			reasons = append(reasons, e.Reason)
		}})
		require.NoError(t, err)
		require.Equal(t, []string{"line 2 of cell 1: panic: slow", "line 2: panic: slow"}, reasons)
	})
	t.Run("what only looks like a place", func(t *testing.T) {
		place := filepath.Join(t.TempDir(), "gonb_x", "main.go")
		require.NoError(t, os.Mkdir(filepath.Dir(place), 0o700))
		require.NoError(t, syscall.Mkfifo(place, 0o600)) // which nobody writes
		const said = `fmt.Fprint(os.Stderr, strings.Repeat("\n"+place+":7", 100_000), "\n /\x00/gonb_x/main.go:3\n")`
		nb := notebook(fmt.Sprintf("%%%%\nplace := %q\n%s\npanic(\"at the end\")", place, said))
		_, err := env.Run(t.Context(), nb, jupyter.RunOptions{})
		require.ErrorContains(t, err, "line 4: panic: at the end")
	})
	t.Run("a shell line that fails in the kernel's module ends the run", func(t *testing.T) {
		nb := notebook("!*echo fine && cat /nonexistent/go.sum\n%noautoget", "%%\n"+`fmt.Println("never")`)
		done, err := env.Run(t.Context(), nb, jupyter.RunOptions{})
		require.ErrorContains(t, err, "test.ipynb: cell 1 of 2 (id code-1) failed: cat: /nonexistent/go.sum: No such file")
		require.NotContains(t, err.Error(), "\n")
		require.Empty(t, done.Cells[1].Outputs)
	})
	t.Run("one in the notebook's directory does not, nor one that may", func(t *testing.T) {
		nb := notebook("!false", "!*false", "%%\n"+`fmt.Println("after")`)
		nb.Cells[1].Metadata = map[string]any{"tags": []any{"raises-exception"}}
		done, err := env.Run(t.Context(), nb, jupyter.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, "after\n", done.Cells[2].Outputs[0].Text)
	})
	t.Run("a workspace of the user's has no say", func(t *testing.T) {
		temp, err := os.MkdirTemp("", "cs")
		require.NoError(t, err)
		t.Cleanup(func() { _ = os.RemoveAll(temp) })
		require.NoError(t, os.WriteFile(filepath.Join(temp, "go.work"), []byte("go 1.26\n"), 0o644))
		t.Setenv("TMPDIR", temp)
		t.Setenv("GOWORK", filepath.Join(temp, "go.work"))
		done, err := env.Run(t.Context(), notebook("%%\n"+`fmt.Println("fine")`), jupyter.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, "fine\n", done.Cells[0].Outputs[0].Text)
	})
	t.Run("no place for temporary files", func(t *testing.T) {
		t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
		_, err := env.Run(t.Context(), notebook("%%"), jupyter.RunOptions{})
		require.ErrorContains(t, err, "set TMPDIR")
	})
	t.Run("a cell that may fail does not", func(t *testing.T) {
		nb := notebook("%%\n"+`panic("boom")`, "%%\n"+`fmt.Println("after")`)
		nb.Cells[0].Metadata = map[string]any{"tags": []any{"raises-exception"}}
		done, err := env.Run(t.Context(), nb, jupyter.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, "after\n", done.Cells[1].Outputs[0].Text)
	})
	t.Run("a run that goes on past cells that fail", func(t *testing.T) {
		nb := notebook("%%\nundefinedName()", "!*false", "%%\n"+`fmt.Println("after")`)
		var failed []*jupyter.CellError
		done, err := env.Run(t.Context(), nb, jupyter.RunOptions{Failed: func(e *jupyter.CellError) {
			failed = append(failed, e)
		}})
		require.NoError(t, err)
		require.Equal(t, []*jupyter.CellError{
			{Notebook: "test.ipynb", Cell: 1, Of: 3, ID: "code-1", Reason: "line 2: undefined: undefinedName"},
			{Notebook: "test.ipynb", Cell: 2, Of: 3, ID: "code-2", Reason: "exit status 1"}}, failed)
		require.Equal(t, "after\n", done.Cells[2].Outputs[0].Text)
	})
	t.Run("a cell past its limit", func(t *testing.T) {
		ownTemp(t)
		nb := notebook("%%\n" + `exec.Command("sleep", "98765433").Run()`)
		_, err := env.Run(t.Context(), nb, jupyter.RunOptions{Timeout: 4 * time.Second})
		require.ErrorContains(t, err, "test.ipynb: cell 1 of 1 (id code-1) ran past its limit of 4s")
		require.False(t, running(t, "98765433"))
		require.Empty(t, scratchDirs(t))
	})
	t.Run("an interrupt ends everything and leaves nothing", func(t *testing.T) {
		ownTemp(t)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() {
			for !running(t, "98765434") && ctx.Err() == nil {
				time.Sleep(100 * time.Millisecond)
			}
			stop()
		}()
		done, err := env.Run(ctx, notebook("%%\n"+`exec.Command("setsid", "sleep", "98765434").Run()`), jupyter.RunOptions{})
		require.Nil(t, done)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, running(t, "98765434"))
		require.False(t, running(t, os.TempDir()), "no kernel, no cell")
		require.Empty(t, scratchDirs(t))
	})
	t.Run("nor does a kill -9 leave a kernel", func(t *testing.T) {
		ownTemp(t)
		cmd := exec.Command(os.Args[0], "-test.run=TestRunHelper$")
		cmd.Env = append(os.Environ(), "CONVSCOPE_RUN_HELPER=98765435")
		require.NoError(t, cmd.Start())
		require.Eventually(t, func() bool { return running(t, "sleep 98765435") }, time.Minute, 100*time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		require.Eventually(t, func() bool { return !running(t, "98765435") && !running(t, os.TempDir()) },
			time.Minute, 100*time.Millisecond)
	})
	t.Run("a directory that is not there", func(t *testing.T) {
		_, err := env.Run(t.Context(), notebook("%%"), jupyter.RunOptions{Dir: "/nonexistent"})
		require.ErrorContains(t, err, "test.ipynb: could not be run: ")
		require.NotContains(t, err.Error(), "\n")
	})
}

// TestRunHelper is the process that TestRun kills.
func TestRunHelper(t *testing.T) {
	seconds := os.Getenv("CONVSCOPE_RUN_HELPER")
	if seconds == "" {
		t.Skip("only as a process of its own")
	}
	_, _ = install(t).Run(t.Context(), notebook("%%\n"+`exec.Command("sleep", "`+seconds+`").Run()`),
		jupyter.RunOptions{})
}

func TestHTML(t *testing.T) {
	env := install(t)
	dir := t.TempDir()
	nb := notebook("%%")
	nb.Cells = append(nb.Cells, &jupyter.Cell{Kind: jupyter.Markdown, ID: "math",
		Source: "Step $x + \\frac{g}{n}$ and $$\\sum_i x_i$$ and $\\nosuchcommand{$ here."})
	nb.Cells[0].Outputs = []*jupyter.Output{
		{Kind: jupyter.Display, Data: map[string]any{"text/html": `<img alt="p" src="data:image/png;base64,iVBORw0KGgo=">`}},
		{Kind: jupyter.Display, Data: map[string]any{"image/png": "iVBORw0KGgo="}},
	}
	source, page := filepath.Join(dir, "a.ipynb"), filepath.Join(dir, "a.html")
	require.NoError(t, nb.Write(source))
	require.NoError(t, env.HTML(t.Context(), source, page))
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	html := string(text)
	require.Equal(t, 2, strings.Count(html, "data:image/png;base64,iVBORw0KGgo="))
	require.Contains(t, html, "<mfrac>")
	require.Contains(t, html, "<title>a</title>")
	require.False(t, strings.Contains(html, "No description has been provided"), "pictures have a name")
	require.NotRegexp(t, regexp.MustCompile(`<(script|link|img|iframe)[^>]+(src|href)="(https?:)?//`), html,
		"nothing comes from elsewhere")
	require.NotRegexp(t, regexp.MustCompile(`(import\(|@import |url\()["']?https?:`), html)

	t.Run("text is escaped once", func(t *testing.T) {
		nb := notebook("%%")
		nb.Cells = append(nb.Cells, &jupyter.Cell{Kind: jupyter.Markdown, ID: "odd", Source: strings.Join([]string{
			`$\text{<script>alert(1)</script>}$`, `$a<b$`, `$a & b$`, `$\text{&lt;u&gt;}$`,
			`$\color{"><script>alert(2)</script>}x$`, `$\href{javascript:alert(3)}{y}$`,
			`$$\text{<img src=x onerror=alert(4)>}$$`, `$\nosuch{<script>alert(5)</script>$`,
			`\\(\text{<script>alert(6)</script>}\\)`, `\begin{align}\text{<script>alert(7)</script>}\end{align}`,
		}, "\n\n")})
		nb.Cells[0].Outputs = []*jupyter.Output{{Kind: jupyter.Display,
			Data: map[string]any{"text/plain": "<script>alert(8)</script> $\\text{<script>alert(9)</script>}$ &amp;"}}}
		source, page := filepath.Join(dir, "<b> & $x$ q\"uote's.ipynb"), filepath.Join(dir, "odd.html")
		require.NoError(t, nb.Write(source))
		require.NoError(t, env.HTML(t.Context(), source, page))
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		html := string(text)
		require.NotContains(t, html, "<script>alert")
		require.NotContains(t, html, "<img src=x")
		require.NotContains(t, html, "javascript:")
		require.Contains(t, html, "<mtext>&lt;script&gt;alert(1)&lt;/script&gt;</mtext>")
		require.Contains(t, html, "<mo>&lt;</mo>")
		require.Contains(t, html, "<mtext>&amp;lt;u&amp;gt;</mtext>", "as it is written")
		require.Contains(t, html, "&lt;script&gt;alert(8)&lt;/script&gt;")
		require.Contains(t, html, "&amp;amp;")
		require.Contains(t, html, "<title>&lt;b&gt; &amp; $x$ q")
	})

	t.Run("language", func(t *testing.T) {
		require.Contains(t, html, `<html lang="en">`)
		nb := notebook("%%")
		nb.Metadata["convscope"] = map[string]any{"language": "ko"}
		source, page := filepath.Join(dir, "ko.ipynb"), filepath.Join(dir, "ko.html")
		require.NoError(t, nb.Write(source))
		require.NoError(t, env.HTML(t.Context(), source, page))
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Contains(t, string(text), `<html lang="ko">`)
	})

	t.Run("written away from home", func(t *testing.T) {
		nb := notebook("%%")
		nb.Cells = append(nb.Cells, &jupyter.Cell{Kind: jupyter.Markdown, ID: "links", Source: strings.Join([]string{
			"[a](words.md#one) [b](../docs/b%20b.md) [c](https://example.org/c) [d](#here)",
			`<img src="../docs/in.png" alt="in">`, `![out](../../out.png)`}, "\n\n")})
		root := filepath.Join(dir, "the clone")
		home, away := filepath.Join(root, "lessons"), filepath.Join(root, "out", "ko")
		for _, path := range []string{home, away, filepath.Join(root, "docs")} {
			require.NoError(t, os.MkdirAll(path, 0o755))
		}
		for _, path := range []string{filepath.Join(root, "docs", "in.png"), filepath.Join(dir, "out.png")} {
			require.NoError(t, os.WriteFile(path, []byte("a picture"), 0o600))
		}
		source, page := filepath.Join(away, "a.ipynb"), filepath.Join(away, "a.html")
		require.NoError(t, nb.Write(source))
		require.NoError(t, env.HTMLOf(t.Context(), source, page, jupyter.Home{Folder: home, Root: root}))
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		var links []string
		for _, link := range regexp.MustCompile(`<a href="([^"]*)">`).FindAllStringSubmatch(string(text), -1) {
			links = append(links, link[1])
		}
		require.Equal(t, []string{"../../lessons/words.md#one", "../../docs/b%20b.md", "https://example.org/c", "#here"},
			links)
		require.Contains(t, string(text), `src="data:image/png;base64,YSBwaWN0dXJl"`)
		require.Equal(t, 1, strings.Count(string(text), "YSBwaWN0dXJl"), "nothing from outside of the root")
	})

	t.Run("no notebook", func(t *testing.T) {
		require.NoError(t, os.WriteFile(source, []byte("no"), 0o644))
		err := env.HTML(t.Context(), source, filepath.Join(dir, "b.html"))
		require.ErrorContains(t, err, "a.ipynb could not be exported to HTML: ")
		require.NoFileExists(t, filepath.Join(dir, "b.html"))
	})
}

// lockedBuffer collects what the server prints.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func TestLab(t *testing.T) {
	env := install(t)
	ownTemp(t)
	home := t.TempDir()
	t.Setenv("HOME", home) // where a user's Jupyter would keep its files
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var printed lockedBuffer
	ended := make(chan error, 1)
	dir := t.TempDir()
	for _, name := range []string{"1-lesson.ipynb", "claims_test.go", "testdata/x"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600))
	}
	go func() {
		ended <- env.Lab(ctx, jupyter.LabOptions{Dir: dir, NoBrowser: true, Args: []string{"--port=0"}, Output: &printed})
	}()
	address := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)`)
	var found []string
	require.Eventually(t, func() bool { found = address.FindStringSubmatch(printed.String()); return found != nil },
		time.Minute, 100*time.Millisecond, "the address is printed")

	call := func(method, path, token, body string) (int, string) {
		request, err := http.NewRequestWithContext(ctx, method, found[1]+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Authorization", "token "+token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
	status, _ := call("GET", "/api/kernelspecs", "wrong", "")
	require.Equal(t, http.StatusForbidden, status, "the token is needed")
	_, specs := call("GET", "/api/kernelspecs", found[2], "")
	var answer struct {
		Default     string
		Kernelspecs map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(specs), &answer))
	require.Contains(t, answer.Kernelspecs, jupyter.KernelName)
	_, listed := call("GET", "/api/contents/?content=1", found[2], "")
	require.Contains(t, listed, `"1-lesson.ipynb"`)
	require.NotContains(t, listed, "test", "the lessons, without their tests")
	status, _ = call("POST", "/api/kernels", found[2], `{"name": "gonb"}`)
	require.Equal(t, http.StatusCreated, status)

	stop()
	select {
	case err := <-ended:
		require.True(t, errors.Is(err, context.Canceled), "%v", err)
	case <-time.After(time.Minute):
		t.Fatal("JupyterLab did not stop")
	}
	require.Eventually(t, func() bool { return !running(t, os.TempDir()) }, time.Minute, 50*time.Millisecond,
		"no server, no kernel, as soon as what was killed is gone")
	require.Empty(t, scratchDirs(t))
	files, err := os.ReadDir(filepath.Join(home, ".jupyter"))
	require.ErrorIs(t, err, os.ErrNotExist, "%v", files)
	require.NoDirExists(t, filepath.Join(home, ".local", "share", "jupyter"))
}
