# Computes numbers.json: what the parts of the methods give for known inputs, by NumPy, SciPy, PyTorch and Keras.
# Needs numpy, scipy, torch and keras. The inputs are value(n): sin(0.7 i + 0.3).
import json, os
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np, scipy.ndimage as nd, torch, keras

def value(*shape):
    n = int(np.prod(shape))
    return np.sin(0.7 * np.arange(n) + 0.3).reshape(shape).astype(np.float32).astype(np.float64)

out = {}
def put(name, x): out[name] = [float(f"{v:.9g}") for v in np.asarray(x, np.float64).ravel()]

sigmoid = lambda x: 1 / (1 + np.exp(-x))
svd = np.array([[.26, .09, .02], [.27, 0, -.05], [.27, -.09, .03]])
N = svd / np.linalg.norm(svd, axis=0).max()
put("color decorrelated", 255 * sigmoid(value(2, 3, 3) @ N.T))
put("color squashed", 255 * sigmoid(value(2, 3, 3)))
put("color gray", 255 * sigmoid(np.repeat(value(2, 3, 1), 3, 2)))

def freqs(h, w): return np.sqrt(np.fft.fftfreq(h)[:, None] ** 2 + np.fft.rfftfreq(w)[None] ** 2)
for h, w in [(6, 8), (5, 7)]:
    p = value(2, 3, h, w // 2 + 1)
    for decay in (1, 1.5):
        scale = np.sqrt(h * w) / np.maximum(freqs(h, w), 1 / max(h, w)) ** decay
        img = np.fft.irfft2(scale * (p[0] + 1j * p[1]), s=(h, w)) / 4
        put(f"fourier:{decay} {h}x{w}", np.moveaxis(img, 0, 2))
    phase = value(3, h, w // 2 + 1)
    phase = (phase - phase.mean()) / (phase.std() + 1e-5)
    slope = [2, 2.5, 3]; level = [1, 2, 0.5]
    mag = np.stack([l * (10 * np.maximum(freqs(h, w), 1 / max(h, w))) ** -s for s, l in zip(slope, level)])
    img = np.fft.irfft2(mag * np.exp(1j * phase), s=(h, w))
    img = (img - img.mean()) / (img.std() + 1e-5)
    put(f"maco {h}x{w}", np.moveaxis(img, 0, 2))

def linear(img, ys, xs):
    yy, xx = np.meshgrid(ys, xs, indexing="ij") if np.ndim(ys) == 1 else (ys, xs)
    at = [yy, xx]
    return np.stack([nd.map_coordinates(img[..., c], at, order=1, mode="nearest") for c in range(img.shape[2])], 2)
def resized(img, h, w):
    H, W = img.shape[:2]
    return linear(img, (np.arange(h) + .5) * H / h - .5, (np.arange(w) + .5) * W / w - .5)

h, w = 8, 12
levels, at = [], 0
put("pyramid", sum(resized(value(max(h >> l, 1), max(w >> l, 1), 3), h, w) for l in range(4)))

def cppn(h, w):
    rows, columns = np.linspace(-3 ** .5, 3 ** .5, h), np.linspace(-3 ** .5, 3 ** .5, w)
    x = np.stack(np.meshgrid(rows, columns, indexing="ij"), 2).reshape(-1, 2)
    n = 2
    for _ in range(8):
        a = np.arctan(x @ (value(n, 24) * .3) + value(24) * .3)
        x = np.concatenate([a / .67, a ** 2 / .6], 1)
        n = 48
    return (x @ (value(48, 3) * .3) + value(3) * .3).reshape(h, w, 3)
put("cppn", cppn(5, 4))

x = 127.5 + 100 * value(9, 10, 3)
put("pad:2:127.5", np.pad(x, ((2, 2), (2, 2), (0, 0)), constant_values=127.5))
# the draws of each transform are 0.3, 0.8, 0.55
put("jitter:4", x[int(.3 * 5):][:5, int(.8 * 5):][:, :6])
s = .8 + .3 * (1.3 - .8)
put("scale:0.8:1.3", linear(x, (np.arange(9) - 4) / s + 4, (np.arange(10) - 4.5) / s + 4.5))
a = np.deg2rad(-20 + .3 * 60)
yy, xx = np.meshgrid(np.arange(9) - 4., np.arange(10) - 4.5, indexing="ij")
put("rotate:-20:40", linear(x, yy * np.cos(a) - xx * np.sin(a) + 4, xx * np.cos(a) + yy * np.sin(a) + 4.5))
put("flip", x[:, ::-1])
sd = 1 + .3 * (2 - 1)
def gauss(x, sd):
    for axis in (0, 1):
        i = np.arange(x.shape[axis])
        k = np.exp(-.5 * ((i[:, None] - i[None]) / sd) ** 2)
        x = np.moveaxis(np.tensordot(k / k.sum(1, keepdims=True), x, (1, axis)), 0, axis)
    return x
put("blur:1:2", gauss(x, sd))
r = np.sqrt(-2 * np.log(1 - .3)); turn = 2 * np.pi * .8
share = (.9 + .5 * (.3 - .9)) * (.8 + .4 * .55)
side = share * 9
cy = np.clip((.5 + .15 * r * np.cos(turn)) * 9, side / 2, 9 - side / 2)
cx = np.clip((.5 + .15 * r * np.sin(turn)) * 10, side / 2, 10 - side / 2)
unit = (np.arange(6) + .5) / 6 - .5
put("crops:1:6:0.9:0.3", linear(x, unit * side + cy - .5, unit * side + cx - .5))
u = np.mod(.3 + .13 * np.arange(270), 1).astype(np.float32).astype(np.float64)
r = np.sqrt(-2 * np.log(1 - u[:135])); t = 2 * np.pi * u[135:]
put("noise:0.1", x + 25.5 * np.concatenate([r * np.cos(t), r * np.sin(t)]).reshape(x.shape))

q = x / 255
put("tv:0.5", .5 * (np.abs(np.diff(q, axis=0)).sum() + np.abs(np.diff(q, axis=1)).sum()) / q.size)
put("norm:2:6:0.5", 2 * (np.abs(q - .5) ** 6).mean() ** (1 / 6))
put("blur:3:1.5", 3 * ((q - gauss(q, 1.5)) ** 2).mean())

g = value(4, 2, 3)
p = torch.nn.Parameter(torch.zeros(2, 3, dtype=torch.float64)); o = torch.optim.Adam([p], lr=1, maximize=True)
moves, last = [], np.zeros((2, 3))
for i in range(4):
    p.grad = torch.tensor(g[i]); o.step(); now = p.detach().numpy().copy(); moves.append(now - last); last = now
put("adam", moves)
v = keras.Variable(np.zeros((2, 3), "float64"), dtype="float64")
o = keras.optimizers.RMSprop(1.0, rho=.8, momentum=.5, epsilon=1e-7)
moves, last = [], np.zeros((2, 3))
for i in range(4):
    o.apply([keras.ops.convert_to_tensor(-g[i], "float64")], [v])
    now = np.array(v); moves.append(now - last); last = now
put("rmsprop:0.8:0.5", moves)
m = s2 = 0; moves = []
for i in range(1, 5):  # Dozat 2016, with a constant momentum
    m = .9 * m + .1 * g[i - 1]; s2 = .999 * s2 + .001 * g[i - 1] ** 2
    ahead = .9 * m / (1 - .9 ** (i + 1)) + .1 * g[i - 1] / (1 - .9 ** i)
    moves.append(ahead / (np.sqrt(s2 / (1 - .999 ** i)) + 1e-8))
put("nadam", moves)
put("l2", [g[i] / np.linalg.norm(g[i], axis=1, keepdims=True) for i in range(4)])
put("rms", [g[i] / (np.sqrt((g[i] ** 2).mean(1, keepdims=True)) + 1e-5) for i in range(4)])

a = np.maximum(value(3, 4, 5, 6), 0).reshape(3, 20, 6)
G = np.einsum("bpc,bpd->bcd", a, a).reshape(3, -1); G /= np.linalg.norm(G, axis=1, keepdims=True)
K = G @ G.T
put("diversity", (K.sum(1) - np.diag(K)) / 3)
here = os.path.dirname(os.path.abspath(__file__))
json.dump(out, open(os.path.join(here, "numbers.json"), "w"), indent=0, sort_keys=True)
