// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package file reads and writes the files that users name, so that nothing that is there is lost and nothing hangs:
// what is read must be a regular file, and what is written appears complete or not at all.
//
//	if err := file.Check(path, bytes); err != nil { // before the work: can it be written?
//		return err
//	}
//	err := file.Write(path, func(w io.Writer) error { return png.Encode(w, img) })
package file
