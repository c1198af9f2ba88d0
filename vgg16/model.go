// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"context"
	_ "embed" // the manifest
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/device"
	"convscope/pkg/label"
	"convscope/pkg/weights"
)

//go:embed manifest.json
var manifestJSON []byte

// Manifest names VGG16's 26 weight tensors with their shapes and hashes, and where the official copies are.
func Manifest() (weights.Manifest, error) { return weights.ParseManifest(manifestJSON) }

// Model is VGG16 with weights, on a device; with its top, the classifier of 1,000 classes, if that was asked for.
type Model struct {
	// Backend runs the model's graphs.
	Backend compute.Backend
	// Store holds the weights as GoMLX variables, such as "/block3_conv1/kernel", loaded when a graph first uses them.
	Store *model.Store

	device       *device.Device
	file         *weights.File    // nil for random weights
	convolutions weights.Manifest // what is in the file, without the top
	random       string           // what random weights were drawn from
	classCount   int              // of the top; 0 if there is none
	load         time.Duration
	mu           sync.Mutex
	climbs       map[climbKey]*climb // of the layers
	bounds       map[boundKey][]float64
	classes      label.Classes // once they were asked for
	predictor    *model.Exec   // once it was asked for
	responders   map[string]*model.Exec
}

// Options say where the weights come from. The zero value finds or fetches the ImageNet weights.
type Options struct {
	// Weights is the path of a weights file: Keras .h5, .onnx, .safetensors or .npz. "" looks at CONVSCOPE_WEIGHTS
	// (with Top at CONVSCOPE_TOP_WEIGHTS), then the cache, then the official sources.
	Weights string
	// Input says what pictures the weights in such a file take: caffe, caffe-rgb, torch, tf or unit, see
	// [weights.Options]. "" looks at CONVSCOPE_WEIGHTS_INPUT, then at the weights themselves.
	Input string
	// Top loads the classifier as well, for [Model.Predict]. Its file has 553 MB.
	Top bool
}

// Load opens the weights, fetching and checking them when needed, and prepares the model on the device.
// It reads no tensor yet: each is read when a graph first asks for it.
func Load(dev *device.Device, options Options) (*Model, error) {
	return LoadContext(context.Background(), dev, options)
}

// LoadContext is [Load] with a context that ends downloads and waiting.
func LoadContext(ctx context.Context, dev *device.Device, options Options) (*Model, error) {
	manifest, err := options.manifest()
	if err != nil {
		return nil, err
	}
	return load(ctx, dev, manifest, options)
}

// Check returns the error that [Load] would come to for the weights file that the options or the environment name, if
// the file is missing, damaged or another network's. It reads the file's list of tensors only, and needs no device.
func (o Options) Check() error {
	manifest, err := o.manifest()
	if err != nil {
		return err
	}
	return weights.Check(manifest, o.weights())
}

// manifest is of what is to be loaded.
func (o Options) manifest() (weights.Manifest, error) {
	if o.Top {
		return TopManifest()
	}
	return Manifest()
}

func (o Options) weights() weights.Options { return weights.Options{Path: o.Weights, Input: o.Input} }

// load is LoadContext for a VGG16 with any number of filters.
func load(ctx context.Context, dev *device.Device, manifest weights.Manifest, options Options) (*Model, error) {
	start := time.Now()
	file, err := weights.Open(ctx, manifest, options.weights())
	if err != nil {
		return nil, err
	}
	m := newModel(dev, newStore(dev.Backend, file))
	m.file, m.convolutions = file, convolutionsOf(manifest)
	if shape, err := file.Shape(topLayers[len(topLayers)-1] + "/" + biasName); err == nil {
		m.classCount = shape[0]
	}
	m.load = time.Since(start)
	return m, nil
}

// MustLoad is [Load] for notebook cells: errors panic.
func MustLoad(dev *device.Device, options Options) *Model {
	m, err := Load(dev, options)
	if err != nil {
		panic(err)
	}
	return m
}

func newModel(dev *device.Device, store *model.Store) *Model {
	return &Model{Backend: dev.Backend, Store: store, device: dev, climbs: make(map[climbKey]*climb), bounds: make(map[boundKey][]float64)}
}

// Weights says in one line which weights the model has.
func (m *Model) Weights() string {
	switch {
	case m.file == nil:
		return "random weights, for tests"
	case m.file.Official():
		if m.HasTop() {
			return "VGG16 and its top with the weights they learned from ImageNet, as Keras has them"
		}
		return "VGG16 with the weights it learned from ImageNet, as Keras has them"
	}
	return m.file.Source()
}

// Fingerprint tells these weights from others: the SHA-256 over the names, shapes and hashes of the convolutions'
// tensors, in hex, which is the same for each file format, with and without the top; or for random weights what they
// were drawn from.
func (m *Model) Fingerprint() string {
	if m.file == nil {
		return m.random
	}
	return m.file.SHA256(m.convolutions)
}

// weightsInput is what pictures the weights in the user's file take, "" if nothing tells or there is none.
func (m *Model) weightsInput() string {
	if m.file == nil {
		return ""
	}
	return m.file.Input()
}

// Close lets go of the weights file. Tensors already on the device stay.
func (m *Model) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}

// Filters counts the filters of the layer in this model, which has fewer than [Layer.Filters] when made by [Random].
func (m *Model) Filters(layer Layer) (filters int, err error) {
	for _, below := range layer.upTo() {
		if below.Kind == Conv {
			layer = below // a pool has as many channels as the convolution before it
		}
	}
	if m.file != nil {
		shape, err := m.file.Shape(layer.Name + "/" + biasName)
		if err != nil {
			return 0, err
		}
		return shape[0], nil
	}
	caught := exceptions.TryCatch[error](func() {
		filters = m.Store.GetVariable(model.JoinPath("", layer.Name, biasName)).Shape().Dim(0)
	})
	return filters, caught
}

// Activations runs the model on pictures, float32 [batch, height, width, 3], and returns the outputs of the layers,
// [batch, height/stride, width/stride, filters] each, in the order of the names. It computes only up to the deepest.
// Values go in as they are; for photographs see [Model.PhotoActivations]. What does not fit the memory is refused, see
// [Layer.CheckMemory].
func (m *Model) Activations(pictures *tensors.Tensor, layers ...string) ([]*tensors.Tensor, error) {
	return m.activations(pictures, func(x *model.Node) *model.Node { return x }, layers)
}

// PhotoActivations is [Model.Activations] for photographs in gray levels from 0 to 255 in the order red, green, blue,
// as [Preprocess] takes them.
func (m *Model) PhotoActivations(photos *tensors.Tensor, layers ...string) ([]*tensors.Tensor, error) {
	return m.activations(photos, Preprocess, layers)
}

// MustPhotoActivations is [Model.PhotoActivations] for notebook cells: errors panic.
func (m *Model) MustPhotoActivations(photos *tensors.Tensor, layers ...string) []*tensors.Tensor {
	return must(m.PhotoActivations(photos, layers...))
}

// activations are the layers' outputs for prepared pictures.
func (m *Model) activations(pictures *tensors.Tensor, prepare func(*model.Node) *model.Node, layers []string) (outputs []*tensors.Tensor, err error) {
	if err := known(layers); err != nil {
		return nil, err
	}
	if err := m.checkMemory(pictures.Shape(), math.MaxInt, layers); err != nil {
		return nil, err
	}
	caught := exceptions.TryCatch[error](func() {
		outputs, err = model.CallOnceN(m.Backend, m.Store, func(scope *model.Scope, x *model.Node) []*model.Node {
			return Activations(scope, prepare(x), layers...)
		}, pictures)
	})
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	return outputs, nil
}

// known returns an [*UnknownLayerError] for the first name that is no layer's.
func known(layers []string) error {
	for _, name := range layers {
		if _, err := Find(name); err != nil {
			return err
		}
	}
	return nil
}
