// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/stretchr/testify/require"

	"convscope/display/page"
)

func TestUpload(t *testing.T) {
	kernel := t.TempDir()
	t.Setenv(protocol.GONB_TMP_DIR_ENV, kernel)
	c := Control{Kind: Upload, Name: "my/../network", Label: "Network", Options: []string{".onnx"}}
	keep := func(title, data string) (string, error) {
		return c.keep(page.Event{Title: title, Value: strconv.Itoa(len(data)), Data: []byte(data)})
	}
	require.Empty(t, Kept(c.Name))
	first, err := keep("my net.onnx", "one")
	require.NoError(t, err)
	require.Empty(t, Kept(c.Name), "nothing was drawn with it")
	require.NoError(t, c.accept(first))
	require.Equal(t, first, Kept(c.Name))
	require.Equal(t, ".onnx", filepath.Ext(first))

	second, err := keep("my net.onnx", "two")
	require.NoError(t, err)
	require.NotEqual(t, first, second, "one that is open stays")
	require.Equal(t, first, Kept(c.Name))
	require.NoError(t, c.accept(second))
	require.NoError(t, c.accept("elsewhere.onnx"))
	require.NoError(t, c.accept(""))
	require.Equal(t, second, Kept(c.Name))
	require.Empty(t, Kept("another"))
	data, err := os.ReadFile(second)
	require.NoError(t, err)
	require.Equal(t, "two", string(data))

	for _, title := range []string{"../../up.onnx", "/etc/passwd", "", "..", "a\x00b", `C:\net.h5`} {
		path, err := keep(title, "x")
		require.NoError(t, err, title)
		inside, err := filepath.Rel(kernel, path)
		require.NoError(t, err)
		require.True(t, filepath.IsLocal(inside), path)
	}
	for says, event := range map[string]page.Event{
		`"a.onnx" is empty`:             {Title: "a.onnx", Value: "0"},
		`"a.onnx" did not arrive`:       {Title: "a.onnx", Value: "5"},
		`"a.onnx" has more than 256 MB`: {Title: "a.onnx", Value: "300000000"},
	} {
		_, err := c.keep(event)
		require.ErrorAs(t, err, new(*ValueError))
		require.ErrorContains(t, err, "Network: "+says)
	}
	t.Setenv(protocol.GONB_TMP_DIR_ENV, "")
	require.Empty(t, Kept(c.Name))
	_, err = keep("my net.onnx", "one")
	require.ErrorContains(t, err, "only while a notebook's kernel runs")
}
