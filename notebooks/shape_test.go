// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

var (
	ask  = "**Before you "
	fold = regexp.MustCompile(`(?s)<details><summary>[^<\n]+</summary>\n\n.+?\n\n</details>`)
	link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)|src="([^"]+)"`)
)

// TestShape holds each lesson to what all have in common: it says where it stands, asks before it shows, folds answers
// and hints, and ends with questions, reading and how to cite it.
func TestShape(t *testing.T) {
	for _, path := range notebooks(t) {
		t.Run(path, func(t *testing.T) {
			nb, err := jupyter.ReadNotebook(path)
			require.NoError(t, err)
			if nb.Cells[1].ID != "where" {
				t.Skip("does not say where it stands yet")
			}
			require.Contains(t, nb.Cells[1].Source, "**Lesson "+path[:1]+" of 7**")
			checkQuestions(t, nb)
			var last []string
			for _, cell := range nb.Cells[len(nb.Cells)-3:] {
				last = append(last, cell.ID)
			}
			require.Equal(t, []string{"review", "reading", "cite"}, last)
			require.Equal(t, 3, strings.Count(find(t, nb, "review").Source, "<summary>Answer</summary>"))
			for i, cell := range nb.Cells {
				if cell.Kind == jupyter.Code && strings.HasPrefix(cell.ID, "exercise") {
					require.Contains(t, nb.Cells[i-1].Source, "<summary>Hint</summary>", "before cell %s", cell.ID)
				}
				if cell.Kind == jupyter.Markdown {
					checkMarkdown(t, cell)
					checkHints(t, cell)
				}
			}
		})
	}
}

// checkHints holds that an exercise's second hint says that there was one before.
func checkHints(t *testing.T, cell *jupyter.Cell) {
	t.Helper()
	for exercise := range strings.SplitSeq(cell.Source, "\n**") {
		require.LessOrEqual(t, strings.Count(exercise, "<summary>Hint</summary>"), 1, "in cell %s", cell.ID)
		before, _, another := strings.Cut(exercise, "<summary>Another hint</summary>")
		require.False(t, another && !strings.Contains(before, "<summary>Hint</summary>"), "in cell %s", cell.ID)
	}
}

// checkQuestions holds that a question stands directly before the code that answers it, and the folded answer between
// that and the next question.
func checkQuestions(t *testing.T, nb *jupyter.Notebook) {
	t.Helper()
	asked := ""
	questions := 0
	for i, cell := range nb.Cells {
		if cell.Kind != jupyter.Markdown {
			continue
		}
		if asked != "" && strings.Contains(cell.Source, "<summary>Answer</summary>") {
			asked = ""
		}
		if strings.Contains(cell.Source, ask) {
			require.Empty(t, asked, "its question has no folded answer before cell %s asks the next", cell.ID)
			require.Equal(t, jupyter.Code, nb.Cells[i+1].Kind, "cell %s asks, and no code follows", cell.ID)
			asked = cell.ID
			questions++
		}
	}
	require.Empty(t, asked, "its question has no folded answer")
	require.Positive(t, questions)
}

// checkMarkdown holds that what is folded has the blank lines without which its text is no Markdown, and that links
// into the clone lead somewhere.
func checkMarkdown(t *testing.T, cell *jupyter.Cell) {
	t.Helper()
	require.NotContains(t, fold.ReplaceAllString(cell.Source, ""), "details>", "cell %s", cell.ID)
	for _, found := range link.FindAllStringSubmatch(cell.Source, -1) {
		if to := found[1] + found[2]; !strings.Contains(to, ":") {
			_, err := os.Stat(to)
			require.NoError(t, err, "cell %s", cell.ID)
		}
	}
}
