// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/internal/verdict"
	"convscope/tools/jupyter"
)

// handIn writes a student's notebook of code cells.
func handIn(t *testing.T, path string, cells ...*jupyter.Cell) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	nb := &jupyter.Notebook{Cells: cells}
	nb.Normalize(nil)
	require.NoError(t, nb.Write(path))
}

func exercise(id, source string, outputs ...*jupyter.Output) *jupyter.Cell {
	return &jupyter.Cell{Kind: jupyter.Code, ID: id, Source: source, Outputs: outputs}
}

// said is a verdict among outputs.
func said(check string, right bool, message string) *jupyter.Output {
	v := verdict.Verdict{Check: check, Right: right, Message: message}
	return &jupyter.Output{Kind: jupyter.Display, Data: map[string]any{"text/plain": message, verdict.MIME: v.Data()}}
}

// graded runs grade and reads what it prints.
func graded(t *testing.T, args ...string) grades {
	t.Helper()
	status, stdout, stderr := runCommand(t, append([]string{"grade"}, args...)...)
	require.Equal(t, exitOK, status, stderr)
	var document grades
	require.NoError(t, json.Unmarshal([]byte(stdout), &document))
	return document
}

// TestGradeSaved reads results from files, of two students whose files have the same name.
func TestGradeSaved(t *testing.T) {
	root := makeClone(t)
	t.Chdir(root)
	lesson := func(outputs ...*jupyter.Output) []*jupyter.Cell {
		return []*jupyter.Cell{
			exercise("setup", "f()"), exercise("exercise-1", "check.OutputSize(answer)", outputs...),
			exercise("exercise-2", "check.Sees(answer)", said("Sees", false, "no")),
		}
	}
	handIn(t, "notebooks/1-one.ipynb", lesson(said("OutputSize", false, "0 is too few"))...)
	outside := t.TempDir()
	anna, bert := filepath.Join(outside, "anna", "x.ipynb"), filepath.Join(outside, "bert", "x.ipynb")
	handIn(t, anna, lesson(said("OutputSize", false, "3 is too few"), said("OutputSize", true, "that is it"))...)
	handIn(t, bert, append(lesson(said("Sees", true, "of another check"))[:2],
		exercise("own", "check.Sees(3)", said("Sees", true, "elsewhere")))...)
	require.Equal(t, grades{Notebooks: []gradedNotebook{
		{Notebook: anna, Lesson: "1-one", Right: 1, Of: 2, Checks: []gradedCheck{
			{"exercise-1", "OutputSize", true, "that is it", "", ""}, {"exercise-2", "Sees", false, "no", "", ""}}},
		{Notebook: bert, Lesson: "1-one", Right: 1, Of: 2, Checks: []gradedCheck{
			{"exercise-1", "OutputSize", false, "no result is saved", "", ""},
			{"exercise-2", "Sees", true, "elsewhere", "", "own"}}},
	}}, graded(t, "--saved", anna, bert))

	other := filepath.Join(outside, "other.ipynb")
	handIn(t, other, exercise("a", "check.Sees(1)", said("Sees", true, "yes")), exercise("b", "check.Sees(2)"),
		exercise("c", "check.Sees(3)", &jupyter.Output{Kind: jupyter.Failure, Error: "ERROR", Value: "boom"}))
	require.Equal(t, grades{Notebooks: []gradedNotebook{{Notebook: other, Right: 1, Of: 3, Checks: []gradedCheck{
		{"a", "Sees", true, "yes", "", ""}, {"b", "Sees", false, "no result is saved", "", ""},
		{"c", "Sees", false, "boom", "", ""}}}}},
		graded(t, "--saved", other), "what is no lesson has the checks that it has")
}

// TestGradeChanged tells what a student changed in a check's call from what is the answer.
func TestGradeChanged(t *testing.T) {
	t.Chdir(makeClone(t))
	const lesson = `check.Robust(vgg16.MustOpen(), method, 0.55)`
	handIn(t, "notebooks/1-one.ipynb", exercise("e", "%%\nmethod := ascent.Method{}\n"+lesson))
	for name, test := range map[string]struct{ source, changed string }{
		"as it is":          {lesson, ""},
		"other spaces":      {"check.Robust( vgg16.MustOpen(),\n\tmethod, // the best\n\t0.55,\n)", ""},
		"the answer itself": {`check.Robust(vgg16.MustOpen(), ascent.Method{Blur: f(1, 2)}, 0.55)`, ""},
		"an easier limit":   {`check.Robust(net, method, 0.05)`, `check.Robust(net, method, 0.05)`},
		"fewer":             {`check.Robust(vgg16.MustOpen(), method)`, `check.Robust(vgg16.MustOpen(), method)`},
		"one of two":        {lesson + "\ncheck.Robust(net, []int{1, 2}, 0.55)", `check.Robust(net, []int{1,2}, 0.55)`},
		"never called":      {"check.Robust(net, m, 0)\nif false {\n" + lesson + "\n}", `check.Robust(net, m, 0)`},
		"another name":      {"import c \"convscope/notebooks/check\"\n%%\nc.Robust(net, m, 0)", `check.Robust(net, m, 0)`},
		"in a function":     {"ask(0)", "the cell itself has no call of check.Robust"},
		"as a value":        {"f := check.Robust\nf(net, m, 0)", "the cell itself has no call of check.Robust"},
		"in a comment":      {lesson + "\n// check.Robust(net, 1)", ""},
		"without end":       {`check.Robust(net, 1`, "check.Robust(net)"},
		"none":              {"g()", ""},
		"no Go":             {"!echo 'it\n%%\n" + lesson, ""},
		"shell's quotes":    {"!ls */* \\\n `it\n%env A /*\n%%\n" + lesson, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.ipynb")
			own := exercise("e", test.source)
			if name != "none" {
				own.Outputs = []*jupyter.Output{said("Robust", true, "")}
			}
			handIn(t, path, own)
			require.Equal(t, test.changed, graded(t, "--saved", path).Notebooks[0].Checks[0].Changed)
		})
	}
}

// TestGradeMistakes are found before any notebook is run.
func TestGradeMistakes(t *testing.T) {
	root := makeClone(t)
	t.Chdir(root)
	handIn(t, "good.ipynb", exercise("a", "check.Sees(1)"))
	require.NoError(t, syscall.Mkfifo("pipe.ipynb", 0o600))
	require.NoError(t, os.Symlink("loop.ipynb", "loop.ipynb"))
	for args, words := range map[string]string{
		"":                              "requires at least 1 arg",
		"good.ipynb loop.ipynb":         "loop.ipynb: too many levels of symbolic links",
		"good.ipynb none.ipynb":         "none.ipynb: no such file",
		"good.ipynb pipe.ipynb":         "pipe.ipynb: not a regular file",
		"good.ipynb notebooks":          "notebooks is a folder: name the notebooks in it",
		"good.ipynb 2-filters":          "2-filters: no such file",
		"good.ipynb --timeout a":        "--timeout",
		"good.ipynb --timeout -5s":      "give a time such as",
		"--saved good.ipynb none.ipynb": "none.ipynb: no such file",
	} {
		t.Run(args, func(t *testing.T) { isMistake(t, append([]string{"grade"}, strings.Fields(args)...), words) })
	}
}

// TestGradeDamaged names files that can't be graded, and grades the others.
func TestGradeDamaged(t *testing.T) {
	t.Chdir(makeClone(t))
	handIn(t, "good.ipynb", exercise("a", "check.Sees(1)", said("Sees", true, "yes")))
	handIn(t, "bare.ipynb", exercise("a", "f()"))
	files := map[string]string{"bare.ipynb": "no cell in it calls a check: is it the right file?"}
	for text, words := range map[string]string{
		"":                                         "it is empty",
		"# mine":                                   "not a notebook of nbformat 4: it is not JSON",
		"[]":                                       "its JSON is of another kind: array",
		`{"nbformat": 4, "cells": [`:               "its JSON is cut off",
		`{"nbformat": 3, "worksheets": []}`:        "its nbformat is 3: open it in JupyterLab and save it",
		`{"nbformat": 5, "cells": []}`:             "its nbformat is 5",
		`{"cells": []}`:                            "it says no nbformat",
		`{"nbformat": 4, "cells": null}`:           "it has no cells",
		`{"nbformat": 4, "cells": {}}`:             "its JSON has cells as an object",
		`{"nbformat": 4, "cells": [null]}`:         "cell 1 has no cell_type",
		`{"nbformat": 4, "cells": []}`:             "no cell in it calls a check",
		"{\"nbformat\": 4,\n<<<<<<< HEAD\n}":       "it is not JSON, in line 2",
		`{"nbformat": 4, "cells": []}{"cells": 1}`: "more text after its end",
	} {
		name := fmt.Sprintf("학생 %d.ipynb", len(files))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		files[name] = words
	}
	for name, words := range files {
		for want, how := range map[int][]string{2: {"--saved", name, "good.ipynb"}, 1: {name}} { // which has nothing to run
			status, stdout, stderr := runCommand(t, append([]string{"grade"}, how...)...)
			require.Equal(t, exitFailure, status, stderr)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			require.Contains(t, stderr, "not graded: "+name+": ")
			require.Contains(t, stderr, words)
			var document grades
			require.NoError(t, json.Unmarshal([]byte(stdout), &document))
			require.Len(t, document.Notebooks, want)
			require.Contains(t, document.Notebooks[0].Error, words)
			require.Empty(t, document.Notebooks[0].Checks)
			if want == 2 {
				require.Equal(t, 1, document.Notebooks[1].Right)
			}
		}
	}
}

// TestGradeFinds finds a lesson and the answers to its checks in what other programs and students' hands leave of it.
func TestGradeFinds(t *testing.T) {
	t.Chdir(makeClone(t))
	lesson := func() []*jupyter.Cell {
		return []*jupyter.Cell{
			exercise("setup", "f()"), {Kind: jupyter.Markdown, ID: "task", Source: "# 하나"},
			exercise("exercise-1", "%%\nanswer := 0\ncheck.OutputSize(\"pool\", answer)"),
			exercise("between", "check.Sees(net, 0.5)"), exercise("exercise-2", "check.Sees(mine, 0.9)"),
		}
	}
	english := lesson()
	english[1].Source = "# one"
	handIn(t, "notebooks/1-one.ipynb", english...)
	handIn(t, "notebooks/ko/1-one.ipynb", lesson()...)
	const right = "%%\ncheck.OutputSize(\"pool\", 7)"
	solved := func() []*jupyter.Cell {
		cells := lesson()
		cells[2] = exercise("exercise-1", right, said("OutputSize", true, "that is it"))
		return cells
	}
	of := func(changes ...func(cells []*jupyter.Cell) []*jupyter.Cell) []*jupyter.Cell {
		cells := solved()
		for _, change := range changes {
			cells = change(cells)
		}
		return cells
	}
	each := func(do func(i int, cell *jupyter.Cell)) func(cells []*jupyter.Cell) []*jupyter.Cell {
		return func(cells []*jupyter.Cell) []*jupyter.Cell {
			for i, cell := range cells {
				do(i, cell)
			}
			return cells
		}
	}
	copied := exercise("copy", right, said("OutputSize", true, "that is it"))
	for name, test := range map[string]struct {
		cells       []*jupyter.Cell
		in, changed string
		wrong       bool
	}{
		"as it is":  {cells: of()},
		"other ids": {cells: of(each(func(i int, cell *jupyter.Cell) { cell.ID = fmt.Sprint("x", i) })), in: "x2"},
		"no ids":    {cells: of(each(func(_ int, cell *jupyter.Cell) { cell.ID = "" })), in: "code-3"},
		"wrong ids": {cells: of(each(func(_ int, cell *jupyter.Cell) { cell.ID += " 하나" })), in: "code-3"},
		"Colab's": {cells: of(each(func(_ int, cell *jupyter.Cell) {
			cell.ID, cell.Metadata = "", map[string]any{"id": cell.ID, "colab": map[string]any{}}
		}))},
		"turned round": {cells: of(func(cells []*jupyter.Cell) []*jupyter.Cell {
			slices.Reverse(cells)
			return cells
		})},
		"a copy is right": {cells: append(lesson(), copied), in: "copy"},
		"a copy is wrong": {cells: append(of(), exercise("copy", right, said("OutputSize", false, "no")))},
		"a second id": {cells: append(lesson(), exercise("exercise-1", right, said("OutputSize", true, ""))),
			in: "code-6"},
		"a copy asks for less": {wrong: true, cells: append(lesson(),
			exercise("copy", `check.OutputSize("input", 7)`, said("OutputSize", true, "that is it")))},
		"its cell is gone": {cells: append(slices.Delete(lesson(), 2, 3), copied), in: "copy"},
		"and asks for less": {cells: append(slices.Delete(lesson(), 2, 3), exercise("copy", `check.OutputSize("input", 7)`,
			said("OutputSize", true, "that is it"))), in: "copy", changed: `check.OutputSize("input", 7)`},
		"merged": {cells: append(slices.Delete(lesson(), 2, 4), exercise("between", "check.Sees(net, 0.5)\n"+right,
			said("Sees", false, "no"), said("OutputSize", true, ""))), in: "between"},
		"not code": {wrong: true, cells: of(each(func(_ int, cell *jupyter.Cell) {
			if cell.ID == "exercise-1" {
				cell.Kind = jupyter.Markdown
			}
		}))},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.ipynb")
			require.NoError(t, (&jupyter.Notebook{Cells: test.cells, Format: 4, Minor: 5}).Write(path))
			found := graded(t, "--saved", path).Notebooks[0]
			require.Equal(t, "1-one", found.Lesson)
			require.Equal(t, 3, found.Of)
			require.Equal(t, !test.wrong, found.Checks[0].Right)
			require.Equal(t, "exercise-1", found.Checks[0].Cell)
			require.Equal(t, test.in, found.Checks[0].In)
			require.Equal(t, test.changed, found.Checks[0].Changed)
		})
	}
	elsewhere := filepath.Join(t.TempDir(), "x.ipynb")
	cells := slices.Delete(lesson(), 4, 5)
	cells[3].Outputs = []*jupyter.Output{said("Sees", true, "of the lesson itself")}
	handIn(t, elsewhere, cells...)
	require.Equal(t, gradedCheck{Cell: "exercise-2", Check: "Sees", Message: "the cell is gone"},
		graded(t, "--saved", elsewhere).Notebooks[0].Checks[2])
}

// TestGradeOwnLessons finds no change in the lessons themselves.
func TestGradeOwnLessons(t *testing.T) {
	paths, err := filepath.Glob("../../notebooks/*.ipynb")
	require.NoError(t, err)
	translated, err := filepath.Glob("../../notebooks/*/*.ipynb")
	require.NoError(t, err)
	for _, nb := range graded(t, append([]string{"--saved"}, append(paths, translated...)...)...).Notebooks {
		require.Equal(t, strings.TrimSuffix(filepath.Base(nb.Notebook), ".ipynb"), nb.Lesson)
		for _, check := range nb.Checks {
			require.Empty(t, check.Changed+check.In, nb.Notebook)
			require.NotEqual(t, "no result is saved", check.Message, nb.Notebook)
		}
	}
}

// TestRunMistakes are found before anything is fetched, built or made.
func TestRunMistakes(t *testing.T) {
	root := makeClone(t, "1-one.ipynb")
	t.Chdir(root)
	python := &jupyter.Notebook{Format: 4, Minor: 5, Metadata: map[string]any{
		"kernelspec": map[string]any{"name": "python3", "language": "python"}}}
	require.NoError(t, python.Write("python.ipynb"))
	require.NoError(t, os.WriteFile("text.ipynb", []byte("# mine"), 0o600))
	require.NoError(t, syscall.Mkfifo("pipe.ipynb", 0o600))
	for args, words := range map[string]string{
		"run python.ipynb":                "python.ipynb: its cells are in python: choose the kernel Go (gonb)",
		"run text.ipynb":                  "text.ipynb: not a notebook of nbformat 4: it is not JSON",
		"run pipe.ipynb":                  "pipe.ipynb: not a regular file: it is a pipe",
		"run --timeout 0":                 "give a time such as",
		"translate ko --done ,":           `--done "": give a value`,
		"notebooks --format python.ipynb": "its cells are in python",
		"notebooks python.ipynb":          "its cells are in python",
		"notebooks --timeout -1":          "give a time such as",
	} {
		t.Run(args, func(t *testing.T) { isMistake(t, strings.Fields(args), words) })
	}
	require.NoDirExists(t, "out")
}

// TestGradeRuns runs what students handed in, from outside of the clone, in a real kernel.
func TestGradeRuns(t *testing.T) {
	level.Real(t, "needs a real Jupyter, XLA and the weights")
	command := build(t)
	dir := t.TempDir()
	const begin = `!*sh "$(GOWORK=off go -C "$GONB_DIR" list -m -f {{.Dir}} convscope)/notebooks/begin.sh"` +
		"\n%noautoget"
	const imports = `import "convscope/notebooks/check"` + "\n\n%%\n"
	path := filepath.Join(dir, "x.ipynb")
	handIn(t, path, exercise("setup", begin), exercise("a", imports+`check.ReceptiveField("block2_conv1", 10)`),
		exercise("b", "%%\nanswer := mistyped\ncheck.ReceptiveField(\"block3_conv1\", answer)"),
		exercise("c", "%%\n"+`check.OutputSize("block3_conv1", 224, 1)`), exercise("d", "// check.Sees(\n%%\n!touch made"))
	python := filepath.Join(t.TempDir(), "python.ipynb")
	nb := &jupyter.Notebook{Format: 4, Minor: 5, Cells: []*jupyter.Cell{
		exercise("a", "check.Sees(1)", said("Sees", true, "by hand"))},
		Metadata: map[string]any{"language_info": map[string]any{"name": "python"}}}
	require.NoError(t, nb.Write(python))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	out, err := grade(command, "ko", python, path)
	require.ErrorContains(t, err, "exit status 1", "python was not graded")
	require.Contains(t, out.Notebooks[0].Error, "its cells are in python")
	require.Equal(t, []gradedCheck{{"a", "Sees", false, "not run: " + out.Notebooks[0].Error, "", ""}},
		out.Notebooks[0].Checks)
	require.Equal(t, grades{Notebooks: []gradedNotebook{out.Notebooks[0], {Notebook: path, Right: 1, Of: 4,
		Checks: []gradedCheck{
			{"a", "ReceptiveField", true, "block2_conv1 계층의 한 위치는 10 x 10픽셀을 봅니다", "", ""},
			{"b", "ReceptiveField", false, "line 2: undefined: mistyped", "", ""},
			{"c", "OutputSize", false, "정답은 1보다 큽니다", "", ""},
			{"d", "Sees", false, "the check was not called", "", ""}}}}}, out)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after, "the file stays as it is")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "and nothing is left beside it")
}

// TestGradeFaults runs into what a student's notebook can do: a cell without end, which hears no interrupt; one that
// prints without end.
func TestGradeFaults(t *testing.T) {
	level.OnlyFull(t, "waits for what does not end")
	command := build(t)
	long := filepath.Join(t.TempDir(), "long.ipynb")
	handIn(t, long, exercise("a", "%%\nsignal.Ignore(os.Interrupt)\ntime.Sleep(time.Hour)\n// check.Sees(1)"),
		exercise("b", "%%\n"+`fmt.Println("after")`+"\n// check.Sees(2)"),
		exercise("c", "%%\n"+
			`for range 200_000 { fmt.Println("again and again") }`+"\ntime.Sleep(time.Hour)\n// check.Sees(3)"),
		exercise("d", "%%\npanic(\"heard\")\n// check.Sees(4)"), exercise("e", "!kill -9 $PPID\n// check.Sees(5)"),
		exercise("f", "// check.Sees(6)\n%%\n"))
	out, err := grade(command, "", "--timeout", "10s", long)
	require.ErrorContains(t, err, "exit status 1")
	fault := long + ": cell 5 of 6 (id e) failed: the kernel died (out of memory?)"
	require.Equal(t, fault, out.Notebooks[0].Error)
	require.Equal(t, []gradedCheck{{"a", "Sees", false, "ran past its limit of 10s", "", ""},
		{"b", "Sees", false, "the check was not called", "", ""}, {"c", "Sees", false, "ran past its limit of 10s", "", ""},
		{"d", "Sees", false, "line 2: panic: heard", "", ""},
		{"e", "Sees", false, "the kernel died (out of memory?)", "", ""},
		{"f", "Sees", false, "not run: " + fault, "", ""}}, out.Notebooks[0].Checks, "the next cells are run")
}

// TestGradeStopped keeps what is graded before a Ctrl-C.
func TestGradeStopped(t *testing.T) {
	level.Real(t, "runs a real Jupyter")
	dir := t.TempDir()
	first, second, third := filepath.Join(dir, "1.ipynb"), filepath.Join(dir, "2.ipynb"), filepath.Join(dir, "3.ipynb")
	handIn(t, first, exercise("a", "%%\n// check.Sees(1)"))
	handIn(t, second, exercise("a", "!touch '"+dir+"/began' && sleep 600\n// check.Sees(2)"))
	handIn(t, third, exercise("a", "%%\n// check.Sees(3)"))
	var stdout bytes.Buffer
	cmd := exec.Command(build(t), "grade", first, second, third)
	cmd.Stdout = &stdout
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, "began"))
		return err == nil
	}, 5*time.Minute, time.Second/10)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	require.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode())
	var out grades
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &out))
	require.Len(t, out.Notebooks, 3)
	require.Equal(t, gradedNotebook{Notebook: first, Of: 1, Checks: []gradedCheck{
		{Cell: "a", Check: "Sees", Message: "the check was not called"}}}, out.Notebooks[0])
	for _, nb := range out.Notebooks[1:] {
		require.Equal(t, nb.Notebook+": stopped before it was done", nb.Error)
	}
}

// TestDesk is a notebook's folder to look at, but not to leave something in.
func TestDesk(t *testing.T) {
	own := filepath.Join(t.TempDir(), "한 학생", "6")
	require.NoError(t, os.MkdirAll(filepath.Join(own, madeByLessons), 0o700))
	for _, name := range []string{"near.txt", "../above.txt", madeByLessons + "/mended.onnx"} {
		require.NoError(t, os.WriteFile(filepath.Join(own, name), []byte(name), 0o600))
	}
	t.Chdir(filepath.Dir(own))
	path, remove, err := desk("6")
	require.NoError(t, err)
	for _, name := range []string{"near.txt", "../above.txt"} {
		text, err := os.ReadFile(filepath.Join(path, name))
		require.NoError(t, err)
		require.Equal(t, name, string(text))
	}
	require.NoDirExists(t, filepath.Join(path, madeByLessons))
	for _, name := range []string{"made", "../made", madeByLessons} {
		require.NoError(t, os.WriteFile(filepath.Join(path, name), nil, 0o600))
	}
	remove()
	require.NoDirExists(t, path)
	require.FileExists(t, filepath.Join(own, "near.txt"))
	require.FileExists(t, filepath.Join(own, madeByLessons, "mended.onnx"))
	require.NoFileExists(t, filepath.Join(own, "made"))
	require.NoFileExists(t, filepath.Join(own, "..", "made"))
	_, _, err = desk("none")
	require.ErrorContains(t, err, "no such file or directory")
	_, remove, err = desk("/")
	require.NoError(t, err)
	remove()
}

// TestGradeBegin uses the packages of this clone, also where a lesson's first cell was taken out.
func TestGradeBegin(t *testing.T) {
	lesson := &jupyter.Notebook{Cells: []*jupyter.Cell{exercise("setup", "!*sh a/notebooks/begin.sh\n%noautoget")}}
	const begin = "!*sh '/it'\\''s here/notebooks/begin.sh'\n%noautoget"
	for name, test := range map[string]struct {
		own    []*jupyter.Cell
		lesson *jupyter.Notebook
		want   []string
	}{
		"as it is":  {[]*jupyter.Cell{exercise("setup", lesson.Cells[0].Source)}, lesson, []string{begin}},
		"taken out": {[]*jupyter.Cell{exercise("a", "f()")}, lesson, []string{begin, "f()"}},
		"no lesson": {[]*jupyter.Cell{exercise("a", "f()")}, nil, []string{"f()"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &paper{nb: &jupyter.Notebook{Cells: test.own}, lesson: test.lesson}
			begins := p.begin("/it's here")
			require.Equal(t, test.lesson != nil, begins != nil)
			var sources []string
			for _, cell := range p.nb.Cells {
				sources = append(sources, cell.Source)
			}
			require.Equal(t, test.want, sources)
		})
	}
	require.Equal(t, "!*sh a/notebooks/begin.sh\n%noautoget", lesson.Cells[0].Source, "the lesson stays as it is")
}

// TestGradeLesson runs a whole lesson as it is given to Korean students: none of its answers is right.
func TestGradeLesson(t *testing.T) {
	level.OnlyFull(t, "runs a lesson")
	path := filepath.Join(t.TempDir(), "renamed.ipynb")
	text, err := os.ReadFile(filepath.Join("..", "..", "notebooks", "ko", "1-activations.ipynb"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	out, err := grade(build(t), "", path)
	require.NoError(t, err)
	require.Equal(t, "1-activations", out.Notebooks[0].Lesson)
	require.Equal(t, 0, out.Notebooks[0].Right)
	require.Equal(t, 3, out.Notebooks[0].Of)
	for _, check := range out.Notebooks[0].Checks {
		require.Regexp(t, `\p{Hangul}`, check.Message, "in the notebook's language")
	}
}

// grade runs the command in this clone and reads what it prints.
func grade(command, language string, args ...string) (out grades, err error) {
	cmd := exec.Command(command, append([]string{"grade"}, args...)...)
	cmd.Env = append(os.Environ(), envLanguage+"="+language)
	text, failed := cmd.Output()
	return out, errors.Join(failed, json.Unmarshal(text, &out))
}
