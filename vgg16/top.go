// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	_ "embed" // the manifest
	"fmt"
	"slices"

	"convscope/pkg/network"
	"convscope/pkg/weights"
)

// EnvTop names the environment variable that gives a weights file with the top: CONVSCOPE_TOP_WEIGHTS.
const EnvTop = "CONVSCOPE_TOP_WEIGHTS"

// TopSize is the height and width of the pictures that the top takes, in pixels.
const TopSize = 224

const (
	topSide  = 7    // TopSize after the five pools
	topUnits = 4096 // of fc1 and fc2
)

// topLayers are the dense layers on top of the convolutions, in order, with Keras' names.
var topLayers = []string{"fc1", "fc2", "predictions"}

// ErrNoTop means that the classifier is wanted of a model that was loaded without it.
var ErrNoTop = fmt.Errorf("%w: this VGG16 has no top: load it with vgg16.Options{Top: true}; the file is Keras' "+
	"vgg16_weights_tf_dim_ordering_tf_kernels.h5 (553 MB), which is fetched when it can be, or is named by "+
	"Options.Weights or "+EnvTop, network.ErrNoClasses)

//go:embed top.json
var topJSON []byte

// TopManifest names the 32 weight tensors of VGG16 with its top. The 26 of [Manifest] are known by their own hashes,
// the other 6 by the size and the MD5 of the official file.
func TopManifest() (weights.Manifest, error) {
	base, err := Manifest()
	if err != nil {
		return weights.Manifest{}, err
	}
	top, err := weights.ParseManifest(topJSON)
	if err != nil {
		return weights.Manifest{}, err
	}
	top.Env, top.Tensors = EnvTop, append(base.Tensors, top.Tensors...)
	top.Input, top.Centre, top.Relatives = base.Input, base.Centre, base.Relatives
	return top, nil
}

// TopIsHere reports whether the weights of the top are on this machine, so that loading them fetches nothing: in the
// file that CONVSCOPE_TOP_WEIGHTS names, or in the cache.
func TopIsHere() bool {
	manifest, err := TopManifest()
	return err == nil && weights.Here(manifest)
}

// convolutionsOf is a manifest without the top's tensors.
func convolutionsOf(m weights.Manifest) weights.Manifest {
	m.Tensors = slices.DeleteFunc(slices.Clone(m.Tensors), func(s weights.Spec) bool { return isTop(s.Name) })
	return m
}
