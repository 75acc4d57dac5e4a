"""signals.py DECODE SHARED TMP KIND: what the program DECODE reads of files beside what others read
of them, as TAP without a plan. KIND: sounds (shared
ones), made (sounds that soundfile writes) or traces."""
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
        "02 - increasing number of channels.flac": "changes from",
        "06 - missing streaminfo metadata block.flac": "damaged",
        "zero_samples.wav": "no samples",
        "empty.wav": "empty",
    }
    damaged = {
        "04 - wrong number of channels.flac": "5 channels, its sound 1",
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
        if name.startswith(("11 - file starting", "04 - changing bitdepth")):
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


def check(name, got, want, rate=100.0, names=None, unit=None, units=None, warning="", damaged=0):
    """`want` [steps] or [steps, channels]: NaN must be NaN, all others are the same float."""
    why = None
    if got.v is None:
        return report(name, got.line)
    want = np.asarray(want, "f8")
    want = want.reshape(len(want), -1).T
    with np.errstate(over="ignore"):
        want = want.astype("f4")
    want[~np.isfinite(want)] = np.nan
    if got.v.shape != want.shape or not np.array_equal(got.v, want, equal_nan=True):
        why = f"{got.v.shape} {got.v.ravel()[:6]}, want {want.shape} {want.ravel()[:6]}"
    elif abs(got.rate - rate) > 1e-9 * rate:
        why = f"{got.rate} Hz, want {rate}"
    elif names is not None and got.names != names:
        why = f"names {got.names}"
    elif unit is not None and got.unit != unit or units is not None and got.units != units:
        why = f"unit {got.unit}, units {got.units}"
    elif warning not in got.warning or (not warning and got.warning) or got.damaged != damaged:
        why = f"damaged {got.damaged}, warning {got.warning}"
    report(name, why)


def refused(name, path, words, **options):
    got = Read("tactile", path, **options)
    ok = got.line.startswith("refused ") and words in got.line
    report(name, None if ok else got.line)


def write(name, data):
    path = f"{tmp}/{name}"
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def read(name, data, **options):
    return Read("tactile", write(name, data), **options)


def odd_traces():
    d = f"{shared}/data/odd/tactile"
    if not shared or not os.path.isdir(d):
        return skip("odd tables and arrays", "no shared data")
    for path in sorted(glob.glob(f"{d}/*.npy")):
        check(os.path.basename(path), Read("tactile", path), np.load(path))
    for name in ("crlf", "bom", "no_final_newline", "no_header", "quoted", "semicolon", "nan"):
        with open(f"{d}/{name}.csv", encoding="utf-8-sig") as f:
            rows = [r.replace('"', "").replace(";", ",").split(",") for r in f.read().split("\n") if r]
        if name != "no_header":
            head, rows = rows[0], rows[1:]
        v = np.array([[float(x) for x in r] for r in rows])
        rate = 100.0
        if name != "no_header" and head[0].startswith("time"):
            steps = np.diff(v[:, 0])
            near = np.abs(steps - np.median(steps)) <= np.median(steps) / 2
            rate, v = 1e3 / steps[near].mean(), v[:, 1:]
        check(f"{name}.csv", Read("tactile", f"{d}/{name}.csv"), v, rate,
              warning="missing" if name == "nan" else "")
    refused("header_only.csv", f"{d}/header_only.csv", "no rows")
    refused("ragged.csv", f"{d}/ragged.csv", "line ")
    refused("empty.csv", f"{shared}/data/odd/damaged/empty.csv", "empty")


def numbers(rng):
    """Spellings of numbers, as writers and people make them."""
    v = np.concatenate([rng.standard_normal(4000) * 10.0 ** rng.integers(-30, 30, 4000),
                        rng.integers(-10**9, 10**9, 500) / 1000, [0.0, -0.0, 1e-40, 3.4e38, 2**24 + 1]])
    spelled = [f % x for f in ("%.17g", "%.5f", "%g", "%.9e", "%.18e") for x in v.tolist()
               if abs(float(f % x)) < 3.4e38]
    return spelled + ["1.", ".5", "+3", "007.25", "1e5", "1E-3", "123456789012345678901234567890",
                      "0.000000000000000000000000000001", "9007199254740993", "1.7976931348623157e-308"]


def tables():
    rng = np.random.default_rng(7)
    v = np.cumsum(rng.standard_normal((500, 3)), 0)
    rows = ["%.5f,%.5f,%.5f" % tuple(r) for r in v]
    five = np.array([[float(x) for x in r.split(",")] for r in rows])
    check("csv", read("a.csv", "a,b,c\n" + "\n".join(rows)), five, names=["a", "b", "c"])
    check("tsv", read("a.tsv", "a\tb\tc\n" + "\n".join(rows).replace(",", "\t")), five)
    for sep, word in ((";", "semicolon"), ("\t", "tab"), (" ", "blank"), (",", "comma")):
        check(f"separator {word}", read("s.csv", "\n".join(rows).replace(",", sep), separator=word), five)
    check("decimal comma", read("d.csv", "\n".join(rows).replace(",", ";").replace(".", ","),
                                decimal="comma"), five)
    np.savetxt(f"{tmp}/np.txt", v, header="fx fy fz")
    check("savetxt with blanks and a commented header", Read("tactile", f"{tmp}/np.txt"), v,
          names=["fx", "fy", "fz"])
    got = read("u.csv", "t (s),force (N),torque [Nm],x\n0,1,2,3\n0.5,4,5,6\n1.0,7,8,9\n")
    check("units by channel", got, [[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2, ["force", "torque", "x"],
          units=["N", "Nm", "raw"])
    got = read("u.csv", "time_us,a [kPa],b [kPa]\n0,1,2\n100,4,5\n200,7,8\n")
    check("one unit, times in microseconds", got, [[1, 2], [4, 5], [7, 8]], 1e4, ["a", "b"], "kPa")
    at = np.round(np.arange(200) * 1000 / 60)
    got = read("j.csv", "time,v\n" + "\n".join("%d,%d" % (t, i) for i, t in enumerate(at)))
    why = None if got.v is not None and abs(got.rate - 60) < 0.2 and not got.warning else got.line
    report("60 Hz in whole milliseconds", why)
    at[100:] += 300
    got = read("j.csv", "time,v\n" + "\n".join("%d,%d" % (t, i) for i, t in enumerate(at)))
    report("a gap in the times is told", None if "uneven" in got.line and got.damaged == 0 else got.line)
    spelled = numbers(rng)
    check(f"{len(spelled)} spellings of numbers", read("n.csv", "v\n" + "\n".join(spelled)),
          [float(x) for x in spelled])


def arrays():
    rng = np.random.default_rng(8)
    v = rng.standard_normal((300, 4)) * 100
    types = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4",
             "<u4", ">u4", "<i8", ">i8", "<u8", ">u8", "?"]
    for t in types:
        x = (np.abs(v) if "u" in t else v).astype(t)
        for order in "CF":
            np.save(f"{tmp}/a.npy", np.asarray(x, order=order))
            check(f"npy {t} {order}", Read("tactile", f"{tmp}/a.npy"), x)
    odd = np.array([np.nan, np.inf, -np.inf, 65504, 6e-8, -0.0], "f2")
    np.save(f"{tmp}/a.npy", odd)
    check("npy half: NaN, infinite, least, greatest", Read("tactile", f"{tmp}/a.npy"), odd, warning="missing")
    np.save(f"{tmp}/a.npy", v[:, 0])
    check("npy of one dimension", Read("tactile", f"{tmp}/a.npy"), v[:, 0])
    np.save(f"{tmp}/a.npy", v.T)
    check("npy, time last", Read("tactile", f"{tmp}/a.npy", axis="last"), v)
    np.save(f"{tmp}/a.npy", v.reshape(10, 30, 4))
    refused("npy of three dimensions", f"{tmp}/a.npy", "neither [n] nor [n][channels]")
    for save, how in ((np.savez, "stored"), (np.savez_compressed, "deflated")):
        save(f"{tmp}/a.npz", data=v, fs=250.0, few=v[:5], label="x")
        check(f"npz {how}", Read("tactile", f"{tmp}/a.npz"), v, 250)
        check(f"npz {how}, by name", Read("tactile", f"{tmp}/a.npz", array="few"), v[:5], 250)
        save(f"{tmp}/a.npz", x=v[:, 0], y=v[:, 1].astype("f4"), t=np.arange(300) / 50)
        check(f"npz {how}, a channel an array", Read("tactile", f"{tmp}/a.npz"),
              np.stack([v[:, 0], v[:, 1].astype("f4")], 1), 50, ["x", "y"])
        save(f"{tmp}/a.npz", x=v, y=v)
        refused(f"npz {how}, two as large", f"{tmp}/a.npz", "'array' names one")
    import zipfile
    body = io.BytesIO()
    np.save(body, v)
    with zipfile.ZipFile(f"{tmp}/z.npz", "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("v.npy", "w", force_zip64=True) as f:
            f.write(body.getvalue())
    check("npz with ZIP64 sizes", Read("tactile", f"{tmp}/z.npz"), v)
    whole = open(f"{tmp}/z.npz", "rb").read()
    refused("npz cut short", write("c.npz", whole[:-100]), "ends early")
    broken = bytearray(whole)
    broken[2000] ^= 1
    refused("npz with a wrong byte", write("c.npz", bytes(broken)), "")
    with zipfile.ZipFile(f"{tmp}/b.npz", "w", zipfile.ZIP_DEFLATED) as z:
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(head, {"descr": "<f8", "fortran_order": False,
                                                    "shape": (1 << 27, 1)})
        with z.open("bomb.npy", "w", force_zip64=True) as f:
            f.write(head.getvalue())
            for _ in range(64):
                f.write(bytes(1 << 20))
    refused("npz that would be too large", f"{tmp}/b.npz", "limit")


def stores():
    import h5py
    import scipy.io
    rng = np.random.default_rng(9)
    v = rng.standard_normal((400, 3))
    t = np.arange(400) / 200
    for kind in ("plain", "gzip", "big", "half", "ints"):
        with h5py.File(f"{tmp}/a.h5", "w") as f:
            x = v * 100
            x = x.astype({"big": ">f8", "half": "f2", "ints": "i2"}.get(kind, "f4"))
            f.create_dataset("run/force", data=x, compression="gzip" if kind == "gzip" else None,
                             chunks=True if kind == "gzip" else None)
            f["run/time"] = t
            f["note"] = "words"
            f["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/x")
            f["soft"] = h5py.SoftLink("/run/force")
        check(f"hdf5 {kind}", Read("tactile", f"{tmp}/a.h5"), x, 200)
    check("hdf5 by name", Read("tactile", f"{tmp}/a.h5", array="run/force", time="none"), x)
    with h5py.File(f"{tmp}/e.h5", "w") as f:
        write("raw.bin", np.arange(100.0).tobytes())
        f.create_dataset("x", (100,), "f8", external=[(f"{tmp}/raw.bin", 0, 800)])
    refused("hdf5 with values in another file", f"{tmp}/e.h5", "other files")
    whole = open(f"{tmp}/a.h5", "rb").read()
    refused("hdf5 cut short", write("c.h5", whole[:1500]), "damaged")
    with h5py.File(f"{tmp}/b.h5", "w") as f:
        f.create_dataset("x", (1 << 30, 1 << 10), "f8", chunks=(1024, 1024))
    refused("hdf5 that would be too large", f"{tmp}/b.h5", "limit")
    for packed in (False, True):
        scipy.io.savemat(f"{tmp}/a.mat", {"force": v, "fs": 125.0, "unit": "N", "name": "denim"},
                         do_compression=packed)
        check(f"mat v5, packed {packed}", Read("tactile", f"{tmp}/a.mat"), v, 125, unit="N")
    for kind in ("f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        x = (np.abs(v) * 100).astype(kind)
        scipy.io.savemat(f"{tmp}/a.mat", {"x": x})
        check(f"mat v5 {kind}", Read("tactile", f"{tmp}/a.mat"), x)
    scipy.io.savemat(f"{tmp}/a.mat", {"rec": {"t": t, "left": v[:, 0], "right": v[:, 1]}})
    check("mat v5 structure", Read("tactile", f"{tmp}/a.mat"), v[:, :2], 200, ["left", "right"])
    scipy.io.savemat(f"{tmp}/a.mat", {"row": v[:, 0]}, oned_as="row")
    check("mat v5 row vector", Read("tactile", f"{tmp}/a.mat"), v[:, 0])
    whole = open(f"{tmp}/a.mat", "rb").read()
    refused("mat v5 cut short", write("c.mat", whole[:-500]), "ends early")
    with h5py.File(f"{tmp}/m.mat", "w", userblock_size=512) as f:
        f.create_dataset("force", data=v.T).attrs["MATLAB_class"] = np.bytes_("double")
        f.create_dataset("fs", data=[[500.0]]).attrs["MATLAB_class"] = np.bytes_("double")
        f.create_dataset("label", data=np.arange(2000, dtype="u2").reshape(-1, 1)).attrs[
            "MATLAB_class"] = np.bytes_("char")
    with open(f"{tmp}/m.mat", "r+b") as f:
        f.write(b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\0\2IM")
    check("mat v7.3", Read("tactile", f"{tmp}/m.mat"), v, 500)


def words():
    rng = np.random.default_rng(10)
    v = rng.standard_normal((200, 3))
    check("json list", read("a.json", json.dumps(v[:, 0].tolist())), v[:, 0])
    check("json rows", read("a.json", " \n" + json.dumps(v.tolist(), indent=1)), v)
    both = {"rate": 48.5, "unit": "N", "names": ["a", "b", "c"], "data": v.tolist()}
    check("json rows with rate, unit, names", read("a.json", json.dumps(both)), v, 48.5, ["a", "b", "c"], "N")
    lists = {"meta": {"sampling_rate": 10}, "x": v[:, 0].tolist(), "y": v[:, 1].tolist()}
    check("json lists by name", read("a.json", json.dumps(lists)), v[:, :2], 10, ["x", "y"])
    lists = {"time": (np.arange(200) / 40).tolist(), "x (g)": v[:, 0].tolist(), "y": v[:, 1].tolist()}
    check("json with times", read("a.json", json.dumps(lists)), v[:, :2], 40, ["x", "y"], units=["g", "raw"])
    rows = [{"time_ms": i * 4, "x": r[0], "y": r[1] if i else None} for i, r in enumerate(v)]
    want = v[:, :2].copy()
    want[0, 1] = np.nan
    check("json objects", read("a.json", json.dumps(rows)), want, 250, ["x", "y"], warning="missing")
    refused("json that is none", write("a.json", "[1, 2,"), "not JSON")
    refused("json with words in it", write("a.json", '[1, "x"]'), "not a number")
    refused("json with uneven rows", write("a.json", "[[1,2],[3]]"), "row 2")


def vibrations():
    import soundfile
    rng = np.random.default_rng(11)
    v = np.round(rng.uniform(-1, 1, (500, 3)) * 32767) / 32768
    for name in ("wav", "flac"):
        soundfile.write(f"{tmp}/v.{name}", v, 3200, "PCM_16")
        check(f"{name} as vibration", Read("tactile", f"{tmp}/v.{name}", unit="g"), v, 3200, unit="g")
    check("one channel of it", Read("tactile", f"{tmp}/v.wav", channels="ch2"), v[:, 1], 3200)


def made_sounds():
    """Sounds of every kind that soundfile writes, cut and whole."""
    import soundfile
    rng = np.random.default_rng(12)
    for form, subtypes in (("WAV", ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW",
                                    "IMA_ADPCM", "MS_ADPCM")),
                           ("WAVEX", ("PCM_16", "PCM_24", "FLOAT")), ("RF64", ("PCM_16", "FLOAT")),
                           ("W64", ("PCM_16", "PCM_24", "FLOAT")),
                           ("AIFF", ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
                           ("CAF", ("PCM_16", "PCM_24", "FLOAT", "ALAC_16")),
                           ("AU", ("PCM_16", "PCM_24", "FLOAT", "ULAW")),
                           ("FLAC", ("PCM_S8", "PCM_16", "PCM_24")),
                           ("OGG", ("VORBIS", "OPUS")), ("MP3", ("MPEG_LAYER_III",))):
        for subtype in subtypes:
            for n_ch in (1, 2, 8):
                name = f"{form} {subtype}, {n_ch} channels"
                rate = 48000 if subtype == "OPUS" else 44100 if form == "MP3" else 11127
                v = np.cumsum(rng.uniform(-0.01, 0.01, (9000, n_ch)), 0)
                path = f"{tmp}/s.{form.lower()}"
                try:
                    soundfile.write(path, v, rate, subtype, format=form)
                except Exception as e:
                    if form not in ("MP3", "CAF") and "ADPCM" not in subtype:
                        report(name, str(e))
                    continue
                want, rate = by_libsndfile(path)
                got = Read("audio", path)
                why = differs(got, want, rate) or (got.warning if got.damaged else None)
                report(name, why)
                if n_ch == 2 and form not in ("MP3",) and subtype not in ("ALAC_16",):
                    whole = open(path, "rb").read()
                    cut = Read("audio", write("cut", whole[: len(whole) * 6 // 10]))
                    fine = cut.v is None or cut.damaged == 1
                    # What is left of the last block of ADPCM is another sound.
                    n = 0 if cut.v is None or form == "OGG" else cut.v.shape[1]
                    n -= min(n, 2048) if "ADPCM" in subtype else 0
                    near = n == 0 or np.array_equal(cut.v[:, :n], want[:, :n])
                    report(f"{name}, cut", None if fine and near else cut.line)


def traces():
    odd_traces()
    tables()
    arrays()
    stores()
    words()
    vibrations()


def made():
    made_sounds()


{"sounds": sounds, "traces": traces, "made": made}[kind]()
print(f"# {count} files, {failed} differ")
sys.exit(failed > 0)
