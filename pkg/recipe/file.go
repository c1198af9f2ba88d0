// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"math"
	"slices"

	"convscope/pkg/picture"
)

// FileKind says what a [File] is.
type FileKind string

// The kinds of files.
const (
	// Vector is a direction: one number for each channel of a layer.
	Vector FileKind = "vector"
	// Photo is what a caricature exaggerates.
	Photo FileKind = "photo"
)

const (
	maxFiles = 1 << 8
	// maxVector is how many numbers a vector may have.
	maxVector = 1 << 12
	// maxPhoto is how many bytes the PNG of a photo may take to be kept, maxPhotoPixels how many pixels it may have,
	// and maxFileBytes how many bytes all files of a recipe may take.
	maxPhoto       = 1 << 20
	maxPhotoPixels = 1 << 20
	maxFileBytes   = 1 << 20
)

// File is a vector or photograph that the objective names by [File.Name]: where it came from is nobody else's
// business.
type File struct {
	// Kind is vector or photo.
	Kind FileKind `json:"kind"`
	// SHA256 is the hex hash of the vector as little-endian float32, or the photo's [picture.Hash].
	SHA256 string `json:"sha256"`
	// Data is the vector as little-endian float32, or the photo as a PNG. It is nil for a photo that would take more
	// than 1 MB: that has to be given again.
	Data []byte `json:"data,omitempty"`

	given *image.NRGBA
}

// NewVector describes a direction. It is kept in the recipe.
func NewVector(values []float32) File {
	data, _ := binary.Append(nil, binary.LittleEndian, values) // there is room for everything
	return File{Kind: Vector, SHA256: hashOf(values), Data: data}
}

// NewPhoto describes a photograph with opaque colours. It is kept in the recipe if it takes at most 1 MB.
func NewPhoto(photo *image.NRGBA) (File, error) {
	f := File{Kind: Photo, SHA256: picture.Hash(photo)}
	if size := photo.Bounds().Size(); size.X > maxPhotoPixels/max(size.Y, 1) {
		return f, nil
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, photo); err != nil {
		return File{}, fmt.Errorf("encoding the photo: %w", err)
	}
	if encoded.Len() <= maxPhoto {
		f.Data = encoded.Bytes()
	}
	return f, nil
}

// Name is what the objective calls the file.
func (f File) Name() string {
	extension := ".npy"
	if f.Kind == Photo {
		extension = ".png"
	}
	return f.SHA256[:min(len(f.SHA256), 16)] + extension
}

// Add appends a file, unless the recipe has it already. What no longer fits has to be given again.
func (r *Recipe) Add(f File) {
	if slices.ContainsFunc(r.Files, func(other File) bool { return other.Name() == f.Name() }) {
		return
	}
	if f.Kind == Photo && r.fileBytes()+len(f.Data) > maxFileBytes {
		f.Data = nil
	}
	r.Files = append(r.Files, f)
}

// fileBytes is how much the files take together.
func (r Recipe) fileBytes() int {
	total := 0
	for _, f := range r.Files {
		total += len(f.Data)
	}
	return total
}

// WithPhotos returns the recipe with photographs that it has no room for. Errors wrap [ErrFile].
func (r Recipe) WithPhotos(photos ...image.Image) (Recipe, error) {
	r.Files = slices.Clone(r.Files)
	for i, photo := range photos {
		bounds := photo.Bounds()
		flat := picture.Scale(photo, bounds, bounds.Dy(), bounds.Dx())
		hash, found := picture.Hash(flat), false
		for k := range r.Files {
			if r.Files[k].Kind == Photo && r.Files[k].SHA256 == hash {
				r.Files[k].given, found = flat, true
			}
		}
		if !found {
			return r, fmt.Errorf("%w: photo %d, of %dx%d pixels with the SHA-256 %s, is none of its photos",
				ErrFile, i+1, bounds.Dy(), bounds.Dx(), short(hash))
		}
	}
	return r, nil
}

// Missing returns an error that wraps [ErrFile] when the objective names a photograph that is not in the recipe and
// was not given.
func (r Recipe) Missing() error {
	for _, f := range r.Files {
		if f.Data == nil && f.given == nil {
			return fmt.Errorf("%w: its objective needs a photo that is not in the recipe (SHA-256 %s): give it again",
				ErrFile, short(f.SHA256))
		}
	}
	return nil
}

// file returns the file that the objective calls that.
func (r Recipe) file(kind FileKind, name string) (File, error) {
	for _, f := range r.Files {
		if f.Kind == kind && f.Name() == name {
			return f, nil
		}
	}
	if r.Format < filesFormat {
		return File{}, fmt.Errorf("%w: a version of convscope that kept no %ss saved the picture, so nothing can "+
			"make it again", ErrFile, kind)
	}
	return File{}, fmt.Errorf("%w: the objective names the %s %.40q, which is not in the recipe",
		ErrDamaged, kind, name)
}

// Vector returns the vector that the objective calls that. Errors wrap [ErrDamaged] or [ErrFile].
func (r Recipe) Vector(name string) ([]float32, error) {
	f, err := r.file(Vector, name)
	if err != nil {
		return nil, err
	}
	return f.vector()
}

// vector unpacks the numbers.
func (f File) vector() ([]float32, error) {
	values := make([]float32, len(f.Data)/4)
	if _, err := binary.Decode(f.Data, binary.LittleEndian, values); err != nil {
		return nil, fmt.Errorf("%w: a vector: %w", ErrDamaged, err)
	}
	if hashOf(values) != f.SHA256 {
		return nil, fmt.Errorf("%w: a vector has another SHA-256 than the recipe says", ErrDamaged)
	}
	return values, nil
}

// Photo returns the photograph that the objective calls that. Errors wrap [ErrDamaged] or [ErrFile].
func (r Recipe) Photo(name string) (image.Image, error) {
	f, err := r.file(Photo, name)
	if err != nil {
		return nil, err
	}
	if f.given != nil {
		return f.given, nil
	}
	if f.Data == nil {
		return nil, r.Missing()
	}
	img, err := png.Decode(bytes.NewReader(f.Data))
	if err != nil {
		return nil, fmt.Errorf("%w: a photo: %w", ErrDamaged, err)
	}
	if picture.Hash(img) != f.SHA256 {
		return nil, fmt.Errorf("%w: a photo has another SHA-256 than the recipe says", ErrDamaged)
	}
	return img, nil
}

// checkFiles checks sizes before anything is unpacked.
func (r Recipe) checkFiles() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: the recipe says "+format, append([]any{ErrDamaged}, args...)...)
	}
	if len(r.Files) > maxFiles || r.fileBytes() > maxFileBytes+maxFiles*maxVector*4 {
		return bad("%d files of %d bytes", len(r.Files), r.fileBytes())
	}
	for _, f := range r.Files {
		switch {
		case !sha256Hex.MatchString(f.SHA256):
			return bad("a file with the SHA-256 %.80q", f.SHA256)
		case f.Kind == Vector:
			if len(f.Data)%4 != 0 || len(f.Data) == 0 || len(f.Data)/4 > maxVector {
				return bad("a vector of %d bytes", len(f.Data))
			}
			values, err := f.vector()
			if err != nil {
				return err
			}
			if slices.ContainsFunc(values, func(v float32) bool {
				return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0)
			}) {
				return bad("a vector with a number that is none")
			}
		case f.Kind != Photo:
			return bad("a file that is a %.40q", f.Kind)
		case f.Data != nil:
			config, err := png.DecodeConfig(bytes.NewReader(f.Data))
			if err != nil {
				return fmt.Errorf("%w: a photo: %w", ErrDamaged, err)
			}
			if config.Height < 1 || config.Width < 1 || config.Width > maxPhotoPixels/config.Height {
				return bad("a photo of %dx%d pixels", config.Height, config.Width)
			}
		}
	}
	return nil
}
