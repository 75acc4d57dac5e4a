"""Iterative bias pruning and AFLite as plain loops, to check the filters by; nothing but Python.

    prune.py make DIR             pool.jsonl with 3,000 samples, p.jsonl and base.jsonl with answers
    prune.py ibp DIR KEY=VALUE .. ids in the order of removal; keys: budget batch above allocate floor rank
    prune.py aflite DIR KEY=..    keys: keep slice above
    prune.py removed RUN          the same from verdicts.jsonl of a run
"""
import json
import random
import re
import struct
import sys


def make(folder):
    r = random.Random(11)
    with open(f'{folder}/pool.jsonl', 'w') as pool, open(f'{folder}/p.jsonl', 'w') as p, \
            open(f'{folder}/base.jsonl', 'w') as base:
        ids = [str(i) if i % 3 else f'q{i:04d}' for i in range(3000)]
        r.shuffle(ids)
        for n, i in enumerate(ids):
            # five types of very different sizes, the smallest below the floor
            kind = r.choices(['where', 'which', 'count', 'far', 'rare'], [50, 30, 12, 7.8, .2])[0]
            row = {'id': i, 'question': f'what {n}', 'image': f'media/{n % 4}.ppm',
                   'category': kind}
            if kind in ('count', 'far'):
                row['answer'] = 20
                reply = {'answer': str(r.choice([20, 20.3, 21.3, 24.7, 28.2, 3]))}
                other = {'answer': str(r.choice([20, 24.7, 3]))}
            else:
                k = 2 if kind == 'which' else r.choice([3, 4])
                row.update(choices=['red', 'green', 'blue', 'grey'][:k], answer='A')
                reply, other = {'p': shares(r, k)}, {'p': shares(r, k)}
            pool.write(json.dumps(row) + '\n')
            if r.random() < .97:  # some have no score: they are never removed
                p.write(json.dumps({'id': i, 'condition': 'blind', **reply}) + '\n')
            base.write(json.dumps({'id': i, 'condition': 'blind', **other}) + '\n')


def shares(r, k):
    """p(gold) in steps of 1/16, so that there are ties without end."""
    gold = r.randrange(17) / 16
    return [gold] + [(1 - gold) / (k - 1)] * (k - 1)


def mra(p, y):
    return sum(abs(p - y) / abs(y) < 1 - t / 100 for t in range(50, 100, 5)) / 10


def single(x):
    return struct.unpack('f', struct.pack('f', x))[0]


def scores(folder, name, pool):
    out = {}
    for line in open(f'{folder}/{name}.jsonl'):
        a = json.loads(line)
        out[a['id']] = single(a['p'][0] if 'p' in a else mra(float(a['answer']), pool[a['id']]['answer']))
    return out


def fraction(text):
    a, _, b = text.partition('/')
    return float(a) / float(b or 1)


def id_key(i):
    return (0, int(i), '') if i.isdigit() else (1, 0, i)


def one_group(rows, s, budget, batch, tau, floor):
    """Algorithm 1 of Brown et al. on rows that compete with each other."""
    rows, removed = list(rows), []
    while len(removed) < budget:
        ranked = [x for x in rows if x['id'] in s]
        if not ranked or (tau is not None and not max(s[x['id']] for x in ranked) > tau):
            break
        k = min(batch, budget - len(removed))
        of_type = {}
        for x in rows:
            of_type[x['category']] = of_type.get(x['category'], 0) + 1
        taken = []
        for x in sorted(ranked, key=lambda x: (-round(s[x['id']], 12), id_key(x['id']))):
            if len(taken) == k:
                break
            if of_type[x['category']] > floor:
                of_type[x['category']] -= 1
                taken.append(x['id'])
        if not taken:
            break
        removed += taken
        rows = [x for x in rows if x['id'] not in taken]
    return removed


def share(counts, budget):
    """Largest remainder; of equal ones the first."""
    total = sum(counts)
    out = [budget * n // total for n in counts]
    order = sorted(range(len(counts)), key=lambda g: -(budget * counts[g] % total))
    for g in order[:budget - sum(out)]:
        out[g] += 1
    return out


def ibp(folder, o):
    pool = {x['id']: x for x in map(json.loads, open(f'{folder}/pool.jsonl'))}
    s = scores(folder, 'p', pool)
    if o.get('rank') == 'adjusted':
        s = {i: v - (1 / len(pool[i]['choices']) if 'choices' in pool[i] else 0) for i, v in s.items()}
    if o.get('rank') == 'delta':
        s0 = scores(folder, 'base', pool)
        s = {i: v - s0[i] for i, v in s.items()}
    tau = float(o['above']) if 'above' in o else None
    batch, floor, budget = int(o.get('batch', 50)), int(o.get('floor', 10)), fraction(o['budget'])
    rows = list(pool.values())
    allocate = o.get('allocate', 'per_format')
    if allocate != 'global':
        rows = [x for x in rows if x['id'] in s]
    key = {'global': lambda x: 0,
           'per_format': lambda x: 'mc' if 'choices' in x else 'num',
           'per_choices': lambda x: ('mc', len(x['choices'])) if 'choices' in x else ('num', 0),
           'per_type': lambda x: x['category']}[allocate]
    names = sorted({key(x) for x in rows})
    groups = {g: [x for x in rows if key(x) == g] for g in names}
    sizes = [len(groups[g]) for g in names]
    total = round(budget * len(rows)) if budget < 1 else int(budget)
    budgets = dict(zip(names, share(sizes, total)))
    if allocate == 'per_type':
        if budget < 1:
            budgets = {g: round(budget * len(groups[g])) for g in names}
        budgets = {g: min(b, max(0, len(groups[g]) - floor)) for g, b in budgets.items()}
        names.sort(key=lambda g: -len(groups[g]))
    return [i for g in names for i in one_group(groups[g], s, budgets[g], batch, tau, floor)]


def aflite(folder, o):
    pool = {x['id']: x for x in map(json.loads, open(f'{folder}/pool.jsonl'))}
    p = scores(folder, 'p', pool)
    left = set(p)
    removed = []

    def count(v, all):
        return round(float(v) * all) if float(v) < 1 else int(v)
    n, k, tau = count(o['keep'], len(p)), count(o['slice'], len(p)), float(o.get('above', .75))
    while len(left) > n:
        order = sorted(left, key=lambda i: (-round(p[i], 12), id_key(i)))
        taken = [i for i in order if p[i] >= tau][:k]
        left -= set(taken)
        removed += taken
        if len(taken) < k:
            break
    return removed


def removed(run, _):
    found = []
    for line in open(f'{run}/verdicts.jsonl'):
        v = json.loads(line)
        at = re.search(r'number (\d+) of \d+ removed', v.get('reason') or '')
        if v['verdict'] == 'reject' and at:
            found.append((int(at[1]), v['id']))
    assert [n for n, _ in sorted(found)] == list(range(1, len(found) + 1))
    return [i for _, i in sorted(found)]


if __name__ == '__main__':
    what, folder, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if what == 'make':
        make(folder)
    else:
        options = dict(x.split('=') for x in rest if x[:4] != 'base')
        print('\n'.join({'ibp': ibp, 'aflite': aflite, 'removed': removed}[what](folder, options)))
