"""clips_peer.py N FILE...: milliseconds of CPU that PyAV takes for each file, the least of N: decoding all
frames; decoding all and making all RGB; decoding all and making 8 of them RGB of 448 pixels."""
import sys, time
import av


def cpu(f, n):
    least = 1e9
    for _ in range(n):
        start = time.process_time()
        f()
        least = min(least, time.process_time() - start)
    return least * 1e3


def decode(path, each):
    with av.open(path) as c:
        c.streams.video[0].codec_context.thread_count = 1
        for i, f in enumerate(c.decode(video=0)):
            each(i, f)


def few(path):
    with av.open(path) as c:
        c.streams.video[0].codec_context.thread_count = 1
        frames = list(c.decode(video=0))
        for k in range(8):
            f = frames[min(int((k + 0.5) * len(frames) / 8), len(frames) - 1)]
            f.to_ndarray(format='rgb24', width=448, height=round(448 * f.height / f.width))


for path in sys.argv[2:]:
    n = int(sys.argv[1])
    print('%.2f %.2f %.2f %s' % (cpu(lambda: decode(path, lambda i, f: None), n),
                                 cpu(lambda: decode(path, lambda i, f: f.to_ndarray(format='rgb24')), n),
                                 cpu(lambda: few(path), n), path))
