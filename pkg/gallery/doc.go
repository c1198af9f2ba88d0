// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package gallery makes a folder with a page for every filter of a network: shard by shard, by one process or by many,
// and the pages from whatever is there.
package gallery
