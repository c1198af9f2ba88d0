// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "convscope/efficientnet" // the field takes its name
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	_ "convscope/vgg16" // the field takes its name
)

// subject is the network that the panel is about.
type subject struct {
	*network.Table
	net    *network.Model
	layers []network.Layer // those that have filters
	path   string          // what opens it, a file or a name; "" if only the reader's program has it
	input  string          // what the reader said that it takes
	own    bool            // the panel opened it, and closes it
	notes  []string        // what opening it said
	nearby []string        // names for the field, see near
}

// newSubject is the network that the reader's program gave.
func newSubject(net *network.Model) *subject {
	s := subjectOf(net.Table)
	s.net, s.path, s.input = net, net.Opened().Model, net.Opened().Input
	if b, is := net.BuiltIn(); is {
		s.path = b.Name
	}
	s.nearby = near(s.title())
	return s
}

// subjectOf is a network without weights.
func subjectOf(table *network.Table) *subject {
	layers := slices.DeleteFunc(table.Layers(), func(l network.Layer) bool { return l.Filters == 0 })
	return &subject{Table: table, layers: layers}
}

// open reads another network, onto the same device.
func open(ctx context.Context, dev *device.Device, path, input string) (*subject, error) {
	var notes []string
	o := network.Options{Model: path, Input: input, Report: func(line string) { notes = append(notes, line) }}
	net, err := network.Open(ctx, dev, o)
	if err != nil {
		return nil, err
	}
	s := newSubject(net)
	s.path, s.input, s.own, s.notes, s.nearby = path, input, true, notes, near(path)
	if b, is := o.BuiltIn(); is {
		s.path = b.Name
	}
	if len(s.layers) == 0 {
		net.Close()
		return nil, fmt.Errorf("%s: it has no layer whose filters could be shown", path)
	}
	return s, ctx.Err()
}

// close lets go of a network that the panel opened.
func (s *subject) close() {
	if s.own {
		s.net.Close()
	}
}

// isFile says that the network came from a file.
func (s *subject) isFile() bool { return s.net != nil && s.net.File() != "" }

// is says whether that path or name means this network.
func (s *subject) is(path string) bool {
	return path == s.title() || path == s.path || !s.isFile() && strings.EqualFold(path, s.path)
}

// title is what stands in the field for the network.
func (s *subject) title() string {
	if s.path == "" {
		return s.Network().Name + ", your program's"
	}
	return s.path
}

// name is the network's name in a caption, "" for VGG16.
func (s *subject) name() string {
	switch {
	case s.isFile():
		return filepath.Base(s.net.File())
	case s.Network().Name == "vgg16":
		return ""
	}
	return s.Network().Name
}

// about says in a line what the network is and takes.
func (s *subject) about() string {
	in, channels := s.Network().Input, "1 channel"
	if in.Channels != 1 {
		channels = fmt.Sprintf("%d channels", in.Channels)
	}
	size := "any size"
	if in.Height > 0 && in.Width > 0 {
		size = fmt.Sprintf("%dx%d pixels", in.Height, in.Width)
	}
	text := fmt.Sprintf("%d layers, made for pictures of %s and %s, as %s",
		len(s.layers), size, channels, network.InputText(in))
	if in.Source != "" && s.isFile() {
		text += " (" + in.Source + ")"
	}
	for _, note := range s.notes {
		if strings.Contains(note, "nothing in") {
			text += "; nothing in the file says so, so choose in Input"
		}
	}
	return text
}

// usual is the layer for those who name none: VGG16's block3_conv1, or a convolution in the middle.
func (s *subject) usual() string {
	var kernels []string
	for _, l := range s.layers {
		if l.Name == "block3_conv1" {
			return l.Name
		}
		if l.Kernels && l.Stride > 0 {
			kernels = append(kernels, l.Name)
		}
	}
	if len(kernels) > 0 {
		return kernels[len(kernels)/2]
	}
	return s.layers[0].Name
}

// layer is the layer of that name; the zero one if it is not there.
func (s *subject) layer(name string) network.Layer {
	at := slices.IndexFunc(s.layers, func(l network.Layer) bool { return l.Name == name })
	if at < 0 {
		return network.Layer{}
	}
	return s.layers[at]
}

// sizes are the least and the most pixels of a side that the panel takes.
func (s *subject) sizes() (least, most int) {
	height, width := s.OwnSize()
	return min(leastSize, height, width), max(mostSize, height, width)
}

// check returns an error for pictures that the layer can't take, as the method shows them to it.
func (s *subject) check(layer string, method ascent.Method, size int) error {
	found, err := s.Find(layer)
	if err != nil {
		return err
	}
	return method.CheckSize(size, size, found.CheckSize)
}

// fitting is a size that the layer takes: the wanted one, the network's own, or the smallest; the wanted one where
// none of them will do.
func (s *subject) fitting(layer string, method ascent.Method, wanted int) int {
	own, _ := s.OwnSize()
	least, most := s.sizes()
	fits := func(size int) bool { return size >= least && size <= most && s.check(layer, method, size) == nil }
	if fits(wanted) {
		return wanted
	}
	if fits(own) {
		return own
	}
	if smallest, _, err := s.Network().Smallest(layer); err == nil && fits(max(smallest, least)) {
		return max(smallest, least)
	}
	return wanted
}

// code opens the network in a cell: the packages that it needs, and the lines.
func (s *subject) code() (imports []string, lines string) {
	if s.path == "" {
		return nil, "// net is the network that your program gave the panel.\n"
	}
	imports = []string{"convscope/pkg/network"}
	if b, is := (network.Options{Model: s.path}).BuiltIn(); is {
		return append(imports, "_ "+b.Package), fmt.Sprintf("net := network.MustOpen(%q)\n", s.path)
	}
	if s.input == "" {
		return imports, fmt.Sprintf("net := network.MustOpen(%q)\n", s.path)
	}
	return append(imports, "context", "convscope/pkg/device"), fmt.Sprintf("dev := device.MustNew(device.Options{})\n"+
		"net, err := network.Open(context.Background(), dev, network.Options{Model: %q, Input: %q})\n"+
		"if err != nil {\n\tpanic(err)\n}\n", s.path, s.input)
}

// near are names for the network's field: its own, those that come along, and files in the program's folder.
func near(own string) []string {
	names := []string{own}
	for _, b := range network.BuiltIns() {
		names = append(names, b.Name)
	}
	const most = 50
	entries, err := os.ReadDir(".")
	for i := 0; err == nil && i < len(entries) && len(names) < most; i++ {
		if name := entries[i].Name(); !entries[i].IsDir() && network.Reads(name) {
			names = append(names, name)
		}
	}
	others := slices.DeleteFunc(names[1:], func(name string) bool { return name == own })
	slices.Sort(others)
	return append(names[:1], slices.Compact(others)...)
}
