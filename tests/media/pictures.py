"""Pictures as we read them beside Pillow. TAP. usage: pictures.py READ_PICTURE SHARED FOLDER

Every picture of SHARED/data/odd ends as odd.tsv says, and those of odd, pool and PngSuite, and the kinds
made here in FOLDER, have Pillow's pixels within 2 levels: upright, on white, in sRGB.
"""
import csv
import glob
import io
import os
import struct
import subprocess
import sys
import warnings

import numpy as np
from PIL import Image, ImageCms, ImageOps, features

from make_pictures import profile

warnings.simplefilter("ignore")
MOST = 2
LIBRARIES = {"libjpeg-turbo", "libspng", "libwebp", "libtiff", "libheif"}
read_picture, shared, folder = sys.argv[1:]
n_tests = n_failed = 0


def report(name, why):
    global n_tests, n_failed
    n_tests += 1
    n_failed += bool(why)
    print("%s %d - %s" % ("not ok" if why else "ok", n_tests, name.replace("#", "")))
    if why:
        print("# " + why)


def ours(path, enough=0):
    """(pixels or None, what was told)"""
    r = subprocess.run([read_picture, path, str(enough)], capture_output=True)
    told = dict(i.split("=", 1) for i in r.stderr.decode(errors="replace").splitlines() if "=" in i)
    if r.returncode not in (0, 1):
        told["refused"] = "ended with %d" % r.returncode
        return None, told
    return (np.asarray(Image.open(io.BytesIO(r.stdout))) if r.returncode == 0 else None), told


def to_srgb(im):
    icc = im.info.get("icc_profile")
    if not icc:
        return im
    alpha = im.getchannel("A") if im.mode in ("RGBA", "LA") else None
    if im.mode not in ("RGB", "L", "CMYK"):
        im = im.convert("RGB")
    try:
        im = ImageCms.profileToProfile(im, ImageCms.ImageCmsProfile(io.BytesIO(icc)),
                                       ImageCms.createProfile("sRGB"), outputMode="RGB")
    except ImageCms.PyCMSError:  # of another kind of picture, or broken
        pass
    if alpha:
        im.putalpha(alpha)
    return im


def pillow(path):
    im = Image.open(path)
    im.load()
    if im.mode.startswith("I"):  # 16 bits: the upper 8
        gray = (np.asarray(im).astype(np.int64) >> 8).astype(np.uint8)
        return np.stack([gray] * 3, -1)
    im = to_srgb(ImageOps.exif_transpose(im))
    if im.mode in ("P", "PA", "LA", "RGBA") or "transparency" in im.info:
        white = Image.new("RGBA", im.size, (255,) * 4)
        white.alpha_composite(im.convert("RGBA"))
        im = white
    return np.asarray(im.convert("RGB"))


def compare(path):
    """NULL, or what is wrong; a picture that Pillow cannot read is not compared."""
    got, told = ours(path)
    try:
        want = pillow(path)
    except Exception as e:  # whatever it has to say
        return None if got is not None else "refused by both: %s; %s" % (told.get("refused"), e)
    if got is None:
        return "refused: " + told["refused"]
    if got.shape != want.shape:
        return "%s, Pillow has %s" % (got.shape, want.shape)
    worst = int(np.abs(got.astype(int) - want.astype(int)).max())
    if worst > MOST:
        return "up to %d levels from Pillow (%s)" % (worst, told["decoder"])
    if told["damaged"] != "0" or (str(told["w"]), str(told["h"])) != (str(want.shape[1]),
                                                                      str(want.shape[0])):
        return "damaged %(damaged)s, %(w)s x %(h)s: %(warning)s" % told
    small, _ = ours(path, 64)
    if small is None or (min(small.shape[:2]) < 64 and small.shape != got.shape):
        return "of no use to a reading: " + str(small is None or small.shape)
    return None


def check_odd():
    """Of odd.tsv what is a picture: "decodes", "refused ...", "may be refused ..."."""
    kinds = (".png", ".jpg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
    with open(shared + "/data/odd/odd.tsv", newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = shared + "/data/odd/" + row["path"]
            if not path.endswith(kinds):
                continue
            got, told = ours(path)
            want, refused = row["expected"], "refused" in told
            if got is None and not told.get("refused", "").strip():
                why = "ended without a word"
            elif want.startswith("refused with"):
                why = None if refused else "read, to be refused"
            elif want.startswith("refused, or"):
                why = None if refused or told["warning"] else "read without a warning"
            elif want.startswith("may be"):
                why = None
            else:
                why = "refused: " + told["refused"] if refused else compare(path)
            report("odd/%s: %s" % (row["path"], want), why)


def check_all(name, paths):
    bad = [os.path.basename(p) + ": " + w for p in paths for w in [compare(p)] if w]
    report("%s: %d pictures as Pillow has them" % (name, len(paths)), "; ".join(bad[:8]))


def scene(w, h):
    y, x = np.mgrid[0:h, 0:w]
    a = np.stack([x * 3 % 256, y * 4 % 256, (x + y) * 2 % 256], -1).astype(np.uint8)
    a[h // 4:h // 2, w // 4:w // 2] = (250, 20, 30)
    return Image.fromarray(a)


def make():
    """Kinds of pictures that no folder has all of, by format."""
    im = scene(83, 61)
    gray, inks, clear = im.convert("L"), im.convert("CMYK"), im.convert("RGBA")
    clear.putalpha(Image.fromarray((np.mgrid[0:61, 0:83][1] * 3).astype(np.uint8)))
    palette = im.quantize(64)
    deep = Image.frombytes("I;16", im.size, (np.mgrid[0:61, 0:83][1] * 700).astype("<u2").tobytes())
    p3 = profile(b"RGB ", 2.2, [(0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419),
                                (0.1572, 0.0666, 0.7841)])
    gray_profile = profile(b"GRAY", 1.4)

    def put(form, name, picture, **how):
        path = "%s/%s_%s.%s" % (folder, form, name, form)
        picture.save(path, {"jpg": "JPEG", "tif": "TIFF", "pnm": "PPM"}.get(form, form.upper()), **how)

    for name, picture in (("rgb", im), ("gray", gray), ("inks", inks)):
        for sampling in (0, 1, 2):
            for q in (30, 95):
                put("jpg", "%s_%d_%d" % (name, sampling, q), picture, quality=q, subsampling=sampling,
                    progressive=q == 30)
    put("jpg", "restart", im, restart_marker_blocks=3)
    put("jpg", "keep_rgb", im, keep_rgb=True)
    put("jpg", "p3", im, icc_profile=p3)
    put("jpg", "gray_profile", gray, icc_profile=gray_profile)
    put("jpg", "long_profile", im, icc_profile=p3 + bytes(150000))  # three segments
    for name, picture in (("rgb", im), ("gray", gray), ("clear", clear), ("palette", palette),
                          ("bits", im.convert("1")), ("clear_gray", clear.convert("LA")), ("deep", deep)):
        put("png", name, picture)
    put("png", "p3", im, icc_profile=p3)
    put("png", "p3_clear", clear, icc_profile=p3)
    put("png", "gray_profile", gray, icc_profile=gray_profile)
    for name, picture in (("rgb", im), ("clear", clear)):
        put("webp", name + "_lossless", picture, lossless=True)
        put("webp", name, picture, quality=70)
    put("webp", "p3", im, icc_profile=p3)
    put("webp", "moves", clear, save_all=True, append_images=[im.convert("RGBA")], lossless=True)
    for name, picture, kinds in (
            ("rgb", im, "raw tiff_lzw tiff_adobe_deflate packbits jpeg lzma zstd"),
            ("gray", gray, "raw tiff_lzw jpeg"), ("palette", palette, "raw tiff_lzw"),
            ("bits", im.convert("1"), "raw group3 group4"), ("inks", inks, "raw tiff_lzw jpeg"),
            ("clear", clear, "raw tiff_lzw"), ("deep", deep, "raw tiff_adobe_deflate"),
            ("ycc", im.convert("YCbCr"), "raw jpeg")):
        for kind in kinds.split():
            put("tif", name + "_" + kind, picture, compression=kind)
    put("tif", "p3", im, icc_profile=p3)
    for name, picture in (("rgb", im), ("gray", gray), ("palette", palette), ("bits", im.convert("1")),
                          ("clear", clear)):
        put("bmp", name, picture)
    put("gif", "palette", palette)
    put("gif", "interlaced", palette, interlace=1)
    put("gif", "clear", palette, transparency=3)
    put("pnm", "rgb", im)
    put("pnm", "gray", gray)
    put("pnm", "bits", im.convert("1"))
    put("pnm", "deep", deep)
    for form in ("jpg", "png", "webp", "tif"):
        for o in range(1, 9):
            e = Image.Exif()
            e[0x0112] = o
            put(form, "turned_%d" % o, im, exif=e.tobytes() if form != "tif" else e)
    if features.check("avif"):
        # libheif 1.15 repeats halved colours where libavif, in Pillow, blends them: none are halved.
        put("avif", "rgb", im, quality=80, subsampling="4:4:4")
        put("avif", "clear", clear, quality=80, subsampling="4:4:4")


def lacks(decoder):
    """Whether this build reads without a library that the comparison is about."""
    made = {"libjpeg-turbo": "jpg_rgb_0_95.jpg", "libspng": "png_rgb.png", "libwebp": "webp_rgb.webp",
            "libtiff": "tif_rgb_raw.tif", "libheif": "avif_rgb.avif"}
    return ours(folder + "/" + made[decoder])[1].get("decoder") != decoder


make()
for form in ("jpg", "png", "webp", "tif", "bmp", "gif", "pnm", "avif"):
    needs = {"jpg": "libjpeg-turbo", "webp": "libwebp", "tif": "libtiff", "avif": "libheif"}.get(form)
    paths = sorted(glob.glob("%s/%s_*" % (folder, form)))
    if not paths or (needs and lacks(needs)):
        n_tests += 1
        print("ok %d - made %s # SKIP %s" % (n_tests, form, "built without " + needs if paths else
                                            "Pillow makes none"))
    else:
        check_all("made " + form, paths)
if os.path.isdir(shared + "/data/odd"):
    check_odd()
    check_all("pool", sorted(p for d in ("image", "panorama", "thermal")
                             for p in glob.glob("%s/data/pool/%s/*" % (shared, d))))
    suite = [p for p in glob.glob(shared + "/data/hostile/png/png/**/*.png", recursive=True)
             if not os.path.basename(p).startswith("x")]
    check_all("PngSuite", sorted(suite))
else:
    n_tests += 1
    print("ok %d - odd, pool, PngSuite # SKIP no shared data: set BF_SHARED" % n_tests)
print("1..%d" % n_tests)
sys.exit(n_failed > 0)
