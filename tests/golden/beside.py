"""beside.py APPLY FOLDER NAME: one comparison of operators with what people use; exits 1 and says
how far they are apart when that is too far."""
import io, os, subprocess, sys
import numpy as np

apply, folder, name = sys.argv[1:]
rng = np.random.default_rng(7)
RATE = 16000


def run(kind, a, b, data, op, *options):
    files = [os.path.join(folder, f) for f in ('in', 'out')]
    data.tofile(files[0])
    subprocess.run([apply, kind, str(a), str(b), *files, op, *options], check=True)
    return np.fromfile(files[1], data.dtype).reshape(data.shape)


def raster(p, op, *options):
    return run('raster', p.shape[1], p.shape[0], p, op, *options).astype(int)


def wave(x, op, *options):
    return run('wave', RATE, len(x), x.astype(np.float32), op, *options).astype(float)


def pictures():
    y, x = np.mgrid[0:97, 0:131]
    yield np.stack([(x * 2 + y) % 256, (x * y // 40) % 256, 255 - x], -1).astype(np.uint8)
    yield rng.integers(0, 256, (97, 131, 3), dtype=np.uint8)
    yield np.repeat((((x // 9 + y // 7) % 2) * 255).astype(np.uint8)[..., None], 3, 2)


def at_most(limit, found):
    print(f'{name}: {found:.6g}, allowed {limit}')
    sys.exit(0 if found <= limit else 1)


def gray():
    from PIL import Image
    at_most(0, max(abs(raster(p, 'grayscale')[..., c] -
                       np.asarray(Image.fromarray(p).convert('L')).astype(int)).max()
                   for p in pictures() for c in range(3)))


def jpeg():
    from PIL import Image
    worst = 0
    for p in pictures():
        for q in (1, 10, 40, 75, 90, 92, 100):
            b = io.BytesIO()
            Image.fromarray(p).save(b, 'JPEG', quality=q, subsampling='4:2:0' if q <= 90 else '4:4:4')
            theirs = np.asarray(Image.open(b).convert('RGB')).astype(int)
            worst = max(worst, abs(raster(p, 'jpeg', 'quality', str(q)) - theirs).max())
    at_most(2, worst)


def blur():
    from scipy.ndimage import gaussian_filter
    at_most(1.25, max(abs(raster(p, 'blur', 'radius', str(s))[..., c] -
                          gaussian_filter(p[..., c].astype(float), s, mode='nearest', truncate=6)).max()
                      for p in pictures() for s in (0.5, 1.3, 4, 5, 8, 20, 70) for c in range(3)))


def blur_pillow():
    from PIL import Image, ImageFilter
    inner = slice(24, -24)
    at_most(6, max(abs(raster(p, 'blur', 'radius', str(s)) -
                       np.asarray(Image.fromarray(p).filter(ImageFilter.GaussianBlur(s))).astype(int))
                   [inner, inner].max() for p in list(pictures())[::2] for s in (2, 4, 8)))


def edges():
    from scipy.ndimage import sobel
    worst = 0
    for p in pictures():
        y = raster(p, 'grayscale')[..., 0].astype(float)
        g = np.hypot(sobel(y, 0, mode='nearest'), sobel(y, 1, mode='nearest')) / 4
        worst = max(worst, abs(raster(p, 'edges')[..., 0] - np.minimum(g, 255)).max())
    at_most(0.5000001, worst)


def pixelate():
    worst = 0
    for p in pictures():
        o = raster(p, 'pixelate', 'block', '16')
        for y in range(0, p.shape[0], 16):
            for x in range(0, p.shape[1], 16):
                mean = p[y:y + 16, x:x + 16].reshape(-1, 3).mean(0)
                worst = max(worst, abs(o[y:y + 16, x:x + 16] - mean).max())
    at_most(0.5, worst)


def band():
    from scipy import signal
    x = np.zeros(RATE)
    x[RATE // 2] = 1
    worst = 0
    for low, high in ((0, 1000), (500, 2000), (300, 3400)):
        ours = abs(np.fft.rfft(wave(x, 'band_limit', 'low', f'{low} Hz', 'high', f'{high} Hz')))
        theirs = np.ones_like(ours)
        for hz, kind in ((low, 'hp'), (high, 'lp')):
            if hz:
                sos = signal.butter(8, hz, kind, fs=RATE, output='sos')
                w = 2 * np.pi * np.arange(len(ours)) / RATE
                theirs *= abs(signal.sosfreqz(sos, worN=w)[1]) ** 2
        seen = theirs > 1e-4
        worst = max(worst, abs(20 * np.log10(ours[seen] / theirs[seen])).max())
    at_most(0.01, worst)


def snr():
    x = 0.1 * np.sin(np.arange(8 * RATE) * 0.11)
    at_most(0.05, max(abs(20 * np.log10(x.std() / (wave(x, op, 'snr', f'{s} dB') - x).std()) - s)
                      for op in ('add_noise', 'babble') for s in (-10, 0, 20)))


def levels():
    """Chi-square of the levels of uniform noise, and of Gaussian noise, over 256 levels."""
    from scipy.stats import chi2, norm
    p = np.zeros((512, 512, 3), np.uint8)
    worst = 0
    at = np.arange(257) - 0.5
    at[0], at[-1] = -np.inf, np.inf
    for kind, share in (('uniform', np.full(256, 1 / 256)),
                        ('gaussian', np.diff(norm.cdf(at, 127.5, 50)))):
        n = np.bincount(raster(p, 'noise', 'kind', kind, 'size', 'original').ravel(), minlength=256)
        want = share * p.size
        worst = max(worst, ((n - want) ** 2 / want).sum())
    at_most(chi2.ppf(0.999, 255), worst)


globals()[name]()
