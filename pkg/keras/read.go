// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/layer"
	"convscope/pkg/weights/format"
)

// Read reads the network in the file at path, a .keras or .h5 with the whole model. Weights are read when they are
// needed: the file stays open as long as the network is in use, and must not change.
//
// Errors are one line. They wrap [ErrForeign] for files of other kinds, or the errors of package format for what is
// damaged; a layer whose weights are missing or of another shape is named.
func Read(path string) (net *layer.Network, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w: %s", path, format.ErrDamaged, strings.Join(strings.Fields(fmt.Sprint(r)), " "))
		}
		if err != nil {
			err = printableError{err}
		}
	}()
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, foreignFolder(path)
	}
	opened, size, err := file.OpenSized(path)
	if err != nil {
		return nil, err
	}
	err = foreign(path, opened, size)
	opened.Close()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := format.Open(path)
	if err != nil {
		return nil, err
	}
	if net, err = read(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return net, nil
}

// printableError is an error whose text may quote the file.
type printableError struct{ error }

func (e printableError) Error() string { return progress.Printable(e.error.Error()) }
func (e printableError) Unwrap() error { return e.error }

func read(f *format.File) (*layer.Network, error) {
	if f.Config == "" {
		return nil, fmt.Errorf("%w: it holds weights without their network (%s); %s", ErrForeign, f.Format, giveWhole)
	}
	g, err := parse([]byte(f.Config))
	if err != nil {
		return nil, err
	}
	b := &builder{shelf: newShelf(f), version: major(f.Version), count: map[string]int{}, left: maxLayers}
	if b.first, err = channelsFirst(g); err != nil {
		return nil, err
	}
	net := &layer.Network{Name: g.name}
	inputs, err := b.open(g, net)
	if err != nil {
		return nil, err
	}
	outputs, err := b.run(g, place{}, inputs, nil, 0)
	if err != nil {
		return nil, err
	}
	if len(b.rows) == 0 || outputs[0].row == picture {
		return nil, errors.New("it has no layers but its input")
	}
	net.Layers = b.table()
	net.Output = net.Layers[outputs[0].row].Name
	net.Logits = logits(net, outputs[0])
	convention(net, g)
	return net, nil
}

// major is the first number of a version, 3 where none is told.
func major(version string) int {
	n := 0
	if _, err := fmt.Sscanf(version, "%d", &n); err != nil || n < 1 {
		return 3
	}
	return n
}

// channelsFirst says whether a network has the channels first, as some were made for GPUs.
func channelsFirst(g *graph) (bool, error) {
	first, last := "", ""
	var each func(g *graph)
	each = func(g *graph) {
		for _, s := range g.specs {
			if s.inner != nil {
				each(s.inner)
				continue
			}
			switch text(s.options["data_format"]) {
			case "channels_first":
				first = s.name
			case "channels_last":
				if s.class != "Flatten" && !identities[s.class] {
					last = s.name
				}
			}
		}
	}
	each(g)
	if first != "" && last != "" {
		return false, fmt.Errorf("layer %s has the channels first, and layer %s last: use one of them throughout",
			quoted(first), quoted(last))
	}
	return first != "", nil
}
