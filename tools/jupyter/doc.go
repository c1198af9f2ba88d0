// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package jupyter keeps a private Jupyter with a Go kernel, and runs notebooks in it.
//
// Everything lives in the cache directory: a Python virtual environment with JupyterLab, nbclient and nbconvert at
// exact versions, and GoNB built from source with its own kernel spec. The user's Jupyter, its settings and its
// kernels are neither read nor written.
//
//	env, err := jupyter.Install(ctx, jupyter.Options{})
//	nb, err := jupyter.ReadNotebook("notebooks/2-filters.ipynb")
//	done, err := env.Run(ctx, nb, jupyter.RunOptions{Dir: "notebooks"}) // a clean kernel, cell by cell
//	err = done.Write("out/2-filters.ipynb")
//	err = env.HTML(ctx, "out/2-filters.ipynb", "out/2-filters.html") // one file, nothing to load from elsewhere
//	names, err := done.WritePictures("out", "2-filters")             // out/2-filters-cell07-1.png ...
//
// A notebook that stops gives a [CellError], which names the cell and says why. A cancelled context ends the kernel,
// the running cell and everything that they started.
package jupyter
