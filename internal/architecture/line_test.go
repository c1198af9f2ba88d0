// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package architecture_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clone is where the module lies.
const clone = "../.."

// sources lists the clone's files whose names match one of the patterns, such as "*.go".
func sources(t *testing.T, patterns ...string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(clone, func(path string, entry os.DirEntry, err error) error {
		name := entry.Name()
		if ours := name == ".ci" || name == ".binder" || path == clone; entry.IsDir() && name[0] == '.' && !ours {
			return filepath.SkipDir // git's, Jupyter's
		}
		if slices.ContainsFunc(patterns, func(pattern string) bool {
			matches, _ := filepath.Match(pattern, name)
			return matches && !entry.IsDir()
		}) {
			files = append(files, path)
		}
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// TestLinesAreShort holds that lines end before column 120, but for rows of a table that a test expects.
func TestLinesAreShort(t *testing.T) {
	const most = 119
	for _, path := range sources(t, "*.go", "*.py", "*.sh", "run", "Dockerfile") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if row := strings.HasPrefix(line, "|"); !row {
				assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), most, "%s:%d", path, number)
			}
		}
	}
}

// TestCommentsNameTheirs holds that the comment of a function or of a type begins with its name, as it is now, or with
// an article.
func TestCommentsNameTheirs(t *testing.T) {
	for _, path := range sources(t, "*.go") {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if name := d.Name.Name; name != "init" && !strings.HasPrefix(name, "Example") {
					assert.NoError(t, names(d.Doc, name), fset.Position(d.Pos()))
				}
			case *ast.GenDecl:
				if spec, is := d.Specs[0].(*ast.TypeSpec); is && !d.Lparen.IsValid() {
					assert.NoError(t, names(d.Doc, spec.Name.Name), fset.Position(d.Pos()))
				}
			}
		}
	}
}

// names is the error of a comment that begins with something else than the name.
func names(comment *ast.CommentGroup, name string) error {
	first, _, _ := strings.Cut(comment.Text(), " ")
	switch strings.TrimRight(first, ",:\n") {
	case "", "A", "An", "The", name:
		return nil
	}
	return fmt.Errorf("the comment of %s begins with %q", name, first)
}
