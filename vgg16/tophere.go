// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import "convscope/pkg/weights"

// TopIsHere reports whether the weights of the top are on this machine, so that loading them fetches nothing: in the
// file that CONVSCOPE_TOP_WEIGHTS names, or in the cache.
func TopIsHere() bool {
	manifest, err := TopManifest()
	return err == nil && weights.Here(manifest)
}
