# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Saves networks as .keras and .h5, with what Keras makes of a picture: make.py FOLDER NAME..."""
import json
import os
import sys
import time

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
        9, 3, depth_multiplier=2, depthwise_initializer=wide, pointwise_initializer=wide, activation="softplus",
        name="separable",
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


def operations():
    """Functions that are applied to values, as preprocess_input does."""
    inputs = keras.Input((32, 32, 3))
    y = apps.resnet50.preprocess_input(inputs)
    z = apps.densenet.preprocess_input(inputs)
    x = (apps.mobilenet_v2.preprocess_input(inputs) + 0.1 * y - z)[:, 1:-1, ::2, ::-1]
    x = layers.Conv2D(8, 3, name="conv")(x)
    if keras.__version__ > "3":
        ops = keras.ops
        x = ops.relu(x)
        x = ops.silu(x) / (1.5 + ops.square(x))
        x = ops.mean(x, axis=[1, 2])
        x = ops.concatenate([ops.reshape(x, (-1, 2, 4)), ops.reshape(x, (-1, 2, 4))], axis=-1)
        x = ops.clip(ops.squeeze(ops.expand_dims(x, 1), 1), -1, 1)
        x = ops.transpose(ops.power(ops.abs(x) + 0.1, 1.5), (0, 2, 1))
        x = 1.0 - ops.max(x, axis=-1)
        x = ops.softmax(ops.stack([ops.gelu(x), ops.leaky_relu(x[:, ::-1])], axis=1))[:, 1]
    else:
        x = tf.nn.relu(x)
        x = tf.nn.silu(x) / (1.5 + tf.square(x))
        x = tf.reduce_mean(x, axis=[1, 2])
        x = tf.concat([tf.reshape(x, (-1, 2, 4)), tf.reshape(x, (-1, 2, 4))], axis=-1)
        x = tf.clip_by_value(tf.squeeze(tf.expand_dims(x, 1), 1), -1, 1)
        x = tf.transpose(tf.pow(tf.abs(x) + 0.1, 1.5), (0, 2, 1))
        x = 1.0 - tf.reduce_max(x, axis=-1)
        x = tf.nn.softmax(tf.stack([tf.nn.gelu(x), tf.nn.leaky_relu(x[:, ::-1])], axis=1))[:, 1]
    return keras.Model(inputs, layers.Dense(3, name="last")(x), name="operations")


def plain(name, size, **options):
    def build():
        return getattr(apps, name)(weights=None, input_shape=(size, size, 3), classes=20, **options)

    return build


# Small, but with more than one place in the last maps, whose statistics would be of hardly anything.
NETS = {
    "book1": book1,
    "book2": book2,
    "mnist": mnist,
    "minixception": minixception,
    "nested": nested,
    "shared": shared,
    "options": options,
    "operations": operations,
    "MobileNetV2": plain("MobileNetV2", 64),
    "MobileNetV3Small": plain("MobileNetV3Small", 64),
    "ResNet50": plain("ResNet50", 65),
    "ResNet50V2": plain("ResNet50V2", 64),
    "VGG19": plain("VGG19", 64),
    "Xception": plain("Xception", 71),
    "InceptionV3": plain("InceptionV3", 107),
    "InceptionResNetV2": plain("InceptionResNetV2", 107),
    "DenseNet121": plain("DenseNet121", 64),
    "EfficientNetB0": plain("EfficientNetB0", 70),
    "EfficientNetV2B0": plain("EfficientNetV2B0", 64),
    "NASNetMobile": plain("NASNetMobile", 64),
    "ConvNeXtTiny": plain("ConvNeXtTiny", 64),
}
# The network whose own gradient is compared too: it has ReLUs and maximum pools.
KINKED = "book1"
# The networks whose ascents are compared, and how gray levels become their inputs.
TRACED = {"minixception": None, "nested": None, "EfficientNetB0": None, "ResNet50V2": apps.resnet_v2.preprocess_input}
# Those that climb as the smooth twin: on which side of a kink a value falls is rounding's matter, and in small maps
# one of them changes what follows. Keras' own losses of ResNet50V2 in 32 and in 64 bits are 1.4 % apart after ten
# steps.
TRACED_SMOOTH = ("minixception", "nested", "ResNet50V2")
SMOOTH = {"relu": "silu", "relu6": "silu", "leaky_relu": "silu", "hard_silu": "silu", "hard_swish": "silu"}
SMOOTH["hard_sigmoid"] = "sigmoid"


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
    # Chances that are all but 0 or 1 would compare nothing.
    last, x = list(flat(model))[-1], picture((1,) + shape, levels(model), 5)
    while last.weights and np.asarray(model(x, training=False)).max() > 0.9 and "linear" not in str(last.activation):
        last.set_weights([w / 2 for w in last.get_weights()])


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


def smooth(config):
    """A model's description with smooth functions in the place of those with kinks, and averages in that of maxima."""
    if isinstance(config, list):
        return [smooth(v) for v in config]
    if not isinstance(config, dict):
        return config
    config = {key: smooth(v) for key, v in config.items()}
    if config.get("activation") in SMOOTH:
        config["activation"] = SMOOTH[config["activation"]]
    if config.get("class_name") in ("ReLU", "LeakyReLU"):
        own = {key: config["config"][key] for key in ("name", "dtype", "trainable")}
        config |= {"class_name": "Activation", "registered_name": None, "config": own | {"activation": "silu"}}
    elif config.get("class_name") == "MaxPooling2D":
        config["class_name"] = "AveragePooling2D"
    return config


def doubled(model, change=lambda config: config):
    """The same model in 64 bits, whose rounding is nothing beside that of 32."""
    text = json.dumps(change(json.loads(model.to_json())))
    own = ("LayerScale", "CustomScaleLayer", "StochasticDepth")
    known = {type(layer).__name__: type(layer) for layer in flat(model) if type(layer).__name__ in own}
    try:
        double = keras.models.model_from_json(text.replace('"float32"', '"float64"'), custom_objects=known)
    except TypeError:  # functions of tf.keras 2 keep some numbers in 32 bits
        double = keras.models.model_from_json(text, custom_objects=known)
    double.set_weights(model.get_weights())
    return double


def write(path, values):
    np.ascontiguousarray(np.asarray(values), "<f4").tofile(path)


def inner(model):
    """The innermost model that has most of the weights, and what it is fed for the whole's input."""
    for layer in model.layers:
        if hasattr(layer, "layers") and layer.count_params() > model.count_params() / 2:
            before = [l for l in model.layers if type(l).__name__ == "Rescaling"]
            part, fed = inner(layer)
            return part, lambda x: fed(before[0](x) if before else x)
    return model, lambda x: x


def maps(part, name):
    """One in three of the layers with maps."""
    all = [l for l in part.layers if name not in ("shared", "operations") and len(l.output.shape) == 4]
    if name == "options":
        return all[1:]
    kinds = ("Conv2D", "SeparableConv2D", "DepthwiseConv2D", "Activation", "ReLU", "Add", "Concatenate")
    kinds += ("BatchNormalization",)
    named = [l for l in all if type(l).__name__ in kinds and l.output.shape[1] != 1]
    return [named[int(len(named) * share)] for share in (0.3, 0.6, 0.95)] if named else []


def aim(model, at):
    """What a gradient or an ascent is for: the mean of a channel of a layer, or of the output."""
    part, fed = inner(model)
    if at:
        part = keras.Model(part.inputs, part.get_layer(at).output)
    channel = part.outputs[0].shape[-1] // 3
    return lambda x: tf.reduce_mean(part(fed(x), training=False)[..., channel]), channel


def gradient(loss, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(x)
    return tape.gradient(value, x).numpy(), float(value)


def reference(model, folder, name):
    shape = tuple(model.inputs[0].shape[1:])
    double = doubled(model)
    x = picture((1,) + shape, levels(model), 5)
    if name == "file":  # and a photograph, in gray levels
        x = apps.mobilenet_v2.preprocess_input(np.fromfile(f"{folder}/photo.in", "<f4").reshape(x.shape))
    x = x.astype(tf.as_dtype(double.inputs[0].dtype).as_numpy_dtype)
    part, fed = inner(double)
    names = [l.name for l in maps(part, name)]
    at = names[int(len(names) * 0.6)] if names else ""
    outputs = [part.get_layer(n).output for n in names]
    if part is double:
        *values, output = keras.Model(part.inputs, outputs + part.outputs)(x, training=False) if names else [double(x)]
    else:
        values, output = keras.Model(part.inputs, outputs)(fed(x), training=False), double(x, training=False)
    write(f"{folder}/{name}.in", x)
    for i, v in enumerate(values):
        write(f"{folder}/{name}.{i}", v)
    write(f"{folder}/{name}.out", output)

    # The functions that are applied in operations stay as they are.
    twin = double if name == "operations" else doubled(model, smooth)
    loss, channel = aim(twin, at)
    write(f"{folder}/{name}.grad", gradient(loss, x)[0])
    facts = {"shape": shape, "layers": names, "at": at, "channel": int(channel), "smooth": twin is not double}
    loss, _ = aim(double, at)
    if name == KINKED:  # a kink is where tiny steps change the gradient
        random = np.random.RandomState(9)
        for i, size in enumerate((0, 1e-6, 1e-6)):
            write(f"{folder}/{name}.kink{i}", gradient(loss, x + size * np.abs(x).max() * random.randn(*x.shape))[0])
    if name in TRACED:
        loss, channel = aim(twin if name in TRACED_SMOOTH else double, names[0])
        write(f"{folder}/{name}.trace", ascent(loss, TRACED[name], f"{folder}/start.in", x))
        facts["climb"] = {"layer": names[0], "channel": int(channel), "smooth": name in TRACED_SMOOTH}
    with open(f"{folder}/{name}.json", "w") as f:
        json.dump(facts, f)


def ascent(loss, prepare, start, like):
    """The losses of the book's ascent, first edition, 5.4.2."""
    x = np.fromfile(start, "<f4")[: like.size].reshape(like.shape).astype(like.dtype)
    losses = []
    for _ in range(10):
        g, value = gradient(lambda x: loss(prepare(x) if prepare else x), x)
        losses.append(value)
        x = x + g / (np.sqrt(np.mean(g * g)) + 1e-5)
    return losses


def main(folder, names):
    for name in names:
        keras.utils.set_random_seed(1)
        began = time.time()
        if name not in NETS:
            model, name = keras.models.load_model(name, compile=False), "file"
        else:
            model = NETS[name]()
            calibrate(model, tuple(model.inputs[0].shape[1:]))
            for extension in ("keras", "h5"):
                try:
                    model.save(f"{folder}/{name}.{extension}")
                except TypeError:  # tf.keras 2 can't write "..." into a .keras file
                    print("no", name, extension, flush=True)
        saved = time.time()
        reference(model, folder, name)
        print("made", name, f"{saved - began:.1f} s and {time.time() - saved:.1f} s", flush=True)
        keras.backend.clear_session()


main(sys.argv[1], sys.argv[2:])
