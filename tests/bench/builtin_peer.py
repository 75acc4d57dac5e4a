#!/usr/bin/env python3
"""What one would use instead of the built-in probe: scikit-learn, on the same folds.

builtin_peer.py fit LEARNER POOL.jsonl FOLD.npy [--columns FILE] [--out FILE]
    train and predict out of fold; FOLD [samples] says which fold a question lies in (the first
    len(FOLD) rows of the pool are read). Prints accuracy and AUC by choice. Learners:
      sgd, svc      logistic SGD, LinearSVC on TF-IDF of words and characters of question and choice
      hgb, forest   histogram gradient boosting, random forest on dense columns; --columns [rows]
                    [columns] are those of bench_builtin, else a few of their own
      bayes         naive Bayes on words of choices, alone and within the category
      crosses       hashed logistic regression on those, and question words x choice words
      stacked       boosting on dense columns and out-of-fold margins of `bayes` and `crosses`
      facts         logistic regression of rows on all that `conditional` sees
      conditional   a conditional softmax on words, stems, crosses and facts of choices (L-BFGS). Both
                    are no part of the battery; they say how far words alone go
builtin_peer.py rule GENERATOR POOL.jsonl
    of pools that ../shared/peers/gen_mcq.py made: AUC of the best rules there can be
builtin_peer.py paired GOLD.npy OURS.npy THEIRS.npy
    McNemar's exact test of two predictions [samples][choices]
"""
import argparse, json, os, re, sys

os.environ["OMP_NUM_THREADS"] = "1"  # idle threads that spin would count as CPU time of theirs
import numpy as np
import scipy.sparse as sp

FUNCTION_WORDS = set("""a an the is are was were to of in on at and or what why how does did do for with his her he she
it they them this that be been being which who where when by from as its their there then than will would can could has
have had""".split())


def words(text):
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", str(text).lower())


def stem(word):
    for end in ("ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


class Pool:
    """Questions in the order of the file; choices of question i are rows first[i] .. first[i + 1]."""

    def __init__(self, path, n=None):
        rows = [json.loads(line) for line in open(path)][:n]
        self.questions = [r["question"] for r in rows]
        self.categories = [str(r.get("category", r.get("subject", ""))) for r in rows]
        self.choices = [r.get("choices", r.get("options")) for r in rows]
        self.gold = np.array([self.index(r["answer"], c) for r, c in zip(rows, self.choices)])
        self.first = np.r_[0, np.cumsum([len(c) for c in self.choices])]
        self.sample = np.repeat(np.arange(len(rows)), np.diff(self.first))
        self.y = np.zeros(self.first[-1], int)
        self.y[self.first[:-1] + self.gold] = 1

    @staticmethod
    def index(answer, choices):
        if isinstance(answer, int):
            return answer
        return choices.index(answer) if answer in choices else ord(answer) - ord("A")

    def documents(self):
        return [f"{q} [{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[k]}] {c}"
                for q, choices in zip(self.questions, self.choices) for k, c in enumerate(choices)]


def dense(pool):
    """Place, lengths, overlap with the question, and the category by number."""
    number = {c: i for i, c in enumerate(sorted(set(pool.categories)))}
    out = []
    for q, category, choices in zip(pool.questions, pool.categories, pool.choices):
        asked, n = set(words(q)), [len(c) for c in choices]
        w = [words(c) for c in choices]
        for k in range(len(choices)):
            others = set().union(*(w[o] for o in range(len(w)) if o != k))
            out.append([k, n[k], n[k] * len(n) / (sum(n) + 1e-9), sum(n[k] > x for x in n), max(n) - n[k],
                        len(w[k]), sum(len(w[k]) > len(x) for x in w), len(set(w[k]) & asked),
                        len(set(w[k]) & others), len(q), number[category]])
    return np.array(out, np.float32)


def tfidf(pool):
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    text = pool.documents()
    both = sum(HashingVectorizer(analyzer=a, ngram_range=r, n_features=2**18, alternate_sign=False, norm=None)
               .transform(text) for a, r in (("word", (1, 2)), ("char_wb", (3, 5))))
    return TfidfTransformer(sublinear_tf=True).fit_transform(both).tocsr().astype(np.float32)


def hashed(pool, crosses):
    """Words of a choice, alone and within the category; perhaps crossed with those of the question."""
    from sklearn.feature_extraction import FeatureHasher

    def features():
        for q, category, choices in zip(pool.questions, pool.categories, pool.choices):
            asked = {w for w in words(q) if w not in FUNCTION_WORDS}
            for k, c in enumerate(choices):
                w = set(words(c))
                f = [f"c={c}", f"k={k}"] + list(w) + [f"{category}|{x}" for x in w]
                if crosses:
                    f += [f"{a}*{x}" for a in asked for x in w - FUNCTION_WORDS]
                yield f

    return FeatureHasher(2**18, input_type="string", alternate_sign=False).transform(features()).tocsr()


def facts(pool):
    """For `conditional`: what stands in a choice, in stems, by category, with the question; lengths, overlap."""
    from sklearn.feature_extraction import FeatureHasher

    def features():
        for q, category, choices in zip(pool.questions, pool.categories, pool.choices):
            asked = words(q)
            stems = {stem(w) for w in asked if w not in FUNCTION_WORDS}
            w = [words(c) for c in choices]
            own = [{stem(x) for x in c if x not in FUNCTION_WORDS} for c in w]
            shared = [len(s & stems) for s in own]
            n = [len(c) for c in choices]
            for k, c in enumerate(w):
                text = " ".join(c)
                f = ["t:" + text] + ["b:" + " ".join(b) for b in zip(c, c[1:])]
                facts_of = [f"w:{x}" for x in set(c)] + [f"s:{stem(x)}" for x in set(c)]
                facts_of += [f"n:{min(len(c), 8)}", f"rank:{sum(x < n[k] for x in n)}", f"shared:{min(shared[k], 3)}"]
                facts_of += ["longest"] * (n[k] == max(n)) + ["shortest"] * (n[k] == min(n)) + [f"k:{k}"]
                facts_of += ["most"] * (0 < shared[k] == max(shared))
                facts_of += [f"from:{c[0]}", f"to:{c[-1]}", f"ending:{c[0][-3:]}"] if c else []
                others = set().union(*(own[o] for o in range(len(own)) if o != k))
                facts_of += ["others"] if own[k] & others else []
                f += facts_of + [category + "|" + x for x in facts_of]
                f += [f"x:{a}|{x}" for a in stems for x in own[k] or {text}]
                f += [f"h:{' '.join(asked[:2])}|{x}" for x in set(c)]
                yield f

    x = FeatureHasher(2**20, input_type="string", alternate_sign=False).transform(features()).tocsr()
    return x[:, np.flatnonzero(np.bincount(x.indices, minlength=x.shape[1]) >= 2)].tocsr()


def softmax(scores, first):
    sample = np.repeat(np.arange(len(first) - 1), np.diff(first))
    e = np.exp(scores - np.maximum.reduceat(scores, first[:-1])[sample])
    return e / np.add.reduceat(e, first[:-1])[sample]


def conditional(pool, x, l2):
    """Learner for out_of_fold(): sum of -log p(gold) + l2 / 2 |w|^2 at its minimum."""
    from scipy.optimize import minimize

    def learn(train, test):
        inside = np.unique(pool.sample[train])
        first = np.r_[0, np.cumsum(np.diff(pool.first)[inside])]
        gold, a = first[:-1] + pool.gold[inside], x[train]
        transposed = a.T.tocsr()

        def loss(w):
            p = softmax(a @ w, first)
            value = -np.log(p[gold] + 1e-300).sum() + l2 / 2 * (w @ w)
            p[gold] -= 1
            return value, transposed @ p + l2 * w

        w = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
        return x[test] @ w

    return learn


def margins(make):
    """A learner from a scikit-learn model of rows: the margin or log odds of being gold."""

    def of(pool, x):
        def learn(train, test):
            model = make().fit(x[train], pool.y[train])
            if hasattr(model, "decision_function"):
                return model.decision_function(x[test])
            if hasattr(model, "predict_joint_log_proba"):
                return np.diff(model.predict_joint_log_proba(x[test]), axis=1)[:, 0]
            p = np.clip(model.predict_proba(x[test])[:, 1], 1e-6, 1 - 1e-6)
            return np.log(p / (1 - p))
        return learn

    return of


def out_of_fold(pool, fold, learn, only=None):
    """Scores of all rows, each by a model that had not seen their fold (nor the fold `only`)."""
    scores, by_row = np.full(len(pool.y), np.nan), fold[pool.sample]
    for f in range(fold.max() + 1):
        if f == only:
            continue
        test = np.flatnonzero(by_row == f)
        scores[test] = learn(np.flatnonzero((by_row != f) & (by_row != (f if only is None else only))), test)
    return scores


def stacked(pool, fold, columns):
    """Boosting on columns and on margins; those of the training rows come from folds within."""
    x = [hashed(pool, False), hashed(pool, True)]
    base = [margins(MODELS[k])(pool, v) for k, v in zip(("bayes", "crosses"), x)]
    by_row, scores = fold[pool.sample], np.full(len(pool.y), np.nan)
    for f in range(fold.max() + 1):
        test, train = np.flatnonzero(by_row == f), np.flatnonzero(by_row != f)
        inner = [out_of_fold(pool, fold, b, only=f) for b in base]
        for m, b in zip(inner, base):
            m[test] = b(train, test)
        z = np.column_stack([columns] + inner + [softmax(m, pool.first) for m in inner])
        scores[test] = margins(MODELS["hgb"])(pool, z)(train, test)
    return scores


def models():
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.naive_bayes import BernoulliNB
    from sklearn.svm import LinearSVC

    return {
        "sgd": lambda: SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=8, tol=None, random_state=0),
        "svc": lambda: LinearSVC(C=0.1, dual="auto", max_iter=300),
        "hgb": lambda: HistGradientBoostingClassifier(max_iter=100, learning_rate=0.1, random_state=0),
        "forest": lambda: RandomForestClassifier(100, min_samples_leaf=5, n_jobs=1, random_state=0),
        "bayes": lambda: BernoulliNB(),
        "crosses": lambda: LogisticRegression(C=0.1, max_iter=200),
        "facts": lambda: LogisticRegression(C=0.03, max_iter=200),
    }


def predict(learner, pool, fold, columns):
    if learner == "stacked":
        return stacked(pool, fold, dense(pool) if columns is None else columns)
    if learner == "conditional":
        return out_of_fold(pool, fold, conditional(pool, facts(pool), 60.0 if len(fold) > 2000 else 10.0))
    x = (tfidf(pool) if learner in ("sgd", "svc") else facts(pool) if learner == "facts" else hashed(pool, learner == "crosses")
         if learner in ("bayes", "crosses") else dense(pool) if columns is None else columns)
    return out_of_fold(pool, fold, margins(MODELS[learner])(pool, x))


def right(p, gold):
    return np.where(np.isnan(p), -np.inf, p).argmax(1) == gold


def fit(o):
    from sklearn.metrics import roc_auc_score

    fold = np.load(o.fold)
    pool = Pool(o.pool, len(fold))
    columns = np.load(o.columns) if o.columns else None
    if columns is not None:  # boosting stumbles over columns without two values
        columns = columns[:, np.nanmax(columns, 0, initial=-np.inf) > np.nanmin(columns, 0, initial=np.inf)]
    scores = predict(o.learner, pool, fold, columns)
    wide = np.full((len(fold), np.diff(pool.first).max()), np.nan, np.float32)
    wide[pool.sample, np.arange(len(scores)) - pool.first[pool.sample]] = scores
    if o.out:
        np.save(o.out, wide)
    # Margins of one model for all choices are ranked as they are; of the conditional one as p.
    ranked = softmax(scores, pool.first) if o.learner == "conditional" else scores
    print(f"learner {o.learner} samples {len(fold)} accuracy {right(wide, pool.gold).mean():.4f} "
          f"auc {roc_auc_score(pool.y, ranked):.4f}")


def rule(o):
    """Exact posteriors from how the generator draws: letters, templates that lean, lengths in words, the word of the
    question that a gold choice may end with. Near-duplicates are taken for questions of their own."""
    from sklearn.metrics import roc_auc_score

    made = {}
    argv, sys.argv = sys.argv, [o.generator, "/dev/null"]
    exec(open(o.generator).read().split("\nprev = []")[0], made)
    sys.argv = argv
    rows = [json.loads(line) for line in open(o.pool)]
    share = dict(zip(made["vocab"], np.array(made["zipf"]) / sum(made["zipf"])))
    n_words = np.zeros(99)
    n_words[1:8] = 0.75 / 7
    n_words[9:13] = 0.25 / 4
    prior = np.array([0.31, 0.27, 0.23, 0.19])
    unseen = prior * (1 - 0.6 * len(made["lean"]) / 40)
    for letter in made["lean"].values():
        unseen[letter] += 0.6 / 40
    seen = np.array([prior if r["template"] not in made["lean"]
                     else 0.4 * prior + 0.6 * np.eye(4)[made["lean"][r["template"]]] for r in rows])
    exact, counted = np.ones((len(rows), 4)), np.zeros((len(rows), 4), int)
    for i, r in enumerate(rows):
        q = r["question"].split()
        at = len(made["frames"][r["template"] // 5].split("{0}")[0].split())
        for k, choice in enumerate(r["options"]):
            w = choice.split()
            ends = 0.08 * n_words[len(w) - 1] / share[w[-1]] if at < len(q) and w[-1] == q[at] else 0
            exact[i, k] = (0.92 * n_words[len(w)] + ends) / (1 / 7 if len(w) <= 7 else 1e-12)
            counted[i, k] = min(len(w), 14) * 8 + min(7, sum(x in set(q) for x in w))
    y = np.eye(4)[[r["answer"] for r in rows]]
    simple = ((np.bincount(counted[y == 1], minlength=120) + 0.5) / (np.bincount(counted[y == 0], minlength=120) + 0.5))[counted]
    for what, ratio in (("exact", exact), ("length in words and words shared", simple)):
        for name, letters in (("unseen", unseen), ("seen", seen)):
            p = letters * ratio
            p /= p.sum(1, keepdims=True)
            print(f"rule {what}, template {name}: auc {roc_auc_score(y.ravel(), p.ravel()):.4f} "
                  f"accuracy {(p.argmax(1) == y.argmax(1)).mean():.4f}")


def paired(o):
    from scipy.stats import binomtest

    gold = np.load(o.gold)
    ours, theirs = (right(np.load(f), gold) for f in (o.ours, o.theirs))
    only_ours, only_theirs = int((ours & ~theirs).sum()), int((~ours & theirs).sum())
    p = binomtest(only_ours, only_ours + only_theirs).pvalue if only_ours + only_theirs else 1.0
    print(f"ours {ours.mean():.4f} theirs {theirs.mean():.4f} only_ours {only_ours} only_theirs {only_theirs} p {p:.3g}")


def main():
    a = argparse.ArgumentParser()
    commands = a.add_subparsers(dest="command", required=True)
    f = commands.add_parser("fit")
    f.add_argument("learner"), f.add_argument("pool"), f.add_argument("fold")
    f.add_argument("--columns"), f.add_argument("--out")
    r = commands.add_parser("rule")
    r.add_argument("generator"), r.add_argument("pool")
    p = commands.add_parser("paired")
    p.add_argument("gold"), p.add_argument("ours"), p.add_argument("theirs")
    o = a.parse_args()
    if o.command == "fit":
        global MODELS
        MODELS = models()
    {"fit": fit, "rule": rule, "paired": paired}[o.command](o)


main()
