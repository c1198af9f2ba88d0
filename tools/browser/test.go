// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

// TestTab opens a browser with one page for a test; both are closed at its end. Without a browser the test is skipped,
// but where everything is asked for, CI must have one.
func TestTab(t *testing.T) *Page {
	t.Helper()
	level.Real(t, "drives a real browser")
	if _, err := Find(); err != nil && (os.Getenv("CI") == "" || !level.Full()) {
		t.Skip(err)
	}
	chromium, err := Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(chromium.Close)
	tab, err := chromium.Tab()
	require.NoError(t, err)
	return tab
}
