// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/tools/bench"
)

// torch and keras are what exports networks, beside the bench's PyTorch and Keras.
var (
	torch = []string{"torchvision==0.29.2", "onnx==1.23.2", "onnxscript==0.7.2", "onnx_ir==1.1.0", "ml_dtypes==0.6.0",
		"onnxruntime==1.32.0", "protobuf==7.36.2", "flatbuffers==25.12.19", "packaging==26.4"}
	keras = []string{"tf2onnx==1.17.0", "onnx==1.23.2"}
)

// python is one of the bench's, and the folder with other packages for it.
func python(t *testing.T, peer string, packages []string) (python, site string) {
	t.Helper()
	ctx := context.Background()
	python, err := bench.Peer{Name: peer, Title: peer}.Install(ctx)
	require.NoError(t, err)
	cache, err := fetch.CacheDir()
	require.NoError(t, err)
	site = filepath.Join(cache, fmt.Sprintf("test-onnx-%.6x", sha256.Sum256([]byte(strings.Join(packages, " ")))))
	unlock, err := fetch.Lock(ctx, site+".lock")
	require.NoError(t, err)
	defer unlock()
	if _, err := os.Stat(site); err == nil {
		return python, site
	}
	part := t.TempDir()
	arguments := []string{"-m", "pip", "install", "--quiet", "--no-deps", "--target", filepath.Join(part, "site")}
	pip := exec.Command(python, append(arguments, packages...)...)
	pip.Env = fetch.PipEnv(ctx, python, part, "install")
	out, err := pip.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.CopyFS(site+".part", os.DirFS(filepath.Join(part, "site"))))
	require.NoError(t, os.Rename(site+".part", site))
	return python, site
}
