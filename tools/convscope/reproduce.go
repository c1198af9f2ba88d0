// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/pkg/weights/format"
)

// newReproduceCommand makes "convscope reproduce": a saved picture, made again.
func newReproduceCommand() *cobra.Command {
	var out, start string
	var photos []string
	cmd := &cobra.Command{
		Use:   "reproduce FILE.png",
		Short: "Make a saved picture again from the recipe inside it",
		Long: "reproduce makes the picture of a file that pattern or grid saved once more, with the same weights " +
			"and knobs, and compares the\n" +
			"two: on the same machine, with the same device and versions, the new file is identical, byte for byte.",
		Example: "  convscope reproduce block3_conv1_0.png\n" +
			"  convscope reproduce old.png --device go --out check.png",
		Args: onePicture,
		RunE: func(cmd *cobra.Command, args []string) error {
			r := &reproduction{file: args[0], out: out, start: start, photos: photos}
			if r.out == "" {
				r.out = againPath(r.file)
			}
			return r.run(cmd)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the picture to write (default FILE_again.png)")
	cmd.Flags().StringVar(&start, "start", "", "the .npy file that it began from, when the recipe does not hold it")
	cmd.Flags().StringArrayVar(&photos, "photo", nil,
		"the photograph of its caricature, when the recipe does not hold it; once for each")
	return cmd
}

// againPath is where the new picture goes when nobody says.
func againPath(path string) string {
	extension := filepath.Ext(path)
	if !strings.EqualFold(extension, ".png") {
		return path + "_again.png"
	}
	return strings.TrimSuffix(path, extension) + "_again" + extension
}

// reproduction is one run of the command.
type reproduction struct {
	file, out, start string
	photos           []string
	recipe           recipe.Recipe
	original         *original
}

// run checks, makes the picture, writes it and compares.
func (r *reproduction) run(cmd *cobra.Command) (err error) {
	if r.recipe, err = readRecipe(r.file); err != nil {
		return &fileError{err}
	}
	if flags := cmd.Flags(); r.recipe.Network != "" && flags.Changed("model") && !flags.Changed("input") {
		if err := flags.Set("input", r.recipe.Input); err != nil { // as it was fed then
			return err
		}
	}
	cmd.Annotations = map[string]string{usualNetwork: networkOf(r.recipe)}
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	options, err := r.prepare(table)
	if err != nil {
		return err
	}
	defer r.original.file.Close()
	var photos []input
	for _, path := range r.photos {
		photos = append(photos, input{"--photo", path})
	}
	if err := checkOutputs(cmd, []output{{flag: "--out", path: r.out, holds: "a PNG", bytes: figure}},
		photos...); err != nil {
		return err
	}
	ctx, began := cmd.Context(), time.Now()
	net, err := loadModelTaking(ctx, cmd, r.recipe.WeightsInput)
	if err != nil {
		return err
	}
	defer net.Close()
	load := time.Since(began)
	bar := progress.New(r.recipe.Layer, int64(r.recipe.Work()), progress.Steps)
	options.Progress, options.Every = func(p ascent.Progress) { bar.Set(int64(p.Done)) }, climbBarTime
	result, made, err := net.Reproduce(ctx, r.recipe, options)
	bar.Done()
	if err != nil {
		return r.explain(err)
	}
	result.Time.Load = load
	images, err := result.Images()
	if err != nil {
		return err
	}
	img := made.Draw(images, result.Badges())
	if file.Same(r.out, r.file) {
		if c, err := r.original.compare(img, r.recipe, made); err != nil || c.same != identical {
			return errors.Join(err, fmt.Errorf("%s stays as it is, since the new picture is not the same: name "+
				"another file with --out", r.file))
		}
	}
	if err := file.Write(r.out, func(w io.Writer) error { return recipe.Encode(w, img, made) }); err != nil {
		return err
	}
	return r.report(ctx, words(cmd, r.out), result, made, img)
}

// networkOf names the network that comes along, other than VGG16, whose weights made a picture; "" if none did.
func networkOf(made recipe.Recipe) string {
	for _, b := range network.BuiltIns() {
		if b.Name != "vgg16" && b.Fingerprint() == made.Weights {
			return b.Name
		}
	}
	return ""
}

// prepare reads the file and finds out what can't work before anything is fetched or computed.
func (r *reproduction) prepare(table *opened) (o ascent.Options, err error) {
	if r.recipe, err = r.withPhotos(); err != nil {
		return o, err
	}
	if r.original, err = readOriginal(r.file); err != nil { // before --out may put the new one in its place
		return o, err
	}
	if err := r.checkNetwork(table); err != nil {
		return o, err
	}
	if r.start != "" {
		if o.Start, err = format.ReadPictures(r.start); err != nil {
			return o, err
		}
	}
	if s := r.recipe.Start; s == nil && o.Start != nil {
		err = fmt.Errorf("%w: it began from noise: leave --start away", recipe.ErrStart)
	} else if s != nil && (s.Pictures == nil || o.Start != nil) {
		// What the recipe holds is unpacked when there is memory for the job.
		_, err = s.Tensor(o.Start)
	}
	if err != nil {
		return o, r.explain(err)
	}
	return o, nil
}

// checkNetwork finds out whether the recipe can be one of the network's. Which weights it has is known later.
func (r *reproduction) checkNetwork(table *opened) error {
	err := table.CheckRecipe(r.recipe)
	need := r.recipe.Network
	switch own := networkOf(r.recipe); {
	case own != "" && own != table.Network().Name:
		return &fileError{fmt.Errorf("%s: it is of %s: leave --model away", r.file, own)}
	case need != "" && table.vgg16:
		return &fileError{fmt.Errorf("%s: it is of another network than VGG16, %q: give it with --model",
			r.file, need)}
	case need == "" && !table.vgg16 && err != nil:
		return &fileError{fmt.Errorf("%s: it is of VGG16: leave --model away", r.file)}
	case err != nil && need != "" && need != filepath.Base(table.options.Model):
		return &fileError{fmt.Errorf("%s: it is of another network, %q: give it with --model", r.file, need)}
	case err != nil:
		return r.explain(err)
	}
	return nil
}

// withPhotos is the recipe with the photographs of --photo.
func (r *reproduction) withPhotos() (recipe.Recipe, error) {
	var photos []image.Image
	for _, path := range r.photos {
		photo, err := picture.Open(path)
		if err != nil {
			return r.recipe, err
		}
		photos = append(photos, photo)
	}
	with, err := r.recipe.WithPhotos(photos...)
	if err != nil {
		return r.recipe, r.explain(err)
	}
	return with, nil
}

// fileError is about what a file holds, and not about the command line that names it.
type fileError struct{ error }

func (e *fileError) Unwrap() error { return e.error }

// explain says of an error what the command line can do about it.
func (r *reproduction) explain(err error) error {
	switch {
	case errors.Is(err, recipe.ErrStart) && r.start == "":
		return fmt.Errorf("%s: %w: name its .npy file with --start", r.file, err)
	case errors.Is(err, recipe.ErrFile) && r.recipe.Missing() != nil:
		return fmt.Errorf("%s: %w: name its file with --photo", r.file, err)
	}
	return &fileError{fmt.Errorf("%s: %w", r.file, err)}
}

// report compares the new picture with the old one and says in a line or two what came out.
func (r *reproduction) report(ctx context.Context, w io.Writer, result *ascent.Result, made recipe.Recipe,
	img image.Image) error {
	if !slices.Equal(made.Taken, r.recipe.Taken) {
		return fmt.Errorf("stopped early, %s holds the picture so far: %w", r.out, context.Cause(ctx))
	}
	fmt.Fprintf(w, "%s: %s on %s; load %.2f s, compile %.2f s, ascent %.2f s\n",
		progress.Printable(r.out), result.Options, result.Backend,
		result.Time.Load.Seconds(), result.Time.Compile.Seconds(), result.Time.Ascent.Seconds())
	c, err := r.original.compare(img, r.recipe, made)
	if err != nil {
		return fmt.Errorf("%s is written, but %s can't be compared with it: %w", r.out, r.file, err)
	}
	_, err = fmt.Fprintln(w, r.verdict(c, made))
	return err
}

// verdict says in one line how equal the pictures are, and why not.
func (r *reproduction) verdict(c comparison, made recipe.Recipe) string {
	why := strings.Join(r.recipe.Differences(made), "; ")
	switch {
	case c.same == identical:
		return c.same
	case c.changed && c.again:
		return fmt.Sprintf("%s; %s was changed since it was saved, %s is as it was", c.same, r.file, r.out)
	case c.changed && why == "":
		return fmt.Sprintf("%s; %s was changed since it was saved", c.same, r.file)
	case c.changed:
		return fmt.Sprintf("%s; %s was changed since it was saved; %s", c.same, r.file, why)
	case why != "":
	case c.same == identicalPixels:
		why = "another program wrote the file"
	default:
		why = "nothing in the recipe differs, so the processor or the number of its cores may, " +
			"or the code of convscope"
		if r.recipe.Pixels == "" { // only since then a change shows
			why += "; or the picture was changed since it was saved"
		}
	}
	return c.same + "; " + why
}
