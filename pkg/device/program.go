// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"convscope/pkg/device/internal/compiled"
	"convscope/pkg/device/internal/hook"
)

const (
	// EnvPrograms is the environment variable that keeps no compiled programs when it is "off".
	EnvPrograms = compiled.Env
	// EnvKernel is the environment variable that leaves all convolutions to XLA when it is "off". It counts whenever a
	// program is compiled.
	EnvKernel = hook.EnvKernel
)

// Programs are the programs that XLA has compiled for the CPU and that later processes load.
type Programs struct {
	Dir      string // the directory that they lie in
	Kept     int
	Bytes    int64
	Limit    int64 // bytes, beyond which the ones not used for longest go
	Loaded   int   // by the last process that loaded or compiled any
	Compiled int   // what that process had to compile
}

// KeptPrograms says what is kept. The error says why nothing can be; [EnvPrograms] is none.
func KeptPrograms() (Programs, error) {
	use, err := compiled.Usage()
	return Programs{Dir: use.Dir, Kept: use.Entries, Bytes: use.Bytes, Limit: compiled.Limit,
		Loaded: use.Last.Loaded, Compiled: use.Last.Compiled}, err
}

// ForgetPrograms removes all kept programs. Processes that run go on with what they have loaded.
func ForgetPrograms() error { return compiled.Empty() }
