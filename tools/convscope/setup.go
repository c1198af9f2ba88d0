// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/weights"
	"convscope/tools/jupyter"
	"convscope/vgg16"
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
func setUp(cmd *cobra.Command) (*environment, error) {
	chosen, err := readChoices(cmd)
	if err != nil {
		return nil, err
	}
	if err := chosen.model().Check(); err != nil { // before anything is fetched
		return nil, err
	}
	env := &environment{Jupyter: &jupyter.Jupyter{}, kernel: chosen.env()}
	steps := newBoard(cmd.ErrOrStderr())
	steps.add("weights", func(ctx context.Context) (string, error) { return getWeights(ctx, chosen) })
	steps.add("device", func(ctx context.Context) (about string, err error) {
		if env.kind, about, err = getDevice(ctx, chosen); err != nil || env.kind == device.Go {
			return about, err
		}
		return about, env.chooseTools(ctx, chosen)
	})
	steps.add("jupyter", func(ctx context.Context) (about string, err error) {
		if env.Venv, err = jupyter.EnsureVenv(ctx); err != nil {
			return "", err
		}
		return env.Venv.About, nil
	})
	steps.add("kernel", func(ctx context.Context) (about string, err error) {
		if env.Kernel, err = jupyter.EnsureKernel(ctx); err != nil {
			return "", err
		}
		return env.Kernel.About, nil
	})
	if err := steps.run(cmd.Context()); err != nil {
		return nil, err
	}
	return env, nil
}

// chooseTools finds out how cells are to be compiled and linked here.
func (e *environment) chooseTools(ctx context.Context, chosen choices) error {
	if err := e.checkCompiler(ctx, chosen); err != nil || e.kind != device.CPU {
		return err
	}
	root, err := cloneRoot(".")
	if err != nil {
		return nil // there are no packages to link
	}
	settings, err := jupyter.Linker(ctx, root, e.kernel...)
	e.kernel = append(e.kernel, settings...)
	return err
}

// checkCompiler sees to it that cells, which are compiled here, have the device that this program has. Where there is
// no C compiler they compute in pure Go, unless another device was asked for.
func (e *environment) checkCompiler(ctx context.Context, chosen choices) error {
	err := jupyter.CCompiler(ctx)
	if !errors.Is(err, jupyter.ErrNoC) {
		return err
	}
	if chosen.device != device.Auto || os.Getenv("GOMLX_BACKEND") != "" {
		return fmt.Errorf("the cells cannot use the device that was asked for: %w", err)
	}
	progress.Line(fmt.Sprintf("device: the cells compute in pure Go, %s: %v", slower, err))
	e.kind, e.kernel = device.Go, append(e.kernel, "CGO_ENABLED=0")
	return nil
}

// getWeights makes sure that the weights are there and whole, and says which they are.
func getWeights(ctx context.Context, chosen choices) (string, error) {
	manifest, err := vgg16.Manifest()
	if err != nil {
		return "", err
	}
	file, err := weights.Open(ctx, manifest, weights.Options{Path: chosen.weights, Input: chosen.input})
	if err != nil {
		return "", err
	}
	defer file.Close()
	return file.Source(), nil
}

// getDevice makes sure that the plugin is there and works, and says which device the cells of notebooks get.
func getDevice(ctx context.Context, chosen choices) (device.Kind, string, error) {
	dev, err := device.NewContext(ctx, device.Options{Kind: chosen.device})
	if err != nil {
		return "", "", err
	}
	defer dev.Close()
	return dev.Kind(), dev.Name(), nil
}

// loadModel gives a command the model that the flags ask for.
func loadModel(ctx context.Context, cmd *cobra.Command) (*network.Model, error) {
	return loadModelTaking(ctx, cmd, "")
}

// loadModelTaking is loadModel where a user's file takes those pictures, unless flags or the environment say
// otherwise.
func loadModelTaking(ctx context.Context, cmd *cobra.Command, input string) (*network.Model, error) {
	chosen, err := readChoices(cmd)
	if err != nil {
		return nil, err
	}
	net, err := openNetwork(cmd)
	if err != nil {
		return nil, err
	}
	if !net.vgg16 {
		dev, err := device.NewContext(ctx, device.Options{Kind: chosen.device})
		if err != nil {
			return nil, err
		}
		return net.options.Load(ctx, dev, net.Network())
	}
	options := chosen.model()
	options.Input = cmp.Or(options.Input, os.Getenv(weights.EnvInput), input)
	return chosen.load(ctx, options)
}

// load gets a device and loads a model on it, after what can't work was found out.
func (c choices) load(ctx context.Context, options vgg16.Options) (*network.Model, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	dev, err := device.NewContext(ctx, device.Options{Kind: c.device})
	if err != nil {
		return nil, err
	}
	return vgg16.LoadContext(ctx, dev, options)
}
