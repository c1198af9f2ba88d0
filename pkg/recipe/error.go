// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import "errors"

var (
	// ErrNotPNG means that what was read is no PNG.
	ErrNotPNG = errors.New("not a PNG: give a picture that convscope saved")
	// ErrNone means that the PNG has no recipe: another program made it, or saved it again.
	ErrNone = errors.New("a PNG without a recipe: only pictures that convscope saved have one, and " +
		"other programs may drop it")
	// ErrDamaged means that the PNG is cut short or has a wrong checksum, or that the recipe in it makes no sense.
	ErrDamaged = errors.New("damaged")
	// ErrFormat means that the recipe has a form that this version of convscope does not know.
	ErrFormat = errors.New("a recipe of another version of convscope")
	// ErrStart means that the pictures to start from are missing, or are others than the recipe's.
	ErrStart = errors.New("not what the recipe starts from")
	// ErrFile means that a photograph that the objective names is missing, or that one was given that it does not
	// name.
	ErrFile = errors.New("not what the recipe's objective needs")
)
