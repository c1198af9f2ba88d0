// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import "convscope/pkg/keras"

func init() { readers[".keras"], readers[".h5"], readers[".hdf5"] = keras.Read, keras.Read, keras.Read }
