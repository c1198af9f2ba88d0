// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// everyLesson finds the lessons in all languages.
func everyLesson(t *testing.T) []string {
	t.Helper()
	translated, err := filepath.Glob("*/*.ipynb")
	require.NoError(t, err)
	return append(notebooks(t), translated...)
}

// TestPages exports the lessons as convscope run does, from the outputs that are saved, and looks for what would keep
// readers out.
func TestPages(t *testing.T) {
	level.OnlyFull(t, "opens every lesson in a browser")
	tab := browser.TestTab(t)
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	for _, path := range everyLesson(t) {
		t.Run(path, func(t *testing.T) {
			page := filepath.Join(dir, strings.ReplaceAll(path, "/", "-")+".html")
			require.NoError(t, env.HTML(t.Context(), path, page))
			require.NoError(t, tab.Goto("file://"+filepath.ToSlash(page)))
			require.NoError(t, tab.Until("document.readyState === 'complete'", time.Minute))
			for _, width := range []int64{1400, 400} {
				require.NoError(t, tab.Resize(width, 900))
				findings, err := tab.Axe(t.Context())
				if errors.Is(err, browser.ErrNoNPM) && os.Getenv("CI") == "" {
					t.Skip(err)
				}
				require.NoError(t, err)
				for _, finding := range findings {
					t.Errorf("%d pixels wide: %s: %s: %d times, such as %s\n%s", width, finding.ID, finding.Help,
						len(finding.Nodes), brief(finding.Nodes[0].HTML), finding.Nodes[0].FailureSummary)
				}
			}
		})
	}
}

// brief is the beginning of a text, which may hold whole pictures.
func brief(text string) string { return fmt.Sprintf("%.300s", text) }
