// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package explain

import (
	"context"
	"image"
	"slices"

	"convscope/pkg/head"
	"convscope/pkg/network"
	"convscope/pkg/sample"
)

// The small classifier's classes, and the photographs that it learns them from. (The fifth, a motorcycle, is left out:
// its licence is not named.)
var (
	classes = []string{"cat", "coffee", "rocket", "astronaut"}
	photos  = []string{"chelsea", "coffee", "rocket", "astronaut"}
)

const (
	cropSize = 64 // pixels
	training = 24 // crops of each photo
	heldOut  = 20 // others of it
)

// Classes are the names of the classes that the classifier of [Samples] tells apart.
func Classes() []string { return slices.Clone(classes) }

// Samples trains a small classifier of cat, coffee, rocket and astronaut on features of the model, from crops of the
// photographs in package sample. It takes seconds, and needs no network once they are there. accuracy is the share, 0
// to 1, of other crops of the photographs that it names rightly.
//
// Four photographs teach what is in them, not what cats are: it is for trying heatmaps, not for photos of the world.
func Samples(ctx context.Context, net *network.Model) (classifier *head.Head, accuracy float64, err error) {
	learn, err := examples(ctx, net, 1, training)
	if err != nil {
		return nil, 0, err
	}
	if classifier, err = head.Train(ctx, net.Backend, learn, head.Options{}); err != nil {
		return nil, 0, err
	}
	test, err := examples(ctx, net, 2, heldOut)
	if err != nil {
		return nil, 0, err
	}
	accuracy, err = classifier.Accuracy(test)
	return classifier, accuracy, err
}

// MustSamples is [Samples] for notebook cells: errors panic.
func MustSamples(net *network.Model) *head.Head {
	classifier, _, err := Samples(context.Background(), net)
	if err != nil {
		panic(err)
	}
	return classifier
}

// examples are the features of count random crops of each photo.
func examples(ctx context.Context, net *network.Model, seed uint64, count int) (head.Data, error) {
	data := head.Data{Classes: classes}
	var crops []image.Image
	for label, name := range photos {
		photo, err := sample.Open(ctx, name)
		if err != nil {
			return data, err
		}
		own, err := head.Crops(photo, count, cropSize, head.CropOptions{Seed: seed})
		if err != nil {
			return data, err
		}
		crops = append(crops, own...)
		data.Labels = append(data.Labels, slices.Repeat([]int{label}, count)...)
	}
	var err error
	data.Features, err = net.Features(crops, cropSize, cropSize)
	return data, err
}
