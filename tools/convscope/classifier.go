// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"convscope/explain"
	"convscope/internal/progress"
	"convscope/pkg/head"
	"convscope/vgg16"
)

// classifierFlags choose what names the classes.
type classifierFlags struct{ name, top string }

// The classifiers.
const (
	anyClassifier = "auto"
	imageNet      = "imagenet"
	samples       = "samples"
)

// add defines the flags on a command.
func (c *classifierFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.name, "classifier", anyClassifier,
		"imagenet: VGG16's own top with 1,000 classes; samples: cat, coffee, rocket and astronaut, trained in seconds on four\nphotographs; auto: imagenet if its weights are on this machine, else samples")
	cmd.Flags().StringVar(&c.top, "top", "", "weights file of VGG16 with its top, 553 MB (environment: "+vgg16.EnvTop+")")
}

// check returns an error for a name that is none.
func (c *classifierFlags) check() error {
	switch c.name {
	case anyClassifier, imageNet, samples:
		return nil
	}
	return usageError{fmt.Errorf("classifier %q: choose auto, imagenet or samples", c.name)}
}

// classified is a model with a classifier on top of it.
type classified struct {
	net  *vgg16.Model
	head *head.Head // nil for the model's own top
}

// load loads the model and, where it is not its own, trains the classifier.
func (c *classifierFlags) load(cmd *cobra.Command) (*classified, error) {
	ctx := cmd.Context()
	if c.name == imageNet || c.name == anyClassifier && (c.top != "" || vgg16.TopIsHere()) {
		chosen, err := readChoices(cmd)
		if err != nil {
			return nil, err
		}
		options := vgg16.Options{Top: true, Input: chosen.input}
		if c.top != "" {
			if options.Weights, err = filepath.Abs(c.top); err != nil {
				return nil, err
			}
		}
		net, err := chosen.load(ctx, options)
		return &classified{net: net}, err
	}
	net, err := loadModel(ctx, cmd, vgg16.Auto)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	trained, accuracy, err := explain.Samples(ctx, net)
	if err != nil {
		net.Close()
		return nil, err
	}
	progress.Line(fmt.Sprintf("classifier: cat, coffee, rocket, astronaut, trained in %.1f s, %.0f %% of other crops right (--classifier imagenet knows 1,000 classes)",
		time.Since(began).Seconds(), 100*accuracy))
	return &classified{net: net, head: trained}, nil
}
