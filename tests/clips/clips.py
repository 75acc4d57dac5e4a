"""clips.py READ SHARED TMP: every clip of the shared data, and made ones, as blindfold reads them beside
FFmpeg through PyAV, and beside ffprobe where it is installed: which frames are chosen, their times, their
pixels at full size. TAP.

What is compared to is worked out here from decoding everything: times and key frames of all frames, the
choice by the rules of docs/modalities.md, scenes by FFmpeg's filter `select`, RGB by its filter `scale`
with accurate rounding and interpolated chroma."""
import json, math, os, random, shutil, struct, subprocess, sys
from fractions import Fraction
import av, numpy as np
from av.filter import Graph

READ, SHARED, TMP = sys.argv[1:4]
ACCURATE = 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact'
n_tests = n_failed = 0


def report(name, faults):
    global n_tests, n_failed
    n_tests += 1
    n_failed += bool(faults)
    for f in faults[:6]:
        print('#', f)
    print('not ok' if faults else 'ok', n_tests, '-', name, flush=True)


def skip(name, why):
    global n_tests
    n_tests += 1
    print('ok', n_tests, '-', name, '# SKIP', why, flush=True)


class Read:
    """What blindfold makes of a file."""

    def __init__(self, path, modality='video', enough=0, **options):
        out = TMP + '/out'
        args = [READ, '-e', str(enough), modality, path, out]
        for k, v in options.items():
            args += [k, str(v)]
        text = subprocess.run(args, capture_output=True, text=True, check=True).stdout
        self.refused, self.warning, self.frames = None, '', []
        for line in text.splitlines():
            word, _, rest = line.partition(' ')
            if word == 'refused':
                self.refused = rest
            elif word == 'warning':
                self.warning = rest
            elif word == 'info':
                f = rest.split()
                self.format, self.w, self.h, self.n = f[0], int(f[1]), int(f[2]), int(f[3])
                self.seconds, self.damaged = float(f[4]), f[5] == '1'
            elif word == 'frame':
                w, h, at = rest.split()
                self.frames.append((int(w), int(h), float(at)))
            elif word == 'wave':
                rate, ch, n = rest.split()
                self.rate, self.samples = float(rate), np.fromfile(out, np.float32).reshape(int(n), int(ch))
        self.times = [f[2] for f in self.frames]
        if modality == 'video':
            bytes_ = np.fromfile(out, np.uint8)
            self.pixels, at = [], 0
            for w, h, _ in self.frames:
                self.pixels.append(bytes_[at:at + w * h * 3].reshape(h, w, 3))
                at += w * h * 3


class Whole:
    """All frames of a clip, decoded in order by PyAV."""

    def __init__(self, path):
        c = av.open(path)
        s = c.streams.best('video')
        self.path, self.index, tb = path, s.index, s.time_base
        self.codec, self.sar, self.alpha = s.codec_context.name, s.sample_aspect_ratio, s.metadata.get('alpha_mode')
        shown = [p for p in c.demux(s) if p.pts is not None and not p.is_discard and not p.is_corrupt]
        if self.codec == 'vp8':
            shown = [p for p in shown if bytes(p)[0] & 0x10]
        first = min(p.pts for p in shown)
        self.seconds = float((max(p.pts + (p.duration or 0) for p in shown) - first) * tb)
        c = av.open(path)
        s = c.streams[self.index]
        self.at, self.key = [], []
        self.rotation = 0
        self.unmarked = None
        for f in c.decode(s):
            self.at.append(float((f.pts - first) * tb))
            self.key.append(bool(f.key_frame))
            self.rotation = f.rotation
            if self.unmarked is None:
                self.unmarked = f.colorspace == 2 and f.height >= 720
                self.w, self.h = f.width, f.height
        if any(b <= a for a, b in zip(self.at, self.at[1:])):
            # AVI has no times of presentation; those that PyAV makes up go back and forth.
            self.at = [i / float(s.average_rate) for i in range(len(self.at))]
        elif c.format.name == 'avi':
            self.at = [t - self.at[0] for t in self.at]
        # How long the last frame lasts is a guess that differs between versions of FFmpeg.
        self.longest = max([b - a for a, b in zip(self.at, self.at[1:])] + [0.1])

    def frames(self, filters, want):
        """Frames number `want` through filters, with their times."""
        c = av.open(self.path)
        s = c.streams[self.index]
        decoder = None
        if self.alpha == '1' and self.codec in ('vp8', 'vp9'):
            decoder = av.CodecContext.create('libvpx' if self.codec == 'vp8' else 'libvpx-vp9', 'r')
        g, out, pushed = None, {}, 0
        stream = (f for p in c.demux(s) if p.size or not decoder for f in (decoder or p).decode(*[p] if decoder else []))
        for i, f in enumerate(stream):
            if i not in want:
                continue
            if g is None:
                g = Graph()
                last = g.add('buffer', f'video_size={f.width}x{f.height}:pix_fmt={f.format.name}:time_base={s.time_base}:'
                             f'colorspace={f.colorspace if f.colorspace != 3 else 2}:range={f.color_range}')
                for name, args in filters + [('buffersink', None)]:
                    x = g.add(name, args) if args is not None else g.add(name)
                    last.link_to(x)
                    last = x
                g.configure()
            g.push(f)
            out[i] = g.pull().to_ndarray()
        return out

    def rgb(self, want):
        matrix = ':in_color_matrix=bt709' if self.unmarked else ''
        scale = f'flags={ACCURATE}{matrix}'
        if self.sar and self.sar != 1 and self.sar > 0:
            w = round(self.w * float(self.sar)) if self.sar > 1 else self.w
            h = self.h if self.sar > 1 else round(self.h / float(self.sar))
            scale = f'{w}:{h}:{scale}'
        out = {}
        for i, x in self.frames([('scale', scale), ('format', 'rgba' if self.has_alpha() else 'rgb24')], want).items():
            if x.shape[2] == 4:
                a = x[..., 3:].astype(float) / 255
                x = np.round(x[..., :3] * a + 255 * (1 - a)).astype(np.uint8)
            out[i] = np.rot90(x, round(self.rotation / 90) % 4)
        return out

    def has_alpha(self):
        return self.alpha == '1' or self.codec in ('gif', 'apng')

    def scenes(self, threshold):
        """Times of the frames that FFmpeg's filter `select` calls changes of scene."""
        c = av.open(self.path)
        s = c.streams[self.index]
        g = Graph()
        chain = [g.add_buffer(template=s), g.add('select', f'gt(scene,{threshold})'), g.add('buffersink')]
        chain[0].link_to(chain[1])
        chain[1].link_to(chain[2])
        g.configure()
        numbers = {}
        out = []
        for i, f in enumerate(c.decode(s)):
            numbers[f.pts] = i
            g.push(f)
            while True:
                try:
                    out.append(numbers[g.pull().pts])
                except (av.BlockingIOError, av.EOFError):
                    break
        return out


def thin(found, most):
    n = len(found)
    return found if n <= most else [found[(2 * i + 1) * n // (2 * most)] for i in range(most)]


def nearest(at, t):
    """The earlier of two as near as each other, as far as the digits of the clip's length tell."""
    least = min(abs(a - t) for a in at)
    return next(i for i, a in enumerate(at) if abs(a - t) <= least + 1e-7)


def choose(whole, seconds, select='count', frames=8, rate=2, interval=1, threshold=0.3):
    at = whole.at
    if select == 'count':
        wanted = [(i + .5) * seconds / frames for i in range(frames)]
    elif select in ('rate', 'interval'):
        step = 1 / rate if select == 'rate' else interval
        wanted = thin([i * step for i in range(max(1, math.ceil(seconds / step - 1e-9)))], frames)
    else:
        found = {'all': range(len(at)), 'keyframes': [i for i in range(len(at)) if whole.key[i]] or [0],
                 'scene_changes': None}[select]
        if found is None:
            found = sorted({0, *whole.scenes(threshold)})
        return thin(list(found), frames)
    return sorted({nearest(at, t) for t in wanted})


MODES = [dict(), dict(select='count', frames=3), dict(select='rate', rate=3, frames=1024),
         dict(select='interval', interval=0.7, frames=1024), dict(select='interval', interval=0.05, frames=6),
         dict(select='keyframes', frames=1024), dict(select='keyframes', frames=2),
         dict(select='scene_changes', frames=1024), dict(select='scene_changes', threshold=0.02, frames=4),
         dict(select='all', frames=1024), dict(select='all', frames=5)]


def same_times(whole, got, want):
    if got.refused:
        return ['refused: ' + got.refused]
    want = [whole.at[i] for i in want]
    if len(got.times) != len(want) or any(abs(a - b) > 2e-6 for a, b in zip(got.times, want)):
        return [f'times {got.times[:9]}, not {want[:9]} ({len(got.times)} of {len(want)})']
    return []


def differ(got, want, rgb, tolerance):
    for k, i in enumerate(want):
        a, b = got.pixels[k].astype(int), rgb[i].astype(int)
        if a.shape != b.shape:
            yield f'frame {i} is {a.shape}, not {b.shape}'
        elif abs(a - b).max() > tolerance:
            yield f'frame {i} differs by {abs(a - b).max()} (mean {abs(a - b).mean():.2f})'


def check_clip(name, path, tolerance=2):
    whole = Whole(path)
    faults, done = [], []
    for mode in MODES:
        if min(whole.w, whole.h) < 16 and mode.get('select') == 'scene_changes':
            continue  # FFmpeg's filter counts what lies beyond such narrow rows
        got = Read(path, side=4096, **mode)
        if got.refused:
            faults += [f'{mode}: refused: {got.refused}']
            break
        if abs(got.seconds - whole.seconds) > whole.longest:
            faults += [f'{got.seconds} s, not {whole.seconds}']
        want = choose(whole, got.seconds, **mode)
        wrong = same_times(whole, got, want)
        faults += [f'{mode}: {f}' for f in wrong]
        if got.damaged:
            faults += [f'{mode}: damaged: {got.warning}']
        if got.n != len(whole.at):
            faults += [f'{got.n} frames, not {len(whole.at)}']
        # What is decoded alone is what is decoded in order.
        if not wrong and len(want) <= 24:
            done += [(mode, got, want)]
    rgb = whole.rgb({i for _, _, want in done for i in want})
    for mode, got, want in done:
        faults += [f'{mode}: {f}' for f in differ(got, want, rgb, tolerance)]
    if done:
        full, small = done[0][1], Read(path, enough=64)
        faults += ['smaller: ' + f for f in same_times(whole, small, choose(whole, full.seconds))]
        w, h, _ = small.frames[0]
        if min(w, h) < min(64, whole.w, whole.h) or (small.w, small.h) != (full.w, full.h):
            faults += [f'smaller: {w} x {h} of {small.w} x {small.h}']
    report(f'{name}: {whole.codec}, {len(whole.at)} frames, {sum(whole.key)} key', faults)
    return whole


def check_probe(name, path, whole):
    """The times that ffprobe prints."""
    try:
        text = subprocess.run(['ffprobe', '-v', 'error', '-select_streams', str(whole.index), '-show_entries',
                               'frame=pts_time,best_effort_timestamp_time,key_frame:packet=pts_time,flags', '-of', 'json',
                               'file:' + path], capture_output=True, check=True).stdout
    except FileNotFoundError:
        return skip(name + ': ffprobe', 'no ffprobe')
    both = json.loads(text).get('packets_and_frames', [])
    packets = [float(p['pts_time']) for p in both if p['type'] == 'packet' and 'pts_time' in p and 'D' not in p['flags']]
    times = [f.get('pts_time', f.get('best_effort_timestamp_time')) for f in both if f['type'] == 'frame']
    if None in times:
        return skip(name + ': times as ffprobe prints them', f'ffprobe has none for {times.count(None)} of {len(times)} frames')
    times = [float(t) for t in times]
    # Without times in the packets the clip begins with its first frame.
    packets = packets or times
    got = Read(path, select='all', frames=1024)
    want = thin([t - min(packets) for t in times], 1024)
    bad = [(a, b) for a, b in zip(got.times, want) if abs(a - b) > 2e-6]
    report(f'{name}: times as ffprobe prints them', [] if not bad and len(want) == len(got.times) else
           [f'{len(got.times)} frames, not {len(want)}; {bad[:4]}'])


# Clips of the shared folder.

def shared_clips():
    for folder in ('odd/video', 'odd/anim', 'pool/video'):
        base = f'{SHARED}/data/{folder}'
        for f in sorted(os.listdir(base)):
            yield f'{folder}/{f}', f'{base}/{f}'


def scene(i, w, h):
    """A picture in which things move, and every 40 frames all is another."""
    y, x = np.mgrid[0:h, 0:w]
    part = i // 40
    v = np.stack([x * 255 // w, y * 255 // h, (x + y) * 127 // (w + h)], -1).astype(int)
    v = np.roll(v, part, -1) // (1 + part % 2)
    cx, cy = (30 + 7 * i) % w, h // 2 + int(h / 3 * math.sin(i / 5))
    v[(x - cx) ** 2 + (y - cy) ** 2 < (h // 6) ** 2] = (250, 40 * (part + 1) % 256, 30)
    rng = np.random.default_rng(i)
    return np.clip(v + rng.integers(-6, 7, v.shape), 0, 255).astype(np.uint8)


def encode(path, codec, n=130, w=176, h=144, fmt='yuv420p', options=None, rate=25, pts=None, container=None, flags=(),
           sar=None, metadata=None):
    c = av.open(path, 'w', format=container)
    s = c.add_stream(codec, rate=rate, options=options or {})
    s.width, s.height, s.pix_fmt = w, h, fmt
    if sar:
        s.codec_context.sample_aspect_ratio = sar
    s.codec_context.thread_count = 1
    for i in range(n):
        f = av.VideoFrame.from_ndarray(scene(i, w, h), format='rgb24').reformat(format=fmt)
        f.pts = pts(i) if pts else i
        for p in s.encode(f):
            c.mux(p)
    for p in s.encode(None):
        c.mux(p)
    c.close()
    return path


def made_clips():
    """Files whose order of decoding, key frames and times are of every kind that seeking could get wrong."""
    x264 = lambda **o: dict({'preset': 'veryfast', 'crf': '28'}, **o)
    yield 'h264, pyramids of B', lambda p: encode(p + '.mp4', 'libx264', options=x264(g='30', bf='5', **{'x264-params': 'b-pyramid=normal:keyint=30'}))
    yield 'h264, open GOPs', lambda p: encode(p + '.mkv', 'libx264', options=x264(**{'x264-params': 'open-gop=1:keyint=24:bframes=4:scenecut=0'}))
    yield 'h264, open GOPs in TS', lambda p: encode(p + '.ts', 'libx264', options=x264(**{'x264-params': 'open-gop=1:keyint=24:bframes=4:scenecut=0'}))
    yield 'h264, intra refresh', lambda p: encode(p + '.mp4', 'libx264', options=x264(**{'x264-params': 'intra-refresh=1:keyint=24'}))
    yield 'h264, interlaced', lambda p: encode(p + '.mp4', 'libx264', options=x264(g='20', **{'x264-params': 'tff=1:bframes=3'}))
    yield 'h264, variable rate', lambda p: encode(p + '.mp4', 'libx264', options=x264(g='15'), rate=1000, pts=lambda i: i * 37 + (i * i * 7919) % 30 + 900 * (i // 50))
    yield 'h264, 4:2:2 of 10 bits', lambda p: encode(p + '.mkv', 'libx264', fmt='yuv422p10le', options=x264(g='25'))
    yield 'h264 in AVI', lambda p: encode(p + '.avi', 'libx264', options=x264(g='25', bf='2'))
    yield 'hevc, open GOPs', lambda p: encode(p + '.mp4', 'libx265', options={'preset': 'ultrafast', 'x265-params': 'open-gop=1:keyint=24:bframes=4:log-level=none:pools=none:frame-threads=1'})
    yield 'vp8, hidden frames', lambda p: encode(p + '.webm', 'libvpx', options={'g': '30', 'auto-alt-ref': '1', 'lag-in-frames': '16', 'b': '300k', 'deadline': 'good', 'cpu-used': '4'})
    yield 'vp9, hidden frames', lambda p: encode(p + '.webm', 'libvpx-vp9', options={'g': '30', 'auto-alt-ref': '1', 'lag-in-frames': '16', 'b': '300k', 'deadline': 'good', 'cpu-used': '5'})
    yield 'vp9, transparent', lambda p: encode(p + '.webm', 'libvpx-vp9', fmt='yuva420p', n=40, options={'g': '10', 'auto-alt-ref': '0', 'b': '300k', 'deadline': 'realtime', 'cpu-used': '8'})
    yield 'mpeg4 with B in AVI', lambda p: encode(p + '.avi', 'mpeg4', options={'g': '20', 'bf': '2', 'qscale': '4'})
    yield 'mpeg4 with B', lambda p: encode(p + '.mp4', 'mpeg4', options={'g': '20', 'bf': '2'})
    yield 'mpeg2 in TS', lambda p: encode(p + '.ts', 'mpeg2video', options={'g': '15', 'bf': '2'})
    yield 'mpeg1 in PS', lambda p: encode(p + '.mpg', 'mpeg1video', options={'g': '15', 'bf': '2'})
    yield 'mjpeg, full range 4:4:4', lambda p: encode(p + '.mov', 'mjpeg', fmt='yuvj444p', n=30)
    yield 'ffv1, 4:2:0 of 10 bits', lambda p: encode(p + '.mkv', 'ffv1', fmt='yuv420p10le', n=60, options={'g': '12'})
    yield 'prores', lambda p: encode(p + '.mov', 'prores_ks', fmt='yuv422p10le', n=30)
    yield 'flv', lambda p: encode(p + '.flv', 'flv1', n=60, options={'g': '12'})
    yield 'wmv', lambda p: encode(p + '.wmv', 'wmv2', n=60, options={'g': '12'})
    yield 'png in MOV', lambda p: encode(p + '.mov', 'png', fmt='rgb24', n=20)
    yield 'tall pixels', lambda p: encode(p + '.mp4', 'libx264', n=30, options=x264(), sar=Fraction(8, 15))
    yield 'odd size', lambda p: encode(p + '.mkv', 'ffv1', fmt='yuv420p', w=173, h=141, n=30)
    yield 'a long GOP', lambda p: encode(p + '.mkv', 'libx264', n=400, w=64, h=48, options=x264(g='1000', **{'x264-params': 'keyint=1000:scenecut=0'}))
    yield 'av1', lambda p: encode(p + '.mkv', 'libsvtav1', n=60, options={'preset': '12', 'g': '20', 'svtav1-params': 'lp=1'})


def matrix_of(a, b, c, d):
    return struct.pack('>9i', a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)


def check_matrices():
    """All eight ways to be turned and mirrored, by the definition of the matrix (ISO 14496-12, 6.2.2)."""
    plain = encode(TMP + '/plain.mp4', 'libx264', n=12, w=96, h=64, options={'crf': '20'})
    data = open(plain, 'rb').read()
    at = data.index(matrix_of(1, 0, 0, 1), data.index(b'tkhd'))
    upright = Read(plain, side=4096).pixels[0].astype(int)
    h, w, _ = upright.shape
    faults = []
    for m in [(1, 0, 0, 1), (-1, 0, 0, 1), (1, 0, 0, -1), (-1, 0, 0, -1), (0, 1, 1, 0), (0, 1, -1, 0), (0, -1, 1, 0), (0, -1, -1, 0)]:
        a, b, c, d = m
        path = TMP + '/turned.mp4'
        open(path, 'wb').write(data[:at] + matrix_of(*m) + data[at + 36:])
        y, x = np.mgrid[0:h, 0:w]
        u, v = a * x + c * y, b * x + d * y
        want = np.zeros((h, w, 3) if a else (w, h, 3), int)
        want[v - v.min(), u - u.min()] = upright
        got = Read(path, side=4096)
        if got.pixels[0].shape != want.shape or (got.w, got.h) != (want.shape[1], want.shape[0]):
            faults += [f'{m}: {got.pixels[0].shape}, not {want.shape}']
        elif abs(got.pixels[0] - want).max() > 0:
            faults += [f'{m}: other pixels']
        if shutil.which('ffmpeg'):
            raw = subprocess.run(['ffmpeg', '-v', 'error', '-i', path, '-vf', f'scale=flags={ACCURATE}', '-frames:v', '1', '-f', 'rawvideo',
                                  '-pix_fmt', 'rgb24', '-'], capture_output=True).stdout
            ours = Read(path, side=4096, select='all', frames=1).w, Read(path, side=4096, select='interval', interval=100)
            theirs = np.frombuffer(raw, np.uint8)
            if len(theirs) != ours[1].pixels[0].size or abs(theirs.reshape(ours[1].pixels[0].shape).astype(int) - ours[1].pixels[0]).max() > 2:
                faults += [f'{m}: not as ffmpeg turns it']
    report('turned and mirrored in all eight ways', faults)


def check_tracks():
    path = TMP + '/tracks.mkv'
    c = av.open(path, 'w')
    a = c.add_stream('mpeg4', rate=10)
    b = c.add_stream('mpeg4', rate=10)
    a.width, a.height, a.pix_fmt = 64, 48, 'yuv420p'
    b.width, b.height, b.pix_fmt = 160, 120, 'yuv420p'
    a.disposition = av.stream.Disposition(0)
    b.disposition = av.stream.Disposition.default
    for i in range(20):
        for s in (a, b):
            f = av.VideoFrame.from_ndarray(scene(i, s.width, s.height), format='rgb24').reformat(format='yuv420p')
            f.pts = i
            c.mux(s.encode(f))
    for s in (a, b):
        c.mux(s.encode(None))
    c.close()
    best = av.open(path).streams.best('video')
    got = Read(path)
    report('of two tracks the one that players take', [] if (got.w, got.h) == (best.width, best.height) == (160, 120) else
           [f'{got.w} x {got.h}, not {best.width} x {best.height}'])


def check_webp():
    """Animated WebP beside Pillow."""
    try:
        from PIL import Image
    except ImportError:
        return skip('animated WebP', 'no Pillow')
    path = f'{SHARED}/data/odd/anim/anim.webp'
    got, image, faults, at = Read(path, select='all', frames=1024, side=4096), Image.open(path), [], 0
    if got.refused:
        return report('animated WebP', [] if 'without libwebpdemux' in got.refused else [got.refused])
    for i in range(image.n_frames):
        image.seek(i)
        x = np.asarray(image.convert('RGBA')).astype(float)
        want = np.round(x[..., :3] * x[..., 3:] / 255 + 255 - x[..., 3:])
        if i >= len(got.pixels) or abs(got.times[i] - at / 1000) > 1e-9 or abs(want - got.pixels[i]).max() > 2:
            faults += [f'frame {i} at {at} ms']
        at += image.info['duration']
    report(f'animated WebP, {image.n_frames} frames, as Pillow reads it', faults)


def check_damage():
    """Cut files keep what can be decoded; damage is either told or changes nothing."""
    sources = [f'{SHARED}/data/{f}' for f in ('pool/video/frog.webm', 'odd/video/ts.ts', 'odd/video/flower-fragmented.mp4',
                                              'odd/video/mpeg4.avi', 'pool/video/fruit-and-vegetable-detection.gif')]
    fast = TMP + '/fast.mp4'
    with av.open(f'{SHARED}/data/pool/video/flower.mp4') as i, av.open(fast, 'w', options={'movflags': 'faststart'}) as o:
        s = i.streams.video[0]
        t = o.add_stream_from_template(s)
        for p in i.demux(s):
            if p.dts is not None:
                p.stream = t
                o.mux(p)
    for path in sources + [fast]:
        name, data = os.path.basename(path), open(path, 'rb').read()
        cut = TMP + '/cut' + os.path.splitext(path)[1]
        faults, said = [], []
        whole = Read(path, select='all', frames=1024, side=64)
        for share in (0.9, 0.6, 0.3):
            open(cut, 'wb').write(data[:int(len(data) * share)])
            got = Read(cut, select='all', frames=1024, side=64)
            if got.refused:
                faults += [f'{share}: refused: {got.refused}']
                continue
            said += [f'{share}: {got.n} of {whole.n} frames, {got.warning or "no warning"}']
            if not got.n < whole.n and not got.damaged:
                faults += [f'{share}: {got.n} frames of {whole.n}']
            if got.n < share * whole.n * 0.5:
                faults += [f'{share}: only {got.n} frames of {whole.n}']
            if not got.damaged or not got.warning:
                faults += [f'{share}: not marked: {got.warning!r}']
        for line in said:
            print('#', name, line)
        report(f'{name}, cut, is read as far as it goes', faults)
    rng = random.Random(5)
    faults, told, same, unseen = [], 0, 0, 0
    for path in sources + [fast]:
        data, right = open(path, 'rb').read(), Read(path, side=64)
        for _ in range(6):
            bad = bytearray(data)
            for _ in range(rng.randint(1, 4)):
                bad[rng.randrange(len(bad) // 10, len(bad))] ^= 1 << rng.randrange(8)
            broken = TMP + '/bad' + os.path.splitext(path)[1]
            open(broken, 'wb').write(bad)
            got = Read(broken, side=64)
            if got.refused or got.damaged:
                told += 1
            elif len(got.pixels) == len(right.pixels) and all((a == b).all() for a, b in zip(got.pixels, right.pixels)):
                same += 1
            elif path.endswith(('.webm', '.gif')):
                unseen += 1  # VP8 and GIF have nothing by which a decoder could tell
            else:
                faults += [f'{os.path.basename(path)}: other pixels, and nothing said']
    print(f'# flipped bits: {told} told, {same} without effect on what was chosen, {unseen} of VP8 and GIF unseen')
    return faults


def check_sound():
    if not shutil.which('ffmpeg'):
        return skip('sound tracks', 'no ffmpeg')
    for name, path in shared_clips():
        if subprocess.run(['ffprobe', '-v', 'error', '-select_streams', 'a', '-show_entries', 'stream=index', '-of', 'csv=p=0',
                           'file:' + path], capture_output=True).stdout.strip() == b'':
            continue
        got = Read(path, 'audio')
        raw = subprocess.run(['ffmpeg', '-v', 'quiet', '-i', 'file:' + path, '-map', '0:a:0', '-f', 'f32le', '-c:a', 'pcm_f32le', '-'],
                             capture_output=True).stdout
        if got.refused:
            report(name + ': its sound', ['refused: ' + got.refused] if raw else [])
            continue
        theirs = np.frombuffer(raw, np.float32).reshape(-1, got.samples.shape[1])
        same = theirs.shape == got.samples.shape and (theirs == got.samples).all()
        report(f'{name}: its sound, {theirs.shape[0]} samples of {theirs.shape[1]} channels' + (f' ({got.warning})' if got.warning else ''),
               [] if same else [f'{got.samples.shape}, not {theirs.shape}'])


for name, path in shared_clips():
    if name == 'odd/anim/anim.webp':
        continue
    whole = check_clip(name, path)
    check_probe(name, path, whole)
for f in ('mp4_cut_short.mp4', 'empty.mp4'):
    got = Read(f'{SHARED}/data/odd/damaged/{f}')
    report(f'{f} is refused: {got.refused}', [] if got.refused else ['it is not'])
for i, (name, make) in enumerate(made_clips()):
    try:
        path = make(f'{TMP}/made{i}')
    except (av.error.FFmpegError, av.codec.codec.UnknownCodecError, ValueError) as e:
        skip(name, f'PyAV cannot make it: {e}')
        continue
    check_probe(name, path, check_clip(name, path))
check_webp()
check_matrices()
check_tracks()
unseen = check_damage()
report('flipped bits are told, or change nothing', unseen)
check_sound()
print(f'1..{n_tests}')
sys.exit(1 if n_failed else 0)
