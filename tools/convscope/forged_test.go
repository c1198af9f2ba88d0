// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/network"
	"convscope/vgg16"
)

// TestForgedRecipes are refused before anything is fetched, unpacked or computed, each with one line.
func TestForgedRecipes(t *testing.T) {
	t.Chdir(t.TempDir())
	savePNG(t, "good.png", madeUp())
	good, err := os.ReadFile("good.png")
	require.NoError(t, err)
	crops := strings.TrimSuffix(strings.Repeat("crops:64:1:1:1+", 11), "+")
	for name, test := range map[string]struct {
		old, by string
		show    bool // show prints it: only whoever makes it again has to understand it
		words   string
	}{
		"a key twice":            {`"height":8`, `"height":8,"height":16`, false, "duplicate"},
		"a key in capitals":      {`"height":8`, `"Height":8`, false, "Height"},
		"a key in both":          {`"height":8`, `"height":8,"HEIGHT":16`, false, "HEIGHT"},
		"a format twice":         {`"format":4`, `"format":7,"format":4`, false, "duplicate"},
		"a key twice inside":     {`"go":"go1"`, `"go":"go1","go":"go2"`, false, "duplicate"},
		"bytes that are no text": {`"block1_conv1"`, "\"block1_conv1\xff\"", false, "UTF-8"},
		"half a character":       {`"block1_conv1"`, `"block1_conv1\ud800"`, false, "surrogate"},
		"an unknown key":         {`"height":8`, `"height":8,"speed":9`, false, "speed"},
		"text after it":          {`"go":"go1"}`, `"go":"go1"}}{`, false, "JSON"},
		"deep nesting": {`"block1_conv1"`, strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
			false, "damaged: the recipe"},
		"deep nesting unasked": {`"height":8`, `"height":8,"deep":` + strings.Repeat(`{"a":`, 20000) + "1" +
			strings.Repeat("}", 20000), false, "depth"},
		"a number too large":   {`"step":1`, `"step":1e999`, false, "1e999"},
		"not a number":         {`"step":1`, `"step":NaN`, false, "JSON"},
		"an escape sequence":   {`"block1_conv1"`, `"\u001b[2Jblock1_conv1"`, false, "the recipe says"},
		"turned text":          {`"block1_conv1"`, `"\u202eblock1_conv1"`, false, "the recipe says"},
		"too much work":        {`"steps":1,`, `"steps":1125899906842624,`, false, "steps of all pictures"},
		"a method in format 1": {`"format":4`, `"format":1`, false, "a method in a format that has none"},
		"files in format 2":    {`"format":4`, `"format":2,"files":[]`, false, "in a format that has none"},

		"crops without end": {`"book"`, `"book,transforms=` + crops + `"`, true, "more than 4096 views"},
		"a thousand jitters": {`"book"`, `"book,transforms=` + strings.Repeat("jitter:1+", 1000) + `flip"`,
			true, "bytes: at most"},
		"a hundred flips":   {`"book"`, `"book,transforms=` + strings.Repeat("flip+", 100) + `flip"`, true, "at most 32"},
		"octaves":           {`"book"`, `"book,octaves=9"`, true, "from 0 to 8"},
		"an unknown method": {`"book"`, `"bock"`, true, "did you mean book"},
		"an unknown layer":  {`"block1_conv1"`, `"block9_conv1"`, true, "did you mean"},
		"a neuron outside":  {`"block1_conv1"`, `"neuron:block1_conv1:0:8:0"`, true, "rows go from 0 to 7"},
		"ten thousand terms": {`"block1_conv1"`, `"layer:block1_conv1` + strings.Repeat(" + layer:block1_conv1",
			3000) + `"`, true, "more than 256 terms"},
		"too long a formula": {`"block1_conv1"`, `"layer:block1_conv1` + strings.Repeat(" + layer:block1_conv1",
			10000) + `"`, false, "at most 65536"},
		"an empty objective":  {`"block1_conv1"`, `" : "`, true, "there is no objective"},
		"a local file":        {`"block1_conv1"`, `"caricature:block1_conv1:good.png"`, true, "is not in the recipe"},
		"a path":              {`"block1_conv1"`, `"direction:block1_conv1:../../etc/passwd"`, true, "is not in the recipe"},
		"a factor of nothing": {`"block1_conv1"`, `"0*layer:block1_conv1"`, true, "every factor is 0"},
		"an endless factor":   {`"block1_conv1"`, `"1e30*layer:block1_conv1"`, true, "the factor is 1e+30"},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile("forged.png", forge(t, good, test.old, test.by), 0o600))
			for _, command := range []string{"show", "reproduce"} {
				if command == "show" && test.show {
					continue
				}
				status, stdout, stderr := runCommand(t, command, "forged.png")
				require.Equal(t, exitFailure, status, stderr)
				require.Contains(t, stderr, "forged.png: ")
				require.Contains(t, stderr, test.words)
				require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
				require.Less(t, len(stderr), 600)
				require.Empty(t, stdout)
			}
		})
	}
}

// chunkOf is a PNG's chunk.
func chunkOf(kind string, data []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, kind...), data...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// bombOf is a PNG of that size whose pixels are all black, a thousandth as large as they.
func bombOf(t *testing.T, side int) []byte {
	t.Helper()
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = append(binary.BigEndian.AppendUint32(header, uint32(side)), 8, 2, 0, 0, 0)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	row := make([]byte, 1+3*side)
	for range side {
		_, err := z.Write(row)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunkOf("IHDR", header)...)
	return append(append(out, chunkOf("IDAT", packed.Bytes())...), chunkOf("IEND", nil)...)
}

// TestBombsStayPacked reads recipes whose parts would unpack to hundreds of megabytes: nothing of them is, neither to
// show nor to check them.
func TestBombsStayPacked(t *testing.T) {
	t.Chdir(t.TempDir())
	savePNG(t, "good.png", madeUp())
	good, err := os.ReadFile("good.png")
	require.NoError(t, err)
	const side = 8000
	bomb := base64.StdEncoding.EncodeToString(bombOf(t, side))
	start := fmt.Sprintf(`"height":%d,"width":%d,"start":{"shape":[1,%d,%d,3],"sha256":"%064d","pictures":["%s"]}`,
		side, side, side, side, 0, bomb)
	require.NoError(t, os.WriteFile("start.png", forge(t, good, `"height":8,"width":8`, start), 0o600))
	photo := fmt.Sprintf(`"files":[{"kind":"photo","sha256":"%064d","data":"%s"}],"pixels"`, 0, bomb)
	require.NoError(t, os.WriteFile("photo.png", forge(t, good, `"pixels"`, photo), 0o600))

	for _, name := range []string{"start.png", "photo.png"} {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"show", "prepare"} {
				took := allocated(func() {
					if command == "show" {
						runCommand(t, "show", name)
						return
					}
					r := &reproduction{file: name, out: "out.png"}
					if r.recipe, err = readRecipe(name); err == nil {
						_, err = r.prepare(&opened{Table: network.NewTable(vgg16.Network()), vgg16: true})
					}
				})
				require.Less(t, took, int64(32<<20), "%s: a picture of %d pixels takes more", command, side*side)
			}
		})
	}
	require.ErrorContains(t, err, fmt.Sprintf("a photo of %dx%d pixels", side, side))
}
