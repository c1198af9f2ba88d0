# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

"""Makes the small pictures beside it with Pillow 13.0.0, and numbers.json: what Pillow reads in each, as red, green,
blue at some places [x, y], over white and turned as the EXIF orientation says. Run it in this folder: python3
make.py"""

import io
import json

from PIL import Image, ImageOps

WIDTH, HEIGHT = 25, 17
PLACES = [(0, 0), (24, 0), (12, 8), (3, 13), (20, 4), (0, 16), (24, 16)]

rgb = Image.new("RGB", (WIDTH, HEIGHT))
alpha = Image.new("L", (WIDTH, HEIGHT))
for y in range(HEIGHT):
    for x in range(WIDTH):
        rgb.putpixel((x, y), (10 * x, 15 * y, 255 - 5 * x - 7 * y))
        alpha.putpixel((x, y), 5 * x + 8 * y)
rgba = rgb.copy()
rgba.putalpha(alpha)
turned = Image.Exif()
turned[0x0112] = 6

inks = Image.new("CMYK", (WIDTH, HEIGHT))
for y in range(HEIGHT):
    for x in range(WIDTH):
        inks.putpixel((x, y), (10 * x, 15 * y, 255 - 10 * x, 3 * x + 4 * y))
inks.save("cmyk.jpg", quality=98, subsampling=0)
# The same samples, called YCCK: the last byte of Adobe's segment says which colours the four channels are.
data = bytearray(open("cmyk.jpg", "rb").read())
at = data.index(b"Adobe") + 11
assert data[at] == 0
data[at] = 2
open("ycck.jpg", "wb").write(data)
# And without that segment, so that nobody can say whether the inks are inverted.
at = data.index(b"\xff\xee")
size = int.from_bytes(data[at + 2 : at + 4], "big") + 2
open("unknown-inks.jpg", "wb").write(data[:at] + data[at + size :])

rgb.save("baseline.jpg", quality=95, subsampling=0)
rgb.save("progressive.jpg", quality=95, subsampling=0, progressive=True)
rgb.convert("L").save("gray.jpg", quality=95)
rgb.save("plain.png")
rgba.save("alpha.png")
rgb.convert("L").save("gray.png")
rgba.convert("LA").save("gray-alpha.png")
rgb.quantize(16).save("palette.png")
rgba.quantize(16).save("palette-alpha.png")
rgb.convert("1").save("bits.png")
rgb.save("turned.png", exif=turned)
rgb.quantize(64).save("still.gif")
turned_over = rgb.transpose(Image.Transpose.ROTATE_180)
rgb.quantize(16).save("moving.gif", save_all=True, append_images=[turned_over.quantize(16)])
rgb.save("lossless.webp", lossless=True)
rgba.save("lossless-alpha.webp", lossless=True)
rgb.save("lossy.webp", quality=95)
flat = Image.new("RGB", (64, 32))  # squares of one colour each, where it does not matter how halved colours are spread
for i, colour in enumerate(["black", "white", "red", "green", "blue", "yellow", "gray", "navy"]):
    flat.paste(colour, (i % 4 * 16, i // 4 * 16, i % 4 * 16 + 16, i // 4 * 16 + 16))
flat.save("flat.webp", quality=95)
flat.save("flat.jpg", quality=95)
rgba.save("lossy-alpha.webp", quality=95)
for levels in range(90, 100):  # one whose first chunk has an odd number of bytes, which the format pads
    buffer = io.BytesIO()
    rgba.save(buffer, "webp", quality=95, alpha_quality=levels, exif=turned)
    if buffer.getvalue()[30:34] == b"ALPH" and int.from_bytes(buffer.getvalue()[34:38], "little") % 2:
        open("turned.webp", "wb").write(buffer.getvalue())
        break
else:
    raise SystemExit("no odd size")
rgb.save("moving.webp", save_all=True, append_images=[turned_over])
rgb.save("picture.tiff")
rgb.save("picture.bmp")
rgb.save("picture.avif")

numbers = {}
for name in """cmyk.jpg ycck.jpg baseline.jpg progressive.jpg gray.jpg plain.png alpha.png gray.png gray-alpha.png
    palette.png palette-alpha.png bits.png turned.png still.gif moving.gif lossless.webp lossless-alpha.webp lossy.webp
    lossy-alpha.webp turned.webp flat.webp flat.jpg""".split():
    image = ImageOps.exif_transpose(Image.open(name))
    if image.mode == "P" and "transparency" in image.info or image.mode in ("LA", "RGBA", "PA"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("RGB")
    places = PLACES
    if name.startswith("turned"):
        places = [(y, x) for x, y in PLACES]
    elif name.startswith("flat"):
        places = [(x, y) for y in (8, 24) for x in (8, 24, 40, 56)]
    numbers[name] = {"size": image.size, "pixels": [[*p, *image.getpixel(p)] for p in places]}
with open("numbers.json", "w") as file:
    file.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in numbers.items()) + "\n}\n")
