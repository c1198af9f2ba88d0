// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/jupyter"
)

// TestLinker needs a plugin for the CPU, which is fetched where there is none.
func TestLinker(t *testing.T) {
	level.Real(t, "links and runs programs with XLA")
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("tried on linux/amd64 only")
	}
	t.Setenv("GO_EXTLINK_ENABLED", "")
	t.Setenv("GOMLX_BACKEND", "xla:cpu")
	clone := filepath.Join("..", "..")
	t.Run("cells compute in a program that Go's own linker made", func(t *testing.T) {
		env := install(t)
		setting, err := jupyter.Linker(t.Context(), clone)
		require.NoError(t, err)
		require.Equal(t, []string{"GO_EXTLINK_ENABLED=0"}, setting)
		lesson, err := jupyter.ReadNotebook(filepath.Join(clone, "notebooks", "2-filters.ipynb"))
		require.NoError(t, err)
		nb := notebook(lesson.CodeCells()[0].Source, "import \"convscope/pkg/device\"\n%%\n"+`
dev := device.MustNew(device.Options{})
path, _ := os.Executable()
file, err := elf.Open(path)
fmt.Println(dev.Kind(), err, file.Section(".init") != nil) // the C compiler's start of a program
`)
		require.Equal(t, "setup", lesson.CodeCells()[0].ID)
		for _, linked := range []struct {
			by   []string
			want string
		}{{setting, "cpu <nil> false\n"}, {nil, "cpu <nil> true\n"}} {
			done, err := env.Run(t.Context(), nb, jupyter.RunOptions{Dir: filepath.Join(clone, "notebooks"), Env: linked.by})
			require.NoError(t, err)
			require.Equal(t, linked.want, done.Cells[1].Outputs[0].Text)
		}
	})
	t.Run("a package of the reader's own that needs the C compiler's", func(t *testing.T) {
		nb := notebook("!*go mod edit -module=cell && mkdir own && printf '%s\\n' 'package own' '// "+
			"static __thread int n;' '// static int f(void) { return ++n; }' 'import \"C\"' 'func F() C.int { "+
			"return C.f() }' > own/own.go\n%noautoget",
			"import \"cell/own\"\n%%\nfmt.Println(own.F())")
		_, err := install(t).Run(t.Context(), nb, jupyter.RunOptions{Env: []string{"GO_EXTLINK_ENABLED=0"}})
		require.ErrorContains(t, err, "test.ipynb: cell 2 of 2 (id code-2) failed: ")
		require.ErrorContains(t, err, "%env GO_EXTLINK_ENABLED 1")
		require.NotContains(t, err.Error(), "\n")
		nb.Cells[0].Source += "\n%env GO_EXTLINK_ENABLED 1"
		done, err := install(t).Run(t.Context(), nb, jupyter.RunOptions{Env: []string{"GO_EXTLINK_ENABLED=0"}})
		require.NoError(t, err)
		require.Equal(t, "1\n", done.Cells[1].Outputs[0].Text)
	})
	none := func(t *testing.T, ctx context.Context, clone string, env ...string) {
		t.Helper()
		setting, err := jupyter.Linker(ctx, clone, env...)
		require.Equal(t, ctx.Err(), err)
		require.Empty(t, setting)
	}
	t.Run("the user's choice counts", func(t *testing.T) {
		t.Setenv("GO_EXTLINK_ENABLED", "1")
		none(t, t.Context(), clone)
	})
	t.Run("not without a C compiler", func(t *testing.T) { none(t, t.Context(), clone, "CC=false") })
	t.Run("not on another device", func(t *testing.T) { none(t, t.Context(), clone, "GOMLX_BACKEND=go") })
	t.Run("not outside a clone", func(t *testing.T) { none(t, t.Context(), t.TempDir()) })
	t.Run("not in a hurry", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		none(t, ctx, clone)
	})
	for name, body := range map[string]string{
		"objects that it does not know":      "static __thread int n; int f(void) { return n++; }",
		"a program that does not work":       "int f(void) { return 1; }",
		"functions that are chosen at start": `__attribute__((target_clones("avx2", "default"))) int f(void) { return 0; }`,
		"nothing but the usual":              "int f(void) { return 0; }",
	} {
		t.Run(name, func(t *testing.T) {
			ownTemp(t)
			clone := t.TempDir()
			probe := filepath.Join(clone, "tools", "jupyter", "probe")
			require.NoError(t, os.MkdirAll(probe, 0o755))
			for path, text := range map[string]string{
				filepath.Join(clone, "go.mod"): "module convscope\n\ngo 1.26\n",
				filepath.Join(probe, "f.c"):    body + "\n",
				filepath.Join(probe, "main.go"): "package main\n\n// int f(void);\nimport \"C\"\nimport \"os\"\n\n" +
					"func main() { os.Exit(int(C.f())) }\n",
			} {
				require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			}
			setting, err := jupyter.Linker(t.Context(), clone)
			require.NoError(t, err)
			require.Equal(t, name == "nothing but the usual", len(setting) == 1)
			require.Empty(t, scratchDirs(t))
		})
	}
}
