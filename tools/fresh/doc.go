// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package fresh makes bare Debian systems in folders and runs commands in them: what README, the Dockerfile, the dev
// container and Binder promise is tried on a machine that has nothing else. It needs root and mmdebstrap, and asks for
// packages where the machine's own apt, pip and Go do.
//
//	system, err := fresh.Make(ctx, "bookworm", os.Stderr)
//	if err != nil {
//		return err
//	}
//	defer system.Remove()
//	err = system.Run(ctx, fresh.Command{Script: "apt-get update && apt-get install -y gcc"})
package fresh
