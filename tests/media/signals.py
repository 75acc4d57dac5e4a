"""signals.py DECODE SHARED TMP KIND: what the program DECODE reads of files beside what others read
of them, as TAP without a plan. KIND: sounds or traces."""
import ctypes
import ctypes.util
import glob
import io
import json
import os
import subprocess
import sys

import numpy as np

decode, shared, tmp, kind = sys.argv[1:5]
# Before soundfile loads the one that it brings, under the same name.
libsndfile = ctypes.CDLL(ctypes.util.find_library("sndfile"))
count = failed = 0


def report(name, why=None):
    global count, failed
    count += 1
    failed += why is not None
    print(f"{'not ' if why else ''}ok {count} - {name.replace('#', '')}")
    if why:
        print(f"# {why}")


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}")


class Read:
    """What the program says of a file; .v [channels, steps], None when it was refused."""

    def __init__(self, modality, path, **options):
        pairs = [f"{k}={v}" for k, v in options.items()]
        out = subprocess.run([decode, modality, path] + pairs, stdout=subprocess.PIPE, check=True).stdout
        line, _, rest = out.partition(b"\n")
        self.line = line.decode()
        self.v = None
        self.names, self.units = [], []
        if not self.line.startswith("ok "):
            return
        head, _, self.warning = self.line.partition("|")
        _, rate, n_ch, n, damaged, self.format, self.decoder, self.unit = head.split(" ", 7)
        self.rate, self.damaged = float(rate), int(damaged)
        while not rest.startswith(b"values\n"):
            line, _, rest = rest.partition(b"\n")
            name, _, unit = line.decode().rpartition("|")
            self.names.append(name)
            self.units.append(unit)
        self.v = np.frombuffer(rest[7:], "<f4").reshape(int(n_ch), int(n))


def differs(got, want, rate):
    """Why samples [channels, steps] are not the same, or None."""
    if got.v is None:
        return got.line
    if got.v.shape != want.shape:
        return f"{got.v.shape}, want {want.shape}; {got.warning}"
    if got.rate != rate:
        return f"{got.rate} Hz, want {rate}"
    want = np.where(np.isfinite(want), want, 0)
    bad = np.flatnonzero(got.v.ravel() != want.ravel().astype("f4"))
    return f"{len(bad)} values differ, by {np.abs(got.v - want).max()}" if len(bad) else None


def by_soundfile(path):
    import soundfile
    v, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return v.T, rate


class Info(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64)] + [(n, ctypes.c_int) for n in (
        "rate", "n_ch", "format", "sections", "seekable")]


def by_libsndfile(path):
    """The library of the system, which the program is linked to: decoders of lossy formats round as
    they were compiled, and soundfile brings its own."""
    lib = libsndfile
    lib.sf_open.restype = ctypes.c_void_p
    lib.sf_readf_float.restype = ctypes.c_int64
    info = Info()
    f = lib.sf_open(path.encode(), 0x10, ctypes.byref(info))
    if not f:
        raise ValueError("libsndfile refuses it")
    v = np.zeros((info.frames, info.n_ch), "f4")
    n = lib.sf_readf_float(ctypes.c_void_p(f), v.ctypes.data_as(ctypes.c_void_p),
                           ctypes.c_int64(info.frames))
    lib.sf_close(ctypes.c_void_p(f))
    return v[:n].T, info.rate


def by_av(path):
    import av
    rows, rate = [], 0
    with av.open(path) as c:
        s = c.streams.audio[0]
        for f in c.decode(s):
            a = f.to_ndarray()
            n_ch = len(f.layout.channels)
            a = a if f.format.is_planar else a.reshape(-1, n_ch).T
            rate = f.sample_rate
            scale = {"s16": 2.0**15, "s16p": 2.0**15, "s32": 2.0**31, "s32p": 2.0**31}.get(f.format.name, 1)
            rows.append(a.astype("f8") / scale)
    return np.concatenate(rows, 1).astype("f4"), rate


def sounds():
    odd = f"{shared}/data/odd"
    refused = {
        "02 - increasing number of channels.flac": "changes after",
        "04 - changing bitdepth.flac": "changes after",
        "06 - missing streaminfo metadata block.flac": "no STREAMINFO",
        "zero_samples.wav": "no samples",
        "empty.wav": "empty",
    }
    damaged = {
        "04 - wrong number of channels.flac": "5 channels, its sound has 1",
        "wav_cut_short.wav": "ends early",
    }
    files = [f for d in ("flac", "wav", "audio", "damaged", "names")
             for f in sorted(glob.glob(f"{odd}/{d}/*")) if f.rsplit(".", 1)[1] in
             ("flac", "wav", "aiff", "caf", "w64", "ogg")]
    files += sorted(glob.glob(f"{shared}/data/pool/audio/*"))
    for path in files:
        name = os.path.basename(path)
        got = Read("audio", path)
        if name in refused:
            report(f"{name}: refused",
                   None if got.line.startswith("refused ") and refused[name] in got.line else got.line)
            continue
        if name.startswith("11 - file starting"):
            ok = got.v is None or got.damaged
            report(f"{name}: refused, or damaged", None if ok else got.line)
            continue
        if name == "04 - wrong number of channels.flac":
            want, rate = by_av(path)
        else:
            try:
                want, rate = by_soundfile(path)
            except Exception:
                want, rate = by_av(path)
        if path.endswith((".ogg", ".mp3", ".opus")) and got.v is not None:
            near = np.abs(got.v - want).max()
            want, rate = by_libsndfile(path)
        else:
            near = 0
        why = differs(got, want, rate) or (f"{near} from soundfile" if near > 1e-6 else None)
        if not why and bool(got.damaged) != (name in damaged):
            why = f"damaged {got.damaged}: {got.warning}"
        if not why and name in damaged and damaged[name] not in got.warning:
            why = got.warning
        report(f"{name}: every sample", why)


sounds() if kind == "sounds" else traces()
print(f"# {count} files, {failed} differ")
sys.exit(failed > 0)
