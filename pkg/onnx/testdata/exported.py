# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Exports a network of Keras with its own export and with tf2onnx, and writes what Keras makes of a picture.

    python exported.py DIRECTORY

It writes own.onnx and tf2onnx.onnx, and input, output and middle as little-endian float32."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from keras import layers

keras.utils.set_random_seed(0)
x = inputs = keras.Input((33, 33, 3), name="picture")
x = layers.Rescaling(1 / 127.5, -1)(x)
x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="conv1")(x)
x = layers.BatchNormalization(name="norm1")(x)
x = y = layers.ReLU(6.0, name="relu1")(x)
x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
x = layers.Activation("swish")(x)
x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
x = layers.SeparableConv2D(8, 3, padding="valid", name="separable")(x)
x = layers.Add()([x, layers.Cropping2D(((1, 0), (1, 0)))(y)])
x = layers.MaxPooling2D(3, 2, padding="same")(x)
x = layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu", name="transposed")(x)
x = layers.AveragePooling2D(2)(x)
x = layers.Conv2D(12, 1, name="middle")(x)
squeeze = layers.Dense(12, "sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
x = layers.Multiply()([x, squeeze])
x = layers.Flatten()(x)
model = keras.Model(inputs, layers.Dense(5, "softmax", name="scores")(x))
for layer in model.layers:
    if isinstance(layer, layers.BatchNormalization):
        layer.set_weights([np.random.rand(*w.shape).astype("f4") + 0.5 for w in layer.get_weights()])

folder = sys.argv[1]
picture = 255 * np.random.rand(1, 33, 33, 3).astype("<f4")
middle = keras.Model(inputs, model.get_layer("middle").output)
for name, values in (("input", picture), ("output", model(picture)), ("middle", middle(picture))):
    np.asarray(values, "<f4").tofile(os.path.join(folder, name))
model.export(os.path.join(folder, "own.onnx"), format="onnx", verbose=False)
spec = (tf.TensorSpec((None, 33, 33, 3), tf.float32, name="picture"),)
tf2onnx.convert.from_function(tf.function(lambda picture: model(picture)), spec, opset=13,
                              output_path=os.path.join(folder, "tf2onnx.onnx"))
