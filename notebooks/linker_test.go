// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

// TestForgottenConstructors looks for what Go's own linker leaves out without a word, in the C objects of all packages
// that lessons use. (GCC's and Clang's look at the processor is such a constructor, unless a function asks for it.)
func TestForgottenConstructors(t *testing.T) {
	level.Real(t, "needs all packages of cells compiled")
	if runtime.GOOS != "linux" {
		t.Skip("cells are linked by the C compiler there")
	}
	list := exec.Command("go", "list", "-export", "-deps",
		"-f", "{{if and .CgoFiles (not .Standard)}}{{.ImportPath}} {{.Export}}{{end}}",
		"convscope/notebooks/check", "convscope/explain", "convscope/playground", "convscope/display/control")
	var said bytes.Buffer
	list.Stderr = &said
	out, err := list.Output()
	require.NoError(t, err, said.String())
	objects := 0
	for line := range strings.Lines(string(out)) {
		path, archive, _ := strings.Cut(strings.TrimSpace(line), " ")
		for name, object := range cObjects(t, archive) {
			t.Run(path+"/"+name, func(t *testing.T) { require.Empty(t, forgotten(t, object)) })
			objects++
		}
	}
	require.Greater(t, objects, 3, "go-xla's alone are more")
	t.Run("a constructor is found", func(t *testing.T) {
		dir := t.TempDir()
		source, object := filepath.Join(dir, "c.c"), filepath.Join(dir, "c.o")
		text := "int n;\n__attribute__((constructor)) void f(void) { n = 1; }\n"
		require.NoError(t, os.WriteFile(source, []byte(text), 0o644))
		require.NoError(t, exec.Command("cc", "-c", "-o", object, source).Run())
		bytes, err := os.ReadFile(object)
		require.NoError(t, err)
		require.NotEmpty(t, forgotten(t, bytes))
	})
}

// forgotten names what an object expects to run before main.
func forgotten(t *testing.T, object []byte) (found []string) {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(object))
	require.NoError(t, err)
	for _, section := range file.Sections {
		for _, prefix := range []string{".init_array", ".preinit_array", ".ctors", ".init"} {
			if strings.HasPrefix(section.Name, prefix) {
				found = append(found, section.Name)
			}
		}
	}
	symbols, err := file.Symbols()
	require.NoError(t, err)
	asked := false
	for _, s := range symbols {
		asked = asked || s.Name == "__cpu_indicator_init" // __builtin_cpu_init
	}
	for _, s := range symbols {
		if s.Name == "__cpu_model" && !asked {
			found = append(found, "__builtin_cpu_supports without __builtin_cpu_init")
		}
	}
	return found
}

// cObjects are the objects that the C compiler made, in the archive that Go keeps of a package.
func cObjects(t *testing.T, archive string) map[string][]byte {
	t.Helper()
	rest, err := os.ReadFile(archive)
	require.NoError(t, err)
	rest, found := bytes.CutPrefix(rest, []byte("!<arch>\n"))
	require.True(t, found)
	objects := map[string][]byte{}
	for len(rest) > 60 { // the header: 16 bytes of name, ..., 10 of size from byte 48
		name := strings.TrimSpace(string(rest[:16]))
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		require.NoError(t, err)
		body := rest[60 : 60+size]
		if bytes.HasPrefix(body, []byte(elf.ELFMAG)) {
			objects[fmt.Sprint(name, len(objects))] = body
		}
		rest = rest[min(len(rest), 60+size+size%2):]
	}
	return objects
}
