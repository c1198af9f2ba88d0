// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/internal/scheduler"
	"convscope/pkg/gallery"
	"convscope/pkg/network"
)

// newGalleryWorkCommand makes "convscope gallery work".
func newGalleryWorkCommand() *cobra.Command {
	var out, shard, photos string
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Do a part of the work of a planned gallery",
		Long: "work makes every N-th shard of a planned gallery, from I on, those that are not there yet. It can be " +
			"killed, run twice, or run by\n" +
			"several at once: what is done is there, and is not made again.",
		Example: "  convscope gallery work --out /shared/gallery --shard 0/2    # on one machine\n" +
			"  convscope gallery work --out /shared/gallery --shard 1/2    # on another one",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var o gallery.WorkOptions
			var err error
			if o.Shard, o.Of, err = ownShard(shard); err != nil {
				return usageError{err}
			}
			plan, source, err := planned(cmd, out)
			if err != nil {
				return err
			}
			o.Photos = source.Photos
			if photos != "" {
				o.Photos = photos
			}
			net, err := loadModel(cmd.Context(), cmd)
			if err != nil {
				return err
			}
			defer net.Close()
			if err := workOn(cmd.Context(), net, out, o); err != nil {
				return err
			}
			shards := len(plan.Shards())
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d/%d is done, %d of %s\n", progress.Printable(out), o.Shard, o.Of,
				max(shards-o.Shard+o.Of-1, 0)/o.Of, english.Plural(shards, "shard", ""))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the gallery's folder")
	cmd.Flags().StringVar(&shard, "shard", "", "I/N does every N-th shard from I on, from 0: 0/1 is all\n(default: "+
		"what Slurm, Kubernetes, PBS, Grid Engine, AWS Batch or LSF says in a job array, else all)")
	cmd.Flags().StringVar(&photos, "photos", "",
		"folder of the photographs (default: where it was when the gallery was planned)")
	return cmd
}

// newGalleryMergeCommand makes "convscope gallery merge".
func newGalleryMergeCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "merge",
		Short: "Build a gallery's pages from whatever is there, and say what is missing",
		Long: "merge checks what was made of a planned gallery, builds its pages from that, and says " +
			"which shards are missing.",
		Example: "  convscope gallery merge --out /shared/gallery",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, _, err := planned(cmd, out); err != nil {
				return err
			}
			net, err := loadForHost(cmd)
			if err != nil {
				return err
			}
			defer net.Close()
			return merge(cmd, net, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the gallery's folder")
	return cmd
}

// ownShard is what the flag says, else what the scheduler does that started this process, else all.
func ownShard(flag string) (shard, of int, err error) {
	if flag != "" {
		return parseShard(flag)
	}
	task, err := scheduler.Read(os.LookupEnv)
	if errors.Is(err, scheduler.ErrNone) {
		return 0, 1, nil
	}
	return task.Shard, task.Shards, err
}

// parseShard reads I/N.
func parseShard(text string) (shard, of int, err error) {
	first, second, found := strings.Cut(text, "/")
	shard, err = strconv.Atoi(first)
	if err == nil {
		of, err = strconv.Atoi(second)
	}
	if !found || err != nil || of < 1 || shard < 0 || shard >= of {
		return 0, 0, fmt.Errorf("--shard %s: give I/N, such as 0/4 for the first of four workers and 3/4 for the last", text)
	}
	return shard, of, nil
}

// planned reads the plan of a folder, and names the network for the command as it was named then, unless flags do.
func planned(cmd *cobra.Command, dir string) (p gallery.Plan, s gallery.Source, err error) {
	if dir == "" {
		return p, s, usageError{errors.New("name the gallery's folder with --out")}
	}
	if p, err = gallery.Open(dir); errors.Is(err, gallery.ErrNoGallery) {
		return p, s, fmt.Errorf("%w: convscope gallery plan makes one", err)
	} else if err != nil {
		return p, s, err
	}
	if s, err = gallery.ReadSource(dir); err != nil {
		return p, s, err
	}
	if !cmd.Flags().Changed("model") {
		if _, builtIn := (network.Options{Model: p.Network}).BuiltIn(); builtIn && s.Model == "" {
			s.Model = p.Network
		}
		if s.Model == "" {
			return p, s, usageError{fmt.Errorf("%s is of %s: say where that lies with --model", dir, p.Network)}
		}
		for name, value := range map[string]string{
			"model": s.Model, "input": s.Input, "classes": s.Classes, "weights": s.Weights, "weights-input": s.WeightsInput,
		} {
			if value == "" || cmd.Flags().Changed(name) {
				continue
			}
			if err := cmd.Flags().Set(name, value); err != nil {
				return p, s, err
			}
		}
	} else if _, builtIn := (network.Options{Model: p.Network}).BuiltIn(); !builtIn && !cmd.Flags().Changed("input") {
		if err := cmd.Flags().Set("input", p.Input); err != nil { // as it was planned
			return p, s, err
		}
	}
	_, err = openNetwork(cmd)
	return p, s, err
}
