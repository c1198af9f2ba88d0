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
	"google.golang.org/protobuf/encoding/protowire"
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
		head[t.Name] = map[string]any{"dtype": "F32", "shape": t.Shape, "data_offsets": []int{len(data), len(data) + len(b)}}
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

// ONNX writes a model with a Conv node for each kernel and bias. The initializers stand in reverse, as a file
// may have them, and the kernels are [out, in, height, width].
func ONNX(list []Tensor) []byte {
	message := func(b []byte, number protowire.Number, m []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), m)
	}
	integer := func(b []byte, number protowire.Number, n int) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), uint64(n))
	}
	var graph []byte
	for i := 0; i+1 < len(list); i += 2 {
		node := message(nil, 1, fmt.Appendf(nil, "x%d", i/2))
		node = message(message(node, 1, []byte(list[i].Name)), 1, []byte(list[i+1].Name))
		node = message(message(node, 2, fmt.Appendf(nil, "x%d", i/2+1)), 4, []byte("Conv"))
		graph = message(graph, 1, node)
	}
	graph = message(graph, 2, []byte("chain"))
	for i := range list {
		t := outputFirst(list[len(list)-1-i])
		var b []byte
		for _, d := range t.Shape {
			b = integer(b, 1, d)
		}
		b = integer(b, 2, 1)
		b = message(b, 8, []byte(t.Name))
		graph = message(graph, 5, message(b, 9, littleEndian(t.Values)))
	}
	return message(integer(nil, 1, 8), 7, graph)
}

// OutputFirst returns the tensors with each kernel's axes as [out, in, height, width].
func OutputFirst(list []Tensor) []Tensor {
	out := make([]Tensor, len(list))
	for i, t := range list {
		out[i] = outputFirst(t)
	}
	return out
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
