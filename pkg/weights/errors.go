// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"convscope/pkg/weights/format"
)

var (
	// ErrUnfit means that a file holds another model's tensors: one is missing or has another shape.
	ErrUnfit = errors.New("not this model's weights")
	// ErrNoClassifier means that a file has the convolutions only, where the classifier is wanted too.
	ErrNoClassifier = errors.New("it has no classifier")
	// ErrNotFinite means that a file has a NaN or an infinity, with which a network computes nothing else.
	ErrNotFinite = errors.New("not usable as weights")
	// ErrNotOfficial means that tensors which should be the official ones have other values.
	ErrNotOfficial = errors.New("not the ImageNet weights")
	// ErrDamagedCache means that the cached copy is truncated or damaged. Open and Tensor fetch it again by
	// themselves; the error reaches the caller only if that fails as well.
	ErrDamagedCache = errors.New("the cached weights are damaged")
	// ErrNoTensor means that the model has no tensor of that name.
	ErrNoTensor = errors.New("no such tensor")
	// ErrClosed means that a File was used after Close.
	ErrClosed = errors.New("weights file is closed")
)

// SourcesError is the error of Open when no source could give the weights.
type SourcesError struct {
	Model string
	Tried []error // one for each source, in the order tried
	Env   string  // the environment variable that gives a file
	Files string  // what may be in it; "" is format.Accepted
}

// Error says in one line what was tried and how to go on.
func (e *SourcesError) Error() string {
	tried := make([]string, len(e.Tried))
	for i, err := range e.Tried {
		tried[i] = err.Error()
	}
	if len(tried) == 0 {
		tried = []string{"the manifest names no source"}
	}
	return fmt.Sprintf("cannot get the weights of %s: %s; to go on offline, copy a weights file (%s) here "+
		"and set %s to its path",
		e.Model, strings.Join(tried, "; "), cmp.Or(e.Files, format.Accepted), e.Env)
}

// Unwrap lets errors.Is look into every source's error.
func (e *SourcesError) Unwrap() []error { return e.Tried }
