// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

// LoadAs is [Load] for the weights of a manifest, which may have any number of filters.
var LoadAs = load
