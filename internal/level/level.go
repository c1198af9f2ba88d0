// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package level

import (
	"os"
	"testing"
)

// Env names the environment variable that asks for everything when it is [Everything].
const (
	Env        = "CONVSCOPE_TESTS"
	Everything = "full"
)

// Full says whether everything is asked for.
func Full() bool { return os.Getenv(Env) == Everything && !testing.Short() }

// Real skips the test under -short. why says what the test needs, such as "needs the weights (59 MB) and XLA".
func Real(t testing.TB, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why + ": run without -short")
	}
}

// OnlyFull skips the test unless everything is asked for. why says what makes it long.
func OnlyFull(t testing.TB, why string) {
	t.Helper()
	if !Full() {
		t.Skipf("%s: run with %s=%s", why, Env, Everything)
	}
}
