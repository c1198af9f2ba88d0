// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	_ "convscope/efficientnet" // comes along
	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/vgg16"
)

// opened is the network that a command is about, before anything is on a device.
type opened struct {
	*network.Table
	options network.Options
	vgg16   bool
}

// openedKey is where a command's context has it.
type openedKey struct{}

// addNetworkFlags defines what chooses the network, for all commands.
func addNetworkFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.String("model", "", "the network: a .keras, .h5 or .onnx file, or one that comes along: "+
		strings.Join(builtIns(), ", "))
	flags.String("input", "", "what pictures a network from a file takes: "+network.Conventions()+
		" (default: what it says); for pattern and grid without --feed, raw and photo are that")
	flags.String("classes", "", "file with the names of its classes: one a line, or JSON (default: "+
		"NAME.classes.txt beside it)")
}

// builtIns names the networks that come along.
func builtIns() (names []string) {
	for _, b := range network.BuiltIns() {
		names = append(names, b.Name)
	}
	return names
}

// networkOptions are what the flags say of the network.
func networkOptions(cmd *cobra.Command) (o network.Options, err error) {
	for name, value := range map[string]*string{"model": &o.Model, "input": &o.Input, "classes": &o.Classes} {
		flag := cmd.Flags().Lookup(name)
		if flag == nil || !flag.Changed {
			continue
		}
		*value = flag.Value.String()
	}
	if inputAsFeed(cmd) != "" {
		o.Input = ""
	}
	if o.Model == "" && cmd.Annotations[usualNetwork] != "" && !aboutVGG16(cmd) {
		o.Model = cmd.Annotations[usualNetwork]
		return o, nil
	}
	if o.Model == "" && (o.Input != "" || o.Classes != "") {
		return o, usageError{errors.New("--input and --classes are about a network from a file: name it with --model")}
	}
	return o, nil
}

// usualNetwork is the annotation of commands that take another network than VGG16 where none is named.
const usualNetwork = "network"

// aboutVGG16 says that a flag is given which only VGG16 has.
func aboutVGG16(cmd *cobra.Command) bool {
	return slices.ContainsFunc([]string{"weights", "weights-input", "classifier", "top"}, func(name string) bool {
		flag := cmd.Flags().Lookup(name)
		return flag != nil && flag.Changed
	})
}

// feedFlag says how a method feeds pictures to the network.
const feedFlag = "feed"

// inputAsFeed is what --input says of how a method feeds pictures, as it did before there was --feed: raw or photo,
// where --feed is not given. "" means that --input is what the network takes.
func inputAsFeed(cmd *cobra.Command) string {
	feed, input := cmd.Flags().Lookup(feedFlag), cmd.Flags().Lookup("input")
	if feed == nil || feed.Changed || !input.Changed {
		return ""
	}
	if value := input.Value.String(); value == "raw" || value == "photo" {
		return value
	}
	return ""
}

// read reads the network. Where --input raw could be said of the network as well as of the method, it is the method's;
// if the file doesn't say what it takes, it gets that anyway, and else a line says how to mean the other.
func read(cmd *cobra.Command, o *network.Options) (*layer.Network, error) {
	if _, builtIn := o.BuiltIn(); builtIn || inputAsFeed(cmd) != "raw" {
		return o.Read()
	}
	var lines []string
	o.Report = func(line string) { lines = append(lines, line) }
	net, err := o.Read()
	o.Report = nil
	if err != nil {
		return nil, err
	}
	if net.Input.Source == "" {
		if net.Input, err = network.ParseInput(net.Input, "raw"); err != nil {
			return nil, err
		}
		o.Input = "raw"
		return net, nil
	}
	for _, line := range lines {
		progress.Line(line)
	}
	if takes := network.InputText(net.Input); takes != "raw" {
		progress.Line(fmt.Sprintf("--input raw is taken as the method's, --feed raw, and %s takes pictures as %s (%s): "+
			"if you mean the network, give --feed too", filepath.Base(o.Model), takes, net.Input.Source))
	}
	return net, nil
}

// openNetwork reads the network that the command is about, once.
func openNetwork(cmd *cobra.Command) (*opened, error) {
	if known, ok := cmd.Context().Value(openedKey{}).(*opened); ok {
		return known, nil
	}
	o, err := networkOptions(cmd)
	if err != nil {
		return nil, err
	}
	b, builtIn := o.BuiltIn()
	if path := cmd.Flags().Lookup("weights"); path != nil && path.Changed && !(builtIn && b.Name == "vgg16") {
		return nil, usageError{fmt.Errorf("--weights is for VGG16: --model %s has its own", o.Model)}
	}
	net, err := read(cmd, &o)
	if err != nil {
		return nil, usageError{err}
	}
	if err := checkTable(net, builtIn); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Model, err)
	}
	n := &opened{Table: network.NewTable(net), options: o, vgg16: builtIn && b.Name == "vgg16"}
	cmd.SetContext(context.WithValue(cmd.Context(), openedKey{}, n))
	return n, nil
}

// checkTable checks a network from a file; one that comes along has no weights yet.
func checkTable(net *layer.Network, builtIn bool) error {
	if builtIn {
		return nil
	}
	return net.Check()
}

// chooseLayer takes another default layer than VGG16's for other networks, and the name that the network has for an
// alias. last asks for the last layer with places, as heatmaps do, else it is one in the middle with kernels of its
// own.
func (n *opened) chooseLayer(cmd *cobra.Command, name *string, last bool) error {
	if flag := cmd.Flags().Lookup("layer"); !n.vgg16 && flag != nil && !flag.Changed {
		chosen, err := n.usualLayer(last)
		if err != nil {
			return usageError{err}
		}
		*name = chosen.Name
	}
	found, err := n.Find(*name)
	if err != nil {
		if _, is := vgg16.Find(*name); is == nil && n.options.Model == cmd.Annotations[usualNetwork] {
			err = fmt.Errorf("%w; it is a layer of VGG16: give --model vgg16", err)
		}
		return usageError{err}
	}
	*name = found.Name
	return nil
}

// usualLayer is the layer for those who name none.
func (n *opened) usualLayer(last bool) (network.Layer, error) {
	if last {
		return n.FeatureLayer()
	}
	all := n.kernels()
	if len(all) == 0 {
		if why := n.unsupported(); why != nil {
			return network.Layer{}, fmt.Errorf("%s has no convolution that can be computed: %w", n.Network().Name, why)
		}
		return network.Layer{}, fmt.Errorf("%s has no convolution: name a layer with --layer, see convscope layers",
			n.Network().Name)
	}
	return all[len(all)/2], nil
}

// unsupported says which layer is the first that can't be computed, and why; nil if all can.
func (n *opened) unsupported() error {
	for _, l := range n.Layers() {
		if why := new(layer.UnsupportedError); l.Filters == 0 && errors.As(l.CheckFilters(0), &why) {
			return why
		}
	}
	return nil
}

// kernels are the convolutions.
func (n *opened) kernels() (all []network.Layer) {
	for _, l := range n.Layers() {
		if l.Kernels && l.Stride > 0 {
			all = append(all, l)
		}
	}
	return all
}

// fit chooses the network's own size for pictures of which none was given, where the layer takes no other, such as the
// one behind a Flatten.
func (n *opened) fit(name string, o *ascent.Options) {
	if n.checkSize(name, o.Method, o.Height, o.Width) == nil {
		return
	}
	if height, width := n.OwnSize(); n.checkSize(name, o.Method, height, width) == nil {
		progress.Line(fmt.Sprintf("%s takes no picture of %dx%d pixels, so it gets %dx%d, the network's own size",
			name, o.Height, o.Width, height, width))
		o.Height, o.Width = height, width
	}
}

// checkFilters returns an error for a layer that there is not, or a filter that it does not have.
func (n *opened) checkFilters(name string, filters []int) error {
	found, err := n.Find(name)
	if err == nil {
		err = found.CheckFilters(filters...)
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}

// checkSize returns an error for pictures that the layer can't take, as the method shows them to it.
func (n *opened) checkSize(name string, method ascent.Method, height, width int) error {
	found, err := n.Find(name)
	if err != nil {
		return usageError{err}
	}
	if err := method.CheckSize(height, width, found.CheckSize); err != nil {
		return usageError{fmt.Errorf("size %dx%d: %w", height, width, err)}
	}
	return nil
}

// fileName is the beginning of a file's name, of a layer's, which may hold anything.
func fileName(layer string) string { return file.Name(layer, "layer") }
