// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image/png"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/picture"
)

const (
	// maxStart is how many bytes the PNGs of the pictures to start from may take together.
	maxStart = 1 << 20
	// maxStartPixels keeps a few bytes that stand for a giant picture from filling the memory.
	maxStartPixels = 1 << 26
)

// Start is what an ascent started from instead of noise.
type Start struct {
	// Shape is [pictures, height, width, channels].
	Shape []int `json:"shape"`
	// SHA256 is the hex hash of the values as little-endian float32.
	SHA256 string `json:"sha256"`
	// Pictures holds each one as a PNG. It is nil when that would lose something, or take more than 1 MB: then they
	// have to be given again.
	Pictures [][]byte `json:"pictures,omitempty"`
}

// NewStart describes pictures to start from, float32 [pictures, height, width, channels]. Gray levels that are whole
// numbers from 0 to 255, of gray or coloured pictures, are kept in it, as long as they take at most 1 MB.
func NewStart(pictures *tensors.Tensor) (*Start, error) {
	s, values, err := describe(pictures)
	if err != nil {
		return nil, err
	}
	channels := s.Shape[3]
	if channels != 1 && channels != 3 || slices.ContainsFunc(values, notByte) ||
		len(values)/channels > maxStartPixels {
		return s, nil
	}
	images, err := picture.Clip(pictures)
	if err != nil {
		return nil, err
	}
	var kept [][]byte
	total := 0
	for _, img := range images {
		var encoded bytes.Buffer
		if err := png.Encode(&encoded, img); err != nil {
			return nil, fmt.Errorf("encoding the start pictures: %w", err)
		}
		if total += encoded.Len(); total > maxStart {
			return s, nil
		}
		kept = append(kept, encoded.Bytes())
	}
	s.Pictures = kept
	return s, nil
}

// describe returns the pictures' shape and hash, and their values.
func describe(pictures *tensors.Tensor) (*Start, []float32, error) {
	if shape := pictures.Shape(); shape.DType != dtypes.Float32 || shape.Rank() != 4 || shape.Size() == 0 {
		return nil, nil, fmt.Errorf("%w: it is %s; needed is float32 [pictures, height, width, channels]",
			ErrStart, shape)
	}
	values, err := tensors.CopyFlatData[float32](pictures)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the start pictures: %w", err)
	}
	return &Start{Shape: slices.Clone(pictures.Shape().Dimensions), SHA256: hashOf(values)}, values, nil
}

// Tensor returns the pictures, float32 of the start's shape: those given, when they are the right ones, else those
// kept in the recipe. given may be nil. Errors wrap [ErrStart] or [ErrDamaged].
func (s *Start) Tensor(given *tensors.Tensor) (*tensors.Tensor, error) {
	if given != nil {
		other, _, err := describe(given)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(other.Shape, s.Shape) || other.SHA256 != s.SHA256 {
			return nil, fmt.Errorf("%w: it began from float32 %v with the SHA-256 %s, given was %v with %s",
				ErrStart, s.Shape, short(s.SHA256), other.Shape, short(other.SHA256))
		}
		return given, nil
	}
	if s.Pictures == nil {
		return nil, fmt.Errorf("%w: it began from pictures that are not in the recipe: give them again (float32 "+
			"%v with the SHA-256 %s)",
			ErrStart, s.Shape, short(s.SHA256))
	}
	if err := s.checkPictures(); err != nil {
		return nil, err
	}
	values := make([]float32, 0, s.Shape[0]*s.Shape[1]*s.Shape[2]*s.Shape[3])
	for _, encoded := range s.Pictures {
		img, err := png.Decode(bytes.NewReader(encoded))
		if err != nil {
			return nil, fmt.Errorf("%w: a start picture: %w", ErrDamaged, err)
		}
		for y := range s.Shape[1] {
			for x := range s.Shape[2] {
				r, g, b, _ := img.At(x, y).RGBA()
				values = append(values, []float32{float32(r >> 8), float32(g >> 8), float32(b >> 8)}[:s.Shape[3]]...)
			}
		}
	}
	if hashOf(values) != s.SHA256 {
		return nil, fmt.Errorf("%w: the start pictures have another SHA-256 than the recipe says", ErrDamaged)
	}
	return tensors.FromFlatDataAndDimensions(values, s.Shape...), nil
}

// Bytes is how much memory [Start.Tensor] takes for the pictures in the recipe, at most.
func (s *Start) Bytes() int64 {
	const float, pixel = 4, 8 // in bytes
	places := int64(s.Shape[1]) * int64(s.Shape[2])
	return int64(s.Shape[0])*places*int64(s.Shape[3])*float + places*pixel
}

// checkPictures checks the sizes of the pictures kept, before any is unpacked.
func (s *Start) checkPictures() error {
	if len(s.Shape) != 4 || slices.Min(s.Shape) < 1 || s.Shape[3] > 3 || len(s.Pictures) != s.Shape[0] ||
		s.Shape[1] > maxStartPixels/s.Shape[0]/s.Shape[2] {
		return fmt.Errorf("%w: %d start pictures for the shape %v", ErrDamaged, len(s.Pictures), s.Shape)
	}
	for _, encoded := range s.Pictures {
		config, err := png.DecodeConfig(bytes.NewReader(encoded))
		if err != nil {
			return fmt.Errorf("%w: a start picture: %w", ErrDamaged, err)
		}
		if config.Height != s.Shape[1] || config.Width != s.Shape[2] {
			return fmt.Errorf("%w: a start picture of %dx%d pixels for the shape %v",
				ErrDamaged, config.Height, config.Width, s.Shape)
		}
	}
	return nil
}

// notByte says that a picture with that gray level can't be kept as a PNG without loss.
func notByte(v float32) bool {
	return v != float32(uint8(min(max(v, 0), 255))) || math.Signbit(float64(v))
}

// hashOf returns the hash of values as little-endian float32, in hex.
func hashOf(values []float32) string {
	sum := sha256.New()
	_ = binary.Write(sum, binary.LittleEndian, values) // a hash takes everything
	return hex.EncodeToString(sum.Sum(nil))
}

// short is a hash's beginning, enough to tell two apart.
func short(hash string) string { return hash[:min(len(hash), 12)] }
