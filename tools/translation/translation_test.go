// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package translation_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/verdict"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

func prose(id, text string) *jupyter.Cell {
	return &jupyter.Cell{Kind: jupyter.Markdown, ID: id, Source: text}
}

func code(id, text string, outputs ...*jupyter.Output) *jupyter.Cell {
	return &jupyter.Cell{Kind: jupyter.Code, ID: id, Source: text, Outputs: outputs}
}

func shown(text string) *jupyter.Output {
	return &jupyter.Output{Kind: jupyter.Display, Data: map[string]any{"text/plain": text}}
}

func judged(right bool, message string) *jupyter.Output {
	v := verdict.Verdict{Check: "ReceptiveField", Right: right, Message: message}
	return &jupyter.Output{Kind: jupyter.Display, Data: map[string]any{"text/plain": message, verdict.MIME: v.Data()}}
}

// lesson is a small English one.
func lesson() *jupyter.Notebook {
	nb := &jupyter.Notebook{Name: "1-small.ipynb", Cells: []*jupyter.Cell{
		prose("title", "# A lesson"), code("look", "f()", shown("12")),
		prose("text", "It sees `f` 24 times, see [the page](../docs/x.md).\n\n<img src=\"../docs/x.png\">"),
		prose("rule", "---"),
		code("exercise", "check.ReceptiveField(1)", shown("above"), judged(false, "1 is too few")),
	}}
	nb.Normalize(nil)
	return nb
}

// korean is its translation.
func korean(t *testing.T) *jupyter.Notebook {
	t.Helper()
	nb, removed := translation.Follow(lesson(), nil, "ko")
	require.Empty(t, removed)
	require.NoError(t, translation.Fill(lesson(), nb, map[string]string{
		"title": "# 수업", "text": "`f`를 24번 봅니다. [문서](../../docs/x.md)를 보세요.\n\n<img src=\"../../docs/x.png\">"}))
	nb.Cells[4].Outputs = []*jupyter.Output{shown("above"), judged(false, "1은 너무 작습니다")}
	return nb
}

// again is a notebook after it was written and read.
func again(t *testing.T, nb *jupyter.Notebook) *jupyter.Notebook {
	t.Helper()
	nb.Normalize(nil)
	path := filepath.Join(t.TempDir(), nb.Name)
	require.NoError(t, nb.Write(path))
	read, err := jupyter.ReadNotebook(path)
	require.NoError(t, err)
	return read
}

func TestNewTranslation(t *testing.T) {
	nb, _ := translation.Follow(lesson(), nil, "ko")
	nb = again(t, nb)
	require.Equal(t, "ko", translation.Language(nb))
	require.Equal(t, []translation.Task{{ID: "title", Why: "not translated"}, {ID: "text", Why: "not translated"}},
		translation.Open(lesson(), nb))
	require.Len(t, translation.Compare(again(t, lesson()), nb), 3, "and the verdict is in English")
}

func TestTranslated(t *testing.T) {
	require.Empty(t, translation.Compare(lesson(), korean(t)))
	require.Empty(t, translation.Compare(again(t, lesson()), again(t, korean(t))), "the form of files keeps it")
}

// TestFollow changes the English lesson under a translation.
func TestFollow(t *testing.T) {
	changed := lesson()
	changed.Cells = append(changed.Cells, prose("more", "More."))
	changed.Cells[0].Source = "# The lesson"
	changed.Cells[1].Source, changed.Cells[1].Outputs = "g()", []*jupyter.Output{shown("13")}
	changed.Cells[4].Outputs[0] = shown("other")
	faults := translation.Compare(changed, korean(t))
	for i, want := range []string{"its cells are not those", "title: English has changed", "look: its code",
		"look: output 1", "exercise: output 1"} {
		require.Contains(t, faults[i], want)
	}
	nb, removed := translation.Follow(changed, korean(t), "ko")
	require.Empty(t, removed)
	require.Equal(t, []translation.Task{{ID: "title", Why: "English has changed"}, {ID: "more", Why: "not translated"}},
		translation.Open(changed, nb))
	require.Equal(t, "# 수업", nb.Cells[0].Source, "stays until a translator has looked at it")
	require.Equal(t, "g()", nb.Cells[1].Source)
	require.Equal(t, []*jupyter.Output{shown("other"), judged(false, "1은 너무 작습니다")}, nb.Cells[4].Outputs)
	require.NoError(t, translation.Fill(changed, nb, map[string]string{"title": "# 수업", "more": "더."}))
	require.Empty(t, translation.Compare(changed, nb))

	changed.Cells[4].Outputs[1] = judged(true, "that is it")
	nb, _ = translation.Follow(changed, nb, "ko")
	require.Contains(t, strings.Join(translation.Compare(changed, nb), "\n"), "exercise: its verdict is in English")

	changed.Cells = changed.Cells[1:]
	_, removed = translation.Follow(changed, nb, "ko")
	require.Len(t, removed, 1, "a text that is nowhere any more")
}

// TestNothingLost gives Follow what translators' editors make of a notebook: no text of theirs goes away unsaid.
func TestNothingLost(t *testing.T) {
	for name, spoil := range map[string]func(nb *jupyter.Notebook){
		"a cell of their own": func(nb *jupyter.Notebook) { nb.Cells = append(nb.Cells, prose("own", "메모")) },
		"a doubled id": func(nb *jupyter.Notebook) {
			nb.Cells = slices.Insert(nb.Cells, 0, prose("title", "# 다른 제목"))
		},
		"no ids": func(nb *jupyter.Notebook) {
			for _, cell := range nb.Cells {
				cell.ID = ""
			}
		},
		"not said to be done": func(nb *jupyter.Notebook) {
			nb.Cells[0].ID, nb.Cells[0].Metadata = "gone", nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			nb := korean(t)
			spoil(nb)
			_, removed := translation.Follow(lesson(), nb, "ko")
			require.NotEmpty(t, removed)
		})
	}
	nb := korean(t)
	nb.Cells = append(nb.Cells, prose("copy", nb.Cells[0].Source), prose("line", "---"), prose("new", "# A lesson"))
	_, removed := translation.Follow(lesson(), nb, "ko")
	require.Empty(t, removed, "a text that is there anyway")
}

// TestCompare finds each thing that can be wrong with one cell.
func TestCompare(t *testing.T) {
	for want, spoil := range map[string]func(nb *jupyter.Notebook){
		"look instead of title":        func(nb *jupyter.Notebook) { nb.Cells[0], nb.Cells[1] = nb.Cells[1], nb.Cells[0] },
		"no exercise":                  func(nb *jupyter.Notebook) { nb.Cells = nb.Cells[:4] },
		"own is one too many":          func(nb *jupyter.Notebook) { nb.Cells = append(nb.Cells, prose("own", "?")) },
		"cell title: not translated":   func(nb *jupyter.Notebook) { nb.Cells[0].Source = "# A lesson" },
		"cell text: not translated":    func(nb *jupyter.Notebook) { nb.Cells[2].Metadata = nil },
		"cell look: its code":          func(nb *jupyter.Notebook) { nb.Cells[1].Source += " " },
		"cell look: its outputs":       func(nb *jupyter.Notebook) { nb.Cells[1].Outputs = nil },
		"cell look: output 1":          func(nb *jupyter.Notebook) { nb.Cells[1].Outputs[0] = shown("x") },
		"cell exercise: output 2":      func(nb *jupyter.Notebook) { nb.Cells[4].Outputs[1] = judged(true, "네") },
		"cell look is markdown":        func(nb *jupyter.Notebook) { nb.Cells[1].Kind = jupyter.Markdown },
		"the English one has `f`":      func(nb *jupyter.Notebook) { replace(nb, "`f`", "f") },
		"the English one has 24":       func(nb *jupyter.Notebook) { replace(nb, "24", "25") },
		"has a link to ../../docs/x.m": func(nb *jupyter.Notebook) { replace(nb, "../../docs", "../docs") },
		"has a link to ../../docs/x.p": func(nb *jupyter.Notebook) { replace(nb, "x.png", "y.png") },
		"has 0 folded parts, not 1":    func(nb *jupyter.Notebook) { replace(nb, "문서", "<details>") },
	} {
		t.Run(want, func(t *testing.T) {
			nb := korean(t)
			spoil(nb)
			require.Contains(t, strings.Join(translation.Compare(lesson(), nb), "\n"), want)
		})
	}
}

func replace(nb *jupyter.Notebook, old, text string) {
	nb.Cells[2].Source = strings.ReplaceAll(nb.Cells[2].Source, old, text)
}

// TestFillRefuses what is no translation, and then changes nothing.
func TestFillRefuses(t *testing.T) {
	for name, texts := range map[string]map[string]string{
		"no such cell": {"title": "# 새", "none": "x"}, "code": {"title": "# 새", "look": "g()"},
		"no text": {"title": "# 새", "text": " \n"}, "English": {"text": lesson().Cells[2].Source, "title": "# 새"},
	} {
		t.Run(name, func(t *testing.T) {
			nb := korean(t)
			require.Error(t, translation.Fill(lesson(), nb, texts))
			require.Equal(t, "# 수업", nb.Cells[0].Source)
		})
	}
}

func TestLanguages(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ko", "pt-BR", "check", "gallery", ".ko", "KO", "2-filters"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fr"), nil, 0o600))
	found, err := translation.Languages(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"ko", "pt-BR"}, found)
}

// A text that was translated is told from one whose English has changed since.
func Example() {
	english := &jupyter.Notebook{Cells: []*jupyter.Cell{{Kind: jupyter.Markdown, ID: "title", Source: "# Filters"}}}
	korean, _ := translation.Follow(english, nil, "ko")
	fmt.Println(translation.Open(english, korean))
	if err := translation.Fill(english, korean, map[string]string{"title": "# 필터"}); err != nil {
		panic(err)
	}
	fmt.Println(translation.Open(english, korean))
	english.Cells[0].Source = "# What filters look for"
	fmt.Println(translation.Open(english, korean))
	// Output:
	// [{title not translated}]
	// []
	// [{title English has changed}]
}
