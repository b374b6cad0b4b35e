"""Writes the JPEG pictures of this folder, and beside each what Pillow decodes: python make_pictures.py (Pillow 11.2).

All are of a smooth pattern with an edge, 13 rows of 21 pixels, so that blocks are cut off at both ends."""
from PIL import Image

HEIGHT, WIDTH = 13, 21


def color(y, x):
    return (255 - 19 * y % 256, 12 * x, 200 if x + y > 15 else 30)


picture = Image.new("RGB", (WIDTH, HEIGHT))
picture.putdata([color(y, x) for y in range(HEIGHT) for x in range(WIDTH)])
exif = Image.Exif()
exif[0x0112] = 6  # turn by a quarter
kinds = {
    "grey": (picture.convert("L"), {}),
    "color": (picture, {}),  # 4:2:0
    "full": (picture, {"subsampling": "4:4:4", "quality": 95}),
    "progressive": (picture, {"progressive": True, "optimize": True}),
    "turned": (picture, {"exif": exif}),
    "inks": (picture.convert("CMYK"), {}),
}
for name, (image, options) in kinds.items():
    image.save(f"{name}.jpg", **options)
    if name != "inks":
        with Image.open(f"{name}.jpg") as decoded:
            open(f"{name}.pixels", "wb").write(decoded.tobytes())
