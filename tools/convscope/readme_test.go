// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

// TestInYourOwnProgram does what the README says under "In your own program", in a module of its own.
func TestInYourOwnProgram(t *testing.T) {
	level.Real(t, "builds a program, and needs the weights (59 MB) and XLA")
	clone, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(clone, "README.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "\n## In your own program\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	program, commands := fenced(t, section, "```go\n"), fenced(t, section, "```\ngo mod edit")

	dir := t.TempDir()
	require.NoError(t, os.Symlink(clone, filepath.Join(dir, "convscope")))
	mine := filepath.Join(dir, "mine")
	require.NoError(t, os.Mkdir(mine, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(mine, "main.go"), []byte(program), 0o644))
	shell := exec.Command("sh", "-ec", "go mod init example.com/mine\ngo mod edit"+commands)
	shell.Dir = mine
	shell.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", out)

	file, err := os.Open(filepath.Join(mine, "sheet.png"))
	require.NoError(t, err)
	defer file.Close()
	sheet, err := png.Decode(file)
	require.NoError(t, err)
	require.GreaterOrEqual(t, sheet.Bounds().Dx(), 2*128)
}

// fenced returns what stands between an opening line and the end of its code block.
func fenced(t *testing.T, text, open string) string {
	t.Helper()
	_, block, found := strings.Cut(text, open)
	require.True(t, found, "the README has no block that begins with %q", open)
	block, _, found = strings.Cut(block, "```")
	require.True(t, found)
	return block
}
