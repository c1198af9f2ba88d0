# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""train.py DIR SIDE CLASSES: trains the book's small convnet, scaled down, on DIR/pictures and DIR/labels, bytes, and
saves it as DIR/textures.keras."""

import sys

import keras
import numpy as np
from keras import layers

folder, side, classes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(1)
pictures = np.fromfile(f"{folder}/pictures", np.uint8).reshape(-1, side, side, 3)
labels = np.fromfile(f"{folder}/labels", np.uint8)

# Four times a convolution and a pool, then two dense layers: the book's network for cats and dogs, with fewer filters.
model = keras.Sequential([keras.Input((side, side, 3)), layers.Rescaling(1 / 255)], name="textures")
for filters in (16, 32, 48, 48):
    model.add(layers.Conv2D(filters, 3, activation="relu"))
    model.add(layers.MaxPooling2D())
model.add(layers.Flatten())
model.add(layers.Dropout(0.3))
model.add(layers.Dense(32, activation="relu"))
model.add(layers.Dense(classes, activation="softmax"))

batch, epochs = 32, 14
rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(labels) // batch)
trained = keras.Sequential(model.layers)
trained.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
trained.fit(pictures, labels, batch, epochs=epochs, verbose=2)
model.save(f"{folder}/textures.keras")  # which was not compiled, so that no optimizer's state is saved with it
