# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

# The lessons' first cell runs this in the directory in which the kernel compiles cells: from then on cells use the
# packages of this clone, and all others at the versions that it pins.
set -e
clone=$(cd "$(dirname "$0")/.." && pwd)
go mod edit -replace "convscope=$clone" -require convscope@v0.0.0
cp "$clone/go.sum" .
go get convscope/notebooks/check convscope/playground
