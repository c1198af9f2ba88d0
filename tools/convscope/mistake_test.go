// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"
)

// isMistake runs a wrong command line: it is answered with one line before anything is fetched, computed or printed.
func isMistake(t *testing.T, args []string, words string) {
	t.Helper()
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(t.TempDir(), "none")) // what looks for weights or a plugin would make it
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://127.0.0.1:9")
	}
	t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
	status, stdout, stderr := runCommand(t, args...)
	require.Equal(t, exitUsage, status, "%s: %s", stdout, stderr)
	require.Contains(t, stderr, words)
	require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
	require.Empty(t, stdout)
	require.NoDirExists(t, os.Getenv("CONVSCOPE_CACHE"))
}

// TestNumbersOfFlags tries what is no number, or one that makes no sense, for each flag that takes one.
func TestNumbersOfFlags(t *testing.T) {
	inFolderWithPhoto(t)
	const whole, real = " 1;1 ;;1.5;0x10;1_0;٣;１;one;NaN;Inf;1e3;99999999999999999999;--5",
		";NaN;-Inf;1,5;one;1 ;٣;0x1g;1e999"
	for flag, bad := range map[string]string{
		"pattern --filter":            whole + ";-1;256;2147483648",
		"pattern --steps":             whole + ";0;-1;1073741825",
		"pattern --step":              real + ";0;-0;1e-7;1e-300;1e300;1e37",
		"pattern --seed":              whole + ";0;-1;18446744073709551616",
		"pattern --size":              whole + ";0;-1;0x5;5x0;5x-5;5x5x5;x5;5x;65537;150x65537",
		"pattern --border":            whole + ";-1;1025",
		"pattern --octaves":           whole + ";-1;9",
		"pattern --steps 3 --octaves": "4",
		"grid --filters": " ;;,;1,1;0-3,2;5-3;-1;1-;1--2;a;0-64;64;٣;" +
			"0-99999;1.5;0-9223372036854775807;1 2",
		"grid --batch":  whole + ";-1",
		"grid --margin": whole + ";-1;1001",
		"activations --image photo.png --channel": whole + ";-1;-5;64;9999",
		"activations --image photo.png --size":    whole + ";0;-1;65537;1x1x1",
		"heatmap --image photo.png --strength":    real + ";0;-1;1.01;2",
		"explain --image photo.png --channels":    whole + ";0;-1;1281",
		"census --filters":                        " ;;600;512;1,1;9-3;-1;All;a",
		"census --layer all --filters":            "64;0-100",
		"census --steps":                          whole + ";0;-1",
		"census --step":                           real + ";0;-1;1e-9;1e300",
		"census --seed":                           whole + ";0;-1",
		"census --size":                           whole + ";0;-1;8;65537",
		"contest --blocks":                        " ;;0;6;3,3;1-6;5-3;-1;a;3,;3-5,4",
		"contest --filters":                       whole + ";0;-1",
		"contest --seed":                          whole + ";0;-1",
		"contest --size":                          whole + ";0;-1;8;65537",
		"methods --filter":                        whole + ";-1;512",
		"methods --out x.png --filter":            "-1;512",
	} {
		for value := range strings.SplitSeq(bad, ";") {
			t.Run(flag+"="+value, func(t *testing.T) {
				args := strings.Fields(flag)
				last := args[len(args)-1]
				isMistake(t, append(args[:len(args)-1], last+"="+value), strings.TrimPrefix(last, "--")[:4])
			})
		}
	}
}

// TestEmptyFlags gives flags the value of a shell's variable that is not set.
func TestEmptyFlags(t *testing.T) {
	inFolderWithPhoto(t)
	for command, flags := range map[string]string{
		"pattern": "objective method image color input transforms border regularizers optimizer octaves photos " +
			"layer size start out save trace weights device",
		"grid": "objective filters order out save trace start photos", "methods": "layer fit out",
		"census":  "layer filters size photos out",
		"contest": "method against blocks size photos out", "activations": "image layer size colors out",
		"heatmap":         "image layer class method colors out classifier top",
		"explain":         "image layer class by heatmap method out classifier top",
		"reproduce x.png": "out start",
	} {
		for flag := range strings.FieldsSeq(flags) {
			for _, value := range []string{"", " "} {
				t.Run(command+" "+flag+"="+value, func(t *testing.T) {
					isMistake(t, append(strings.Fields(command), "--"+flag+"="+value), "leave the flag away")
				})
			}
		}
	}
}

// TestMistakesBeforeTheWork are those that once were found after the training, the climb or a download.
func TestMistakesBeforeTheWork(t *testing.T) {
	inFolderWithPhoto(t)
	require.NoError(t, numpy.ToNpyFile(tensors.FromScalarAndDimensions(float32(1), 1, 8, 8, 3), "start.npy"))
	for args, words := range map[string]string{
		"heatmap": "--image cat.jpg",
		"explain": "--image cat.jpg",
		"heatmap --image photo.png --classifier samples --class dog":   "did you mean cat, coffee, rocket or astronaut?",
		"heatmap --image photo.png --classifier samples --class ROKET": "did you mean rocket, ",
		"heatmap --image photo.png --classifier samples --class 4":     "choose 0 to 3",
		"explain --image photo.png --classifier samples --class -1":    "choose 0 to 3",
		"heatmap --image photo.png --classifier samples --top x.h5":    "the samples need none",
		"explain --image photo.png --method crisp,octaves=4":           "octaves",
		"pattern --start start.npy --size 9":                           "needed is float32 [1, 9, 9, 3]",
		"pattern --image cppn --start start.npy":                       "can't start from a given picture",
		"pattern --image fourier --octaves 3":                          "only pixels grow in octaves",
		"contest --method crisp,octaves=4":                             "octaves",
		"pattern --method book,stretch=-1":                             "stretch",
		"contest --size 12 --blocks 5":                                 "too small for block5_conv1",
		"methods --fit . --out x.png":                                  "choose",
		"pattern --objective channel:block1_conv1:64":                  "choose 0 to 63",
		"census --layer block9":                                        "did you mean",
		"pattern --weights-input torch":                                "name it with --weights",
		"contest --method book --against book":                         "beside itself",
		"pattern --objective 1e39*channel:block1_conv1:0":              "too large, at most",
		"pattern --transforms blur:1e300":                              "too large",
	} {
		t.Run(args, func(t *testing.T) { isMistake(t, strings.Fields(args), words) })
	}
}

// TestFitOfNothing says so, and nothing else.
func TestFitOfNothing(t *testing.T) {
	status, stdout, stderr := runCommand(t, "methods", "--fit", "nosuch")
	require.Equal(t, exitFailure, status, stderr)
	require.Empty(t, stdout)
}

// TestMissingWeights are found before a plugin is got for them.
func TestMissingWeights(t *testing.T) {
	inFolderWithPhoto(t)
	cache := filepath.Join(t.TempDir(), "none")
	t.Setenv("CONVSCOPE_CACHE", cache)
	for _, args := range []string{
		"pattern --weights none.h5", "grid --weights .", "activations --image photo.png --weights text.jpg",
		"heatmap --image photo.png --top none.h5", "explain --image photo.png --weights none.h5 --classifier samples",
		"census --weights none.h5", "contest --weights none.h5", "methods --out x.png --weights none.h5",
	} {
		t.Run(args, func(t *testing.T) {
			status, _, stderr := runCommand(t, strings.Fields(args)...)
			require.Equal(t, exitFailure, status)
			require.Contains(t, stderr, "weights file")
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
			require.NoDirExists(t, cache)
		})
	}
}

// TestNamesOfOutputs tries names that promise another kind of file than is written.
func TestNamesOfOutputs(t *testing.T) {
	inFolderWithPhoto(t)
	savePNG(t, "made.png", madeUp())
	for command, holds := range map[string]string{
		"pattern --out": "png", "grid --out": "png", "activations --image photo.png --out": "png",
		"heatmap --image photo.png --out": "png", "explain --image photo.png --out": "png", "methods --out": "png",
		"reproduce made.png --out": "png",
		"pattern --save":           "npy", "pattern --trace": "json", "census --out": "md", "contest --out": "jpg",
	} {
		for _, ending := range []string{".jpg", ".gif", ".csv", ".png", ".npy", ".json", ".md", ".jpeg",
			".webp", ".pn", "", "."} {
			if ending == "."+holds || holds == "jpg" && (ending == ".jpeg" || len(ending) < 4 && ending != ".md") {
				continue // contest takes what the names begin with
			}
			t.Run(command+" x"+ending, func(t *testing.T) {
				isMistake(t, append(strings.Fields(command), "x"+ending), "x"+ending)
			})
		}
	}
	for _, o := range []output{
		{path: "X.PNG", holds: "a PNG"}, {path: "a.b/c.Png", holds: "a PNG"}, {path: "x.JPEG", holds: "a JPEG"},
		{path: "x.TXT", holds: "a table"},
		{path: "/dev/null", holds: "a PNG"}, {path: "/dev/full", holds: "a NumPy array"},
	} {
		require.NoError(t, o.checkName(), o.path)
	}
	c := contest{out: "v1.5"}
	require.Equal(t, "v1.5-block3.jpg", c.path(3))
	c.out = "duel.JPG"
	require.Equal(t, "duel-block3.jpg", c.path(3))
}

// TestOutputsThatDestroy name an input or another output, by its own name or through links.
func TestOutputsThatDestroy(t *testing.T) {
	inFolderWithPhoto(t)
	savePNG(t, "made.png", madeUp())
	require.NoError(t, numpy.ToNpyFile(tensors.FromScalarAndDimensions(float32(1), 1, 8, 8, 3), "start.npy"))
	require.NoError(t, numpy.ToNpyFile(tensors.FromScalarAndDimensions(float32(1), 64), "way.npy"))
	require.NoError(t, os.Mkdir("photos", 0o700))
	require.NoError(t, os.Link("photo.png", "photos/one.png"))
	require.NoError(t, os.Symlink("photo.png", "link.png"))
	require.NoError(t, os.Link("photo.png", "hard.png"))
	require.NoError(t, os.Symlink("new.png", "to-new.png"))
	require.NoError(t, os.Symlink("new.png", "table.md"))
	require.NoError(t, os.Symlink("start.npy", "start.png"))
	require.NoError(t, os.Symlink("way.npy", "way.png"))
	require.NoError(t, os.Symlink("weights.h5", "weights.png"))
	require.NoError(t, os.Symlink("weights.h5", "weights.md"))
	require.NoError(t, os.WriteFile("weights.h5", []byte("whatever"), 0o600))
	require.NoError(t, os.Symlink("census.md", "census.csv"))
	for args, what := range map[string]string{
		"activations --image photo.png --out photo.png":                        "--image",
		"activations --image photo.png --out link.png":                         "--image",
		"activations --image link.png --out hard.png":                          "--image",
		"heatmap --image photo.png --out ./photos/../photo.png":                "--image",
		"explain --image hard.png --out photo.png":                             "--image",
		"heatmap --image photo.png --top weights.h5 --out weights.png":         "--top",
		"pattern --weights weights.h5 --out weights.png":                       "--weights",
		"census --weights weights.h5 --out weights.md":                         "--weights",
		"pattern --start start.npy --save start.npy":                           "--start",
		"pattern --start start.npy --out start.png":                            "--start",
		"pattern --objective direction:block1_conv1:way.npy --out way.png":     "--objective",
		"pattern --objective caricature:block1_conv1:photo.png --out hard.png": "--objective",
		"pattern --photos photos --out photo.png":                              "--photos",
		"census --photos photos --out photo.png":                               "table",
		"census --out census.md":                                               "--out",
	} {
		t.Run(args, func(t *testing.T) { isMistake(t, strings.Fields(args), what) })
	}
	require.NoError(t, os.Symlink("new.png", "x.npy"))
	require.NoError(t, os.Symlink("x.npy", "x.json"))
	isMistake(t, strings.Fields("pattern --out to-new.png --save x.npy"), "what --out writes")
	isMistake(t, strings.Fields("pattern --out other.png --save x.npy --trace x.json"), "what --save writes")
	t.Setenv("CONVSCOPE_WEIGHTS", "weights.h5")
	isMistake(t, strings.Fields("pattern --out weights.png"), "CONVSCOPE_WEIGHTS")
}

// TestRunBesideTheLessons would write the executed notebook over the lesson.
func TestRunBesideTheLessons(t *testing.T) {
	root := makeClone(t, lesson, "ko/"+lesson)
	t.Chdir(root)
	require.NoError(t, os.Symlink("notebooks", "link"))
	for _, out := range []string{"notebooks", "link", filepath.Join(root, "notebooks")} {
		isMistake(t, []string{"run", "--out", out}, "the result would replace")
		isMistake(t, []string{"run", "ko/2-filters", "--out", out}, "the result would replace")
	}
	require.NoError(t, os.Mkdir("other", 0o700))
	require.NoError(t, os.WriteFile(filepath.Join("other", lesson), []byte(bareNotebook), 0o600))
	isMistake(t, []string{"run", "2-filters", filepath.Join("other", lesson)}, "would have one name")
	isMistake(t, []string{"lab", "--lang", "fr"}, "only in English and in ko")
	text, err := os.ReadFile(filepath.Join("notebooks", lesson))
	require.NoError(t, err)
	require.Equal(t, bareNotebook, string(text))
}

// TestPipesAsInputs are refused: opening one would wait for ever and hear no signal.
func TestPipesAsInputs(t *testing.T) {
	inFolderWithPhoto(t)
	savePNG(t, "made.png", madeUp())
	require.NoError(t, syscall.Mkfifo("pipe", 0o600))
	require.NoError(t, os.Mkdir("photos", 0o700))
	require.NoError(t, syscall.Mkfifo("photos/pipe.jpg", 0o600))
	before, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, args := range []string{
		"pattern --start pipe", "pattern --weights pipe", "pattern --objective direction:block1_conv1:pipe",
		"pattern --objective caricature:block1_conv1:pipe", "pattern --photos pipe", "pattern --photos photos",
		"activations --image pipe", "heatmap --image pipe", "explain --image pipe",
		"heatmap --image photo.png --top pipe", "explain --image photo.png --classifier imagenet --top pipe",
		"census --photos pipe", "contest --photos pipe", "methods --fit pipe", "methods --fit photos", "show pipe",
		"reproduce pipe", "reproduce made.png --start pipe",
	} {
		t.Run(args, func(t *testing.T) {
			status, _, stderr := runCommand(t, strings.Fields(args)...)
			require.NotEqual(t, exitOK, status)
			require.Contains(t, stderr, "pipe")
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
		})
	}
	t.Run("environment", func(t *testing.T) {
		t.Setenv("CONVSCOPE_CLASSES", "pipe")
		t.Setenv("CONVSCOPE_TOP_WEIGHTS", "")
		status, _, stderr := runCommand(t, strings.Fields("heatmap --image photo.png --classifier imagenet --class cat")...)
		require.Equal(t, exitFailure, status)
		require.Contains(t, stderr, "pipe: not a regular file")
	})
	after, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Len(t, after, len(before))
}

// TestNamesThatSteerTerminals are shown without what would do it.
func TestNamesThatSteerTerminals(t *testing.T) {
	inFolderWithPhoto(t)
	const name = "a\x1b[2Jb\nc\u202e.png"
	for _, args := range [][]string{
		{"show", name}, {"pattern", "--start", name}, {"pattern", "--weights", name}, {"pattern", "--layer", name},
		{"pattern", "--out", "none/" + name},
		{"activations", "--image", name}, {"heatmap", "--image", "photo.png", "--classifier", "samples", "--class",
			name}, {"pattern", "--objective", name}, {name},
	} {
		_, _, stderr := runCommand(t, args...)
		require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
		require.NotContains(t, stderr, "\x1b")
		require.NotContains(t, stderr, "\u202e")
	}
}
