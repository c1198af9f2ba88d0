// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

// TestLend runs a cell by a Jupyter that knows nothing of convscope, from a directory that has a kernel's spec.
func TestLend(t *testing.T) {
	env := install(t)
	data := filepath.Join(t.TempDir(), "jupyter's data")
	for range 2 { // the second time it replaces its own
		dir, err := env.Kernel.Lend(data, []string{"CONVSCOPE_LENT=yes"}, false)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(data, "kernels", "gonb"), dir)
	}
	entries, err := os.ReadDir(filepath.Join(data, "kernels"))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left beside it")

	source := filepath.Join(t.TempDir(), "a.ipynb")
	nb := notebook("import \"os\"\n%%\n" + `fmt.Println(os.Getenv("CONVSCOPE_LENT"))`)
	nb.Normalize(nil)
	require.NoError(t, nb.Write(source))
	cmd := exec.Command(env.Venv.Python, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", source)
	cmd.Env = append(os.Environ(), "JUPYTER_DATA_DIR="+data, "PYTHONPATH=")
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	done, err := jupyter.ReadNotebook(source)
	require.NoError(t, err)
	require.Equal(t, "yes\n", done.Cells[0].Outputs[0].Text)

	t.Run("another's kernel stays", func(t *testing.T) {
		spec := filepath.Join(data, "kernels", "gonb", "kernel.json")
		foreign := []byte(`{"argv": ["/home/ada/go/bin/gonb"]}`)
		require.NoError(t, os.WriteFile(spec, foreign, 0o644))
		_, err := env.Kernel.Lend(data, nil, false)
		require.ErrorIs(t, err, jupyter.ErrForeignKernel)
		text, err := os.ReadFile(spec)
		require.NoError(t, err)
		require.Equal(t, foreign, text)
		require.NoError(t, os.WriteFile(spec, []byte("cut o"), 0o644))
		_, err = env.Kernel.Lend(data, nil, false)
		require.ErrorIs(t, err, jupyter.ErrForeignKernel)
		require.ErrorContains(t, err, "can't be read")
		_, err = env.Kernel.Lend(data, nil, true)
		require.NoError(t, err)
		text, err = os.ReadFile(spec)
		require.NoError(t, err)
		var now struct{ Argv []string }
		require.NoError(t, json.Unmarshal(text, &now))
		require.True(t, strings.HasPrefix(now.Argv[0], env.Kernel.Dir))
	})
}

func TestDataDir(t *testing.T) {
	t.Setenv("HOME", "/home/ada")
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("XDG_DATA_HOME", "")
	dir, err := jupyter.DataDir()
	require.NoError(t, err)
	require.Contains(t, []string{"/home/ada/.local/share/jupyter", "/home/ada/Library/Jupyter"}, dir)
	t.Setenv("JUPYTER_DATA_DIR", "/elsewhere")
	dir, err = jupyter.DataDir()
	require.NoError(t, err)
	require.Equal(t, "/elsewhere", dir)
}
