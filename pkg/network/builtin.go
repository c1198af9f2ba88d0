// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"slices"
	"sync"

	"convscope/pkg/device"
	"convscope/pkg/layer"
)

// BuiltIn is a network that comes along. Its package registers it, so a program that wants it by name imports that.
type BuiltIn struct {
	// Name is what --model takes.
	Name string
	// Package is the path of its package, which a program that wants it by name imports.
	Package string
	// About says in a line what it is.
	About string
	// Network is its table, without weights.
	Network func() *layer.Network
	// Fingerprint is that of its official weights.
	Fingerprint func() string
	// Open loads it, fetching its weights when needed.
	Open func(ctx context.Context, dev *device.Device, options Options) (*Model, error)
}

var (
	builtInsMutex sync.Mutex
	builtIns      []BuiltIn
)

// Register adds a network that comes along; packages call it when they are initialised.
func Register(b BuiltIn) {
	builtInsMutex.Lock()
	defer builtInsMutex.Unlock()
	builtIns = append(builtIns, b)
}

// BuiltIns lists the networks that come along.
func BuiltIns() []BuiltIn {
	builtInsMutex.Lock()
	defer builtInsMutex.Unlock()
	return slices.Clone(builtIns)
}

// officially finds the network that comes along whose official weights have that fingerprint.
func officially(fingerprint string) (BuiltIn, bool) {
	for _, b := range BuiltIns() {
		if b.Fingerprint() == fingerprint {
			return b, true
		}
	}
	return BuiltIn{}, false
}
