// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"convscope/internal/fetch"
	"convscope/pkg/device"
	"convscope/pkg/weights"
	"convscope/vgg16"
)

// usageError is a mistake in the command line, as opposed to one that happens while it is carried out.
type usageError struct{ error }

// Unwrap gives errors.Is and errors.As what is inside.
func (e usageError) Unwrap() error { return e.error }

// newRootCommand makes "convscope" with all its commands.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "convscope",
		Short:         "See what the filters of VGG16, or of your own convnet, respond to, in Go",
		SilenceErrors: true, // execute prints them
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// An empty value is most often that of a variable of the shell which was not set.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return noEmptyFlags(cmd) },
	}
	root.PersistentFlags().String("device", os.Getenv("CONVSCOPE_DEVICE"),
		"what does the arithmetic: auto, cpu, gpu or go (environment: CONVSCOPE_DEVICE)")
	root.PersistentFlags().String("weights", "",
		"weights file: .h5, .keras, .onnx, .safetensors or .npz (environment: "+weights.EnvPath+")")
	root.PersistentFlags().String("weights-input", "", "what pictures the weights in that file take: "+
		weights.Inputs()+
		" (default: what they tell; environment: "+weights.EnvInput+")")
	addNetworkFlags(root)
	root.AddCommand(
		newRunCommand(),
		newTableCommand(),
		newLabCommand(),
		newKernelCommand(),
		newPatternCommand(),
		newGridCommand(),
		newMethodsCommand(),
		newCensusCommand(),
		newContestCommand(),
		newExamplesCommand(),
		newActivationsCommand(),
		newHeatmapCommand(),
		newExplainCommand(),
		newGalleryCommand(),
		newShowCommand(),
		newReproduceCommand(),
		newNotebooksCommand(),
		newTranslateCommand(),
		newGradeCommand(),
		newDoctorCommand(),
		newBenchCommand(),
		newBenchWorkerCommand(),
	)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SuggestionsMinimumDistance = 2 // letters
	markUsageErrors(root)
	return root
}

// markUsageErrors turns what a command says about its arguments into usage errors.
func markUsageErrors(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil && !errors.As(err, new(usageError)) {
				return usageError{err}
			} else if err != nil {
				return err
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		markUsageErrors(child)
	}
}

// noEmptyFlags refuses flags that were given without a value.
func noEmptyFlags(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		text := flag.Value.String()
		if list, is := flag.Value.(pflag.SliceValue); is {
			text = strings.Join(list.GetSlice(), "")
		}
		if strings.TrimSpace(text) == "" {
			err = usageError{fmt.Errorf("--%s %q: give a value, or leave the flag away", flag.Name, text)}
		}
	})
	return err
}

// noArgs refuses a first argument that is no command, and names the command that it may be meant for.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q: did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// choices are the persistent flags.
type choices struct {
	device  device.Kind
	weights string // absolute path, "" = not given, so that CONVSCOPE_WEIGHTS or else the official ones count
	input   string // what pictures they take, "" = not said
}

// readChoices reads the persistent flags.
func readChoices(cmd *cobra.Command) (choices, error) {
	name, err := cmd.Flags().GetString("device")
	if err != nil {
		return choices{}, err
	}
	kind, err := device.ParseKind(strings.ToLower(name))
	if err != nil {
		return choices{}, usageError{err}
	}
	input, err := cmd.Flags().GetString("weights-input")
	if err != nil {
		return choices{}, err
	}
	if err := weights.CheckInput(input); err != nil {
		return choices{}, usageError{err}
	}
	path, err := cmd.Flags().GetString("weights")
	if err != nil {
		return choices{}, err
	}
	if path == "" {
		if input != "" && os.Getenv(weights.EnvPath) == "" && !cmd.Flags().Changed("top") {
			return choices{},
				usageError{errors.New("--weights-input is about a file of your own: name it with --weights")}
		}
		return choices{device: kind, input: input}, nil
	}
	if path, err = filepath.Abs(path); err != nil {
		return choices{}, err
	}
	return choices{device: kind, weights: path, input: input}, nil
}

// model is how the model is loaded.
func (c choices) model() vgg16.Options { return vgg16.Options{Weights: c.weights, Input: c.input} }

// env hands the choices on to the cells of a notebook, which run in processes of their own.
func (c choices) env() []string {
	var env []string
	// GOMLX_BACKEND is what device.New obeys first, and as strictly as the flag.
	switch c.device {
	case device.CPU:
		env = append(env, "GOMLX_BACKEND=xla:cpu")
	case device.GPU:
		env = append(env, "GOMLX_BACKEND=xla:cuda")
	case device.Go:
		env = append(env, "GOMLX_BACKEND=go")
	}
	path := c.weights
	if path == "" {
		path = os.Getenv(weights.EnvPath)
	}
	// The cells run in notebooks/, where a relative path would mean another file.
	if absolute, err := filepath.Abs(path); err == nil && path != "" {
		env = append(env, weights.EnvPath+"="+absolute)
	}
	if input := cmp.Or(c.input, os.Getenv(weights.EnvInput)); input != "" {
		env = append(env, weights.EnvInput+"="+input)
	}
	if cache, err := fetch.CacheDir(); err == nil {
		env = append(env, fetch.EnvCache+"="+cache)
	}
	return env
}
