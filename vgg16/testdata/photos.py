# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes photos.json: what Keras' VGG16 makes of three photographs, layer by layer.

Made with Keras 3 (pip install keras torch safetensors; KERAS_BACKEND=torch), the weights that convscope keeps in its
cache, and chelsea.npy, coffee.npy and rocket.npy, which are picture.Tensor(sample.MustOpen(name), 224, 224):
python3 photos.py WEIGHTS.safetensors FOLDER > photos.json
"""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy as np
import safetensors.numpy

tensors = safetensors.numpy.load_file(sys.argv[1])
net = keras.applications.VGG16(include_top=False, weights=None)
for layer in net.layers:
    if layer.weights:
        layer.set_weights([tensors[layer.name + "/kernel"], tensors[layer.name + "/bias"]])
layers = [layer for layer in net.layers if "input" not in layer.name]
model = keras.Model(net.input, [layer.output for layer in layers])

number = lambda v: float(f"{float(v):.8g}")
photos = []
for name in ["chelsea", "coffee", "rocket"]:
    x = np.load(os.path.join(sys.argv[2], name + ".npy")).astype(np.float32)
    outputs = model.predict(keras.applications.vgg16.preprocess_input(x.copy()), verbose=0)
    rows = []
    for layer, output in zip(layers, outputs):
        flat = np.asarray(output).ravel().astype(np.float64)
        stride = flat.size // 24 - 1  # passes all channels
        rows.append({"name": layer.name, "shape": list(output.shape), "mean": number(flat.mean()),
                     "std": number(flat.std()), "max": number(flat.max()), "stride": stride,
                     "values": [number(v) for v in flat[::stride][:24]]})
    photos.append({"name": name, "sum": number(x.astype(np.float64).sum()), "layers": rows})
json.dump({"keras": keras.__version__, "photos": photos}, sys.stdout)
print()
