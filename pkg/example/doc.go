// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package example finds the pieces of photographs that excite a layer's filters most.
package example
