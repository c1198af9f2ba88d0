// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import "convscope/pkg/onnx"

func init() { readers[".onnx"] = onnx.Read }
