// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// newContestCommand makes "convscope contest": two methods side by side.
func newContestCommand() *cobra.Command {
	c := contest{}
	var method, against, size, blocks string
	cmd := &cobra.Command{
		Use:   "contest",
		Short: "Compare two methods on random filters",
		Long: "contest makes the pictures of random filters of each block by two methods, in turn, and scores them: " +
			"how many pictures of one are more\n" +
			"robust than the other's, and what they cost. With --out it draws both sheets side by side, one file a block.",
		Example: "  convscope contest --method crisp --against book --blocks 3,4,5 --filters 64 --out contest",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			height, width, err := parseSize(size)
			if err != nil {
				return usageError{err}
			}
			c.options = ascent.Options{Height: height, Width: width, Seed: c.options.Seed}
			for i, text := range []string{against, method} {
				if c.methods[i], err = ascent.ParseMethod(text); err != nil {
					return usageError{err}
				}
			}
			if c.methods[0].String() == c.methods[1].String() {
				return usageError{fmt.Errorf("%s is put beside itself: name two methods, with --method and --against",
					c.methods[0])}
			}
			if c.filters < 1 {
				return usageError{fmt.Errorf("filters %d: give at least 1", c.filters)}
			}
			if c.blocks, err = parseList("block", blocks, "3-5 or 1,3"); err != nil {
				return usageError{err}
			}
			return c.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&method, "method", "crisp", "a method, as pattern takes it")
	flags.StringVar(&against, "against", "book", "the method that it is compared with")
	flags.StringVar(&blocks, "blocks", "3,4,5", "blocks of VGG16, 1 to 5, such as 3-5")
	addWhole(flags, &c.filters, "filters", 64, "how many random filters of each block")
	flags.StringVar(&size, "size", "96", "pixels, such as 96, or HEIGHTxWIDTH")
	addSeed(flags, &c.options.Seed, ascent.BookSeed, "chooses the filters and the noise to start from")
	flags.StringVar(&c.photos, "photos", "", "folder of photographs that the activations are compared with")
	flags.StringVar(&c.out, "out", "", "draw the sheets, into files that begin so")
	return cmd
}

// contest is one run of the command.
type contest struct {
	methods     [2]ascent.Method
	blocks      []int
	filters     int
	options     ascent.Options
	photos, out string
}

// widestLayer is how many filters a layer of VGG16 has at most; those of one layer climb together.
const widestLayer = 512

// entry is one filter of a contest, with its picture and score by each method.
type entry struct {
	layer  string
	filter int
	images [2]image.Image
	scores [2]ascent.Score
	badges [2]string
}

func (c *contest) run(cmd *cobra.Command) error {
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	entries := make([][]*entry, len(c.blocks))
	for i, block := range c.blocks {
		var err error
		if entries[i], err = c.draw(table, block); err != nil {
			return err
		}
	}
	if err := c.check(cmd, table, entries); err != nil {
		return err
	}
	widest := make([]int, min(c.filters, widestLayer))
	if err := checkMemory(c.options, widest, nil, table.PictureChannels(), device.HostMemory()); err != nil {
		return err
	}
	var photos *album.Album
	if c.photos != "" {
		var err error
		if photos, err = album.Open(c.photos); err != nil {
			return err
		}
	}
	net, err := loadModel(cmd.Context(), cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	means, err := c.means(cmd.Context(), net, photos, entries)
	if err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	head, rule := "| block | filters | %[2]s more robust | robust activation, %[1]s | %[2]s | kept, %[1]s | %[2]s | "+
		"high frequencies, %[1]s | %[2]s |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
	if means != nil {
		head, rule = head+" more than to photographs, %[1]s | %[2]s |", rule+" --- | --- |"
	}
	fmt.Fprintf(w, head+" seconds a picture, %[1]s | %[2]s | ratio |\n", c.methods[0], c.methods[1])
	fmt.Fprintln(w, rule+" --- | --- | --- |")
	for i, block := range c.blocks {
		done, failure := c.climb(cmd.Context(), net, block, entries[i], means)
		if done > 0 {
			fmt.Fprint(w, c.line(block, entries[i][:done]))
			failure = errors.Join(failure, c.write(block, entries[i][:done]))
		}
		if cause := context.Cause(cmd.Context()); cause != nil {
			return fmt.Errorf("stopped early, the table holds the filters so far: %w", cause)
		} else if failure != nil {
			return failure
		}
	}
	return nil
}

// check finds out what can't work before anything is fetched or computed.
func (c *contest) check(cmd *cobra.Command, table *opened, entries [][]*entry) error {
	for _, method := range c.methods {
		options := c.options
		options.Method = method
		if err := options.Check(1); err != nil {
			return usageError{err}
		}
		for _, block := range entries {
			for _, e := range block {
				if err := table.checkSize(e.layer, method, options.Height, options.Width); err != nil {
					return err
				}
			}
		}
	}
	if c.out == "" {
		return nil
	}
	if ending := strings.ToLower(filepath.Ext(c.out)); slices.Contains(otherPictures, ending) {
		return usageError{fmt.Errorf("--out %s: the sheets are JPEGs: give what their names begin with, such as %s",
			c.out, strings.TrimSuffix(c.out, filepath.Ext(c.out)))}
	}
	var outputs []output
	for _, block := range c.blocks {
		outputs = append(outputs, output{flag: "--out", path: c.path(block), holds: "a JPEG", bytes: figure})
	}
	return checkOutputs(cmd, outputs, inFolder("--photos", c.photos)...)
}

// otherPictures are endings that promise another format.
var otherPictures = []string{".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pdf", ".svg", ".md",
	".csv", ".json", ".npy"}

// blocks is how many VGG16 has. Of another network they are fifths of its convolutions.
const blocks = 5

// draw chooses the filters, in the order of their layers.
func (c *contest) draw(table *opened, block int) ([]*entry, error) {
	var all []*entry
	convolutions := table.kernels()
	for i, layer := range convolutions {
		own := strings.HasPrefix(layer.Name, fmt.Sprintf("block%d_", block))
		if !table.vgg16 {
			own = 1+i*blocks/len(convolutions) == block
		}
		if own {
			for filter := range layer.Filters {
				all = append(all, &entry{layer: layer.Name, filter: filter})
			}
		}
	}
	if len(all) == 0 {
		return nil, usageError{fmt.Errorf("%s has no block %d: choose 1 to %d", table.Network().Name, block, blocks)}
	}
	random := rand.New(rand.NewPCG(c.options.Seed, uint64(block)))
	places := random.Perm(len(all))[:min(c.filters, len(all))]
	slices.Sort(places)
	chosen := make([]*entry, len(places))
	for i, place := range places {
		chosen[i] = all[place]
	}
	return chosen, nil
}

// means are the filters' mean activations on the photographs in the layers of all entries, by the layers' names.
func (c *contest) means(ctx context.Context, net *network.Model, photos *album.Album,
	entries [][]*entry) (map[string][][]float32, error) {
	if photos == nil {
		return nil, nil
	}
	var layers []string
	for _, block := range entries {
		for _, e := range block {
			if !slices.Contains(layers, e.layer) {
				layers = append(layers, e.layer)
			}
		}
	}
	all, err := meansOf(ctx, photos, net, c.options.Height, c.options.Width, layers...)
	if err != nil {
		return nil, err
	}
	means := make(map[string][][]float32)
	for i, layer := range layers {
		means[layer] = all[i]
	}
	return means, nil
}

// climb makes and scores the pictures, layer by layer, by one method and the other, and returns how many of the
// entries it has done.
func (c *contest) climb(ctx context.Context, net *network.Model, block int, entries []*entry,
	means map[string][][]float32) (done int, err error) {
	bar := progress.New(fmt.Sprintf("block %d: pictures", block), int64(2*len(entries)), progress.Things)
	defer bar.Done()
	climbed := 0
	for len(entries) > 0 {
		count := 1
		for count < len(entries) && entries[count].layer == entries[0].layer {
			count++
		}
		filters := make([]int, count)
		for i, e := range entries[:count] {
			filters[i] = e.filter
		}
		target, err := net.Channels(entries[0].layer, filters...)
		if err != nil {
			return done, err
		}
		for k, method := range c.methods {
			options := c.options
			options.Method = method
			result, err := ascent.Run(ctx, target, options)
			if err != nil {
				return done, err
			}
			if result.Stopped {
				return done, context.Cause(ctx)
			}
			images, err := result.Images()
			if err != nil {
				return done, err
			}
			scores, err := ascent.Rate(ctx, target, result)
			if err != nil {
				return done, err
			}
			for i, e := range entries[:count] {
				scores[i].Beaten = ascent.Beaten(scores[i].Activation, e.filter, means[e.layer])
				e.scores[k], e.badges[k] = scores[i], result.Badges()[i]
				if c.out != "" {
					e.images[k] = picture.Fit(images[i], sheetTile) // the whole ones of a block could fill the memory
				}
			}
			climbed += count
			bar.Set(int64(climbed))
		}
		entries, done = entries[count:], done+count
	}
	return done, nil
}
