// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"cmp"
	"context"
	_ "embed" // the manifest
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/pkg/weights"
)

//go:embed manifest.json
var manifestJSON []byte

// Manifest names VGG16's 26 weight tensors with their shapes and hashes, and where the official copies are.
func Manifest() (weights.Manifest, error) { return weights.ParseManifest(manifestJSON) }

// Model is VGG16 with weights, on a device; with its top, the classifier of 1,000 classes, if that was asked for.
type Model = network.Model

// Options say where the weights come from. The zero value finds or fetches the ImageNet weights.
type Options struct {
	// Weights is the path of a weights file: Keras .h5, .onnx, .safetensors or .npz. "" looks at CONVSCOPE_WEIGHTS
	// (with Top at CONVSCOPE_TOP_WEIGHTS), then the cache, then the official sources.
	Weights string
	// Input says what pictures the weights in such a file take: caffe, caffe-rgb, torch, tf or unit, see
	// [weights.Options]. "" looks at CONVSCOPE_WEIGHTS_INPUT, then at the weights themselves.
	Input string
	// Top loads the classifier as well, for [network.Model.Predict]. Its file has 553 MB.
	Top bool
}

// The network is one of those that come along.
func init() {
	network.Register(network.BuiltIn{
		Name: "vgg16", Package: "convscope/vgg16",
		About: "VGG16 with the weights it learned from ImageNet (Simonyan and Zisserman 2014)", Network: Network,
		Fingerprint: func() string {
			manifest, err := Manifest()
			if err != nil {
				return err.Error()
			}
			return manifest.SHA256()
		},
		Open: func(ctx context.Context, dev *device.Device, o network.Options) (*Model, error) {
			return LoadContext(ctx, dev, Options{Weights: o.Weights, Input: o.WeightsInput, Top: o.Top})
		},
	})
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

// MustLoad is [Load] for notebook cells: errors panic.
func MustLoad(dev *device.Device, options Options) *Model {
	m, err := Load(dev, options)
	if err != nil {
		panic(err)
	}
	return m
}

// MustOpen loads the convolutions with their ImageNet weights, on the best device of this machine: [MustLoad] with
// nothing to choose, for notebook cells.
func MustOpen() *Model { return MustLoad(device.MustNew(device.Options{}), Options{}) }

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
	net := Network()
	if slices.ContainsFunc(manifest.Tensors, func(s weights.Spec) bool { return isTop(s.Name) }) {
		addTop(net, make([]int, len(topLayers))...)
	}
	for i := range net.Layers {
		if err := fill(dev.Backend, file, &net.Layers[i]); err != nil {
			return nil, err
		}
	}
	convolutions := convolutionsOf(manifest)
	return network.New(dev, net, network.Origin{
		Weights: describe(file, net), Fingerprint: func() string {
			return file.SHA256(convolutions)
		}, WeightsInput: file.Input(), NoTop: ErrNoTop, Load: time.Since(start), Close: file.Close,
	})
}

// fill gives a layer its weights from the file, and with them its number of filters or units.
func fill(backend compute.Backend, file *weights.File, l *layer.Layer) error {
	switch op := l.Op.(type) {
	case layer.Conv:
		shape, err := file.Shape(l.Name + "/" + biasName)
		if err != nil {
			return err
		}
		op.Filters = shape[0]
		l.Op = op
	case layer.Dense:
		shape, err := file.Shape(l.Name + "/" + biasName)
		if err != nil {
			return err
		}
		op.Units = shape[0]
		l.Op = op
	default:
		return nil
	}
	l.Weights = make(map[string]layer.Weight)
	for _, role := range []string{kernelName, biasName} {
		name := l.Name + "/" + role
		shape, err := file.Shape(name)
		if err != nil {
			return err
		}
		l.Weights[role] = layer.Weight{Shape: shape,
			Read: func() (*tensors.Tensor, error) { return upload(backend, file, name) }}
	}
	return nil
}

// The names of a layer's two variables, as Keras has them.
const (
	kernelName = "kernel" // [3, 3, in, filters], in the top [in, units]
	biasName   = "bias"   // [filters], in the top [units]
)

// upload takes one tensor from the mapped file straight to the device: a layer of the top may have 400 MB.
func upload(backend compute.Backend, file *weights.File, name string) (*tensors.Tensor, error) {
	dims, values, err := file.Tensor(name)
	if err != nil {
		return nil, err
	}
	tensor, err := tensors.FromRaw(backend, 0, shapes.Make(dtypes.Float32, dims...),
		dtypes.UnsafeByteSliceFromAny(values))
	if err != nil {
		return nil, fmt.Errorf("moving %s to the device: %w", name, err)
	}
	return tensor, nil
}

// describe says in one line which weights these are.
func describe(file *weights.File, net *layer.Network) string {
	switch {
	case file.Official() && net.Logits != "":
		return "VGG16 and its top with the weights they learned from ImageNet, as Keras has them"
	case file.Official():
		return "VGG16 with the weights it learned from ImageNet, as Keras has them"
	}
	return cmp.Or(file.Source(), "VGG16 with weights of the user's")
}
