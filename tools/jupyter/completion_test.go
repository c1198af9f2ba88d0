// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

// client talks to a language server as GoNB does.
type client struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	last int
}

func (c *client) send(method string, id int, params any) {
	c.t.Helper()
	message := map[string]any{"jsonrpc": "2.0", "method": method, "params": params}
	if id > 0 {
		message["id"] = id
	}
	text, err := json.Marshal(message)
	require.NoError(c.t, err)
	_, err = fmt.Fprintf(c.conn, "Content-Length: %d\r\n\r\n%s", len(text), text)
	require.NoError(c.t, err)
}

// ask sends a request and returns its result.
func (c *client) ask(method string, params any) json.RawMessage {
	c.t.Helper()
	c.last++
	c.send(method, c.last, params)
	for {
		var size int
		_, err := fmt.Fscanf(c.in, "Content-Length: %d\r\n\r\n", &size)
		require.NoError(c.t, err)
		text := make([]byte, size)
		_, err = io.ReadFull(c.in, text)
		require.NoError(c.t, err)
		var message struct {
			ID     int
			Method string
			Result json.RawMessage
		}
		require.NoError(c.t, json.Unmarshal(text, &message))
		if message.Method == "" && message.ID == c.last {
			return message.Result
		}
	}
}

// TestLateGopls completes in a session that began before gopls was built.
func TestLateGopls(t *testing.T) {
	level.OnlyFull(t, "builds gopls")
	env := install(t)
	require.NoError(t, env.Kernel.EnsureCompletion(t.Context()))
	require.True(t, env.Kernel.Completion())
	dir, err := os.MkdirTemp("", "cs") // the socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	gopls, socket := filepath.Join(dir, "gopls"), filepath.Join(dir, "socket")
	cmd := exec.Command(env.Venv.Python, "-I", filepath.Join("script", "late_gopls.py"), gopls, "-listen", "unix;"+socket)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c := &client{t: t}
	require.Eventually(t, func() bool {
		c.conn, err = net.Dial("unix", socket)
		return err == nil
	}, time.Minute, 20*time.Millisecond)
	c.in = bufio.NewReader(c.conn)

	const text = "package main\n\nimport \"strings\"\n\nfunc main() {\n\tstrings.HasP\n}\n"
	path := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module late\n\ngo 1.26\n"), 0o600))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	folders := []any{map[string]any{"uri": "file://" + dir, "name": "late"}}
	c.ask("initialize", map[string]any{"workspaceFolders": folders, "capabilities": map[string]any{}})
	c.send("initialized", 0, map[string]any{})
	document := map[string]any{"uri": "file://" + path, "languageId": "go", "version": 1, "text": text}
	c.send("textDocument/didOpen", 0, map[string]any{"textDocument": document})
	complete := func() string {
		return string(c.ask("textDocument/completion", map[string]any{
			"textDocument": map[string]any{"uri": "file://" + path}, "position": map[string]any{"line": 5, "character": 13}}))
	}
	require.Equal(t, "null", complete(), "nothing yet, and at once")
	require.NoError(t, os.Symlink(filepath.Join(env.Kernel.Dir, "lsp", "gopls"), gopls))
	require.Eventually(t, func() bool {
		found := complete()
		if found == "null" {
			return false
		}
		require.Contains(t, found, "HasPrefix")
		return true
	}, time.Minute, 100*time.Millisecond)

	require.NoError(t, c.conn.Close())
	require.NoError(t, cmd.Wait(), "it ends with the session")
}
