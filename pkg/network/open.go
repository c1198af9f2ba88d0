// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"convscope/internal/progress"
	"convscope/pkg/device"
	"convscope/pkg/layer"
)

// Options say which network to open. The zero value is VGG16 with its ImageNet weights.
type Options struct {
	// Model is the path of a network's file, .keras, .h5 or .onnx, or the name of one of [BuiltIns]; "" is "vgg16".
	Model string
	// Input says what pictures a network from a file takes, see [ParseInput]; "" is what the file says or is guessed.
	Input string
	// Classes is the path of a file with the names of the classes, see [ReadClasses]; "" looks for one beside the
	// network's: its name with .classes.txt or .classes.json in the place of the ending.
	Classes string
	// Weights is a file with weights for a network that comes along, "" the official ones. WeightsInput says what
	// pictures those weights take.
	Weights, WeightsInput string
	// Top loads the classifier of a network that comes along, if that is a file of its own.
	Top bool
	// Report is given a line that the user should know; nil prints it (progress.Line).
	Report func(line string)
}

// defaultName is the network that "" stands for.
const defaultName = "vgg16"

// BuiltIn returns the network that comes along, if that is what the options name.
func (o Options) BuiltIn() (BuiltIn, bool) {
	name := cmp.Or(o.Model, defaultName)
	all := BuiltIns()
	i := slices.IndexFunc(all, func(b BuiltIn) bool { return strings.EqualFold(b.Name, name) })
	if i < 0 {
		return BuiltIn{}, false
	}
	return all[i], true
}

// Open opens a network and prepares it on the device. ctx ends downloads. Weights are read when a graph first asks for
// them, so the file has to stay.
//
// Errors are one line, which names what the file is, or lacks, and what to do.
func Open(ctx context.Context, dev *device.Device, o Options) (*Model, error) {
	start := time.Now()
	net, err := o.Read()
	if err != nil {
		return nil, err
	}
	return o.load(ctx, dev, net, start)
}

// Load is [Open] for a network that [Options.Read] has read.
func (o Options) Load(ctx context.Context, dev *device.Device, net *layer.Network) (*Model, error) {
	return o.load(ctx, dev, net, time.Now())
}

// load is Load for what began at that time.
func (o Options) load(ctx context.Context, dev *device.Device, net *layer.Network, start time.Time) (*Model, error) {
	if b, known := o.BuiltIn(); known {
		return b.Open(ctx, dev, o)
	}
	m, err := New(dev, net, Origin{
		Weights: filepath.Base(o.Model) + ", " + inputOf(net), File: filepath.Base(o.Model), Opened: o,
		Load: time.Since(start),
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Model, err)
	}
	return m, nil
}

// inputOf says in a few words how a network takes pictures.
func inputOf(net *layer.Network) string {
	text := "which takes pictures as --input " + InputText(net.Input)
	if net.Input.Source != "" {
		text += " (" + net.Input.Source + ")"
	}
	return text
}

// MustOpen is [Open] for notebook cells: the file's path, or the name of a network that comes along, on the usual
// device. Errors panic.
func MustOpen(model string) *Model {
	return must(Open(context.Background(), device.MustNew(device.Options{}), Options{Model: model}))
}

// Read reads a network without a device. Of one that comes along it is the table, without weights.
func (o Options) Read() (*layer.Network, error) {
	if b, known := o.BuiltIn(); known {
		if o.Input != "" {
			return nil, fmt.Errorf("%s knows what pictures it takes, so leave --input %s out: it is for "+
				"networks from files", b.Name, o.Input)
		}
		if o.Classes != "" {
			return nil, fmt.Errorf("%s knows its classes, so leave --classes %s out: it is for networks from files",
				b.Name, o.Classes)
		}
		return b.Network(), nil
	}
	net, err := readFile(o.Model)
	if err != nil {
		return nil, err
	}
	if o.Input != "" {
		if net.Input, err = ParseInput(net.Input, o.Input); err != nil {
			return nil, err
		}
	} else if net.Input.Source == "" {
		o.report(fmt.Sprintf("network: nothing in %s says what pictures it takes, so it gets gray levels as "+
			"--input %s: choose from %s",
			filepath.Base(o.Model), InputText(net.Input), Conventions()))
	} else if strings.HasPrefix(net.Input.Source, "guessed") {
		o.report(fmt.Sprintf("network: %s takes pictures as --input %s, %s",
			filepath.Base(o.Model), InputText(net.Input), net.Input.Source))
	}
	if path := o.classes(); path != "" {
		if net.Classes, err = ReadClasses(path); err != nil {
			return nil, err
		}
	}
	return net, nil
}

// report tells the user a line.
func (o Options) report(line string) {
	if o.Report != nil {
		o.Report(line)
		return
	}
	progress.Line(line)
}

// classes is the path of the file with the classes' names, "" if there is none.
func (o Options) classes() string {
	if o.Classes != "" {
		return o.Classes
	}
	base := strings.TrimSuffix(o.Model, filepath.Ext(o.Model))
	for _, ending := range []string{".classes.txt", ".classes.json"} {
		if _, err := os.Stat(base + ending); err == nil {
			return base + ending
		}
	}
	return ""
}
