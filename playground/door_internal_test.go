// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"convscope/display/page"
	"convscope/internal/sketch"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/vgg16"
)

// deskOf is a session of a small VGG16 without a browser, whose runs are taken by settle.
func deskOf(t *testing.T) *session {
	t.Helper()
	dev := device.MustNew(device.Options{Kind: device.Go})
	t.Cleanup(dev.Close)
	set, err := Options{Layer: "block1_conv1", Size: 16, Steps: 2}.setting(newSubject(vgg16.Random(dev, 16, 3)))
	require.NoError(t, err)
	nobody, err := page.Open(t.Context(), page.Options{})
	require.ErrorIs(t, err, page.ErrNobody)
	s := newSession(nobody, set, time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.runner.serve(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

// settle waits until nothing runs and nothing is being opened.
func (s *session) settle() {
	for s.running || s.opening != nil || s.entry != nil {
		select {
		case a := <-s.doors:
			s.arrive(a)
		case end := <-s.runner.outcomes:
			s.take(end)
		}
	}
}

// write puts a small network into a file.
func write(t *testing.T, name string, o sketch.Options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, sketch.ONNX(o), 0o600))
	return path
}

// typed types a network into the field.
func (s *session) typed(path string) {
	s.handle(page.Event{Name: networkKnob, Kind: "change", Value: path})
}

func TestOpen(t *testing.T) {
	s := deskOf(t)
	s.begin()
	s.settle()
	require.Equal(t, "vgg16, your program's", s.given.title())
	require.Contains(t, s.setting.code(), "// net is the network that your program gave the panel.\ndisplay.Pattern(")

	for name, test := range map[string]struct {
		o      sketch.Options
		shape  []int
		layers int
	}{
		"gray":         {sketch.Options{Channels: 1, Side: 12}, []int{1, 16, 16, 1}, 5},
		"six channels": {sketch.Options{Channels: 6, Side: 8}, []int{1, 16, 16, 6}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "a b:c.onnx", test.o)
			s.typed(path)
			s.settle()
			of := s.setting.of
			require.Equal(t, path, of.path)
			require.Len(t, of.layers, test.layers)
			require.Contains(t, []string{"a b:c.onnx: a.conv:1, filter 0", "a b:c.onnx: Gemm, filter 0"}, s.setting.caption())
			s.handle(page.Event{Name: layerKnob, Kind: "change", Value: "/a/conv:1/Conv"}) // an alias
			s.settle()
			require.Equal(t, "a b:c.onnx: a.conv:1, filter 0", s.setting.caption())
			s.handle(page.Event{Name: sizeKnob, Kind: "change", Value: "16"})
			s.settle()
			require.Equal(t, test.shape, s.this.result.Pictures.Shape().Dimensions)
			require.Equal(t, "a.conv_1_0.png", s.this.file)
			require.Contains(t, s.setting.code(), "net := network.MustOpen(\""+path+"\")\n")
			require.Contains(t, of.about(), "nothing in the file says so")

			// Only pictures of its own size reach the scores, a photo comes with the network's channels.
			s.handle(page.Event{Name: layerKnob, Kind: "change", Value: "Gemm"})
			s.settle()
			require.Equal(t, test.o.Side, s.setting.size)
			s.setting.start, s.setting.photo, s.setting.photoName = fromPhoto,
				image.NewGray(image.Rect(0, 0, 20, 10)), "cat.jpg"
			s.begin()
			s.settle()
			require.NotNil(t, s.this)
			require.Equal(t, []int{1, test.o.Side, test.o.Side, test.o.Channels}, s.setting.options().Start.Shape().Dimensions)
			s.setting.start = fromNoise

			// What pictures it takes can be said, and stands in the recipe.
			s.handle(page.Event{Name: inputKnob, Kind: "change", Value: "tf"})
			s.settle()
			require.Equal(t, "tf", network.InputText(s.setting.of.Network().Input))
			require.Contains(t, s.setting.code(), `network.Options{Model: "`+path+`", Input: "tf"})`)
			made, err := s.this.recipe()
			require.NoError(t, err)
			require.Equal(t, "tf", made.Input)
			again, _, err := s.setting.of.net.Reproduce(t.Context(), made, s.setting.options())
			require.NoError(t, err)
			require.Equal(t, s.this.result.Loss, again.Loss)
			s.save()
		})
	}
	s.typed(" vgg16, your program's ")
	s.settle()
	require.Same(t, s.given, s.setting.of)
	require.Equal(t, "block1_conv1, filter 0", s.setting.caption(), "where it was left")
	require.NotNil(t, s.this.result.Origin)
}

// TestRefused gives the field what can't be opened: the panel stays with what it has.
func TestRefused(t *testing.T) {
	s := deskOf(t)
	s.begin()
	s.settle()
	empty := filepath.Join(t.TempDir(), "empty.onnx")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for _, path := range []string{"", "vgg61", "gone.keras", t.TempDir(), "net.pt", empty, "a\nb.h5"} {
		s.typed(path)
		s.settle()
		require.Same(t, s.given, s.setting.of, "%q", path)
	}
	s.handle(page.Event{Name: inputKnob, Kind: "change", Value: "tf"})
	s.settle()
	require.Same(t, s.given, s.setting.of, "it knows what it takes")
	s.handle(page.Event{Name: "run"})
	s.settle()
	require.NotNil(t, s.this, "and goes on")
}

// TestStopWhileOpening gives up networks that are being opened, and opens another one meanwhile.
func TestStopWhileOpening(t *testing.T) {
	s := deskOf(t)
	s.begin()
	first := write(t, "first.onnx", sketch.Options{Channels: 1, Side: 12})
	second := write(t, "second.onnx", sketch.Options{Channels: 2, Side: 12})
	s.typed(first)
	require.NotNil(t, s.opening)
	run := s.run
	s.handle(page.Event{Name: "run"})
	s.handle(page.Event{Name: seedKnob, Kind: "change", Value: "7"})
	require.Equal(t, run, s.run, "nothing starts meanwhile")
	s.handle(page.Event{Name: "stop"})
	require.Nil(t, s.opening)
	s.settle()
	require.Same(t, s.given, s.setting.of)

	s.typed(first)
	s.typed(second)
	s.settle()
	require.Equal(t, second, s.setting.of.path)
}

// TestMemoryComesBack opens one network after the other: of those before nothing is left.
func TestMemoryComesBack(t *testing.T) {
	s := deskOf(t)
	var earlier []weak.Pointer[network.Model]
	for seed := range 4 {
		s.typed(write(t, "net.onnx", sketch.Options{Channels: 1, Side: 12, Seed: float64(seed)}))
		s.settle()
		earlier = append(earlier, weak.Make(s.setting.of.net))
	}
	s.typed(s.given.title())
	s.settle()
	require.Eventually(t, func() bool {
		runtime.GC()
		for _, one := range earlier {
			if one.Value() != nil {
				return false
			}
		}
		return true
	}, time.Minute, 10*time.Millisecond)
	require.NotNil(t, s.previous, "a picture stays")
}
