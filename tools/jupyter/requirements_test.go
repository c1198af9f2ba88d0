// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

func TestRequirements(t *testing.T) {
	pins := map[string][]string{} // name -> conditions
	for _, line := range jupyter.Requirements() {
		found := jupyter.Requirement.FindStringSubmatch(line)
		require.NotNil(t, found, "not pinned to one version: %q", line)
		pins[found[1]] = append(pins[found[1]], found[3])
	}
	for _, needed := range []string{"jupyterlab", "nbclient", "nbconvert", "nbformat",
		"jupyter-client", "pyzmq", "tornado",
		"psutil", "latex2mathml"} {
		require.Contains(t, pins, needed)
	}
	require.NotContains(t, pins, "ipykernel", "the Go kernel is the only one")
	text, err := os.ReadFile("requirements.txt")
	require.NoError(t, err)
	hashes := map[string]int{}
	pin := ""
	for line := range strings.Lines(string(text)) {
		switch fields := strings.Fields(line); {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "    "):
			require.Regexp(t, `^--hash=sha256:[0-9a-f]{64}$`, fields[0])
			hashes[pin]++
		default:
			pin = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), `\`))
		}
	}
	require.Len(t, hashes, len(jupyter.Requirements()))
	for _, line := range jupyter.Requirements() {
		require.NotZero(t, hashes[line], "without a hash: %s", line)
	}
	for name, conditions := range pins {
		if len(conditions) > 1 {
			require.NotContains(t, conditions, "", "%s: pinned for every Python and for some", name)
		}
	}
}

func TestKernelModule(t *testing.T) {
	require.Regexp(t, `^\d+\.\d+\.\d+$`, jupyter.GonbVersion())
	for _, tool := range []string{"github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports",
		"golang.org/x/tools/gopls"} {
		require.Regexp(t, `(?m)^\t`+regexp.QuoteMeta(tool)+`$`, jupyter.KernelMod, "a tool of the kernel's module")
	}
	for line := range strings.Lines(jupyter.KernelMod) {
		if fields := strings.Fields(line); len(fields) >= 2 && strings.HasPrefix(fields[1], "v") {
			require.Contains(t, jupyter.KernelSum, fields[0]+" "+fields[1]+"/go.mod h1:")
		}
	}
	require.NotContains(t, jupyter.KernelMod, "replace")
}

func TestPipReason(t *testing.T) {
	for name, test := range map[string]struct{ output, want string }{
		"no network": {"Collecting anyio==4.16.0\n" +
			"WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by " +
			"'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to " +
			"establish a new connection: [Errno -2] Name or service not known')': /simple/anyio/\n" +
			"ERROR: Could not find a version that satisfies the requirement anyio==4.16.0 (from versions: none)\n" +
			"ERROR: No matching distribution found for anyio==4.16.0\n", "no connection: Name or service not known"},
		"disk full": {"Collecting x\nERROR: Could not install packages due to an OSError: [Errno 28] No " +
			"space left on device\n\n",
			"Could not install packages due to an OSError: [Errno 28] No space left on device"},
		"not for this Python": {"ERROR: No matching distribution found for rpds-py==2026.9.1\n",
			"No matching distribution found for rpds-py==2026.9.1"},
		"silent": {"", ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, jupyter.PipReason(test.output)) })
	}
}
