// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package hdf5 reads the part of HDF5 that networks are kept in: groups, datasets of floating-point numbers in one
// piece or in chunks, shuffled, compressed with gzip and summed up or not, and string attributes, in files of every
// version from 1.6 to today's.
//
//	f, err := hdf5.Open(file, size)
//	if err != nil { ... }
//	err = f.Walk(func(path string, o *hdf5.Object) error {
//		if o.IsDataset() { fmt.Println(path) }
//		return nil
//	})
//
// It is here because a weights file may come from anywhere, and a file that lies must cost no more than an error.
// Tried on files with a few bytes changed, scigolib/hdf5 v0.14.0 ran out of memory in 12 of 750 (by asking for half
// a terabyte, which no recover can catch), and it never ends on a group that holds itself. Here each address and size
// is checked against the file before it is used, all metadata together may not exceed a budget, and no object
// is visited twice. The tests read and write the same files with scigolib/hdf5 to compare.
//
// The layout follows the HDF5 File Format Specification 3.0; comments name its sections.
package hdf5
