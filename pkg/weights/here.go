// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import "os"

// Here reports whether [Open] would find the weights on this machine, without fetching anything: in the file that the
// environment variable names, or in the cache. It opens neither a named file nor all of the cache, so Open may still
// find them damaged.
func Here(m Manifest) bool {
	if os.Getenv(m.env()) != "" {
		return true
	}
	path, err := cachePath(m)
	if err != nil {
		return false
	}
	c, err := openCache(path, m)
	if err != nil {
		return false
	}
	return c.close() == nil
}
