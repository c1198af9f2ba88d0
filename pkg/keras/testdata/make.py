# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Saves networks as .keras and .h5, with what Keras makes of a picture: make.py FOLDER NAME..."""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import numpy as np
import tensorflow as tf

if os.environ.get("TF_USE_LEGACY_KERAS"):
    import tf_keras as keras
else:
    import keras
layers, apps = keras.layers, keras.applications
tf.config.threading.set_intra_op_parallelism_threads(2)


def book1():
    """Dogs and cats, first edition."""
    return keras.Sequential(
        [
            keras.Input((150, 150, 3)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(128, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(128, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(512, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="book1",
    )


def book2():
    """Dogs and cats, second edition, with augmentation."""
    inputs = keras.Input((180, 180, 3))
    augment = keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)], name="augment"
    )
    x = layers.Rescaling(1.0 / 255)(augment(inputs))
    for filters in (32, 64, 128, 256):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(256, 3, activation="relu")(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x), name="book2")


def mnist():
    """The book's first convnet: gray, 28 pixels."""
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(128, 3, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.Flatten()(x)), name="mnist")


def minixception():
    """The book's small Xception, with residuals."""
    inputs = keras.Input((180, 180, 3))
    x = layers.Conv2D(32, 5, use_bias=False)(layers.Rescaling(1.0 / 255)(inputs))
    for size in (32, 64, 128, 256, 512):
        residual = x
        for _ in range(2):
            x = layers.Activation("relu")(layers.BatchNormalization()(x))
            x = layers.SeparableConv2D(size, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        residual = layers.Conv2D(size, 1, strides=2, padding="same", use_bias=False)(residual)
        x = layers.add([x, residual])
    x = layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x), name="minixception")


def nested():
    """A new head on MobileNetV2, as the book fine-tunes."""
    base = apps.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3), alpha=0.35)
    base.trainable = False
    inputs = keras.Input((96, 96, 3))
    x = base(layers.Rescaling(1 / 127.5, offset=-1)(inputs), training=False)
    x = layers.Dense(16, activation="relu")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(x), name="nested")


def shared():
    """A layer and a model that are used twice."""
    inputs = keras.Input((64, 64, 3))
    tower_in = keras.Input((None, None, 8))
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="inner")(tower_in)
    tower = keras.Model(tower_in, layers.MaxPooling2D(2, name="halve")(x), name="tower")
    again = layers.Conv2D(8, 3, padding="same", name="again")
    x = layers.Conv2D(8, 3, padding="same", name="first")(inputs)
    x = again(again(x))
    x = layers.Add(name="sum")([tower(x), layers.MaxPooling2D(2)(x)])
    x = layers.GlobalAveragePooling2D()(tower(x))
    return keras.Model(inputs, layers.Dense(3)(x), name="shared")


def options():
    """Every class and option that the applications do without."""
    inputs = keras.Input((33, 40, 4))
    x = layers.Conv2D(12, (3, 5), strides=(2, 1), groups=2, padding="same", activation="elu", name="grouped")(inputs)
    x = layers.Conv2D(12, 3, dilation_rate=2, padding="same", activation="selu", name="dilated")(x)
    x = layers.BatchNormalization(scale=False, name="unscaled")(x)
    x = layers.LeakyReLU(0.1, name="leaky")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="valid", activation="tanh", name="deep")(x)
    x = layers.PReLU(shared_axes=[1, 2], name="prelu")(x)
    x = layers.Conv2DTranspose(10, 3, strides=2, padding="same", activation="gelu", name="up_same")(x)
    x = layers.Conv2DTranspose(6, (2, 4), strides=(2, 3), padding="valid", name="up_valid")(x)
    x = layers.ELU(0.7, name="elu")(x)
    x = layers.LayerNormalization(name="layer_norm")(x)
    x = layers.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.05, name="bent")(x)
    wide = keras.initializers.RandomNormal(stddev=1.0, seed=3)
    x = layers.SeparableConv2D(
        9, 3, depth_multiplier=2, depthwise_initializer=wide, pointwise_initializer=wide, activation="softplus", name="separable"
    )(x)
    x = layers.GroupNormalization(groups=3, name="group_norm")(x)
    x = layers.UpSampling2D((2, 1), interpolation="bilinear", name="bilinear")(x)
    x = layers.UpSampling2D(2, name="nearest")(x)
    x = layers.Cropping2D(((3, 2), (1, 4)), name="crop")(x)
    x = layers.ZeroPadding2D(((1, 0), (2, 3)), name="pad")(x)
    x = layers.AveragePooling2D(3, strides=2, padding="same", name="average")(x)
    a = layers.Conv2D(8, 1, activation="softsign", name="a")(x)
    b = layers.Conv2D(8, 1, activation="hard_sigmoid", name="b")(x)
    x = layers.Maximum(name="maximum")([layers.Average(name="mean")([a, b]), layers.Minimum(name="minimum")([a, b])])
    x = layers.Subtract(name="difference")([x, layers.Multiply(name="product")([a, b])])
    x = layers.Concatenate(name="both")([x, a])
    x = layers.Resizing(17, 19, name="resized")(x)
    x = layers.Permute((2, 1, 3), name="turned")(x)
    x = layers.SpatialDropout2D(0.2)(layers.GaussianNoise(0.1)(x))
    x = layers.Softmax(name="softmax")(x)
    y = layers.GlobalMaxPooling2D(name="largest")(x)
    x = layers.Reshape((-1,), name="flat")(x)
    x = layers.Dense(8, activation="exponential", name="dense")(x)
    x = layers.Concatenate(name="end")([x, y])
    return keras.Model(inputs, layers.Dense(4, activation="sigmoid", name="last")(x), name="options")


def plain(name, size, **options):
    def build():
        model = getattr(apps, name)(weights=None, input_shape=(size, size, 3), classes=20, **options)
        return model

    return build


NETS = {
    "book1": book1,
    "book2": book2,
    "mnist": mnist,
    "minixception": minixception,
    "nested": nested,
    "shared": shared,
    "options": options,
    "MobileNetV2": plain("MobileNetV2", 96),
    "MobileNetV3Small": plain("MobileNetV3Small", 96),
    "ResNet50": plain("ResNet50", 96),
    "ResNet50V2": plain("ResNet50V2", 96),
    "VGG19": plain("VGG19", 64),
    "Xception": plain("Xception", 96),
    "InceptionV3": plain("InceptionV3", 128),
    "InceptionResNetV2": plain("InceptionResNetV2", 96),
    "DenseNet121": plain("DenseNet121", 96),
    "EfficientNetB0": plain("EfficientNetB0", 96),
    "EfficientNetV2B0": plain("EfficientNetV2B0", 96),
    "NASNetMobile": plain("NASNetMobile", 96),
    "ConvNeXtTiny": plain("ConvNeXtTiny", 96),
}


def flat(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from flat(layer)
        else:
            yield layer


def calibrate(model, shape):
    """Gives biases and scales values as after a training, and batch norms the statistics of what they see."""
    random = np.random.RandomState(0)
    norms = []
    for layer in flat(model):
        for v in layer.weights:
            name = v.name.split("/")[-1].split(":")[0]
            if name in ("kernel", "pointwise_kernel") and v.shape[-2] > 3:
                # Trained kernels hardly answer to what is the same everywhere; random ones answer to nothing else.
                kernel = np.asarray(v)
                v.assign(kernel - kernel.mean(axis=tuple(range(kernel.ndim - 1)), keepdims=True))
            elif name == "beta":
                # Batch norms around zero before ReLUs multiply what rounding does with each layer; trained ones don't.
                v.assign(0.7 + 0.3 * random.randn(*v.shape))
            elif name == "bias":
                v.assign(0.1 * random.randn(*v.shape))
            elif type(layer).__name__ == "LayerScale":
                v.assign(0.2 + 0.2 * random.rand(*v.shape))
            elif name == "gamma":
                v.assign(0.5 + random.rand(*v.shape))
            elif name == "alpha":
                v.assign(0.3 * random.rand(*v.shape))
        if isinstance(layer, layers.BatchNormalization):
            norms.append((layer, layer.momentum, layer.trainable))
            layer.momentum, layer.trainable = 0.0, True
    if norms:
        batch = np.concatenate([picture((1,) + shape, levels(model), seed) for seed in range(10, 18)])
        calibrated(model)(batch, training=True)
    for layer, momentum, trainable in norms:
        layer.momentum, layer.trainable = momentum, trainable


def calibrated(model):
    # An inner model that was called with training=False keeps its statistics: call it alone.
    def run(batch, training):
        for layer in model.layers:
            if hasattr(layer, "layers") and layer.inputs and layer.weights and layer.inputs[0].shape[-1] == 3:
                layer(batch, training=training)
        model(batch, training=training)

    return run


def levels(model):
    return any(type(layer).__name__ in ("Rescaling", "Normalization") for layer in flat(model))


def picture(shape, gray, seed):
    """Clouds of some size, brightness and contrast, in gray levels or from -1 to 1."""
    random = np.random.RandomState(seed)
    size, mean, contrast = random.randint(3, 25), 0.2 + 0.6 * random.rand(shape[3]), 0.3 + random.rand()
    small = random.rand(shape[0], size, size, shape[3]).astype("float32") - 0.5
    x = mean + contrast * tf.image.resize(small, shape[1:3], "bicubic").numpy() + 0.1 * random.rand(*shape)
    return (255 * np.clip(x, 0, 1) if gray else 2 * x - 1).astype("float32")


def doubled(model):
    """The same model in 64 bits, whose rounding is nothing beside that of 32."""
    text = model.to_json().replace('"float32"', '"float64"')
    known = {}
    for layer in flat(model):
        known[type(layer).__name__] = type(layer)
    double = keras.models.model_from_json(text, custom_objects=known)
    double.set_weights(model.get_weights())
    return double


def write(path, values):
    np.ascontiguousarray(np.asarray(values), "<f4").tofile(path)


def inner(model):
    """The innermost model that has most of the weights, and its layers with maps, of which one in three."""
    for layer in model.layers:
        if hasattr(layer, "layers") and layer.count_params() > model.count_params() / 2:
            return inner(layer)
    kinds = ("Conv2D", "SeparableConv2D", "DepthwiseConv2D", "Activation", "ReLU", "Add", "Concatenate", "BatchNormalization")
    named = [l for l in model.layers if type(l).__name__ in kinds and len(l.output.shape) == 4 and l.output.shape[1] != 1]
    return model, [named[int(len(named) * part)] for part in (0.3, 0.6, 0.95)]


def reference(model, folder, name):
    model = doubled(model)
    shape = tuple(model.inputs[0].shape[1:])
    x = picture((1,) + shape, levels(model), 5)
    part, chosen = inner(model)
    if name in ("shared", "options"):
        chosen = [l for l in part.layers[1:] if len(l.output.shape) == 4] if name == "options" else chosen[:0]
    fed = x = x.astype("float64")
    if part is not model:  # what the inner model is fed
        before = [l for l in model.layers if type(l).__name__ == "Rescaling"]
        fed = before[0](x) if before else x
    values, gradients = [], []
    if chosen:
        sub = keras.Model(part.inputs, [l.output for l in chosen])
        values = sub(fed, training=False)
        values = values if isinstance(values, (list, tuple)) else [values]
        one = keras.Model(part.inputs, chosen[0].output)
        channel = values[0].shape[-1] // 3

        @tf.function
        def gradient(v):
            with tf.GradientTape() as tape:
                tape.watch(v)
                loss = tf.reduce_mean(one(v, training=False)[..., channel])
            return tape.gradient(loss, v)

        # Where a tiny step changes the gradient is a kink of a ReLU or a maximum.
        random = np.random.RandomState(9)
        steps = [np.zeros_like(x)] + [1e-6 * np.abs(x).max() * random.randn(*x.shape) for _ in range(4)]
        scale = before[0].scale if part is not model and before else 1.0
        gradients = [np.asarray(gradient(tf.constant(fed + scale * s))) * scale for s in steps]
    write(f"{folder}/{name}.in", x)
    for i, v in enumerate(values):
        write(f"{folder}/{name}.{i}", v)
    write(f"{folder}/{name}.out", model(x, training=False))
    for i, g in enumerate(gradients):
        write(f"{folder}/{name}.grad{i}", g)
    facts = {"shape": shape, "layers": [l.name for l in chosen], "weights": model.count_params()}
    facts["channel"] = int(channel) if chosen else 0
    with open(f"{folder}/{name}.json", "w") as f:
        json.dump(facts, f)


def main(folder, names):
    for name in names:
        keras.utils.set_random_seed(1)
        if name not in NETS:
            model, name = keras.models.load_model(name, compile=False), "file"
        else:
            model = NETS[name]()
            calibrate(model, tuple(model.inputs[0].shape[1:]))
            for extension in ("keras", "h5"):
                model.save(f"{folder}/{name}.{extension}")
        reference(model, folder, name)
        print("made", name, keras.__version__, flush=True)
        keras.backend.clear_session()


main(sys.argv[1], sys.argv[2:])
