# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes keras3.h5.gz and keras3.weights.h5.gz as Keras itself does. Made with Keras 3.15.1, h5py 3.16 and JAX as
backend: pip install keras jax; KERAS_BACKEND=jax python3 make.py"""
import gzip
import os

import keras
import numpy as np

x = inputs = keras.Input((16, 16, 3))
x = keras.layers.Conv2D(2, 3, name="block1_conv1")(x)
x = keras.layers.MaxPooling2D(2, name="block1_pool")(x)
x = keras.layers.Conv2D(4, 3, name="block2_conv1")(x)
x = keras.layers.Dense(2, name="head")(keras.layers.Flatten()(x))
model = keras.Model(inputs, x)
model.compile(optimizer="adam", loss="mse")  # optimizer state is stored beside the weights
model.fit(np.zeros((1, 16, 16, 3)), np.zeros((1, 2)), verbose=0)
weights = model.get_weights()
model.set_weights([np.arange(w.size, dtype="float32").reshape(w.shape) + 100 * i for i, w in enumerate(weights)])
model.save("keras3.h5")
model.save_weights("keras3.weights.h5")
for path in ("keras3.h5", "keras3.weights.h5"):
    with open(path, "rb") as plain, gzip.GzipFile(path + ".gz", "wb", mtime=0) as packed:
        packed.write(plain.read())
    os.remove(path)
