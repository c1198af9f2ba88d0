// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package browser opens notebooks in a real JupyterLab or Jupyter Notebook in headless Chromium, for tests that look
// and click as a reader does.
//
//	server, err := browser.Serve(ctx, env, "notebooks", nil)
//	chromium, err := browser.Open(ctx)
//	page, err := chromium.Tab()
//	err = page.OpenNotebook(server, browser.Lab, "5-playground.ipynb", 18) // which has 18 cells
//	err = page.Run(2)
package browser
