// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import "errors"

// errNotBuilt says why this build has no XLA: no plugin is even looked for then.
var errNotBuilt = errors.New("this program was built without XLA, which needs CGo, a C compiler, " +
	"and Linux or an M-series Mac")

func openXLA(string, Kind, string) (*opened, error) { return nil, errNotBuilt }

const cpuRelease = ""
