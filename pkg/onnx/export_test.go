// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import "convscope/pkg/layer"

// ReadContent is Read of a file's content without the file, which takes most of the time of a small one.
func ReadContent(content []byte) (*layer.Network, error) {
	return (&mapping{path: "content", content: content}).read()
}
