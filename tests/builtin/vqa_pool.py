"""easy-VQA as pools for easy_vqa.sh, and its ceiling.

    vqa_pool.py pool FOLDER    pool.jsonl and open.jsonl (all 13 answers as choices), images/
    vqa_pool.py ceiling POOL   share of right answers of the commonest answer by question string, with
                               pictures dealt to five folds: of the string and the choices, by the other folds
"""
import collections
import json
import os
import shutil
import sys

SHAPES = ["circle", "rectangle", "triangle"]
COLOURS = ["black", "blue", "brown", "gray", "green", "red", "teal", "yellow"]


def pool(folder):
    import easy_vqa

    data = os.path.join(os.path.dirname(easy_vqa.__file__), "data")
    os.makedirs(os.path.join(folder, "images"), exist_ok=True)
    n = 0
    with open(os.path.join(folder, "pool.jsonl"), "w") as closed, \
            open(os.path.join(folder, "open.jsonl"), "w") as opened:
        for part in ("train", "test"):
            images = os.path.join(data, part, "images")
            for name in os.listdir(images):
                shutil.copyfile(os.path.join(images, name),
                                os.path.join(folder, "images", f"{part}_{name}"))
            with open(os.path.join(data, part, "questions.json")) as f:
                questions = json.load(f)
            for question, answer, image in questions:
                sample = {
                    "id": f"q{n}",
                    "question": question,
                    "answer": answer,
                    "media": [{"modality": "image", "path": f"images/{part}_{image}.png"}],
                }
                n += 1
                kinds = {"yes or no": ["yes", "no"], "shape": SHAPES, "colour": COLOURS}
                kind = next(k for k, v in kinds.items() if answer in v)
                sample["category"] = kind
                everything = dict(sample, choices=["yes", "no"] + SHAPES + COLOURS)
                del everything["category"]
                opened.write(json.dumps(everything) + "\n")
                if kind == "yes or no":
                    sample["task"] = "yesno"
                else:
                    sample["choices"] = kinds[kind]
                closed.write(json.dumps(sample) + "\n")


def ceiling(path):
    with open(path) as f:
        samples = [json.loads(line) for line in f]
    fold, counts = {}, collections.defaultdict(collections.Counter)
    for s in samples:
        image = s["media"][0]["path"]
        s["fold"] = fold.setdefault(image, len(fold) % 5)
        counts[s["question"], s["fold"]][s["answer"]] += 1
    right = 0
    for s in samples:
        seen = collections.Counter()
        for k in range(5):
            if k != s["fold"]:
                seen.update(counts[s["question"], k])
        right += bool(seen) and seen.most_common(1)[0][0] == s["answer"]
    print(f"{right / len(samples):.4f} {len(samples)} {len(fold)}")


if __name__ == "__main__":
    {"pool": pool, "ceiling": ceiling}[sys.argv[1]](sys.argv[2])
