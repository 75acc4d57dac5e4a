"""easy-VQA for easy_vqa.sh: a pool of its test questions, and what the model of serve_vqa.py says of
them when nothing of ours stands between.

    vqa_peer.py pool SERVERS FOLDER SHARE          every question (SHARE 1), or a seeded 1/SHARE
    vqa_peer.py direct SERVERS FOLDER MODEL        a line a condition: name, accuracy, p(gold), and the
                                                   standard deviation of both from draw to draw
    vqa_peer.py port                               a free port of the loopback

SERVERS is the folder of serve_vqa.py. Pictures are changed by Pillow and NumPy alone.
"""
import io
import json
import os
import random
import shutil
import socket
import sys

MANY = 20000  # questions judged again and again where something is drawn: noise, whose picture is lent


def load(servers):
    sys.path.insert(0, servers)
    import serve_vqa

    return serve_vqa, serve_vqa.R + "test/"


def pool(servers, folder, share):
    _, data = load(servers)
    with open(os.path.join(data, "..", "answers.txt")) as f:
        answers = sorted(f.read().split())
    with open(data + "questions.json") as f:
        questions = list(enumerate(json.load(f)))
    if share > 1:
        questions = sorted(random.Random(4).sample(questions, len(questions) // share))
    os.makedirs(folder, exist_ok=True)
    shutil.copytree(data + "images", os.path.join(folder, "images"), dirs_exist_ok=True)
    with open(os.path.join(folder, "pool.jsonl"), "w") as f:
        for n, (question, answer, image) in questions:
            sample = {
                "id": f"q{n}",
                "question": question,
                "choices": answers,
                "answer": "ABCDEFGHIJKLM"[answers.index(answer)],
                "category": "yes or no" if answer in ("yes", "no") else "open",
                "media": [{"modality": "image", "path": f"images/{image}.png"}],
            }
            f.write(json.dumps(sample) + "\n")


def direct(servers, folder, path):
    import numpy as np
    from PIL import Image, ImageFilter

    vqa, _ = load(servers)
    model = vqa.get(path)
    with open(os.path.join(folder, "pool.jsonl")) as f:
        samples = [json.loads(line) for line in f]
    images = [s["media"][0]["path"] for s in samples]
    shown = {i: Image.open(os.path.join(folder, i)).convert("RGB") for i in set(images)}
    golds = ["ABCDEFGHIJKLM".index(s["answer"]) for s in samples]
    golds = np.array([s["choices"][g] for s, g in zip(samples, golds)])
    kinds = model.rf.classes_
    rng = np.random.default_rng(1)
    draws = max(3, min(20, MANY // len(samples)))

    def judge(features):
        p = model.proba(
            np.array([model.vec(s["question"], x) for s, x in zip(samples, features)])
        )
        of_gold = p[np.arange(len(golds)), np.searchsorted(kinds, golds)]
        return (kinds[p.argmax(1)] == golds).mean(), of_gold.mean()

    def alike(change):
        features = {i: vqa.feats(change(x)) for i, x in shown.items()}
        return [judge([features[i] for i in images])]

    def noise():
        x = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        return vqa.feats(Image.fromarray(x))

    features = {i: vqa.feats(x) for i, x in shown.items()}

    def lent():
        lender = list(rng.permutation(images))
        for i, image in enumerate(images):
            while lender[i] == image:
                lender[i] = images[rng.integers(len(images))]
        return [features[i] for i in lender]

    def recompressed(x):
        out = io.BytesIO()
        x.save(out, "JPEG", quality=50)
        return Image.open(out)

    results = {
        "full": alike(lambda x: x),
        "drop": alike(lambda x: None),
        "white": alike(lambda x: Image.new("RGB", x.size, "white")),
        "black": alike(lambda x: Image.new("RGB", x.size)),
        "noise": [judge([noise() for _ in images]) for _ in range(draws)],
        "blur_2": alike(lambda x: x.filter(ImageFilter.GaussianBlur(2))),
        "blur_8": alike(lambda x: x.filter(ImageFilter.GaussianBlur(8))),
        "grayscale": alike(lambda x: x.convert("L").convert("RGB")),
        "jpeg_50": alike(recompressed),
        "swap": [judge(lent()) for _ in range(draws)],
    }
    for name, judged in results.items():
        mean, spread = np.mean(judged, axis=0), np.std(judged, axis=0)
        print(name, *(f"{x:.4f}" for x in [*mean, *spread]))


if __name__ == "__main__":
    if sys.argv[1] == "port":
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            print(s.getsockname()[1])
    elif sys.argv[1] == "pool":
        pool(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        direct(sys.argv[2], sys.argv[3], sys.argv[4])
