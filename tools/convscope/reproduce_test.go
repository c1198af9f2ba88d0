// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/internal/progress"
	"convscope/pkg/device"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/vgg16"
)

// madeUp is a recipe that nothing was made by.
func madeUp() recipe.Recipe {
	manifest, err := vgg16.Manifest()
	if err != nil {
		panic(err) // it is part of the program
	}
	return recipe.Recipe{
		Format: recipe.Format, Method: "book", Kind: recipe.Pattern, Layer: "block1_conv1", Filters: []int{0},
		Height: 8, Width: 8, Steps: 1, Step: 1, Seed: 1, Batch: 1, Convolution: recipe.Winograd,
		Weights: manifest.SHA256(), Backend: "none", Platform: "none", Versions: recipe.Versions{Go: "go1"},
	}
}

// savePNG writes a picture with a recipe.
func savePNG(t *testing.T, path string, made recipe.Recipe) {
	t.Helper()
	savePicture(t, path, image.NewGray(image.Rect(0, 0, 8, 8)), made)
}

// savePicture writes that picture with a recipe.
func savePicture(t *testing.T, path string, img image.Image, made recipe.Recipe) {
	t.Helper()
	var encoded bytes.Buffer
	require.NoError(t, recipe.Encode(&encoded, img, made))
	require.NoError(t, os.WriteFile(path, encoded.Bytes(), 0o600))
}

// savePlain writes a PNG without a recipe.
func savePlain(t *testing.T, path string) {
	t.Helper()
	var encoded bytes.Buffer
	require.NoError(t, png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 8, 8))))
	require.NoError(t, os.WriteFile(path, encoded.Bytes(), 0o600))
}

// TestPicturesWithoutGoodRecipes are refused with one line before anything is fetched or computed.
func TestPicturesWithoutGoodRecipes(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("text.png", []byte("no picture at all"), 0o600))
	require.NoError(t, os.WriteFile("empty.png", nil, 0o600))
	require.NoError(t, syscall.Mkfifo("pipe.png", 0o600))
	savePlain(t, "plain.png")
	savePNG(t, "good.png", madeUp())
	whole, err := os.ReadFile("good.png")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("cut.png", whole[:len(whole)-20], 0o600))
	change := func(name string, edit func(*recipe.Recipe)) {
		made := madeUp()
		edit(&made)
		savePNG(t, name, made)
	}
	change("layer.png", func(r *recipe.Recipe) { r.Layer = "block3_conv9" })
	change("filter.png", func(r *recipe.Recipe) { r.Filters[0] = 64 })
	change("small.png", func(r *recipe.Recipe) { r.Layer, r.Height = "block5_conv1", 4 })
	require.NoError(t, os.WriteFile("way.png", forge(t, whole, `"winograd"`, `"fft"`), 0o600))
	begin, err := recipe.NewStart(tensors.FromScalarAndDimensions(float32(0.5), 1, 8, 8, 3))
	require.NoError(t, err)
	change("start.png", func(r *recipe.Recipe) { r.Start = begin })
	require.NoError(t, numpy.ToNpyFile(tensors.FromScalarAndDimensions(float32(1), 1, 8, 8, 3), "other.npy"))

	array, err := os.ReadFile("other.npy")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("cut.npy", array[:len(array)-1], 0o600))
	require.NoError(t, numpy.ToNpyFile(tensors.FromScalarAndDimensions(float32(1), 192), "flat.npy"))

	before, err := os.ReadDir(".")
	require.NoError(t, err)
	tests := map[string]struct {
		args   string
		status int
		words  string
	}{
		"show nothing":      {"show", 2, "give one picture"},
		"show two":          {"show good.png good.png", 2, "give one picture"},
		"show what is not":  {"show none.png", 1, "none.png: no such file"},
		"show a folder":     {"show .", 1, "not a regular file"},
		"show a pipe":       {"show pipe.png", 1, "not a regular file"},
		"show text":         {"show text.png", 1, "text.png: not a PNG"},
		"show nothing in":   {"show empty.png", 1, "not a PNG"},
		"show half":         {"show cut.png", 1, "cut.png: damaged: the PNG ends early"},
		"show plain":        {"show plain.png", 1, "without a recipe"},
		"nothing":           {"reproduce", 2, "give one picture"},
		"what is not there": {"reproduce none.png", 1, "no such file"},
		"text":              {"reproduce text.png", 1, "not a PNG"},
		"half":              {"reproduce cut.png", 1, "ends early"},
		"plain":             {"reproduce plain.png", 1, "without a recipe"},
		"unknown layer":     {"reproduce layer.png", 1, "did you mean block3_conv"},
		"unknown filter":    {"reproduce filter.png", 1, "choose 0 to 63"},
		"too small":         {"reproduce small.png", 1, "at least 16x16"},
		"unknown way":       {"reproduce way.png", 1, `unknown convolution "fft"`},
		"no start":          {"reproduce start.png", 1, "with --start"},
		"another start":     {"reproduce start.png --start other.npy", 1, "given was [1 8 8 3]"},
		"start not there":   {"reproduce start.png --start none.npy", 1, "none.npy"},
		"start for noise":   {"reproduce good.png --start other.npy", 1, "leave --start away"},
		"photo for none":    {"reproduce good.png --photo plain.png", 1, "is none of its photos"},
		"photo not there":   {"reproduce good.png --photo none.jpg", 1, "none.jpg: no such file"},
		"cut start":         {"reproduce start.png --start cut.npy", 1, "cut.npy: it is cut or damaged"},
		"flat start": {"reproduce start.png --start flat.npy", 1,
			"its shape is [192]: [height, width, channels] is needed"},
		"out nowhere": {"reproduce good.png --out no/such/folder.png", 1, "make it first"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := runCommand(t, strings.Fields(test.args)...)
			require.Equal(t, test.status, status, stderr)
			require.Contains(t, stderr, test.words)
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
			require.Empty(t, stdout)
		})
	}
	t.Run("huge numbers", func(t *testing.T) {
		for _, huge := range []string{`"height":800000000`, `"height":1e99`,
			`"height":99999999999999999999`, `"height":-8`} {
			require.NoError(t, os.WriteFile("huge.png", forge(t, whole, `"height":8`, huge), 0o600))
			for _, command := range []string{"show", "reproduce"} {
				status, stdout, stderr := runCommand(t, command, "huge.png")
				require.Equal(t, exitFailure, status)
				require.Contains(t, stderr, "huge.png: damaged: the recipe")
				require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
				require.Empty(t, stdout)
			}
		}
		require.NoError(t, os.Remove("huge.png"))
	})
	after, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Equal(t, len(before), len(after), "nothing was written")
}

// forge replaces a part of a PNG's recipe, which is its second chunk, and sets length and checksum right.
func forge(t *testing.T, encoded []byte, old, by string) []byte {
	t.Helper()
	const at = 8 + 12 + 13 // the signature and the header come before
	length := int(binary.BigEndian.Uint32(encoded[at:]))
	data := encoded[at+4 : at+8+length]
	require.Contains(t, string(data), old)
	forged := bytes.Replace(data, []byte(old), []byte(by), 1)
	out := binary.BigEndian.AppendUint32(bytes.Clone(encoded[:at]), uint32(len(forged)-4))
	out = binary.BigEndian.AppendUint32(append(out, forged...), crc32.ChecksumIEEE(forged))
	return append(out, encoded[at+8+length+4:]...)
}

func TestShow(t *testing.T) {
	t.Chdir(t.TempDir())
	savePNG(t, "good.png", madeUp())
	status, stdout, stderr := runCommand(t, "show", "good.png")
	require.Equal(t, exitOK, status, stderr)
	require.Equal(t, madeUp().String(), stdout)
	status, stdout, stderr = runCommand(t, "show", "--json", "good.png")
	require.Equal(t, exitOK, status, stderr)
	var got recipe.Recipe
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	want := madeUp()
	want.Pixels = picture.Hash(image.NewGray(image.Rect(0, 0, 8, 8)))
	require.Equal(t, want, got)
}

func TestAgainPath(t *testing.T) {
	for path, want := range map[string]string{
		"a.png": "a_again.png", "b/c.d.PNG": "b/c.d_again.PNG", "a": "a_again.png", "a.jpg": "a.jpg_again.png",
		".png": "_again.png",
	} {
		require.Equal(t, want, againPath(path))
	}
}

// TestReproduceGivesTheSameFile makes pictures with the real weights, and makes them again.
func TestReproduceGivesTheSameFile(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	require.NoError(t, numpy.ToNpyFile(tensors.FromScalarAndDimensions(float32(128), 1, 20, 24, 3), "gray.npy"))
	for name, args := range map[string]string{
		"pattern":      "pattern --layer block3_conv1 --filter 7 --size 32x40 --steps 3 --step 2 --seed 5",
		"from a start": "pattern --layer block2_conv1 --filter 7 --start gray.npy --steps 2",
		"grid":         "grid --layer block2_conv1 --filters 1-6,9 --size 16 --steps 3 --margin 0 --order row",
	} {
		t.Run(name, func(t *testing.T) {
			if name != "pattern" && name != "grid" {
				level.OnlyFull(t, "compiles one more program")
			}
			status, _, stderr := runCommand(t, append(strings.Fields(args), "--out", "made.png")...)
			require.Equal(t, exitOK, status, stderr)
			status, stdout, stderr := runCommand(t, "reproduce", "made.png")
			require.Equal(t, exitOK, status, stderr)
			require.Contains(t, stdout, identical)
			requireSameFiles(t, "made.png", "made_again.png")
		})
	}
	t.Run("in its own place", func(t *testing.T) {
		status, stdout, stderr := runCommand(t, "reproduce", "made_again.png", "--out", "made_again.png")
		require.Equal(t, exitOK, status, stderr)
		require.Contains(t, stdout, identical)
		requireSameFiles(t, "made.png", "made_again.png")
	})
	t.Run("in its own place, where it would differ", func(t *testing.T) {
		before, err := os.ReadFile("made_again.png")
		require.NoError(t, err)
		made, err := readRecipe("made_again.png")
		require.NoError(t, err)
		img, err := picture.Open("made_again.png")
		require.NoError(t, err)
		made.Step *= 2 // the seed is of no matter to one from a start
		var forged bytes.Buffer
		require.NoError(t, recipe.Encode(&forged, img, made))
		require.NoError(t, os.WriteFile("made_again.png", forged.Bytes(), 0o600))
		status, _, stderr := runCommand(t, "reproduce", "made_again.png", "--out", "made_again.png")
		require.Equal(t, exitFailure, status)
		require.Contains(t, stderr, "made_again.png stays as it is")
		after, err := os.ReadFile("made_again.png")
		require.NoError(t, err)
		require.True(t, bytes.Equal(forged.Bytes(), after))
		require.NoError(t, os.WriteFile("made_again.png", before, 0o600))
	})
	t.Run("elsewhere", func(t *testing.T) {
		status, _, stderr := runCommand(t,
			strings.Fields("pattern --layer block1_conv2 --size 8 --steps 2 --out go.png --device go")...)
		require.Equal(t, exitOK, status, stderr)
		status, stdout, stderr := runCommand(t, "reproduce", "go.png", "--device", "cpu")
		require.Equal(t, exitOK, status, stderr)
		require.Regexp(t, "(identical pixels|PSNR [4-9][0-9].[0-9] dB); backend: GoMLX's pure Go backend", stdout)
	})
	t.Run("other weights", func(t *testing.T) {
		made := madeUp()
		made.Weights = strings.Repeat("0", 64)
		savePNG(t, "other.png", made)
		status, _, stderr := runCommand(t, "reproduce", "other.png")
		require.Equal(t, exitFailure, status)
		require.Contains(t, stderr, "CONVSCOPE_WEIGHTS")
		require.NoFileExists(t, "other_again.png")
	})
	t.Run("stopped", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		stopAt(t, 40, stop)
		var stdout, stderr bytes.Buffer
		args := strings.Fields("grid --layer block2_conv2 --filters 0-9 --size 32 --steps 100000 --out stopped.png")
		require.Equal(t, exitInterrupted, execute(ctx, args, &stdout, &stderr))
		status, shown, _ := runCommand(t, "show", "stopped.png")
		require.Equal(t, exitOK, status)
		require.Contains(t, shown, "stopped ")
		status, said, wrong := runCommand(t, "reproduce", "stopped.png")
		require.Equal(t, exitOK, status, wrong)
		require.Contains(t, said, identical)

		again, stopAgain := context.WithCancel(t.Context())
		defer stopAgain()
		stopAt(t, 1, stopAgain)
		stderr.Reset()
		require.Equal(t, exitInterrupted, execute(again, []string{"reproduce", "stopped.png"}, &stdout, &stderr))
		require.Contains(t, stderr.String(), "stopped")
	})
	t.Run("stopped before the first step", func(t *testing.T) {
		level.OnlyFull(t, "compiles two more programs")
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		stopAt(t, 0, stop)
		var stdout, stderr bytes.Buffer
		args := strings.Fields("pattern --layer block2_conv2 --size 32 --steps 5 --image pyramid --out never.png")
		require.Equal(t, exitInterrupted, execute(ctx, args, &stdout, &stderr))
		status, said, wrong := runCommand(t, "reproduce", "never.png")
		require.Equal(t, exitOK, status, wrong)
		require.Contains(t, said, identical)
	})
	t.Run("--save fits --start", func(t *testing.T) {
		level.OnlyFull(t, "compiles two more programs")
		status, _, stderr := runCommand(t,
			strings.Fields("pattern --layer block1_conv2 --size 12x8 --steps 2 --save one.npy --out one.png")...)
		require.Equal(t, exitOK, status, stderr)
		status, stdout, stderr := runCommand(t,
			strings.Fields("pattern --layer block1_conv2 --start one.npy --steps 2 --out on.png")...)
		require.Equal(t, exitOK, status, stderr)
		require.Contains(t, stdout, "12x8 px")
		status, _, stderr = runCommand(t, "reproduce", "on.png")
		require.Equal(t, exitFailure, status)
		require.Contains(t, stderr, "--start")
		status, stdout, stderr = runCommand(t, "reproduce", "on.png", "--start", "one.npy")
		require.Equal(t, exitOK, status, stderr)
		require.Contains(t, stdout, identical)
	})
	t.Run("a photo given again", func(t *testing.T) {
		level.OnlyFull(t, "compiles two more programs")
		photo := image.NewGray(image.Rect(0, 0, 1025, 1025)) // more pixels than a recipe keeps
		for i := range photo.Pix {
			photo.Pix[i] = uint8(i * i >> 7)
		}
		var encoded bytes.Buffer
		require.NoError(t, png.Encode(&encoded, photo))
		require.NoError(t, os.WriteFile("my photo.png", encoded.Bytes(), 0o600))
		status, _, stderr := runCommand(t, "pattern", "--objective", "caricature:block1_conv2:my photo.png:1",
			"--size", "16", "--steps", "2", "--out", "car.png")
		require.Equal(t, exitOK, status, stderr)
		_, shown, _ := runCommand(t, "show", "car.png")
		require.Contains(t, shown, "to be given again by --photo")
		require.NotContains(t, shown, "my photo")
		status, _, stderr = runCommand(t, "reproduce", "car.png")
		require.Equal(t, exitFailure, status)
		require.Contains(t, stderr, "name its file with --photo")
		status, stdout, stderr := runCommand(t, "reproduce", "car.png", "--photo", "my photo.png")
		require.Equal(t, exitOK, status, stderr)
		require.Contains(t, stdout, identical)
	})
}

// TestReproduceAcrossConvolutions makes pictures with our own kernel and without, in processes of their own, and makes
// each again in both ways; and pictures as older versions made them, in ways that are no longer there.
func TestReproduceAcrossConvolutions(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	run := func(t *testing.T, kernel, args string) string {
		t.Helper()
		command := process(strings.Fields(args)...)
		command.Env = append(command.Env, device.EnvKernel+"="+kernel)
		said, err := command.CombinedOutput()
		require.NoError(t, err, "%s", said)
		return string(said)
	}
	const knobs = "pattern --layer block2_conv2 --filter 7 --size 24 --steps 3 --out "
	run(t, "", knobs+"ours.png")
	run(t, "off", knobs+"plain.png")
	if shown := run(t, "", "show ours.png"); !strings.Contains(shown, "convolution  winograd\n") {
		t.Skip("our kernel does not run here")
	}
	require.Contains(t, run(t, "", "show plain.png"), "convolution  direct\n")
	older := func(path, convolution string, ways ...string) {
		made, err := readRecipe("plain.png")
		require.NoError(t, err)
		img, err := picture.Open("plain.png")
		require.NoError(t, err)
		made.Format, made.Convolution, made.Ways = 3, convolution, make(map[string]string)
		for i, way := range ways {
			made.Ways[fmt.Sprintf("convolution 3x3, 64 to 64 channels, 2^%d positions", i)] = way
		}
		savePicture(t, path, img, made)
	}
	older("older.png", "direct", "direct", "direct")
	older("tiles.png", "tiles", "tiles", "tiles")
	older("auto.png", "auto", "direct", "lines", "tiles")
	require.Contains(t, run(t, "", "show auto.png"), "convolution  auto (direct: 1, lines: 1, tiles: 1)\n")
	const (
		how  = "direct then, winograd now: CONVSCOPE_KERNEL=off computes directly"
		gone = "no longer there, so the picture can differ by rounding"
	)
	for file, words := range map[string][2]string{ // with our kernel, and without
		"ours.png":  {identical, "winograd then, direct now: XLA on a CPU computes so, unless CONVSCOPE_KERNEL is off"},
		"plain.png": {how, identical},
		"older.png": {how, identical},
		"tiles.png": {"tiles then, winograd now: tiles is " + gone, "tiles then, direct now: tiles is " + gone},
		"auto.png":  {"winograd now: lines and tiles are " + gone, "direct now: lines and tiles are " + gone},
	} {
		for i, kernel := range []string{"", "off"} {
			t.Run(file+", kernel "+kernel, func(t *testing.T) {
				said := run(t, kernel, "reproduce --out again.png "+file)
				require.Contains(t, said, words[i])
				if words[i] == identical {
					requireSameFiles(t, file, "again.png")
					return
				}
				require.Regexp(t, "(identical pixels|PSNR [4-9][0-9].[0-9] dB); convolution: ", said)
				made, err := readRecipe("again.png")
				require.NoError(t, err)
				require.Equal(t, recipe.Format, made.Format)
				require.Empty(t, made.Ways)
				require.Contains(t, run(t, kernel, "reproduce --out once_more.png again.png"), identical)
			})
		}
	}
}

// TestReproduceReadsWeightsAsThen makes a picture with a file of weights that take other pictures, and makes it again
// without saying so.
func TestReproduceReadsWeightsAsThen(t *testing.T) {
	needWeights(t)
	t.Setenv("CONVSCOPE_WEIGHTS_INPUT", "")
	cache, err := fetch.CacheDir()
	require.NoError(t, err)
	found, err := filepath.Glob(filepath.Join(cache, "weights", "vgg16-*.safetensors"))
	require.NoError(t, err)
	if len(found) == 0 {
		t.Skip("the cache holds no weights")
	}
	var file string // that of the convolutions alone is the shorter one
	least := int64(math.MaxInt64)
	for _, path := range found {
		info, err := os.Stat(path)
		require.NoError(t, err)
		if info.Size() < least {
			file, least = path, info.Size()
		}
	}
	t.Chdir(t.TempDir())
	status, _, stderr := runCommand(t, strings.Fields("pattern --layer block1_conv1 --size 8 --steps 1 --out "+
		"made.png --weights-input torch --weights "+file)...)
	require.Equal(t, exitOK, status, stderr)
	_, shown, _ := runCommand(t, "show", "made.png")
	require.Contains(t, shown, "read with --weights-input torch")
	status, stdout, stderr := runCommand(t, "reproduce", "made.png", "--weights", file)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, identical)
	requireSameFiles(t, "made.png", "made_again.png")
	t.Run("unless another is said", func(t *testing.T) {
		status, _, stderr := runCommand(t, "reproduce", "made.png", "--weights", file, "--weights-input", "unit")
		require.Equal(t, exitFailure, status)
		require.Contains(t, stderr, "read it with --weights-input torch")
	})
}

// stopAt ends a context when the bar of a climb stands there, which is 0 at its beginning.
func stopAt(t *testing.T, done int64, stop func()) {
	t.Helper()
	watchClimbs(t, func(now int64) {
		if now >= done {
			stop()
		}
	})
}

// watchClimbs tells how many steps were taken, 0 at the beginning.
func watchClimbs(t *testing.T, watch func(done int64)) {
	t.Helper()
	before := progress.New
	t.Cleanup(func() { progress.New = before })
	progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
		bar := before(what, total, unit)
		if unit != progress.Steps {
			return bar
		}
		watch(0)
		return &watched{bar, watch}
	}
}

// watched is a bar that is watched.
type watched struct {
	progress.Bar
	watch func(done int64)
}

// Set implements [progress.Bar].
func (w *watched) Set(done int64) {
	w.Bar.Set(done)
	w.watch(done)
}

// requireSameFiles compares two files byte by byte.
func requireSameFiles(t *testing.T, want, got string) {
	t.Helper()
	a, err := os.ReadFile(want)
	require.NoError(t, err)
	b, err := os.ReadFile(got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(a, b))
}
