"""The peer of AFLite beside ours: runs peers/aflite_sk.py as it is, or takes its features out of it.

    aflite_peer.py features AFLITE_SK MCQ OUT   what the script makes before its loop, for bench_aflite
    aflite_peer.py loop AFLITE_SK MCQ MODELS    one round; a line of JSON: CPU seconds, accuracy

CPU seconds are those of the loop alone: of a run with one round less those of a run without.
"""
import contextlib
import io
import json
import resource
import runpy
import subprocess
import sys

import numpy as np


def run(script, *args):
    """Last line of what the script prints, and the CPU seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([sys.executable, script, *args], check=True, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(out.splitlines()[-1]), cpu


def features(script, mcq, out):
    sys.argv = [script, mcq, '--iters', '0']
    with contextlib.redirect_stdout(io.StringIO()):
        made = runpy.run_path(script)
    x, y = made['X'].astype(np.float32), made['y'].astype(np.int32)
    with open(out, 'wb') as f:
        f.write(np.array([len(y), x.shape[1], y.max() + 1], np.int32).tobytes())
        f.write(y.tobytes() + np.ascontiguousarray(x).tobytes())


def loop(script, mcq, models):
    _, without = run(script, mcq, '--iters', '0')
    result, cpu = run(script, mcq, '--iters', '1', '--models', models)
    print(json.dumps({'cpu_s': round(cpu - without, 2), 'accuracy': result['log'][0][1]}))


if __name__ == '__main__':
    {'features': features, 'loop': loop}[sys.argv[1]](*sys.argv[2:])
