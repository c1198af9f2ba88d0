// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// Fingerprint tells a network with its weights from others: the SHA-256, in hex, over the table, layer by layer, with
// the weights' names, shapes and values. How pictures go in, and what the classes are called, is not part of it.
// Weights that can't be read count as such.
func Fingerprint(net *layer.Network) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "network %d\n", net.Input.Channels)
	for _, l := range net.Layers {
		fmt.Fprintf(sum, "layer %q of %q: %s, %s\n", l.Name, l.Inputs, described(l.Op), described(l.Activation))
		for _, role := range slices.Sorted(maps.Keys(l.Weights)) {
			w := l.Weights[role]
			fmt.Fprintf(sum, "%q %v %s\n", role, w.Shape, weightHash(w))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// described is an operation's or an activation's kind with those options that are not zero: an option that a later
// version has changes nothing where it isn't used.
func described(v any) string {
	if v == nil {
		return "none"
	}
	value := reflect.ValueOf(v)
	text := value.Type().Name()
	if value.Kind() != reflect.Struct {
		return fmt.Sprintf("%s %q", text, fmt.Sprint(v))
	}
	for i := range value.NumField() {
		if field := value.Field(i); !field.IsZero() {
			text += fmt.Sprintf(" %s=%+v", value.Type().Field(i).Name, field)
		}
	}
	return text
}

// weightHash is the SHA-256 of the values as little-endian float32.
func weightHash(w layer.Weight) string {
	value, err := w.Read()
	if err != nil {
		return err.Error()
	}
	sum := sha256.New()
	err = tensors.ConstFlatData(value, func(values []float32) { hashValues(sum, values) })
	if err != nil {
		return err.Error()
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// hashValues adds values to a hash, some at a time.
func hashValues(sum hash.Hash, values []float32) {
	const some = 1 << 14
	buffer := make([]byte, 0, 4*some)
	for part := range slices.Chunk(values, some) {
		buffer = buffer[:0]
		for _, v := range part {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		sum.Write(buffer)
	}
}
