// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

// importLine is one import in a cell, with the name that it may have here.
var importLine = regexp.MustCompile(`(?m)^(?:import|\t)\s*([\w.]+ )?"([\w.-]+(?:/[\w.-]+)+)"$`)

// TestImports holds lessons to import a package where its reason is seen: not after a cell that uses it, which the
// kernel forgives, and at most two cells before.
func TestImports(t *testing.T) {
	for _, file := range notebooks(t) {
		t.Run(file, func(t *testing.T) {
			nb, err := jupyter.ReadNotebook(file)
			require.NoError(t, err)
			code := nb.CodeCells()
			imported := map[string]bool{}
			for i, cell := range code {
				for _, found := range importLine.FindAllStringSubmatch(cell.Source, -1) {
					name := packageName(found[1], found[2])
					if name == "." {
						continue
					}
					if imported[name] {
						t.Errorf("cell %s imports %s once more", cell.ID, found[2])
					}
					imported[name] = true
					for _, before := range code[:i] {
						if uses(before, name) {
							t.Errorf("cell %s uses %s, which cell %s imports", before.ID, name, cell.ID)
						}
					}
					near := code[i:min(i+3, len(code))]
					if !usedIn(near, name) {
						t.Errorf("cell %s imports %s, and no cell near it uses that", cell.ID, found[2])
					}
				}
			}
			require.NotEmpty(t, imported)
		})
	}
}

// packageName is what code calls an imported package.
func packageName(alias, importPath string) string {
	if alias != "" {
		return strings.TrimSpace(alias)
	}
	if name := path.Base(importPath); name != "v2" {
		return name
	}
	return path.Base(path.Dir(importPath))
}

func usedIn(cells []*jupyter.Cell, name string) bool {
	for _, cell := range cells {
		if uses(cell, name) {
			return true
		}
	}
	return false
}

// uses says whether the cell has something of the package, such as picture.Fit: its exported names are not a
// variable's fields, which begin small.
func uses(cell *jupyter.Cell, name string) bool {
	return regexp.MustCompile(`(?:^|[^\w.])` + regexp.QuoteMeta(name) + `\.[A-Z]`).MatchString(cell.Source)
}
