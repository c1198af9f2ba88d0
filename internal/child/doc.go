// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package child runs programs that end when this process does, however it ends, and that a cancelled context ends
// together with all that they started.
//
//	output, err := child.Run(ctx, exec.Command("go", "build", "./..."), nil)
//	if err != nil && ctx.Err() == nil {
//		return fmt.Errorf("it could not be built: %s", output.Last(isComplaint))
//	}
package child
