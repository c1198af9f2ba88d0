// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/pkg/album"
	"convscope/pkg/label"
	"convscope/pkg/weights"
	"convscope/vgg16"
)

// endings are what the names of files may end in, by what they hold.
var endings = map[string][]string{
	"a PNG":         {".png"},
	"a JPEG":        {".jpg", ".jpeg"},
	"a NumPy array": {".npy"},
	"JSON":          {".json"},
	"a table":       {".md", ".markdown", ".txt"},
	"numbers":       {".csv"},
}

// figure is how many bytes a picture for people to look at takes at least.
const figure = 64 << 10

// output is a file that a command is to write.
type output struct {
	flag, path string
	holds      string // a key of endings
	bytes      int64  // that it takes at least, 0 when that is little
}

// input is a file that a command reads, and that an output must not replace.
type input struct{ flag, path string }

// checkOutputs finds out before any work which output can't be written, has a name that says something else than it
// will hold, or would destroy an input or another output. Paths that are "" don't count.
func checkOutputs(cmd *cobra.Command, outputs []output, inputs ...input) error {
	outputs = slices.DeleteFunc(outputs, func(o output) bool { return o.path == "" })
	inputs = append(inputs, ownInputs(cmd)...)
	for i, out := range outputs {
		if err := out.checkName(); err != nil {
			return err
		}
		same := func(path string) bool {
			// A device takes more than one file, and loses none.
			return path != "" && !file.IsDevice(path) && file.Same(out.path, path)
		}
		for _, in := range inputs {
			if same(in.path) {
				return usageError{fmt.Errorf("%s %s: it would replace what %s names: choose another file",
					out.flag, out.path, in.flag)}
			}
		}
		for _, other := range outputs[:i] {
			if same(other.path) {
				return usageError{fmt.Errorf("%s %s: it would replace what %s writes: choose another file",
					out.flag, out.path, other.flag)}
			}
		}
		if err := file.Check(out.path, out.bytes); err != nil {
			return err
		}
	}
	return nil
}

// checkName returns an error for a name that says something else than the file will hold. Pipes and devices may have
// any.
func (o output) checkName() error {
	ending := strings.ToLower(filepath.Ext(o.path))
	if slices.Contains(endings[o.holds], ending) || file.IsStream(o.path) {
		return nil
	}
	if info, err := os.Stat(o.path); err == nil && info.IsDir() {
		return nil // which is what is wrong with it
	}
	return usageError{fmt.Errorf("%s %s: it is going to hold %s: give a name that ends in %s",
		o.flag, o.path, o.holds, strings.Join(endings[o.holds], " or "))}
}

// ownInputs are the files that the flags of all commands and the environment name.
func ownInputs(cmd *cobra.Command) []input {
	inputs := []input{{weights.EnvPath, os.Getenv(weights.EnvPath)}, {vgg16.EnvTop, os.Getenv(vgg16.EnvTop)},
		{label.EnvPath, os.Getenv(label.EnvPath)}}
	for _, name := range []string{"weights", "top", "image", "start", "model", "classes"} {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed {
			inputs = append(inputs, input{"--" + name, flag.Value.String()})
		}
	}
	return inputs
}

// inFolder are the files in a folder of photographs, and the photographs in the folders in it.
func inFolder(flag, dir string) []input {
	photos, err := album.List(dir)
	if err != nil {
		return nil // opening it says so
	}
	paths := photos.Paths()
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		paths = append(paths, filepath.Join(dir, entry.Name()))
	}
	inputs := make([]input, len(paths))
	for i, path := range paths {
		inputs[i] = input{flag, path}
	}
	return inputs
}

// words is where a command tells what it did: the standard output, unless a picture goes there.
func words(cmd *cobra.Command, paths ...string) io.Writer {
	if slices.ContainsFunc(paths, file.IsStandard) {
		return cmd.ErrOrStderr()
	}
	return cmd.OutOrStdout()
}

// printer passes what a command prints on, and keeps the first error, such as that of a full disk.
type printer struct {
	io.Writer
	err error
}

// Write implements [io.Writer].
func (p *printer) Write(text []byte) (int, error) {
	n, err := p.Writer.Write(text)
	if p.err == nil {
		p.err = err
	}
	return n, err
}
