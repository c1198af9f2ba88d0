// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package sample writes weights files for tests, with writers that share no code with the readers under test
// where there is a choice: GoMLX's for .npz, scigolib/hdf5's for .h5.
package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/scigolib/hdf5"
)

// Tensor is a named tensor; a kernel's axes are [height, width, in, out].
type Tensor struct {
	Name   string
	Shape  []int
	Values []float32
}

// SHA256 returns the hash of the values as little-endian bytes, in hex.
func (t Tensor) SHA256() string {
	return fmt.Sprintf("%x", sha256.Sum256(littleEndian(t.Values)))
}

// Net returns the tensors of a small chain of 3x3 convolutions: kernel and bias for each layer name, with
// channels[i] inputs and channels[i+1] outputs, and random values that a seed decides.
func Net(seed uint64, layers []string, channels ...int) []Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	var list []Tensor
	for i, layer := range layers {
		in, out := channels[i], channels[i+1]
		list = append(list,
			random(r, layer+"/kernel", 3, 3, in, out),
			random(r, layer+"/bias", out))
	}
	return list
}

func random(r *rand.Rand, name string, shape ...int) Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	t := Tensor{name, shape, make([]float32, n)}
	for i := range t.Values {
		t.Values[i] = float32(r.NormFloat64())
	}
	return t
}

// Rename returns the tensors under other names, which name gives by layer number and part.
func Rename(list []Tensor, name func(layer int, part string) string) []Tensor {
	out := make([]Tensor, len(list))
	for i, t := range list {
		_, part, _ := strings.Cut(t.Name, "/")
		out[i] = Tensor{name(i/2, part), t.Shape, t.Values}
	}
	return out
}

// Safetensors writes the tensors one after the other.
func Safetensors(list []Tensor) []byte {
	head := map[string]any{}
	var data []byte
	for _, t := range list {
		b := littleEndian(t.Values)
		head[t.Name] = map[string]any{"dtype": "F32", "shape": t.Shape,
			"data_offsets": []int{len(data), len(data) + len(b)}}
		data = append(data, b...)
	}
	text, err := json.Marshal(head)
	if err != nil {
		panic(err)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), data...)
}

// Npz writes the tensors with GoMLX's writer.
func Npz(list []Tensor) []byte {
	all := map[string]*tensors.Tensor{}
	for _, t := range list {
		all[t.Name] = tensors.FromFlatDataAndDimensions(t.Values, t.Shape...)
	}
	var out bytes.Buffer
	if err := numpy.ToNpzWriter(all, &out); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// Top returns kernel and bias of dense layers: the first takes a flattened picture of side x side x channels, each has
// as many units as said, and the next one as inputs.
func Top(seed uint64, layers []string, side, channels int, units ...int) []Tensor {
	r := rand.New(rand.NewPCG(seed, 1))
	in := side * side * channels
	var list []Tensor
	for i, layer := range layers {
		list = append(list, random(r, layer+"/kernel", in, units[i]), random(r, layer+"/bias", units[i]))
		in = units[i]
	}
	return list
}

// OutputFirst returns the tensors as PyTorch has them: each kernel's axes as [out, in, height, width], each matrix's
// as [out, in], and the inputs of the first matrix counted by channel first.
func OutputFirst(list []Tensor) []Tensor {
	out := make([]Tensor, len(list))
	channels := 0
	for i, t := range list {
		out[i] = outputFirst(t)
		if len(t.Shape) == 4 {
			channels = t.Shape[3]
		} else if len(t.Shape) == 2 && channels > 0 {
			out[i] = turn(channelsFirst(t, channels))
			channels = 0
		} else {
			out[i] = turn(out[i])
		}
	}
	return out
}

// channelsFirst counts a matrix's rows [channels, places] instead of [places, channels].
func channelsFirst(t Tensor, channels int) Tensor {
	rows, units := t.Shape[0], t.Shape[1]
	places := rows / channels
	values := make([]float32, 0, len(t.Values))
	for c := range channels {
		for p := range places {
			values = append(values, t.Values[(p*channels+c)*units:][:units]...)
		}
	}
	return Tensor{t.Name, t.Shape, values}
}

// turn swaps a matrix's axes.
func turn(t Tensor) Tensor {
	if len(t.Shape) != 2 {
		return t
	}
	rows, columns := t.Shape[0], t.Shape[1]
	values := make([]float32, 0, len(t.Values))
	for c := range columns {
		for r := range rows {
			values = append(values, t.Values[r*columns+c])
		}
	}
	return Tensor{t.Name, []int{columns, rows}, values}
}

func outputFirst(t Tensor) Tensor {
	if len(t.Shape) != 4 {
		return t
	}
	h, w, in, out := t.Shape[0], t.Shape[1], t.Shape[2], t.Shape[3]
	values := make([]float32, 0, len(t.Values))
	for o := range out {
		for i := range in {
			for a := range h * w {
				values = append(values, t.Values[(a*in+i)*out+o])
			}
		}
	}
	return Tensor{t.Name, []int{out, in, h, w}, values}
}

// Keras writes today's layout, /layers/NAME/vars/0 and 1, with scigolib's writer. The names of the tensors are
// NAME/kernel and NAME/bias.
func Keras(path string, list []Tensor) (err error) {
	w, err := hdf5.CreateForWrite(path, hdf5.CreateTruncate)
	if err != nil {
		return err
	}
	defer func() {
		if e := w.Close(); err == nil {
			err = e
		}
	}()
	made := map[string]bool{}
	for i, t := range list {
		layer, _, _ := strings.Cut(t.Name, "/")
		group := "/layers/" + layer + "/vars"
		for _, g := range []string{"/layers", "/layers/" + layer, group} {
			if !made[g] {
				if _, err := w.CreateGroup(g); err != nil {
					return err
				}
			}
			made[g] = true
		}
		dims := make([]uint64, len(t.Shape))
		for k, d := range t.Shape {
			dims[k] = uint64(d)
		}
		d, err := w.CreateDataset(fmt.Sprint(group, "/", i%2), hdf5.Float32, dims)
		if err != nil {
			return err
		}
		if err := d.Write(t.Values); err != nil {
			return err
		}
	}
	return nil
}

// Write writes a file into dir, in the format that its name's ending says.
func Write(dir, name string, list []Tensor) (path string, err error) {
	path = filepath.Join(dir, name)
	switch filepath.Ext(name) {
	case ".safetensors":
		err = os.WriteFile(path, Safetensors(list), 0o600)
	case ".npz":
		err = os.WriteFile(path, Npz(list), 0o600)
	case ".onnx":
		err = os.WriteFile(path, ONNX(list), 0o600)
	case ".h5":
		err = Keras(path, list)
	default:
		err = fmt.Errorf("no writer for %s", name)
	}
	return path, err
}

func littleEndian(values []float32) []byte {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
