#!/usr/bin/env python3
"""Makes tests/pictures.h anew: small picture files for tests, as byte arrays, and what Pillow reads in
them. Needs Pillow with AVIF. usage: make_pictures.py > tests/pictures.h"""
import io
import struct
import textwrap
import zlib

from PIL import Image, ImageCms

W, H = 40, 24


def quarters():
    """Red, green / blue, gray: four flat quarters, so that every encoder keeps their colours."""
    im = Image.new("RGB", (W, H))
    for i, rgb in enumerate([(200, 30, 40), (30, 180, 60), (40, 50, 190), (128, 128, 128)]):
        im.paste(rgb, (i % 2 * W // 2, i // 2 * H // 2, (i % 2 + 1) * W // 2, (i // 2 + 1) * H // 2))
    return im


def fixed(v):
    return struct.pack(">i", round(v * 65536))


def profile(space, curve, primaries=()):
    """A version 2 display profile: one gamma for all channels."""
    xyz = [b"XYZ \0\0\0\0" + b"".join(map(fixed, p)) for p in primaries]
    trc = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(curve * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + fixed(0.9642) + fixed(1) + fixed(0.8249)
    desc = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"made\0" + bytes(78) + b"\0"
    tags = [(b"desc", desc), (b"wtpt", white)]
    if space == b"GRAY":
        tags += [(b"kTRC", trc)]
    else:
        tags += [(n + b"XYZ", x) for n, x in zip((b"r", b"g", b"b"), xyz)]
        tags += [(n + b"TRC", trc) for n in (b"r", b"g", b"b")]
    at = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        table += name + struct.pack(">II", at + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head = struct.pack(">I4sI4s4s4s12x4s", at + len(data), b"\0\0\0\0", 0x02100000, b"mntr", space,
                       b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + fixed(0.9642) + fixed(1) + fixed(0.8249)
    return head.ljust(128, b"\0") + table + data


# Red and green change places, and the curve is not sRGB's: nobody can take it for sRGB.
SWAPPED = profile(b"RGB ", 1.8, [(0.3851, 0.7169, 0.0971), (0.4361, 0.2225, 0.0139),
                                 (0.1431, 0.0606, 0.7141)])
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def save(im, form, **how):
    out = io.BytesIO()
    im.save(out, form, **how)
    return out.getvalue()


def exif(orientation):
    e = Image.Exif()
    e[0x0112] = orientation
    e[0x010E] = "Elm Street"
    e.get_ifd(0x8825)[29] = "2026:11:21"
    return e.tobytes()


def words(jpeg):
    """More segments than pixels need: a comment, APP13, what lies behind the end."""
    app13 = b"\xff\xed" + struct.pack(">H", 2 + 25) + b"Photoshop 3.0\0Elm Street "
    return jpeg[:2] + app13 + jpeg[2:] + b"Elm Street"


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(png, *chunks):
    return png[:33] + b"".join(png_chunk(k, b) for k, b in chunks) + png[33:]


def files():
    im = quarters()
    clear = im.convert("RGBA")
    clear.putalpha(Image.new("L", im.size, 255))
    clear.paste((10, 20, 30, 0), (0, 0, W // 2, H // 2))
    other = im.transpose(Image.Transpose.ROTATE_180)
    lying = im.transpose(Image.Transpose.ROTATE_90)  # orientation 6 turns it back
    inks = im.convert("CMYK")
    deep = Image.frombytes("I;16", (2, 2), struct.pack("<4H", 0, 0x80FF, 0x8100, 0xFFFF))
    jpeg = dict(quality=95, subsampling=0)
    yield "plain_jpeg", save(im, "JPEG", **jpeg)
    yield "lying_jpeg", words(save(lying, "JPEG", exif=exif(6), comment=b"Elm Street", **jpeg))
    yield "wordy_jpeg", words(save(im, "JPEG", exif=exif(1), comment=b"Elm Street", icc_profile=SRGB,
                                   dpi=(77, 77), **jpeg))
    yield "progressive_jpeg", save(im, "JPEG", progressive=True, **jpeg)
    yield "inks_jpeg", save(inks, "JPEG", quality=95)
    yield "gray_jpeg", save(im.convert("L"), "JPEG", quality=95)
    yield "gray_profile_jpeg", save(im.convert("L"), "JPEG", quality=95,
                                    icc_profile=profile(b"GRAY", 1.0))
    yield "profile_jpeg", save(im, "JPEG", icc_profile=SWAPPED, **jpeg)
    yield "broken_profile_jpeg", save(im, "JPEG", icc_profile=b"no profile" * 20, **jpeg)
    yield "profile_png", save(im, "PNG", icc_profile=SWAPPED)
    yield "clear_png", save(clear, "PNG")
    yield "deep_png", save(deep, "PNG")
    yield "wordy_png", with_chunks(save(im, "PNG", icc_profile=SRGB, exif=exif(1)),
                                   (b"tEXt", b"Comment\0Elm Street"), (b"tIME", bytes(7)))
    yield "moving_png", save(im, "PNG", save_all=True, append_images=[other], duration=50)
    yield "plain_webp", save(im, "WEBP", lossless=True)
    yield "wordy_webp", save(im, "WEBP", quality=90, exif=exif(1), xmp=b"<x>Elm Street</x>",
                             icc_profile=SRGB)
    yield "profile_webp", save(im, "WEBP", lossless=True, icc_profile=SWAPPED)
    yield "clear_webp", save(clear, "WEBP", lossless=True)
    yield "moving_webp", save(im, "WEBP", lossless=True, save_all=True, append_images=[other],
                              duration=50)
    yield "plain_tiff", save(im, "TIFF", compression="tiff_lzw")
    yield "jpeg_tiff", save(im, "TIFF", compression="jpeg", quality=95)
    yield "profile_tiff", save(im, "TIFF", icc_profile=SWAPPED, compression="tiff_lzw")
    yield "deep_tiff", save(deep, "TIFF")
    yield "plain_gif", save(im.quantize(4), "GIF")
    yield "plain_avif", save(im, "AVIF", quality=90, subsampling="4:4:4")
    yield "plain_bmp", save(im.quantize(4), "BMP")


def main():
    names = []
    print("/* Made by tests/media/make_pictures.py; do not edit. Red, green / blue, gray in quarters of")
    print(" * %d x %d pixels unless the name says otherwise. */" % (W, H))
    print("#ifndef BF_TESTS_PICTURES_H\n#define BF_TESTS_PICTURES_H\n\n#include <stddef.h>")
    print("#include <stdint.h>\n\n/* clang-format off */")
    for name, body in files():
        names.append(name)
        print("static const uint8_t %s[] = {" % name)
        print(textwrap.fill(" ".join("%d," % b for b in body), 124).replace(", ", ","))
        print("};")
    print("/* clang-format on */\n")
    print("struct test_picture {\n    const char *name;\n    const uint8_t *bytes;\n    size_t n;\n};\n")
    print("static const struct test_picture test_pictures[] = {")
    for name in names:
        print('    { "%s", %s, sizeof %s },' % (name, name, name))
    print("};\n\n#endif")


if __name__ == "__main__":
    main()
