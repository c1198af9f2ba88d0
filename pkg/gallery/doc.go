// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package gallery makes a folder with a page for every filter of a network: shard by shard, by one process or by many,
// and the pages from whatever is there.
//
//	plan, err := gallery.New(net, gallery.Options{Layers: []string{"conv2d_3"}})
//	err = gallery.Create(dir, plan)
//	err = gallery.Work(ctx, net, dir, gallery.WorkOptions{}) // or every N-th shard each, on N machines
//	report, err := gallery.Merge(ctx, net, dir)
//
// A [Plan] is all that decides what the gallery holds, and lies in the folder. A [Shard] is done when its record is
// there: that has the size and SHA-256 of each of its files, and what the pages say of its filters. Files appear under
// their names complete or not at all, and what is in them depends on the plan alone, so nobody has to agree on who
// does what: two that do the same shard write the same bytes.
package gallery
