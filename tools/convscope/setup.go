// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"convscope/pkg/device"
	"convscope/pkg/weights"
	"convscope/tools/jupyter"
	"convscope/vgg16"
)

// scope says what a command needs.
type scope int

const (
	everything              scope = iota // to run notebooks without a browser
	everythingAndCompletion              // to write in them
)

// environment is all that a notebook needs.
type environment struct {
	*jupyter.Jupyter
	kernel []string // settings for the cells
	kind   device.Kind
}

// limit is the time that a cell may take when the command line does not say.
func (e *environment) limit(asked time.Duration) time.Duration {
	if asked == 0 && e.kind == device.Go {
		return -1 // a grid takes an hour there
	}
	return asked
}

// setUp gets the weights, a device, Jupyter and the kernel, all at the same time: three of them mostly wait for the
// network, and the fourth for the compiler.
func setUp(cmd *cobra.Command, what scope) (*environment, error) {
	chosen, err := readChoices(cmd)
	if err != nil {
		return nil, err
	}
	env := &environment{Jupyter: &jupyter.Jupyter{}, kernel: chosen.env()}
	steps := newBoard(cmd.ErrOrStderr())
	steps.add("weights", func(ctx context.Context) (string, error) { return getWeights(ctx, chosen) })
	steps.add("device", func(ctx context.Context) (about string, err error) {
		env.kind, about, err = getDevice(ctx, chosen)
		return about, err
	})
	steps.add("jupyter", func(ctx context.Context) (about string, err error) {
		if env.Venv, err = jupyter.EnsureVenv(ctx); err != nil {
			return "", err
		}
		return env.Venv.About, nil
	})
	steps.add("kernel", func(ctx context.Context) (about string, err error) {
		if env.Kernel, err = jupyter.EnsureKernel(ctx, what == everythingAndCompletion); err != nil {
			return "", err
		}
		return env.Kernel.About, nil
	})
	if err := steps.run(cmd.Context()); err != nil {
		return nil, err
	}
	return env, nil
}

// getWeights makes sure that the weights are there and whole, and says which they are.
func getWeights(ctx context.Context, chosen choices) (string, error) {
	manifest, err := vgg16.Manifest()
	if err != nil {
		return "", err
	}
	file, err := weights.Open(ctx, manifest, weights.Options{Path: chosen.weights})
	if err != nil {
		return "", err
	}
	defer file.Close()
	return file.Source(), nil
}

// getDevice makes sure that the plugin is there and works, and says which device the cells of notebooks get.
func getDevice(ctx context.Context, chosen choices) (device.Kind, string, error) {
	if chosen.device != device.Go {
		switch err := cellsHaveXLA(ctx); {
		case err != nil && chosen.device != device.Auto:
			return "", "", fmt.Errorf("device: %s was asked for and the cells of notebooks cannot have it: %w", chosen.device, err)
		case err != nil:
			return device.Go, "pure Go, " + slower + ": " + err.Error(), nil
		}
	}
	dev, err := device.NewContext(ctx, device.Options{Kind: chosen.device})
	if err != nil {
		return "", "", err
	}
	defer dev.Close()
	return dev.Kind(), dev.Name(), nil
}

// loadModel gives pattern and grid the model that the flags ask for.
func loadModel(ctx context.Context, cmd *cobra.Command, way vgg16.Convolution) (*vgg16.Model, error) {
	chosen, err := readChoices(cmd)
	if err != nil {
		return nil, err
	}
	dev, err := device.NewContext(ctx, device.Options{Kind: chosen.device})
	if err != nil {
		return nil, err
	}
	return vgg16.LoadContext(ctx, dev, vgg16.Options{Weights: chosen.weights, Convolution: way})
}
