// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build linux && cgo && !noxla

package hook_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/device/internal/compiled"
	"convscope/pkg/device/internal/hook"
	"convscope/pkg/device/internal/rewrite"
	"convscope/vgg16"
)

// The programs of VGG16 that are run besides, for its last layer.
const (
	lastLayer   = "block5_conv3"
	forwardName = "VGG16's activations"
	ascentName  = "VGG16's ascent"
)

// result is what a process of its own got from all programs.
type result struct {
	Own      string         // the device's word for it
	Trial    rewrite.Counts // of what it tried when it was opened
	Values   map[string][][]uint64
	Counts   map[string]rewrite.Counts
	Again    rewrite.Counts // of the first program on a second device
	Programs compiled.Counts
}

// playPrograms runs all programs and says what came out.
func playPrograms() {
	dev := device.MustNew(device.Options{})
	r := result{Own: dev.Convolution(), Trial: hook.Convolutions(), Values: make(map[string][][]uint64),
		Counts: make(map[string]rewrite.Counts)}
	before := hook.Convolutions()
	since := func() rewrite.Counts {
		now := hook.Convolutions()
		done := now.Sub(before)
		before = now
		return done
	}
	for _, p := range programs() {
		for _, output := range MustExecOnceN(dev.Backend, p.build, p.tensors()...) {
			r.Values[p.name] = append(r.Values[p.name], bits(output))
		}
		r.Counts[p.name] = since()
	}
	net := vgg16.Random(dev, 8, 1) // all of its layers but the picture's own have 8 channels or more
	pictures := tensors.FromFlatDataAndDimensions(make([]float32, 2*33*32*3), 2, 33, 32, 3)
	outputs, err := net.Activations(pictures, lastLayer)
	if err != nil {
		panic(err)
	}
	r.Values[forwardName], r.Counts[forwardName] = [][]uint64{bits(outputs[0])}, since()
	result := ascent.MustRun(net.MustChannel(lastLayer, 0), ascent.Options{Size: 33, Steps: 2, NoRescue: true})
	r.Values[ascentName], r.Counts[ascentName] = [][]uint64{bits(result.Pictures)}, since()
	dev.Close()
	dev = device.MustNew(device.Options{})
	since()
	first := programs()[0]
	for i, output := range MustExecOnceN(dev.Backend, first.build, first.tensors()...) {
		for k, value := range bits(output) {
			if value != r.Values[first.name][i][k] {
				panic("the second device computes something else")
			}
		}
	}
	r.Again = since()
	dev.Close()
	r.Programs = compiled.Calls()
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		panic(err)
	}
	os.Exit(0)
}

// bits are a tensor's values as JSON can hold them, NaN too.
func bits(t *tensors.Tensor) []uint64 {
	var all []uint64
	t.MustConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []float32:
			for _, v := range flat {
				all = append(all, math.Float64bits(float64(v)))
			}
		case []float64:
			for _, v := range flat {
				all = append(all, math.Float64bits(v))
			}
		}
	})
	return all
}

// TestConvolutions compares programs that call our convolution with the same ones as XLA computes them, each in
// processes of their own.
func TestConvolutions(t *testing.T) {
	level.Real(t, "needs XLA")
	cache := t.TempDir()
	run := func(t *testing.T, env ...string) result {
		t.Helper()
		var r result
		require.NoError(t, json.Unmarshal(play(t, "programs", cache, env...), &r))
		return r
	}
	plain := run(t, hook.EnvKernel+"=off", compiled.Env+"=off")
	require.Equal(t, "direct", plain.Own)
	ours := run(t)
	require.Equal(t, "winograd", ours.Own)
	require.Equal(t, rewrite.Counts{Calls: 1}, ours.Trial)
	require.Equal(t, ours.Counts[programs()[0].name], ours.Again)
	for _, p := range append(programs(),
		program{name: forwardName, want: rewrite.Counts{Calls: 13, Biases: 13, ReLUs: 13}},
		program{name: ascentName, want: rewrite.Counts{
			Calls: 26, Backward: 13, Biases: 13, Masks: 13, Rectified: 7}}) {
		t.Run(p.name, func(t *testing.T) {
			require.Zero(t, plain.Counts[p.name])
			require.Equal(t, p.want, ours.Counts[p.name])
			if p.want.Calls == 0 {
				require.Equal(t, plain.Values[p.name], ours.Values[p.name])
			}
			for i, want := range plain.Values[p.name] {
				requireClose(t, want, ours.Values[p.name][i], p.spoil != nil)
			}
		})
	}
	t.Run("kept programs", func(t *testing.T) {
		again := run(t)
		require.Zero(t, again.Programs.Compiled)
		require.Equal(t, ours.Values, again.Values)
		require.Equal(t, ours.Counts, again.Counts)
	})
	t.Run("kept programs, without our convolution", func(t *testing.T) {
		other := run(t, hook.EnvKernel+"=off")
		require.NotZero(t, other.Programs.Loaded, "what calls nothing is the same program")
		require.NotZero(t, other.Programs.Compiled, "what calls something isn't")
		require.Equal(t, plain.Values, other.Values)
	})
	t.Run("our convolution, nothing kept", func(t *testing.T) {
		before, err := os.ReadDir(filepath.Join(cache, "compiled"))
		require.NoError(t, err)
		other := run(t, compiled.Env+"=off")
		require.Zero(t, other.Programs)
		require.Equal(t, ours.Values, other.Values)
		after, err := os.ReadDir(filepath.Join(cache, "compiled"))
		require.NoError(t, err)
		require.Len(t, after, len(before))
	})
}

// playSwitched asks for our convolution after it refused it, and refuses it again, in one process.
func playSwitched() {
	first := programs()[0]
	run := func(dev *device.Device) rewrite.Counts {
		before := hook.Convolutions()
		MustExecOnceN(dev.Backend, first.build, first.tensors()...)
		now := hook.Convolutions()
		return now.Sub(before)
	}
	var said []string
	say := func(dev *device.Device) { said = append(said, fmt.Sprint(dev.Convolution(), " ", run(dev).Calls > 0)) }
	plain := device.MustNew(device.Options{})
	say(plain)
	os.Setenv(hook.EnvKernel, "")
	say(plain) // nobody has tried it
	ours := device.MustNew(device.Options{})
	say(ours)
	say(plain)
	os.Setenv(hook.EnvKernel, "off")
	say(ours)
	os.Setenv(hook.EnvKernel, "")
	say(ours)
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		panic(err)
	}
	os.Exit(0)
}

// TestSwitched sees that what the device says is what its next program does.
func TestSwitched(t *testing.T) {
	level.Real(t, "needs XLA")
	for _, kept := range []string{"", "off"} {
		var said []string
		require.NoError(t, json.Unmarshal(play(t, "switched", t.TempDir(), hook.EnvKernel+"=off",
			compiled.Env+"="+kept), &said))
		require.Equal(t, []string{"direct false", "direct false", "winograd true", "winograd true", "direct false",
			"winograd true"}, said)
	}
}

// play lets a process of its own, with that cache and the plugin of the user's, play a part. It returns what it said.
func play(t *testing.T, part, cache string, env ...string) []byte {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.CPU})
	require.NoError(t, err)
	plugin := dev.Plugin()
	dev.Close()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "CONVSCOPE_CACHE="+cache, "GOMLX_BACKEND=xla:"+plugin, "XLA_FLAGS=",
		"CONVSCOPE_TEST_PLAY="+part, hook.EnvKernel+"=", compiled.Env+"=")
	command.Env = append(command.Env, env...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, "%s", &stderr)
	require.Empty(t, stderr.String())
	return out
}

// requireClose compares up to rounding. What isn't finite must not become so; where the input holds such values they
// may spread, as they do in a fast convolution.
func requireClose(t *testing.T, want, got []uint64, spreads bool) {
	t.Helper()
	require.Len(t, got, len(want))
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	scale := 0.0
	for _, w := range want {
		if x := math.Abs(math.Float64frombits(w)); finite(x) {
			scale = max(scale, x)
		}
	}
	for i, w := range want {
		x, y := math.Float64frombits(w), math.Float64frombits(got[i])
		switch {
		case !finite(x):
			require.False(t, finite(y), "%g became %g at %d", x, y, i)
		case finite(y) || !spreads:
			require.LessOrEqual(t, math.Abs(x-y), 1e-4*scale, "%g became %g at %d", x, y, i)
		}
	}
}
