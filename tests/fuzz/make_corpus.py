#!/usr/bin/env python3
"""make_corpus.py: makes corpus_raster, corpus_clip, corpus_wave, corpus_trace and corpus_text anew:
the smallest file of every format, from which fuzzers start and which `meson test` replays. Needs
Pillow, NumPy, SciPy, h5py and the ffmpeg program."""
import io
import os
import struct
import subprocess
import sys

import h5py
import numpy as np
import scipy.io
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))


def put(carrier, name, data):
    folder = os.path.join(here, "corpus_" + carrier)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def saved(picture, form, **how):
    b = io.BytesIO()
    picture.save(b, form, **how)
    return b.getvalue()


def chunk(kind, data):
    import zlib
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pictures():
    px = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(5, 7, 3) * 2
    rgb = Image.fromarray(px)
    alpha = Image.fromarray(np.dstack([px, px[:, :, 0]]))
    exif = Image.Exif()
    exif[0x0112] = 6
    put("raster", "rgb.jpg", saved(rgb, "JPEG", exif=exif))
    put("raster", "progressive.jpg", saved(rgb, "JPEG", progressive=True))
    put("raster", "gray.jpg", saved(rgb.convert("L"), "JPEG"))
    put("raster", "cmyk.jpg", saved(rgb.convert("CMYK"), "JPEG"))
    put("raster", "rgb.png", saved(rgb, "PNG"))
    put("raster", "alpha.png", saved(alpha, "PNG"))
    put("raster", "palette.png", saved(rgb.quantize(4), "PNG", transparency=1))
    put("raster", "bit.png", saved(rgb.convert("1"), "PNG"))
    gray16 = Image.fromarray((np.arange(35, dtype=np.uint16) * 1500).reshape(5, 7))
    put("raster", "gray16.png", saved(gray16, "PNG"))
    put("raster", "frames.png", saved(rgb, "PNG", save_all=True, append_images=[rgb.rotate(90)]))
    put("raster", "frames.gif", saved(rgb, "GIF", save_all=True, append_images=[rgb.rotate(90)],
                                      duration=50))
    put("raster", "rgb.bmp", saved(rgb, "BMP"))
    put("raster", "palette.bmp", saved(rgb.quantize(4), "BMP"))
    put("raster", "rgb.tif", saved(rgb, "TIFF"))
    put("raster", "lzw.tif", saved(rgb, "TIFF", compression="tiff_lzw"))
    put("raster", "gray16.tif", saved(gray16, "TIFF"))
    put("raster", "lossy.webp", saved(alpha, "WEBP", quality=50, exif=exif))
    put("raster", "lossless.webp", saved(rgb, "WEBP", lossless=True))
    put("raster", "frames.webp", saved(rgb, "WEBP", save_all=True, append_images=[rgb.rotate(90)],
                                       duration=50))
    put("raster", "rgb.avif", saved(rgb, "AVIF"))
    put("raster", "rgb.ppm", b"P6 # a comment\n7 5\n255\n" + px.tobytes())
    put("raster", "gray16.pgm", b"P5 7 5 1000\n" + np.arange(35, dtype=">u2").tobytes())
    b = io.BytesIO()
    np.save(b, np.linspace(0, 4000, 35, dtype=np.float32).reshape(5, 7))
    put("raster", "depth.npy", b.getvalue())


def ffmpeg(name, *args):
    out = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=32x32:r=10:d=0.5", *args,
         "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "pipe:1"],
        check=True, capture_output=True).stdout
    put("clip", name, out)


def clips():
    ffmpeg("mpeg4.mp4", "-c:v", "mpeg4", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov")
    ffmpeg("vp8.webm", "-c:v", "libvpx", "-f", "webm", "-b:v", "20k")
    ffmpeg("mjpeg.avi", "-c:v", "mjpeg", "-q:v", "31", "-f", "avi")
    ffmpeg("ffv1.mkv", "-c:v", "ffv1", "-f", "matroska", "-t", "0.2")
    ffmpeg("mpeg1.mpg", "-c:v", "mpeg1video", "-r", "25", "-f", "mpegts", "-t", "0.2")
    frames = [Image.fromarray(np.full((6, 6, 3), 40 * k, np.uint8)) for k in range(4)]
    put("clip", "frames.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:],
                                    duration=40))
    put("clip", "frames.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:],
                                    duration=40))
    put("clip", "events.csv", b"x,y,t,p\n1,2,10,1\n3,4,2000,0\n5,5,9000,1\n0,0,9000,-1\n")
    put("clip", "events.txt", b"0.001 3 4 1\n0.002 1 1 0\n0.5 2 2 1\n")


def riff(tag, bits, data, extra=b""):
    form = struct.pack("<HHIIHH", tag, 2, 8000, 8000 * 2 * bits // 8, 2 * bits // 8, bits) + extra
    body = (b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" +
            struct.pack("<I", len(data)) + data)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def sounds():
    import soundfile
    v = np.sin(np.arange(256).reshape(128, 2) / 9).astype(np.float32)
    put("wave", "pcm16.wav", riff(1, 16, (v * 30000).astype("<i2").tobytes()))
    put("wave", "float.wav", riff(3, 32, np.where(v > 0.9, np.nan, v).astype("<f4").tobytes()))
    put("wave", "ulaw.wav", riff(7, 8, bytes(range(256))))
    for name, form, kind in [("pcm.aiff", "AIFF", "PCM_24"), ("pcm.au", "AU", "PCM_16"),
                             ("pcm.caf", "CAF", "PCM_16"), ("pcm.w64", "W64", "PCM_16"),
                             ("pcm.rf64", "RF64", "PCM_16"), ("pcm.flac", "FLAC", "PCM_16"),
                             ("wide.flac", "FLAC", "PCM_24"), ("vorbis.ogg", "OGG", "VORBIS"),
                             ("adpcm.wav", "WAV", "IMA_ADPCM"), ("layer3.mp3", "MP3", None)]:
        b = io.BytesIO()
        soundfile.write(b, v, 8000, format=form, subtype=kind)
        put("wave", name, b.getvalue())
    out = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=r=8000:d=0.2", "-c:a",
                          "aac", "-f", "adts", "pipe:1"], check=True, capture_output=True)
    put("wave", "sound.aac", out.stdout)


def clouds():
    head = b"ply\nformat %s 1.0\nelement vertex 3\n" + b"".join(
        b"property float %s\n" % c for c in (b"x", b"y", b"z")) + b"end_header\n"
    v = np.arange(9, dtype="<f4")
    for carrier in ("raster", "clip"):
        put(carrier, "text.ply", head % b"ascii" + b"0 1 2\n3 4 5\n6 7 nan\n")
        put(carrier, "binary.ply", head % b"binary_little_endian" + v.tobytes())
        put(carrier, "text.pcd", b"VERSION 0.7\nFIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F U\n"
            b"COUNT 1 1 1 1\nPOINTS 2\nDATA ascii\n0 1 2 255\n3 4 5 16711680\n")
        put(carrier, "binary.pcd", b"VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\n"
            b"WIDTH 3\nHEIGHT 1\nDATA binary\n" + v.tobytes())


def traces():
    v = np.arange(12, dtype=np.float64).reshape(6, 2)
    put("trace", "header.csv", b"time_ms,a,b\n" + b"".join(
        b"%d,%g,%g\n" % (10 * i, r[0], r[1]) for i, r in enumerate(v)))
    put("trace", "odd.csv", b'\xef\xbb\xbf"time s";"a ""b"""\r\n"0,5";nan\r\n1;2e3\r\n1.5;-.5')
    put("trace", "tabs.tsv", b"1\t2\n3\t\n5\t6\n")
    for name, a in [("f8.npy", v), ("fortran.npy", np.asfortranarray(v.astype(np.float32))),
                    ("be.npy", v.astype(">i4")), ("one.npy", v[:, 0].astype(np.int8))]:
        b = io.BytesIO()
        np.save(b, a)
        put("trace", name, b.getvalue())
    b = io.BytesIO()
    np.savez_compressed(b, time=np.arange(6) / 100, pressure=v)
    put("trace", "packed.npz", b.getvalue())
    b = io.BytesIO()
    np.savez(b, v=v)
    put("trace", "plain.npz", b.getvalue())
    b = io.BytesIO()
    scipy.io.savemat(b, {"time": np.arange(6) / 100, "pressure": v}, do_compression=True)
    put("trace", "packed.mat", b.getvalue())
    b = io.BytesIO()
    scipy.io.savemat(b, {"force": v[:, :1]})
    put("trace", "plain.mat", b.getvalue())
    b = io.BytesIO()
    with h5py.File(b, "w", libver=("v110", "v110")) as f:
        f["pressure"] = v
        f.create_dataset("packed", data=np.vstack([v, v]), chunks=(5, 2), compression="gzip")
    put("trace", "groups.h5", b.getvalue())
    b = io.BytesIO()
    with h5py.File(b, "w", libver=("v110", "v110")) as f:
        f.create_dataset("v", (10**6, 10**6), "f8", chunks=(64, 64), compression="gzip")
    put("trace", "huge.h5", b.getvalue())
    b = io.BytesIO()
    with h5py.File(b, "w", userblock_size=512, libver=("v110", "v110")) as f:
        f["force"] = v.T
        f["force"].attrs["MATLAB_class"] = np.full(256, b"double", "S16")  # one is expected
    put("trace", "matlab.h5", b"MATLAB 7.3 MAT-file" + b.getvalue()[19:])
    put("trace", "columns.json", b'{"rate": 100, "unit": "kPa", "data": {"a": [1, 2, 3], "b": [4, null, 6]}}')
    put("trace", "rows.json", b'[{"time": 0, "a": 1}, {"time": 0.1, "a": 2.5}, {"time": 0.2, "a": -1e3}]')
    put("trace", "arrays.json", b"[[1, 2], [3, 4], [5, 6]]")
    put("trace", "lines.jsonl", b'{"t": 0, "a": 1}\n{"t": 1, "a": 2}\n{"t": 2, "a": 3}\n')
    put("trace", "vibration.wav", riff(1, 16, (v * 1000).astype("<i2").tobytes()))


def texts():
    put("text", "cues.srt", "1\n00:00:01,500 --> 00:00:04,000\n<i>Don't</i> {\\an8}move.\n\n"
        "2\n00:00:05,000 --> 00:00:06,250\nOui, é\n".encode())
    put("text", "cues.vtt", b"WEBVTT - x\n\nSTYLE\n::cue {}\n\nNOTE no\n\nid\n00:01.000 --> 00:02.000 "
        b"align:start\n<v Bob>Hi &amp; <00:01.500>bye</v>\n")
    put("text", "plain.txt", "Zwei Zeilen,\nein Wörtchen — 語\n".encode())
    put("text", "latin.txt", b"caf\xe9 \x80 5\n")
    put("text", "wide.txt", "\ufeffwide é 😀\n".encode("utf-16-le"))
    put("text", "wide_be.txt", "\ufeff1\n00:00:01,000 --> 00:00:02,000\nhey\n".encode("utf-16-be"))


for make in (pictures, clips, sounds, clouds, traces, texts):
    make()
sys.exit(0)
