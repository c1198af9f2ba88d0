// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"convscope/explain"
	"convscope/internal/progress"
	"convscope/pkg/head"
	"convscope/pkg/heatmap"
	"convscope/pkg/label"
	"convscope/pkg/network"
	"convscope/vgg16"
)

// classifierFlags choose what names the classes.
type classifierFlags struct {
	name, top string
	vgg16     bool
}

// The classifiers.
const (
	anyClassifier = "auto"
	imageNet      = "imagenet"
	samples       = "samples"
)

// add defines the flags on a command.
func (c *classifierFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.name, "classifier", anyClassifier,
		"imagenet: VGG16's own top with 1,000 classes; samples: cat, coffee, rocket and astronaut, trained in "+
			"seconds on four\nphotographs; auto: imagenet if its weights are on this machine, else samples")
	cmd.Flags().StringVar(&c.top, "top", "", "weights file of VGG16 with its top, 553 MB (environment: "+
		vgg16.EnvTop+")")
}

// check returns an error for a name that is none, and for a class that the small classifier does not have.
func (c *classifierFlags) check(cmd *cobra.Command, class string) error {
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if c.vgg16 = table.vgg16; !c.vgg16 {
		return c.checkOther(table)
	}
	switch c.name {
	case anyClassifier, imageNet:
	case samples:
		if c.top != "" {
			return usageError{fmt.Errorf("--top %s is for --classifier imagenet, the samples need none", c.top)}
		}
	default:
		return usageError{fmt.Errorf("classifier %q: choose auto, imagenet or samples", c.name)}
	}
	if c.own() || class == "" {
		return nil
	}
	if _, err := (&heatmap.Target{Classes: explain.Classes()}).Class(class); err != nil {
		return usageError{fmt.Errorf("%w (--classifier imagenet knows 1,000 classes)", err)}
	}
	return nil
}

// checkOther is check for another network than VGG16, which has its own classes or takes the samples.
func (c *classifierFlags) checkOther(table *opened) error {
	switch {
	case c.top != "":
		return usageError{fmt.Errorf("--top %s is for VGG16", c.top)}
	case c.name == imageNet:
		return usageError{errors.New("--classifier imagenet is VGG16's: leave it out for the network's own classes")}
	case c.name != anyClassifier && c.name != samples:
		return usageError{fmt.Errorf("classifier %q: choose auto or samples", c.name)}
	}
	if c.name == anyClassifier && !table.HasTop() {
		c.name = samples
	}
	return nil
}

// own says whether it is VGG16's own top.
func (c *classifierFlags) own() bool {
	return c.name == imageNet || c.name == anyClassifier && (c.top != "" || vgg16.TopIsHere())
}

// findTop returns the path of the weights with the top, absolute, "" for the official ones. It checks what is there,
// and the class where it is known which there are.
func (c *classifierFlags) findTop(ctx context.Context, class string) (path string, err error) {
	if path = cmp.Or(c.top, os.Getenv(vgg16.EnvTop)); path != "" {
		if err := (vgg16.Options{Top: true, Weights: path}).Check(); err != nil {
			return "", err
		}
		return filepath.Abs(path)
	}
	if class == "" {
		return "", nil
	}
	classes, err := label.ImageNet(ctx, label.Options{}) // 35 kB, before 553 MB
	if err != nil {
		return "", err
	}
	if _, err := classes.Find(class); err != nil {
		return "", usageError{err}
	}
	return "", nil
}

// classified is a model with a classifier on top of it.
type classified struct {
	net  *network.Model
	head *head.Head // nil for the model's own top
}

// check returns an error for a layer that no heatmap can be of, and for a class that there is not.
func (c *classified) check(layer, class string) error {
	target, err := c.net.Classifier(layer, c.head)
	if err == nil && class != "" {
		_, err = target.Class(class)
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}

// load loads the model and, where it is not its own, trains the classifier.
func (c *classifierFlags) load(cmd *cobra.Command, class string) (*classified, error) {
	ctx := cmd.Context()
	if !c.vgg16 && c.name != samples {
		net, err := loadModel(ctx, cmd)
		return &classified{net: net}, err
	}
	if c.vgg16 && c.own() {
		chosen, err := readChoices(cmd)
		if err != nil {
			return nil, err
		}
		options := vgg16.Options{Top: true, Input: chosen.input}
		if options.Weights, err = c.findTop(ctx, class); err != nil {
			return nil, err
		}
		net, err := chosen.load(ctx, options)
		return &classified{net: net}, err
	}
	net, err := loadModel(ctx, cmd)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	trained, accuracy, err := explain.Samples(ctx, net)
	if err != nil {
		net.Close()
		return nil, err
	}
	more := ""
	if c.vgg16 {
		more = " (--classifier imagenet knows 1,000 classes)"
	}
	progress.Line(fmt.Sprintf("classifier: cat, coffee, rocket, astronaut, trained in %.1f s, %.0f %% "+
		"of other crops right%s",
		time.Since(began).Seconds(), 100*accuracy, more))
	return &classified{net: net, head: trained}, nil
}
