// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery_test

import (
	"context"
	"fmt"
	"os"

	"convscope/pkg/device"
	"convscope/pkg/gallery"
	"convscope/pkg/network"
)

func Example() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	dev := device.MustNew(device.Options{Kind: device.Go})
	net, err := network.New(dev, two(1), network.Origin{}) // or network.MustOpen("my.keras")
	if err != nil {
		panic(err)
	}
	plan, err := gallery.New(net, gallery.Options{Layers: []string{"lower"}, Size: 12})
	if err != nil {
		panic(err)
	}
	fmt.Println(plan.Filters(), "filters,", len(plan.Shards()), "shard")
	if err := gallery.Create(dir, plan); err != nil {
		panic(err)
	}
	if err := gallery.Work(context.Background(), net, dir, gallery.WorkOptions{}); err != nil {
		panic(err)
	}
	report, err := gallery.Merge(context.Background(), net, dir)
	fmt.Println(report.Done, "done", err)
	_, err = os.Stat(dir + "/index.html")
	fmt.Println(err)
	// Output:
	// 4 filters, 1 shard
	// 4 done <nil>
	// <nil>
}
