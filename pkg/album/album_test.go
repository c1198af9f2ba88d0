// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package album_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/file"
	"convscope/internal/level"
	"convscope/internal/progress"
	"convscope/pkg/album"
)

// encoded is a PNG of that width, of one colour.
func encoded(t testing.TB, width int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, width))
	for i := range width * width {
		img.SetNRGBA(i%width, i/width, color.NRGBA{R: uint8(width), G: uint8(i), A: 255})
	}
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, img))
	return out.Bytes()
}

// fill writes files into a folder, with the folders that they need.
func fill(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	return dir
}

// many is a folder with that many photographs of a size.
func many(t testing.TB, count, width int) string {
	t.Helper()
	files, content := make(map[string][]byte), encoded(t, width)
	for i := range count {
		files[fmt.Sprintf("%02d.png", i)] = content
	}
	return fill(t, files)
}

// listen collects the lines of news.
func listen(t *testing.T) *[]string {
	var lines []string
	old := progress.Line
	progress.Line = func(text string) { lines = append(lines, text) }
	t.Cleanup(func() { progress.Line = old })
	return &lines
}

// TestFolders lists what is where in a folder as unlucky as can be.
func TestFolders(t *testing.T) {
	good := encoded(t, 3)
	dir := fill(t, map[string][]byte{
		"b.PNG": good, "a.jpeg": good, "notes.txt": nil, "no ending": good, ".hidden.png": good, ".trash/x.png": good,
		"ümläut 猫 🐈.png": good, "new\nline.png": good, "deep/er/c.webp": good, "folder.jpg/inside.gif": good,
		"empty.png": nil, "deep/d.bmp": good,
	})
	require.NoError(t, os.Symlink(".", filepath.Join(dir, "again")))
	require.NoError(t, os.Symlink("..", filepath.Join(dir, "deep", "up")))
	require.NoError(t, os.Symlink("deep", filepath.Join(dir, "aaa"))) // which comes first, and is no other folder
	require.NoError(t, os.Symlink("loop.png", filepath.Join(dir, "loop.png")))
	require.NoError(t, os.Symlink("nowhere.png", filepath.Join(dir, "broken.png")))
	require.NoError(t, os.Symlink("b.PNG", filepath.Join(dir, "link.png")))
	outside := fill(t, map[string][]byte{"out.png": good})
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "outside")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe.png"), 0o600))

	a, err := album.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a.jpeg", "b.PNG", "broken.png", "deep/er/c.webp", "empty.png", "folder.jpg/inside.gif",
		"link.png", "loop.png",
		"new\nline.png", "outside/out.png", "pipe.png", "ümläut 猫 🐈.png"}, a.Names)
	require.Empty(t, a.Closed)
	require.Equal(t, filepath.Join(dir, "deep", "er", "c.webp"), a.Paths()[3])
	lines := listen(t)
	var read []string
	for photo := range a.All(t.Context()) {
		require.Equal(t, 3, photo.Image.Bounds().Dx())
		require.Equal(t, a.Names[photo.Index], photo.Name)
		read = append(read, photo.Name)
	}
	require.Len(t, read, 8)
	require.Len(t, *lines, 4)
	for i, want := range []string{"no such file", "it is empty", "too many levels", "it is a pipe"} {
		require.Contains(t, (*lines)[i], want)
		require.NotContains(t, (*lines)[i], "\n")
	}
}

func TestClosedFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads every folder")
	}
	dir := fill(t, map[string][]byte{"a.png": encoded(t, 2), "closed/b.png": encoded(t, 2)})
	closed := filepath.Join(dir, "closed")
	require.NoError(t, os.Chmod(closed, 0))
	t.Cleanup(func() { _ = os.Chmod(closed, 0o755) })
	a, err := album.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a.png"}, a.Names)
	require.Len(t, a.Closed, 1)
	require.Equal(t, "closed", a.Closed[0].Name)
	lines := listen(t)
	for range a.All(t.Context()) { //nolint:revive // the lines count
	}
	require.Contains(t, strings.Join(*lines, "\n"), "permission denied")
}

func TestNothingToRead(t *testing.T) {
	one := fill(t, map[string][]byte{"photo.png": []byte("text")})
	for dir, want := range map[string]string{
		"nowhere":                       "no such file",
		filepath.Join(one, "photo.png"): "is no folder: give the folder",
		one: "there is no photograph in it that can be read: give a folder with PNG, " +
			"JPEG, GIF or WebP files (" + one,
		fill(t, map[string][]byte{"a.png": nil, "b/b.jpg": nil}): "there is no photograph in it that can be read",
		t.TempDir(): "there is no photograph in it that can be read",
	} {
		_, err := album.Open(dir)
		require.ErrorContains(t, err, want)
	}
	_, err := album.Open(one)
	require.ErrorIs(t, err, album.ErrNone)
}

// alive counts the decoded photographs that are alive at once.
type alive struct{ now, most atomic.Int64 }

func (a *alive) hold(img image.Image) {
	a.now.Add(1)
	runtime.AddCleanup(img.(*image.NRGBA), func(struct{}) { a.now.Add(-1) }, struct{}{})
}

func (a *alive) count() {
	for range 3 { // cleanups run a little after the collection that finds them
		runtime.GC()
		runtime.Gosched()
	}
	a.most.Store(max(a.most.Load(), a.now.Load()))
}

func TestAllHoldsOnePhotograph(t *testing.T) {
	listen(t)
	a, err := album.Open(many(t, 12, 300))
	require.NoError(t, err)
	var counted alive
	seen := 0
	for photo := range a.All(t.Context()) {
		seen++
		counted.hold(photo.Image)
		photo = album.Photo{}
		counted.count()
	}
	require.Equal(t, 12, seen)
	require.LessOrEqual(t, counted.most.Load(), int64(3), "of twelve")
}

func TestAllEnds(t *testing.T) {
	listen(t)
	a, err := album.Open(many(t, 5, 8))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	for range a.All(ctx) {
		seen++
		cancel()
	}
	require.Equal(t, 1, seen, "an interrupt ends it")
}

func TestOnlySomeOfManyAreNamed(t *testing.T) {
	lines := listen(t)
	files := map[string][]byte{"a.png": encoded(t, 2)}
	for i := range 30 {
		files[fmt.Sprintf("bad%02d.jpg", i)] = []byte("no")
	}
	a, err := album.Open(fill(t, files))
	require.NoError(t, err)
	for range a.All(t.Context()) { //nolint:revive // the lines count
	}
	require.Len(t, *lines, 11)
	require.Contains(t, (*lines)[0], "passed over: ")
	require.Equal(t, "passed over: 20 others", (*lines)[10])
}

// TestEach reads several at a time: all come, in order, none stays in memory, and the first ones are the slowest.
func TestEach(t *testing.T) {
	dir := many(t, 40, 100)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "07.png"), []byte("no"), 0o644))
	a, err := album.Open(dir)
	require.NoError(t, err)
	var counted alive
	var names []string
	for photo, width := range album.Each(t.Context(), a, func(photo album.Photo) int {
		counted.hold(photo.Image)
		time.Sleep(time.Duration(40-photo.Index) * 100 * time.Microsecond)
		return photo.Image.Bounds().Dx()
	}) {
		require.Equal(t, len(names), photo.Index)
		names = append(names, photo.Name)
		require.Nil(t, photo.Image)
		if photo.Name == "07.png" {
			require.ErrorContains(t, photo.Err, "it is a text file")
			require.Zero(t, width)
			continue
		}
		require.NoError(t, photo.Err)
		require.Equal(t, 100, width)
		counted.count()
	}
	require.Equal(t, a.Names, names)
	require.LessOrEqual(t, counted.most.Load(), int64(12), "of forty")
}

// TestEachEnds leaves no goroutine behind, whoever ends it.
func TestEachEnds(t *testing.T) {
	a, err := album.Open(many(t, 30, 8))
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	for name, end := range map[string]func(cancel func()) bool{
		"an interrupt":     func(cancel func()) bool { cancel(); return true },
		"who reads enough": func(func()) bool { return false },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			for range album.Each(ctx, a, func(album.Photo) int { return 0 }) {
				seen++
				if !end(cancel) {
					break
				}
			}
			require.Equal(t, 1, seen)
		})
	}
	for runtime.NumGoroutine() > before { // the last ones are about to end
		runtime.Gosched()
	}
}

func TestHash(t *testing.T) {
	hash := func(files map[string][]byte) string {
		a, err := album.List(fill(t, files))
		require.NoError(t, err)
		sum, err := a.Hash(t.Context())
		require.NoError(t, err)
		require.Len(t, sum, 64)
		return sum
	}
	one, two := encoded(t, 2), encoded(t, 3)
	want := hash(map[string][]byte{"a.png": one, "b/c.png": two})
	require.Equal(t, want, hash(map[string][]byte{"b/c.png": two, "a.png": one, "notes.txt": one}),
		"wherever the folder is")
	for name, files := range map[string]map[string][]byte{
		"another content": {"a.png": one, "b/c.png": one},
		"another name":    {"a.png": one, "b/d.png": two},
		"one more":        {"a.png": one, "b/c.png": two, "d.png": nil},
		"exchanged":       {"a.png": two, "b/c.png": one},
	} {
		require.NotEqual(t, want, hash(files), name)
	}
	a, err := album.List(many(t, 2, 2))
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err = a.Hash(ctx)
	require.EqualError(t, err, "enough")
}

func TestPhoto(t *testing.T) {
	a, err := album.List(fill(t, map[string][]byte{"a.png": encoded(t, 4)}))
	require.NoError(t, err)
	img, err := a.Photo("a.png")
	require.NoError(t, err)
	require.Equal(t, image.Pt(4, 4), img.Bounds().Size())
	require.NoError(t, os.Mkdir(filepath.Join(a.Dir, "b.png"), 0o755)) // in another's place since
	_, err = a.Photo("b.png")
	require.ErrorIs(t, err, file.ErrNotRegular)
}

// TestEachBoundsPixels reads large photographs with many processors: no more at once than one photograph may have
// pixels.
func TestEachBoundsPixels(t *testing.T) {
	level.OnlyFull(t, "decodes eight photographs of 20 million pixels")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, 5000, 4000))))
	files := make(map[string][]byte)
	for i := range 8 {
		files[fmt.Sprintf("%d.png", i)] = out.Bytes()
	}
	a, err := album.List(fill(t, files))
	require.NoError(t, err)
	var now, most atomic.Int64
	seen := 0
	for photo := range album.Each(t.Context(), a, func(album.Photo) int {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(300 * time.Millisecond)
		now.Add(-1)
		return 0
	}) {
		require.NoError(t, photo.Err)
		seen++
	}
	require.Equal(t, 8, seen)
	require.LessOrEqual(t, most.Load(), int64(3))
}
