// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package quiet

import (
	"flag"
	"io"

	"k8s.io/klog/v2"
)

func init() {
	settings := flag.NewFlagSet("", flag.PanicOnError)
	klog.InitFlags(settings)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := settings.Set(name, value); err != nil {
			panic(err) // this version of klog has no such flag, which the test would show
		}
	}
	klog.SetOutput(io.Discard) // in place of log files
}
