# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes the test files in this directory. Made with h5py 3.16 and HDF5 2.0: pip install h5py; python3 make.py"""
import gzip
import os

import h5py
import numpy as np

LAYERS = [("block1_conv1", 3, 2), ("block1_conv2", 2, 2), ("block2_conv1", 2, 4)]


def values(*shape, start=0):
    return (np.arange(np.prod(shape), dtype="float32") * 0.5 + start).reshape(shape)


def legacy(path, strings, **options):
    """The layout of Keras 2: layer_names, weight_names."""
    with h5py.File(path, "w", **options) as f:
        f.attrs["layer_names"] = strings(["input_1"] + [name for name, _, _ in LAYERS] + ["block1_pool"])
        f.attrs["backend"] = b"tensorflow"
        for name in ("input_1", "block1_pool"):
            f.create_group(name).attrs["weight_names"] = []
        for name, i, o in LAYERS:
            g = f.create_group(name)
            g.attrs["weight_names"] = strings([name + "_W_1:0", name + "_b_1:0"])
            g[name + "_W_1:0"] = values(3, 3, i, o)
            g[name + "_b_1:0"] = values(o, start=100)


def fixed(names):
    return [n.encode() for n in names]


def variable(names):
    return np.array(names, dtype=object)


legacy("legacy.h5", fixed)
legacy("latest.h5", fixed, libver="latest")
legacy("variable.h5", variable, libver="latest")

# Many names in one group (of small objects: committed types), so that the group's index has two levels.
for path, libver in (("dense.h5", "latest"), ("levels.h5", "earliest")):
    with h5py.File(path, "w", libver=libver) as f:
        for n in range(200):
            f[f"layers/{n}"] = np.dtype("f4")
        f["layers/last"] = np.float32(7)
    with open(path, "rb") as plain, gzip.GzipFile(path + ".gz", "wb", mtime=0) as packed:
        packed.write(plain.read())
    os.remove(path)

with h5py.File("circle.h5", "w", libver="latest") as f:  # a group that holds itself and its parent
    g = f.create_group("a")
    g["self"] = g
    g["up"] = f["/"]
    f["soft"] = h5py.SoftLink("/a")

with h5py.File("strange.h5", "w", libver="latest") as f:  # datasets that are not read
    f["float64"] = np.zeros(3)
    f["big"] = np.zeros(3, ">f4")
    f["half"] = np.zeros(3, "f2")
    f["text"] = b"abc"
    f["empty"] = h5py.Empty("f4")
    f["scalar"] = np.float32(7)
    f.create_dataset("chunked", data=values(4, 4), chunks=(2, 2))
    f.create_dataset("gzip", data=values(4, 4), chunks=(4, 4), compression="gzip")
    f.create_dataset("unwritten", (4,), "f4")
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((3,))
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, compact)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, values(3))
