// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"fmt"

	"github.com/gomlx/compute"
)

// opened is a backend that started.
type opened struct {
	backend compute.Backend
	kind    Kind
	path    string   // of its plugin, "" if it has none
	api     string   // PJRT API version, such as "0.115"
	devices []string // what the backend says of each of its devices
	faults  []string // operations that it computes wrongly, and that convscope does without
}

// guard turns a backend's panic into an error.
func guard[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}
