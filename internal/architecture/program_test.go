// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package architecture_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProgramsInComments holds that the programs in comments still fit what they call: names are there, and take and
// give what is written. What a program leaves open may be anything, except net, a model.
func TestProgramsInComments(t *testing.T) {
	known := built(t)
	paths := map[string]string{} // by the name that a program calls the package by
	for _, path := range slices.Backward(slices.SortedFunc(maps.Keys(known), byNearness)) {
		paths[known[path].Name] = path
	}
	delete(paths, "net") // is what programs call a network
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(known[path].Export)
	})
	count := 0
	for _, path := range slices.Sorted(maps.Keys(known)) {
		p := known[path]
		if !strings.HasPrefix(path, "convscope/") {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			require.NoError(t, err)
			for _, c := range comments(file) {
				program := programOf(c.Text())
				if program == "" {
					continue
				}
				count++
				names := maps.Clone(paths)
				names[p.Name] = path
				assert.NoError(t, fits(fset, imports, program, names), "%s:\n%s", fset.Position(c.Pos()), program)
			}
		}
	}
	require.Greater(t, count, 40)
}

// byNearness compares paths of packages: ours come first, then the standard library's.
func byNearness(a, b string) int {
	far := func(path string) int {
		switch {
		case strings.Contains(path, "internal/"):
			return 3
		case strings.HasPrefix(path, "convscope/"):
			return 0
		case !strings.Contains(path, "."):
			return 1
		}
		return 2
	}
	return cmp.Or(far(a)-far(b), strings.Compare(a, b))
}

// builtPackage is what go list tells of a compiled package.
type builtPackage struct {
	ImportPath, Name, Dir, Export string
	GoFiles, CgoFiles             []string
}

// built lists the module's packages and all that they need, by their paths.
func built(t *testing.T) map[string]builtPackage {
	t.Helper()
	command := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Name,Dir,Export,GoFiles,CgoFiles",
		"convscope/...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, stderr.String())
	all := map[string]builtPackage{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p builtPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// comments are the comments of a file that document something.
func comments(file *ast.File) []*ast.CommentGroup {
	all := []*ast.CommentGroup{file.Doc}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			all = append(all, d.Doc)
		case *ast.GenDecl:
			if d.Tok != token.IMPORT { // cgo's is a program in C
				all = append(all, d.Doc)
			}
		}
	}
	return slices.DeleteFunc(all, func(c *ast.CommentGroup) bool { return c == nil })
}

// programOf joins the blocks of a comment that call something.
func programOf(text string) (program string) {
	var parser comment.Parser
	for _, block := range parser.Parse(text).Content {
		if code, is := block.(*comment.Code); is && strings.Contains(code.Text, "(") {
			program += code.Text
		}
	}
	return program
}

// open matches what programs say of code that does not matter.
var open = regexp.MustCompile(`\{ \.\.\. \}|(?m:^\s*\.\.\.$)`)

// selected matches a name of a package, in front of what is taken from it.
var selected = regexp.MustCompile(`\b([a-z]\w*)\.[A-Z]`)

// lenient matches the complaints about what a piece of a program leaves open.
var lenient = regexp.MustCompile(`undefined: [a-z]\w*$|` +
	`(?:declared|imported) and not used|no new variables|return values`)

// fits type-checks a program as the body of a function, or a whole function. Its packages are those of the paths.
func fits(fset *token.FileSet, imports types.Importer, program string, paths map[string]string) error {
	program = open.ReplaceAllStringFunc(program, func(dots string) string {
		return strings.Trim(strings.ReplaceAll(dots, "...", ""), "\n")
	})
	named := map[string]bool{"context": true, "network": true}
	for _, found := range selected.FindAllStringSubmatch(program, -1) {
		named[found[1]] = true
	}
	source := "package program\n"
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if path := paths[name]; path != "" {
			source += fmt.Sprintf("import %s %q\n", name, path)
		}
	}
	source += "var _ context.Context\nvar net *network.Model\n"
	if strings.HasPrefix(program, "func ") {
		source += program
	} else {
		source += "func _(ctx context.Context) error {\n" + program + "\nreturn nil\n}\n"
	}
	file, err := parser.ParseFile(fset, "", source, 0)
	if err != nil {
		return err
	}
	var wrong []error
	checker := types.Config{Importer: imports, Error: func(err error) {
		if !lenient.MatchString(err.(types.Error).Msg) {
			wrong = append(wrong, err)
		}
	}}
	_, _ = checker.Check("program", fset, []*ast.File{file}, nil) // which ends with the first of them
	return errors.Join(wrong...)
}
