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

# What networks' files of today have: other types, chunks under every index and filter.
ALL = values(5, 7) - 3
with h5py.File("types.h5", "w") as f:
    for name in ("f2", "f4", "f8"):
        f["little" + name], f["big" + name] = ALL.astype("<" + name), ALL.astype(">" + name)
    f["int8"], f["uint16"], f["bool"] = ALL.astype("i1"), ALL.astype("u2"), ALL > 0
    brain = h5py.h5t.IEEE_F32LE.copy()  # bfloat16
    brain.set_fields(15, 7, 8, 0, 7)
    brain.set_size(2)
    brain.set_ebias(127)
    d = h5py.h5d.create(f.id, b"bfloat16", brain, h5py.h5s.create_simple(ALL.shape))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, ALL)

for libver in ("earliest", "latest"):
    with h5py.File(f"chunks_{libver}.h5", "w", libver=libver) as f:
        f.create_dataset("plain", data=ALL, chunks=(2, 3))
        f.create_dataset("gzip", data=ALL, chunks=(2, 3), compression="gzip")
        f.create_dataset("all", data=ALL, chunks=(5, 2), compression=9, shuffle=True, fletcher32=True)
        f.create_dataset("checksum", data=ALL.astype("f2"), chunks=(3, 3), fletcher32=True)
        f.create_dataset("single", data=ALL, chunks=(5, 7), compression="gzip")
        f.create_dataset("larger", data=ALL, chunks=(8, 9), maxshape=(9, 9), shuffle=True)
        f.create_dataset("big", data=ALL.astype(">f8"), chunks=(5, 1), compression="gzip", shuffle=True)
        f.create_dataset("many", data=values(2100), chunks=(1,))
        f.create_dataset("lzf", data=ALL, chunks=(2, 3), compression="lzf")
        f.create_dataset("grows", data=ALL, chunks=(2, 3), maxshape=(None, 7))
        f.create_dataset("grows twice", data=ALL, chunks=(2, 3), maxshape=(None, None))
        d = f.create_dataset("half written", (4, 2), "f4", chunks=(2, 2))
        d[:2] = 1
        d = f.create_dataset("unfiltered", (4, 3), "f4", chunks=(2, 3), compression="gzip")
        d[2:] = values(2, 3)
        d.id.write_direct_chunk((0, 0), values(2, 3).tobytes(), filter_mask=1)
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)  # all space is taken at once: needs no index
        early.set_chunk((2, 3))
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        d = h5py.h5d.create(f.id, b"early", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(ALL.shape), early)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, ALL)
    with open(f"chunks_{libver}.h5", "rb") as plain, gzip.GzipFile(f"chunks_{libver}.h5.gz", "wb", mtime=0) as packed:
        packed.write(plain.read())
    os.remove(f"chunks_{libver}.h5")

legacy("user.h5", fixed, userblock_size=1024)
with h5py.File("odd.h5", "w", libver="latest") as f:
    f.create_dataset("elsewhere", (4,), "f4", external=[("values.bin", 0, 16)])
    virtual = h5py.VirtualLayout((4,), "f4")
    virtual[:] = h5py.VirtualSource("other.h5", "x", (4,))
    f.create_virtual_dataset("virtual", virtual)
