// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	_ "embed" // the manifest
	"errors"
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/label"
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
var ErrNoTop = errors.New("this VGG16 has no top: load it with vgg16.Options{Top: true}; the file is Keras' vgg16_weights_tf_dim_ordering_tf_kernels.h5 (553 MB), which is fetched when it can be, or is named by Options.Weights or " + EnvTop)

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

// convolutionsOf is a manifest without the top's tensors.
func convolutionsOf(m weights.Manifest) weights.Manifest {
	m.Tensors = slices.DeleteFunc(slices.Clone(m.Tensors), func(s weights.Spec) bool {
		layer, _, _ := strings.Cut(s.Name, "/")
		return slices.Contains(topLayers, layer)
	})
	return m
}

// HasTop reports whether the model has its classifier.
func (m *Model) HasTop() bool { return m.classCount > 0 }

// Classes are what the top tells apart, in the order of its outputs: ImageNet's by name, see [label.ImageNet], if
// there are 1,000, else numbered ones. Errors are [ErrNoTop] and those of [label.ImageNet].
func (m *Model) Classes() (label.Classes, error) {
	if !m.HasTop() {
		return nil, ErrNoTop
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.classes == nil {
		classes, err := classesOf(m.classCount)
		if err != nil {
			return nil, err
		}
		m.classes = classes
	}
	return m.classes, nil
}

// Logits builds VGG16 with its top up to the class scores before the softmax: pictures [batch, 224, 224, 3] give
// [batch, classes].
//
// Values go in as they are: see [Preprocess] for photographs. Like all graph functions it panics, on another shape
// and, with [ErrNoTop], when the weights have no top.
func Logits(scope *model.Scope, pictures *Node) *Node {
	if err := checkPictures(pictures.Shape().Dimensions); err != nil {
		panic(err)
	}
	return TopLogits(scope, Activation(scope, pictures, "block5_pool"))
}

// TopLogits builds the top alone: the output of block5_pool, [batch, 7, 7, 512], gives the class scores before the
// softmax, [batch, classes]. With [Onward] a graph can so go on from any layer.
func TopLogits(scope *model.Scope, output *Node) *Node {
	if scope.Store().GetVariable(model.JoinPath(scope.Scope(), topLayers[0], kernelName)) == nil {
		panic(ErrNoTop)
	}
	inputs := stored(scope, topLayers[0], kernelName).Shape().Dim(0)
	dims := output.Shape().Dimensions
	if len(dims) != 4 || dims[1] != topSide || dims[2] != topSide || dims[1]*dims[2]*dims[3] != inputs {
		panic(fmt.Errorf("the top takes the output of block5_pool for pictures of %dx%d pixels, [batch, %d, %d, %d], not %v",
			TopSize, TopSize, topSide, topSide, inputs/topSide/topSide, dims))
	}
	x := Reshape(output, dims[0], inputs) // [batch, 25088], by row, column and channel as Keras' flatten
	for _, layer := range topLayers {
		kernel, bias := stored(scope, layer, kernelName).NodeValue(x.Graph()), stored(scope, layer, biasName).NodeValue(x.Graph())
		x = Add(Einsum("bi,iu->bu", x, kernel), Reshape(bias, 1, -1)) // [batch, 4096], at last [batch, classes]
		if layer != topLayers[len(topLayers)-1] {
			x = relu(x)
		}
	}
	return x
}

// checkPictures returns an error when the top can't take pictures of that shape.
func checkPictures(dims []int) error {
	if len(dims) == 4 && dims[1] == TopSize && dims[2] == TopSize && dims[3] == 3 {
		return nil
	}
	return fmt.Errorf("the top takes pictures of %dx%d pixels, [batch, %d, %d, 3], not %v: scale a photo with picture.Tensor(photo, %d, %d)",
		TopSize, TopSize, TopSize, TopSize, dims, TopSize, TopSize)
}
