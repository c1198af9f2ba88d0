// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

func TestCheck(t *testing.T) {
	good := func() *jupyter.Notebook {
		nb := &jupyter.Notebook{Cells: []*jupyter.Cell{
			{Kind: jupyter.Markdown, ID: "title", Source: "# T, see https://example.com/home/x and ~/.cache"},
			{Kind: jupyter.Code, ID: "run", Source: "!*cp ${GONB_DIR}/../go.sum .\n\n%%\n" + strings.Repeat("x++\n", 12),
				Outputs: []*jupyter.Output{{Kind: jupyter.Display, Data: map[string]any{"image/png": "iVBORw0KGgo="}}}},
		}}
		nb.Normalize(nil)
		return nb
	}
	require.Empty(t, good().Check(jupyter.LessonRules))
	require.Empty(t, good().Check(jupyter.Rules{}))

	large := base64.StdEncoding.EncodeToString(make([]byte, 150_001))
	for name, test := range map[string]struct {
		spoil func(nb *jupyter.Notebook)
		want  string
	}{
		"format":  {func(nb *jupyter.Notebook) { nb.Minor = 4 }, "nbformat is 4.4, not 4.5"},
		"kernel":  {func(nb *jupyter.Notebook) { nb.Metadata = nil }, "the kernel is <nil>, not gonb"},
		"no id":   {func(nb *jupyter.Notebook) { nb.Cells[0].ID = "" }, `cell 1 of all has the id ""`},
		"same id": {func(nb *jupyter.Notebook) { nb.Cells[0].ID = "run" }, `cells 1 and 2 of all have the same id "run"`},
		"long":    {func(nb *jupyter.Notebook) { nb.Cells[1].Source += "y++" }, "cell run has 13 lines of Go, more than 12"},
		"home": {func(nb *jupyter.Notebook) { nb.Cells[0].Source += "\nin /home/ada/src" },
			"cell title has a path of one machine: /home/ada"},
		"path in output": {func(nb *jupyter.Notebook) { nb.Cells[1].Outputs[0].Data["text/html"] = "<b>/tmp/x</b>" },
			"cell run has a path of one machine: /tmp/x"},
		"windows": {func(nb *jupyter.Notebook) { nb.Cells[0].Source += ` C:\Users\ada` }, `path of one machine: C:\Users`},
		"large picture": {func(nb *jupyter.Notebook) { nb.Cells[1].Outputs[0].Data["image/png"] = large },
			"code cell 1 has a picture of 150001 bytes, more than 150000"},
		"large picture in HTML": {func(nb *jupyter.Notebook) {
			nb.Cells[1].Outputs[0].Data["text/html"] = `<img src="data:image/png;base64,` + large + `">`
		}, "code cell 1 has a picture of 150001 bytes, more than 150000"},
		"not run":    {func(nb *jupyter.Notebook) { nb.Cells[1].Count = 0 }, "cell run has the execution count 0, not 1"},
		"no outputs": {func(nb *jupyter.Notebook) { nb.Cells[1].Outputs = nil }, "no outputs are saved"},
		"error": {func(nb *jupyter.Notebook) {
			nb.Cells[1].Outputs = append(nb.Cells[1].Outputs, &jupyter.Output{Kind: jupyter.Failure, Value: "boom\nmore"})
		}, "cell run has a saved error: boom"},
	} {
		t.Run(name, func(t *testing.T) {
			nb := good()
			test.spoil(nb)
			faults := nb.Check(jupyter.LessonRules)
			require.Len(t, faults, 1)
			require.Contains(t, faults[0], test.want)
		})
	}
	t.Run("an error that was announced", func(t *testing.T) {
		nb := good()
		nb.Cells[1].Metadata = map[string]any{"tags": []any{"raises-exception"}}
		nb.Cells[1].Outputs = append(nb.Cells[1].Outputs, &jupyter.Output{Kind: jupyter.Failure})
		require.Empty(t, nb.Check(jupyter.LessonRules))
	})
}

func TestReason(t *testing.T) {
	failure := func(value string, traceback ...string) *jupyter.Output {
		return &jupyter.Output{Kind: jupyter.Failure, Error: "ERROR", Value: value, Traceback: traceback}
	}
	stderr := func(text string) *jupyter.Output {
		return &jupyter.Output{Kind: jupyter.Stream, Name: "stderr", Text: text}
	}
	for name, test := range map[string]struct {
		outputs []*jupyter.Output
		want    string
	}{
		"compiler": {[]*jupyter.Output{failure("# gonb_c3f18559\n./main.go:19:1: undefined: f\n", "# gonb_c3f18559",
			"Cell[4]: Line 2\n\nfunc main() {\n\tflag.Parse()\nf(3)\n^\n\n}\n\nundefined: f", "")}, "line 2: undefined: f"},
		"panic": {[]*jupyter.Output{stderr("working\npanic: boom\n\ngoroutine 1 [running]:\nmain.main()\n" +
			"\t \x1b[7m[[ Cell [4] Line 2 ]]\x1b[0m /x/main.go:19 +0x65\nexit status 2\n"), failure("exit status 2")},
			"line 2: panic: boom"},
		"panic below": {[]*jupyter.Output{stderr("panic: boom\n\ngoroutine 1 [running]:\nmain.f()\n" +
			"\t [[ Cell [1] Line 7 ]] /x/main.go:9\nmain.main()\n\t [[ Cell [4] Line 3 ]] /x/main.go:19 +0x65\n"),
			failure("exit status 2")}, "line 3: panic: boom"},
		"panic in another cell": {[]*jupyter.Output{stderr("panic: boom\n\ngoroutine 7 [running]:\nmain.f()\n" +
			"\t [[ Cell [1] Line 7 ]] /x/main.go:9\n"), failure("exit status 2")}, "line 7 of cell 1: panic: boom"},
		"exit": {[]*jupyter.Output{stderr("\x1b[31merror: no weights\x1b[0m\nexit status 3\n"), failure("exit status 3")},
			"error: no weights"},
		"silent exit": {[]*jupyter.Output{stderr("exit status 3\n"), failure("exit status 3")}, "exit status 3"},
		"killed":      {[]*jupyter.Output{stderr("signal: killed\n"), failure("signal: killed")}, "signal: killed"},
		"go get": {[]*jupyter.Output{failure("failed to run \"go get\": exit status 1\n\ngo: module " +
			"example.com/x: not found\n")},
			"go: module example.com/x: not found"},
		"other": {[]*jupyter.Output{failure("\nsomething\nelse")}, "something"},
		"an import": {[]*jupyter.Output{failure("failed to run \"go get\": exit status 1\n\ngo: downloading x v1\n" +
			"go: gonb_1 imports\n\texample.com/x imports\n\texample.com/y: no such package\n")},
			"example.com/y: no such package"},
		"shell": {[]*jupyter.Output{stderr("go: downloading x v1\ngo: no such module\nexit status 1\nlater\n")},
			"go: no such module"},
		"silent shell": {[]*jupyter.Output{stderr("exit status 1\n")}, "exit status 1"},
		"none":         {nil, "the kernel gave no reason"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, (&jupyter.Cell{Count: 4, Outputs: test.outputs}).Reason())
		})
	}
}
