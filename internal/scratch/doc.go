// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package scratch makes directories for temporary files that do not outlive their process for long: what a killed one
// left is removed by the next.
//
//	dir, err := scratch.Make()
//	if err != nil {
//		return err
//	}
//	defer dir.Remove()
//	err = os.WriteFile(filepath.Join(dir.Path, "job.json"), job, 0o600)
package scratch
