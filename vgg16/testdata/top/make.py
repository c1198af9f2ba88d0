# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes a thin VGG16 with its top in every format that pkg/weights reads, and what Keras predicts with it on two
pictures.

Made with Keras 3.15 on TensorFlow 2.21, tf2onnx 1.17 and safetensors 0.8: pip install tensorflow-cpu tf2onnx
safetensors; python3 make.py. The layers have 1/32 of VGG16's filters, the top has 32, 32 and 10 units. The weights are
rounded so that the files pack well.
"""
import gzip
import json
import os

import h5py
import keras
import numpy as np
import safetensors.numpy

SIDE, THIN, UNITS, CLASSES = 224, 32, 32, 10
rng = np.random.default_rng(7)

x = inputs = keras.Input((SIDE, SIDE, 3))
for block, (filters, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
    for i in range(1, count + 1):
        x = keras.layers.Conv2D(filters // THIN, 3, padding="same", activation="relu", name=f"block{block}_conv{i}")(x)
    x = keras.layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
x = keras.layers.Flatten(name="flatten")(x)
x = keras.layers.Dense(UNITS, activation="relu", name="fc1")(x)
x = keras.layers.Dense(UNITS, activation="relu", name="fc2")(x)
x = keras.layers.Dense(CLASSES, activation="softmax", name="predictions")(x)
model = keras.Model(inputs, x)

layers = [layer for layer in model.layers if layer.weights]
for layer in layers:
    kernel, bias = layer.get_weights()
    deviation = np.sqrt(2 / np.prod(kernel.shape[:-1]))
    grain = 2.0 ** np.floor(np.log2(deviation / 2))
    kernel = np.round(rng.normal(0, deviation, kernel.shape) / grain) * grain
    bias = np.round(rng.normal(0, 1, bias.shape) * 8) / 8
    layer.set_weights([kernel.astype("float32"), bias.astype("float32")])

# The pictures, as gray levels in red, green, blue: noise by a hash of the position, under a comb that differs from
# picture to picture.
i = np.arange(2 * SIDE * SIDE * 3, dtype=np.uint64)
noise = ((i * 2654435761) % 2**32) >> 24
picture, column = i // (SIDE * SIDE * 3), i // 3 % SIDE
pictures = (noise * (column * (picture + 1) % SIDE) // SIDE).astype("float32").reshape(2, SIDE, SIDE, 3)

head = keras.Model(inputs, model.layers[-2].output)
kernel, bias = model.layers[-1].get_weights()
fed = keras.applications.vgg16.preprocess_input(pictures.copy())
logits = head.predict(fed, verbose=0) @ kernel + bias
probabilities = model.predict(fed, verbose=0)

tensors = {}
with h5py.File("old.h5", "w") as old:  # the layout and the names of the official file
    old.attrs["layer_names"] = [layer.name.encode() for layer in model.layers[1:]]
    for layer in model.layers[1:]:
        group = old.create_group(layer.name)
        names = [f"{layer.name}_{part}_1:0".encode() for part in "Wb"] if layer.weights else []
        group.attrs["weight_names"] = names
        for part, name, value in zip(("kernel", "bias"), names, layer.get_weights()):
            group.create_dataset(name.decode(), data=value)
            tensors[f"{layer.name}/{part}"] = value
model.load_weights("old.h5")  # Keras takes it
assert np.array_equal(model.predict(fed, verbose=0), probabilities)
model.save_weights("new.weights.h5")
model.export("top.onnx", format="onnx", verbose=False)
safetensors.numpy.save_file(tensors, "top.safetensors")
np.savez("top.npz", **tensors)
files = ["old.h5", "new.weights.h5", "top.onnx", "top.safetensors", "top.npz"]
for path in files:
    with open(path, "rb") as plain, gzip.GzipFile(path + ".gz", "wb", mtime=0) as packed:
        packed.write(plain.read())
    os.remove(path)
with open("keras.json", "w") as out:
    json.dump({"logits": logits.tolist(), "probabilities": probabilities.tolist()}, out)
