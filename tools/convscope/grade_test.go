// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

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
			{"exercise-1", "OutputSize", true, "that is it", ""}, {"exercise-2", "Sees", false, "no", ""}}},
		{Notebook: bert, Lesson: "1-one", Of: 2, Checks: []gradedCheck{
			{"exercise-1", "OutputSize", false, "no result is saved", ""},
			{"exercise-2", "Sees", false, "the cell is gone", ""}}},
	}}, graded(t, "--saved", anna, bert))

	other := filepath.Join(outside, "other.ipynb")
	handIn(t, other, exercise("a", "check.Sees(1)", said("Sees", true, "yes")), exercise("b", "check.Sees(2)"),
		exercise("c", "check.Sees(3)", &jupyter.Output{Kind: jupyter.Failure, Error: "ERROR", Value: "boom"}))
	require.Equal(t, grades{Notebooks: []gradedNotebook{{Notebook: other, Right: 1, Of: 3, Checks: []gradedCheck{
		{"a", "Sees", true, "yes", ""}, {"b", "Sees", false, "no result is saved", ""},
		{"c", "Sees", false, "boom", ""}}}}},
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
		"the last counts":   {lesson + "\ncheck.Robust(net, []int{1, 2}, 0.55)", `check.Robust(net, []int{1,2}, 0.55)`},
		"in a comment":      {lesson + "\n// check.Robust(net, 1)", ""},
		"without end":       {`check.Robust(net, 1`, "check.Robust(net)"},
		"none":              {"f()", ""},
		"no Go":             {"!echo 'it\n%%\n" + lesson, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.ipynb")
			handIn(t, path, exercise("e", test.source))
			require.Equal(t, test.changed, graded(t, "--saved", path).Notebooks[0].Checks[0].Changed)
		})
	}
}

// TestGradeMistakes are found before any notebook is run.
func TestGradeMistakes(t *testing.T) {
	root := makeClone(t)
	t.Chdir(root)
	handIn(t, "good.ipynb", exercise("a", "check.Sees(1)"))
	require.NoError(t, os.WriteFile("text.ipynb", []byte("# mine"), 0o600))
	require.NoError(t, os.WriteFile("old.ipynb", []byte(`{"nbformat": 3, "worksheets": []}`), 0o600))
	require.NoError(t, os.WriteFile("null.ipynb", []byte(`{"nbformat": 4, "cells": [null]}`), 0o600))
	require.NoError(t, syscall.Mkfifo("pipe.ipynb", 0o600))
	for args, words := range map[string]string{
		"":                              "requires at least 1 arg",
		"good.ipynb text.ipynb":         "text.ipynb: not a notebook",
		"good.ipynb old.ipynb":          "nbformat is 3",
		"good.ipynb null.ipynb":         "null.ipynb: not a notebook",
		"good.ipynb none.ipynb":         "none.ipynb: no such file",
		"good.ipynb pipe.ipynb":         "pipe.ipynb: not a regular file",
		"good.ipynb notebooks":          "notebooks is a folder: name the notebooks in it",
		"good.ipynb 2-filters":          "2-filters: no such file",
		"good.ipynb --timeout a":        "--timeout",
		"good.ipynb --timeout -5s":      "give a time such as",
		"--saved good.ipynb text.ipynb": "text.ipynb: not a notebook",
	} {
		t.Run(args, func(t *testing.T) { isMistake(t, append([]string{"grade"}, strings.Fields(args)...), words) })
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
		"run python.ipynb":       "python.ipynb: its cells are in python: choose the kernel Go (gonb)",
		"run text.ipynb":         "text.ipynb: not a notebook of nbformat 4: it is not JSON",
		"run pipe.ipynb":         "pipe.ipynb: not a regular file: it is a pipe",
		"run --timeout 0":        "give a time such as",
		"notebooks python.ipynb": "its cells are in python",
		"notebooks --timeout -1": "give a time such as",
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
		exercise("c", "%%\n"+`check.OutputSize("block3_conv1", 224, 1)`), exercise("d", "// check.Sees(\n%%\n"))
	python := filepath.Join(t.TempDir(), "python.ipynb")
	nb := &jupyter.Notebook{Format: 4, Minor: 5, Cells: []*jupyter.Cell{exercise("a", "check.Sees(1)")},
		Metadata: map[string]any{"language_info": map[string]any{"name": "python"}}}
	require.NoError(t, nb.Write(python))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	out, err := grade(command, "ko", python, path)
	require.ErrorContains(t, err, "exit status 1", "python was not graded")
	require.Contains(t, out.Notebooks[0].Error, "its cells are in python")
	require.Equal(t, []gradedCheck{{"a", "Sees", false, "not run: " + out.Notebooks[0].Error, ""}},
		out.Notebooks[0].Checks)
	require.Equal(t, grades{Notebooks: []gradedNotebook{out.Notebooks[0], {Notebook: path, Right: 1, Of: 4,
		Checks: []gradedCheck{
			{"a", "ReceptiveField", true, "block2_conv1 계층의 한 위치는 10 x 10픽셀을 봅니다", ""},
			{"b", "ReceptiveField", false, "line 2: undefined: mistyped", ""},
			{"c", "OutputSize", false, "정답은 1보다 큽니다", ""}, {"d", "Sees", false, "the check was not called", ""}}}}}, out)
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
	require.Equal(t, []gradedCheck{{"a", "Sees", false, "ran past its limit of 10s", ""},
		{"b", "Sees", false, "the check was not called", ""}, {"c", "Sees", false, "ran past its limit of 10s", ""},
		{"d", "Sees", false, "line 2: panic: heard", ""}, {"e", "Sees", false, "the kernel died (out of memory?)", ""},
		{"f", "Sees", false, "not run: " + fault, ""}}, out.Notebooks[0].Checks, "the next cells are run")
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
