// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/notebooks/check"
	"convscope/pkg/ascent"
)

// said are the English formats and words that the checks say, read from their source.
func said(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				collect(t, set, path, call, found)
			}
			return true
		})
	}
	found["right: %s"], found["not yet: %s"] = true, true
	for _, text := range borrowed(t) {
		found[text] = true
	}
	require.NotEmpty(t, found)
	return slices.Sorted(maps.Keys(found))
}

// borrowed are the words that checks say and package ascent writes: a filter's lives, and what wakes it.
func borrowed(t *testing.T) (texts []string) {
	t.Helper()
	for _, life := range []ascent.Life{ascent.Alive, ascent.Rescued, ascent.Inert, ascent.Dead} {
		texts = append(texts, string(life))
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "pkg", "ascent", "rescue.go"), nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(node ast.Node) bool {
		if pair, ok := node.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "how" {
				if text, ok := literal(pair.Value); ok {
					texts = append(texts, text)
				}
			}
		}
		return true
	})
	require.Greater(t, len(texts), 4)
	return texts
}

// collect notes the format of a call of say: all is written where it is said.
func collect(t *testing.T, set *token.FileSet, path string, call *ast.CallExpr, found map[string]bool) {
	t.Helper()
	switch name := called(call); name {
	case "say":
		text, ok := literal(call.Args[1])
		if !ok {
			t.Errorf("%s: the format of say is no literal, so nobody can translate it", set.Position(call.Pos()))
		} else {
			found[text] = true // also "%v": an error is in English, and its translation says that it is one
		}
	case "display.Text", "display.Data", "fmt.Println", "fmt.Printf":
		if path != "say.go" {
			t.Errorf("%s: %s does not know the notebook's language: use say", set.Position(call.Pos()), name)
		}
	}
}

// called is the name of the function that is called.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if of, ok := f.X.(*ast.Ident); ok {
			return of.Name + "." + f.Sel.Name
		}
	}
	return ""
}

// literal is the value of a string literal, or of several with + between.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, also := literal(e.Y)
		return left + right, ok && also
	}
	return "", false
}

// verb matches a verb of a format: flags, the number of the argument, and the verb's letter.
var verb = regexp.MustCompile(`%([-+# 0]*\d*(?:\.\d+)?)(?:\[(\d+)\])?([a-zA-Z%])`)

// verbs are the verbs of a format by the number of the argument that they write.
func verbs(t *testing.T, format string) map[int]string {
	t.Helper()
	found, next := map[int]string{}, 1
	for _, part := range verb.FindAllStringSubmatch(format, -1) {
		if part[3] == "%" {
			continue
		}
		if part[2] != "" {
			number, err := strconv.Atoi(part[2])
			require.NoError(t, err)
			next = number
		}
		require.NotContains(t, found, next, "%q writes an argument twice", format)
		found[next] = part[1] + part[3]
		next++
	}
	require.NotContains(t, verb.ReplaceAllString(format, ""), "%", "%q", format)
	return found
}

// TestWords holds the words of each language to what the checks say: all of it is translated, with the same arguments,
// and nothing else is.
func TestWords(t *testing.T) {
	english := said(t)
	files, err := filepath.Glob(filepath.Join("word", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			decoder := json.NewDecoder(bytes.NewReader(text))
			var words map[string]string
			require.NoError(t, decoder.Decode(&words))
			for _, format := range english {
				translated, found := words[format]
				if !found {
					t.Errorf("nothing for %q", format)
					continue
				}
				require.NotEqual(t, format, translated)
				require.Equal(t, verbs(t, format), verbs(t, translated), "%q\n%q", format, translated)
			}
			for format := range words {
				if !slices.Contains(english, format) {
					t.Errorf("no check says %q any more", format)
				}
			}
		})
	}
}

// TestLanguage runs a program in each place where a notebook may lie.
func TestLanguage(t *testing.T) {
	for name, test := range map[string]struct{ folder, chosen, want string }{
		"no notebook":       {"", "", "not yet: 5 is too few\n"},
		"English":           {"/clone/notebooks", "", "not yet: 5 is too few\n"},
		"Korean":            {"/clone/notebooks/ko", "", "아직입니다: 정답은 5보다 큽니다\n"},
		"its results":       {"/clone/out/ko", "", "아직입니다: 정답은 5보다 큽니다\n"},
		"chosen":            {"/home/kim", "ko", "아직입니다: 정답은 5보다 큽니다\n"},
		"English chosen":    {"/clone/notebooks/ko", "en", "not yet: 5 is too few\n"},
		"no such language":  {"/clone/notebooks/ko", "tlh", "not yet: 5 is too few\n"},
		"no language":       {"/clone/notebooks/ko", "../word/ko", "not yet: 5 is too few\n"},
		"another directory": {"/clone/ko/notebooks", "", "not yet: 5 is too few\n"},
	} {
		t.Run(name, func(t *testing.T) {
			program := exec.Command(os.Args[0], "-test.run=^TestLanguageHelper$")
			program.Env = append(os.Environ(), "GONB_DIR="+test.folder, check.EnvLanguage+"="+test.chosen,
				"CONVSCOPE_CHECK_HELPER=1")
			out, err := program.Output()
			require.NoError(t, err)
			require.Equal(t, test.want, string(out))
		})
	}
}

// TestLanguageHelper is the program: the language is that of a whole program.
func TestLanguageHelper(*testing.T) {
	if os.Getenv("CONVSCOPE_CHECK_HELPER") != "" {
		check.ReceptiveField("block2_conv1", 5)
		os.Exit(0)
	}
}
