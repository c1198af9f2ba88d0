# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""The jobs in Keras on TensorFlow."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

import job


class Step:
    def __init__(self, work, xla):
        x = inputs = keras.Input((None, None, 3))
        weights = []
        for layer in work.layers():
            if layer is None:
                x = keras.layers.MaxPooling2D()(x)
            else:
                x = keras.layers.Conv2D(layer[1].size, 3, padding="same", activation="relu")(x)
                weights += layer
        self.model = keras.Model(inputs, x)
        self.model.set_weights(weights)
        self.model.trainable = False
        self.length = work.step
        self.step = tf.function(self._step, jit_compile=xla)

    def put(self, pictures, filters):
        return tf.constant(pictures), tf.constant(filters, tf.int32)

    def get(self, x):
        return x.numpy()

    def _step(self, x, filters):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            outputs = self.model(x, training=False)
            if len(filters) == 1:
                chosen = tf.gather(outputs, filters, axis=3, batch_dims=0)
            else:
                chosen = tf.gather(tf.transpose(outputs, (0, 3, 1, 2)), filters, axis=1, batch_dims=1)
            losses = tf.reduce_mean(chosen, axis=(1, 2, 3) if len(filters) == 1 else (1, 2))
        gradient = tape.gradient(losses, x)
        gradient /= tf.sqrt(tf.reduce_mean(tf.square(gradient), axis=(1, 2, 3), keepdims=True)) + 1e-5
        return x + self.length * gradient, losses

    def __call__(self, x, filters):
        return self.step(x, filters)


def ways(work):
    return [
        ("tf.function", lambda: Step(work, False)),
        ("tf.function with XLA", lambda: Step(work, True)),
    ]


job.main(ways, f"Keras {keras.__version__} on TensorFlow {tf.__version__}")
