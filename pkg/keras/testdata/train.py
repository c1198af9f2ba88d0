# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""train.py DIR SIDE NAME...: trains a small network on DIR/learn.pictures and DIR/learn.labels, bytes, saves it as
DIR/textures.keras, and writes what it says to DIR/fresh.pictures: probabilities, float32, DIR/fresh.said."""

import sys

import keras
import numpy as np
from keras import layers

folder, side, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
keras.utils.set_random_seed(1)


def pictures(part):
    return np.fromfile(f"{folder}/{part}.pictures", np.uint8).reshape(-1, side, side, 3)


model = keras.Sequential(
    [
        keras.Input((side, side, 3)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 5, padding="same", activation="relu", name="conv1"),
        layers.MaxPooling2D(name="pool1"),
        layers.Conv2D(32, 3, padding="same", use_bias=False, name="conv2"),
        layers.BatchNormalization(momentum=0.9, name="norm2"),
        layers.ReLU(name="relu2"),
        layers.MaxPooling2D(name="pool2"),
        layers.Conv2D(48, 3, padding="same", activation="relu", name="conv3"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(32, activation="relu", name="mix"),
        layers.Dense(len(names), activation="softmax", name="texture"),
    ]
)
rate = keras.optimizers.schedules.CosineDecay(4e-3, 8 * 2400 // 32)
model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(pictures("learn"), np.fromfile(f"{folder}/learn.labels", np.uint8), 32, epochs=8, verbose=2)
model.save(f"{folder}/textures.keras")
model.predict(pictures("fresh"), verbose=0).astype(np.float32).tofile(f"{folder}/fresh.said")
