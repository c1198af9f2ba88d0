// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package page holds the pages of a gallery: HTML, style and script, and the data that they show.
package page
