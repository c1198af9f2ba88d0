// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// plainPNG is a PNG without a recipe.
func plainPNG(t testing.TB) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 6, 8))
	for x := range 6 {
		img.Set(x, x, color.NRGBA{R: uint8(40 * x), G: 7, A: 255})
	}
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, img))
	return out.Bytes()
}

// headerEnd is where a PNG's second chunk begins.
const headerEnd = 8 + 12 + 13

// withChunk puts a chunk after the header.
func withChunk(encoded []byte, kind string, data []byte) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, kind...), data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(bytes.Clone(encoded[:headerEnd]), chunk...), encoded[headerEnd:]...)
}

func TestRoundTrip(t *testing.T) {
	stuffed := grid()
	stuffed.Start = start(t, 5, 8, 6)
	for name, r := range map[string]recipe.Recipe{"pattern": pattern(), "stopped grid": grid(), "from a start": stuffed} {
		t.Run(name, func(t *testing.T) {
			with, err := recipe.Insert(plainPNG(t), r)
			require.NoError(t, err)
			got, err := recipe.Decode(bytes.NewReader(with))
			require.NoError(t, err)
			require.Equal(t, r, got)

			want, err := png.Decode(bytes.NewReader(plainPNG(t)))
			require.NoError(t, err)
			shown, err := png.Decode(bytes.NewReader(with))
			require.NoError(t, err)
			require.Equal(t, want, shown, "the picture is the same")

			var encoded bytes.Buffer
			require.NoError(t, recipe.Encode(&encoded, want, r))
			hashed := r
			hashed.Pixels = picture.Hash(want)
			whole, err := recipe.Insert(plainPNG(t), hashed)
			require.NoError(t, err)
			require.Equal(t, string(whole), encoded.String())
			again, err := recipe.Insert(with, pattern())
			require.NoError(t, err)
			first, err := recipe.Insert(plainPNG(t), pattern())
			require.NoError(t, err)
			require.Equal(t, first, again, "a new recipe takes the old one's place")
		})
	}
	t.Run("beside other text", func(t *testing.T) {
		with, err := recipe.Insert(withChunk(withChunk(plainPNG(t), "iTXt",
			[]byte("Comment\x00\x00\x00\x00\x00hello")), "iTXt", []byte("x")), pattern())
		require.NoError(t, err)
		require.Contains(t, string(with), "hello")
		got, err := recipe.Decode(iotest.OneByteReader(bytes.NewReader(with)))
		require.NoError(t, err)
		require.Equal(t, pattern(), got)
	})
	t.Run("writer's error", func(t *testing.T) {
		read, write := io.Pipe()
		require.NoError(t, read.Close())
		require.ErrorIs(t, recipe.Encode(write, image.NewGray(image.Rect(0, 0, 1, 1)), pattern()), io.ErrClosedPipe)
		require.Error(t, recipe.Encode(io.Discard, image.NewGray(image.Rectangle{}), pattern()), "no pixels")
	})
}

func TestBadPNGs(t *testing.T) {
	plain := plainPNG(t)
	good, err := recipe.Insert(plain, pattern())
	require.NoError(t, err)
	text := func(json string) []byte {
		return withChunk(plain, "iTXt", []byte("convscope\x00\x00\x00\x00\x00"+json))
	}
	json := string(good[headerEnd+8+len("convscope")+5 : len(good)-(len(plain)-headerEnd)-4])
	require.Equal(t, good, text(json))
	flipped := bytes.Clone(good)
	flipped[headerEnd+40] ^= 1
	wrongPixels := bytes.Clone(good)
	wrongPixels[len(wrongPixels)-20] ^= 1
	tests := map[string]struct {
		file []byte
		is   error
		says string
	}{
		"nothing":           {nil, recipe.ErrNotPNG, ""},
		"text":              {[]byte("just some text, long enough"), recipe.ErrNotPNG, ""},
		"no recipe":         {plain, recipe.ErrNone, ""},
		"signature alone":   {plain[:8], recipe.ErrDamaged, "ends early"},
		"cut in the recipe": {good[:headerEnd+60], recipe.ErrDamaged, "ends early"},
		"cut in a keyword":  {good[:headerEnd+12], recipe.ErrDamaged, "ends early"},
		"cut in the pixels": {good[:len(good)-30], recipe.ErrDamaged, "ends early"},
		"cut before IEND":   {good[:len(good)-12], recipe.ErrDamaged, "ends early"},
		"cut in a checksum": {good[:len(good)-1], recipe.ErrDamaged, "ends early"},
		"flipped bit":       {flipped, recipe.ErrDamaged, `"iTXt" has another checksum`},
		"flipped pixel":     {wrongPixels, recipe.ErrDamaged, `"IDAT" has another checksum`},
		"no header":         {append(bytes.Clone(plain[:8]), plain[headerEnd:]...), recipe.ErrDamaged, "where it can't be"},
		"two headers":       {withChunk(plain, "IHDR", plain[16:29]), recipe.ErrDamaged, "where it can't be"},
		"giant length": {append(bytes.Clone(plain[:headerEnd]), "\xff\xff\xff\xffiTXt"...),
			recipe.ErrDamaged, "4294967295 bytes"},
		"giant recipe": {append(bytes.Clone(plain[:headerEnd]), "\x7f\xff\xff\xffiTXtconvscope\x00"...),
			recipe.ErrDamaged, "at most"},
		"two recipes": {withChunk(good, "iTXt", []byte("convscope\x00\x00\x00\x00\x00"+json)),
			recipe.ErrDamaged, "two recipes"},
		"as compressed text": {withChunk(plain, "zTXt", []byte("convscope\x00\x00"+json)), recipe.ErrDamaged,
			"another program wrote it again"},
		"as Latin-1": {withChunk(plain, "tEXt", []byte("convscope\x00"+json)), recipe.ErrDamaged,
			"another program wrote it again"},
		"two in two kinds": {withChunk(good, "zTXt", []byte("convscope\x00\x00"+json)), recipe.ErrDamaged, "two recipes"},
		"a key twice": {text(strings.Replace(json, `"layer"`, `"layer":"block5_conv1","layer"`, 1)),
			recipe.ErrDamaged, "duplicate"},
		"a key in capitals": {text(strings.Replace(json, `"layer"`, `"Layer"`, 1)), recipe.ErrDamaged, "Layer"},
		"no UTF-8":          {text(strings.Replace(json, `block1`, "block1\xff", 1)), recipe.ErrDamaged, "UTF-8"},
		"compressed": {withChunk(plain, "iTXt", []byte("convscope\x00\x01\x00\x00\x00"+json)),
			recipe.ErrDamaged, "compressed"},
		"no JSON":       {text("hello"), recipe.ErrDamaged, "no JSON"},
		"half a JSON":   {text(json[:len(json)/2]), recipe.ErrDamaged, "no JSON"},
		"null":          {text("null"), recipe.ErrFormat, "format is 0"},
		"text after it": {text(json + "{}"), recipe.ErrDamaged, "JSON"},
		"of the future": {text(strings.Replace(json, `"format":4`, `"format":7`, 1)), recipe.ErrFormat,
			"format is 7, this one reads 1 to 5"},
		"unknown field":    {text(strings.Replace(json, `"layer"`, `"jitter":3,"layer"`, 1)), recipe.ErrDamaged, "jitter"},
		"word for number":  {text(strings.Replace(json, `"height":8`, `"height":"big"`, 1)), recipe.ErrDamaged, "height"},
		"number too large": {text(strings.Replace(json, `"height":8`, `"height":1e99`, 1)), recipe.ErrDamaged, "height"},
		"negative number": {text(strings.Replace(json, `"height":8`, `"height":-8`, 1)),
			recipe.ErrDamaged, "-8x6 pixels"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := recipe.Decode(bytes.NewReader(test.file))
			require.ErrorIs(t, err, test.is)
			require.Contains(t, err.Error(), test.says)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	t.Run("reader's error", func(t *testing.T) {
		broken := errors.New("no disk")
		for cut := range len(good) {
			_, err := recipe.Decode(io.MultiReader(bytes.NewReader(good[:cut]), iotest.ErrReader(broken)))
			require.ErrorIs(t, err, broken, "after %d bytes", cut)
		}
	})
	t.Run("no PNG to insert in", func(t *testing.T) {
		_, err := recipe.Insert([]byte("text, no picture"), pattern())
		require.ErrorIs(t, err, recipe.ErrNotPNG)
		_, err = recipe.Insert(plain[:40], pattern())
		require.ErrorIs(t, err, recipe.ErrDamaged)
	})
}

func FuzzDecode(f *testing.F) {
	plain := plainPNG(f)
	f.Add(plain)
	for _, r := range []recipe.Recipe{pattern(), grid(), olden()} {
		with, err := recipe.Insert(plain, r)
		require.NoError(f, err)
		f.Add(with)
	}
	f.Add([]byte("text"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := recipe.Decode(bytes.NewReader(file))
		if err == nil {
			require.NotEmpty(t, r.String())
			require.Positive(t, r.Bytes())
			again, err := recipe.Insert(file, r)
			require.NoError(t, err)
			same, err := recipe.Decode(bytes.NewReader(again))
			require.NoError(t, err)
			require.Equal(t, r.String(), same.String())
		}
	})
}

// FuzzRecipe puts any text in the place of a recipe: the checksums of a PNG would keep most damage of [FuzzDecode]
// away from it.
func FuzzRecipe(f *testing.F) {
	plain := plainPNG(f)
	for _, r := range []recipe.Recipe{pattern(), grid(), olden(), directed(f)} {
		with, err := recipe.Insert(plain, r)
		require.NoError(f, err)
		f.Add(string(with[headerEnd+8+14 : len(with)-(len(plain)-headerEnd)-4]))
	}
	f.Fuzz(func(t *testing.T, json string) {
		r, err := recipe.Decode(bytes.NewReader(withChunk(plain, "iTXt", []byte("convscope\x00\x00\x00\x00\x00"+json))))
		if err != nil {
			require.False(t, strings.ContainsFunc(err.Error(), func(c rune) bool { return c < ' ' }), "%q", err)
			return
		}
		require.NotEmpty(t, r.String())
		require.Positive(t, r.Bytes())
		require.NoError(t, r.Check())
		if r.Start != nil {
			_, _ = r.Start.Tensor(nil)
		}
		for _, f := range r.Files {
			_, _ = r.Vector(f.Name())
			_, _ = r.Photo(f.Name())
		}
	})
}
