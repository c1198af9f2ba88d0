// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/device"
	"convscope/pkg/label"
	"convscope/pkg/layer"
)

// Model is a network with weights, on a device.
type Model struct {
	// Table is what is known of it without a device.
	*Table
	// Backend runs the model's graphs.
	Backend compute.Backend
	// Store holds the weights as GoMLX variables, see [layer.Variable], loaded when a graph first uses them.
	Store *model.Store

	device      *device.Device
	origin      Origin
	mu          sync.Mutex
	climbs      map[climbKey]*climb // of the layers
	bounds      map[boundKey][]float64
	classes     label.Classes // once they were asked for
	predictor   *model.Exec   // once it was asked for
	responders  map[string]*model.Exec
	fingerprint func() string
}

// Origin says where a network and its weights come from. The zero value is for one that a program made.
type Origin struct {
	// Weights says in one line which weights they are.
	Weights string
	// Fingerprint tells these weights from others, "" leaves that to [Fingerprint].
	Fingerprint func() string
	// File is the base name of the network's file, which recipes keep; "" for one that comes along.
	File string
	// Opened are the options that [Open] read the network's file with; zero for one that came otherwise.
	Opened Options
	// WeightsInput is what pictures the weights in the user's file take, as recipes of VGG16 have it; "" if nothing
	// tells.
	WeightsInput string
	// NoTop is the error for those who want classes of a network that has none; nil is [ErrNoClasses].
	NoTop error
	// Load is how long it took to load.
	Load time.Duration
	// Close lets go of the weights' file.
	Close func() error
}

// New prepares a network on a device. It reads no weights yet: each is read when a graph first asks for it. The error
// says what in the network makes no sense.
func New(dev *device.Device, net *layer.Network, origin Origin) (*Model, error) {
	if err := net.Check(); err != nil {
		return nil, err
	}
	m := &Model{
		Table: NewTable(net), Backend: dev.Backend, Store: newStore(net), device: dev, origin: origin,
		climbs: make(map[climbKey]*climb), bounds: make(map[boundKey][]float64), responders: make(map[string]*model.Exec),
	}
	m.fingerprint = origin.Fingerprint
	if m.fingerprint == nil {
		m.fingerprint = sync.OnceValue(func() string { return Fingerprint(net) })
	}
	return m, nil
}

// Weights says in one line which weights the model has.
func (m *Model) Weights() string {
	if m.origin.Weights == "" {
		return m.net.Name + " with weights of a program's"
	}
	return m.origin.Weights
}

// Fingerprint tells this network with its weights from others, see [Fingerprint].
func (m *Model) Fingerprint() string { return m.fingerprint() }

// File is the base name of the network's file; "" for one that comes along or that a program made.
func (m *Model) File() string { return m.origin.File }

// Opened are the options that [Open] read the network's file with; zero for one that came otherwise.
func (m *Model) Opened() Options { return m.origin.Opened }

// BuiltIn returns the network that comes along, if the model is that with its official weights.
func (m *Model) BuiltIn() (BuiltIn, bool) {
	if m.origin.File != "" {
		return BuiltIn{}, false
	}
	return officially(m.Fingerprint())
}

// Device is what the model runs on.
func (m *Model) Device() *device.Device { return m.device }

// Close lets go of the weights' file. Tensors already on the device stay.
func (m *Model) Close() error {
	if m.origin.Close == nil {
		return nil
	}
	return m.origin.Close()
}

// Outputs builds the network from pictures, [batch, height, width, channels], as far as the layers need, and returns
// their outputs: [batch, h, w, filters] each, or [batch, features]. Values go in as they are; for photographs see
// [Model.Preprocess]. Like all graph functions it panics on a wrong name or shape.
func (t *Table) Outputs(scope *model.Scope, pictures *graph.Node, layers ...string) []*graph.Node {
	return t.outputs(scope, pictures, layer.Walk{}, layers)
}

// outputs is Outputs in the form asked for.
func (t *Table) outputs(scope *model.Scope, pictures *graph.Node, how layer.Walk, layers []string) []*graph.Node {
	return t.net.Outputs(scope, pictures, how, layers...)
}

// Preprocess turns photographs, [batch, height, width, channels] in gray levels from 0 to 255 in the order red, green,
// blue, into what the network takes, see [layer.Input.Apply].
func (t *Table) Preprocess(pictures *graph.Node) *graph.Node { return t.net.Input.Apply(pictures) }

// Activations runs the model on pictures, float32 [batch, height, width, channels], and returns the outputs of the
// layers, [batch, h, w, filters] each, in the order of the names. It computes no more than they need. Values go in as
// they are; for photographs see [Model.PhotoActivations]. What does not fit the memory is refused, see
// [Layer.CheckMemory].
func (m *Model) Activations(pictures *tensors.Tensor, layers ...string) ([]*tensors.Tensor, error) {
	return m.activations(pictures, func(x *graph.Node) *graph.Node { return x }, layers)
}

// PhotoActivations is [Model.Activations] for photographs in gray levels from 0 to 255 in the order red, green, blue,
// as [Model.Preprocess] takes them.
func (m *Model) PhotoActivations(photos *tensors.Tensor, layers ...string) ([]*tensors.Tensor, error) {
	return m.activations(photos, m.Preprocess, layers)
}

// MustPhotoActivations is [Model.PhotoActivations] for notebook cells: errors panic.
func (m *Model) MustPhotoActivations(photos *tensors.Tensor, layers ...string) []*tensors.Tensor {
	return must(m.PhotoActivations(photos, layers...))
}

// activations are the layers' outputs for prepared pictures.
func (m *Model) activations(pictures *tensors.Tensor, prepare func(*graph.Node) *graph.Node,
	layers []string) (outputs []*tensors.Tensor, err error) {
	if err := m.known(layers); err != nil {
		return nil, err
	}
	if err := m.checkMemory(pictures.Shape(), math.MaxInt, layers); err != nil {
		return nil, err
	}
	err = guard(func() (err error) {
		outputs, err = model.CallOnceN(m.Backend, m.Store, func(scope *model.Scope, x *graph.Node) []*graph.Node {
			return m.Outputs(scope, prepare(x), layers...)
		}, pictures)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	return outputs, nil
}
