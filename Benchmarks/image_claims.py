"""The textbook's claims about activations in networks of convolutions, on few and on many synthetic pictures. `lockstep compare` trains and says the digests."""

import json
import subprocess

import image_pages as pages

SEEDS = 5
SIZES = {"few": 1000, "many": 200_000}
NAMES = {"relu": "relu", "relu, batch_norm": "relu behind batch_norm", "selu": "selu", "prelu": "prelu, a slope a channel"}
BASE = """
data:
  train:      {synthetic: {kind: shapes, samples: 200000, height: 16, width: 16, channels: 1, classes: 10, seed: 3}}
  validation: {synthetic: {kind: shapes, samples: 5000, height: 16, width: 16, channels: 1, classes: 10, seed: 3}}
model:
  layers:
    - repeat: {times: 3, layers: [{conv2d: {filters: 16, kernel: 3, padding: same}}, relu]}
    - average_pool: 2 # which keeps SELU's mean of 0; a maximum would not
    - repeat: {times: 3, layers: [{conv2d: {filters: 32, kernel: 3, padding: same}}, relu]}
    - global_average_pool
    - dense: 10
loss: softmax_cross_entropy
optimizer: {adam: {learning_rate: 0.002}}
schedule: {cosine: {warmup: 20}}
training: {batch_size: 64, shards: 2, steps: 500}
"""


def compare(binary, data, samples, batch_norm, activations):
    """Accuracy and digests by variant. Trials that are done stand in the folder, and are not trained again."""
    varied = ["--vary", f"batch_norm={batch_norm}", "--vary", f"activation={','.join(activations)}"]
    varied += ["--set", f"data.train.synthetic.samples={samples}"]
    result = data / "images-activations.json"
    files = [data / "images-activations.yaml", "--output", data / "images-activations", "--json", result]
    words = [binary, "compare", *files, "--seeds", str(SEEDS), *varied]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit("lockstep compare failed")
    return {variant["activation"]: variant for variant in json.loads(result.read_text())}


def run(binary, data, output):
    (data / "images-activations.yaml").write_text(BASE)
    scores, digests = {}, {}
    for size, samples in SIZES.items():
        for batch_norm, activations in [("none", ["relu", "selu", "prelu"]), ("shard", ["relu"])]:
            for activation, variant in compare(binary, data, samples, batch_norm, activations).items():
                if variant["diverged"]:
                    raise SystemExit(f"{activation}: {variant['diverged']}")
                name = activation if batch_norm == "none" else f"{activation}, batch_norm"
                scores[size, name] = variant["values"]
                for seed, digest in enumerate(variant["weights_digests"], 1):
                    set_here = f"seed={seed} data.train.synthetic.samples={samples} activation={activation} batch_norm={batch_norm}"
                    digests[set_here] = digest
    page(scores, digests, output)


def page(scores, digests, output):
    def claim(text, source, size, a, b):
        difference = pages.Difference(scores[size, a], scores[size, b])
        evidence = f"{pages.percent(scores[size, a])} against {pages.percent(scores[size, b])}: {difference.points}"
        return text, source, difference.exceeds(), evidence

    spared = "SELU spares BatchNorm, and does better than ReLU behind it: few pictures"
    claims = [
        claim("SELU alone does better than ReLU alone: few pictures", "Klambauer et al. 2017", "few", "selu", "relu"),
        claim("The same of many pictures", "Klambauer et al. 2017", "many", "selu", "relu"),
        claim(spared, "textbooks: 'works great with CNNs'", "few", "selu", "relu, batch_norm"),
        claim("The same of many pictures", "textbooks", "many", "selu", "relu, batch_norm"),
        claim("PReLU strongly outperforms ReLU on many pictures", "He et al. 2015", "many", "prelu", "relu"),
        claim("On few pictures PReLU overfits: it does worse than ReLU", "textbooks; Xu et al. 2015", "few", "relu", "prelu"),
    ]
    body = [f"""## Few pictures and many

`shapes` ([docs/data.md](../data.md)) of 16 × 16 in ten classes, {SIZES["few"]:,} of them again and again, or {SIZES["many"]:,}, of which each step sees new ones; 500 steps of
64, six convolutions. {SEEDS} seeds each: accuracy on 5,000 other pictures, mean ± standard deviation. The differences of the claims are taken seed by seed, with Student's
interval, as [`lockstep compare`](../compare.md) does. Initial weights fit the activation: He's, for SELU LeCun's. The networks are small and are trained for a moment, far from
their best: what the claims say of large networks after days is not asked here. Guessing is right on 10 %."""]
    for size, samples in SIZES.items():
        rows = [[title, pages.percent(scores[size, name]), f"{min(scores[size, name]) * 100:.2f} to {max(scores[size, name]) * 100:.2f} %"]
                for name, title in NAMES.items()]
        body += [f"{samples:,} pictures:", pages.table(["activation", "accuracy", "from seed to seed"], rows)]
    title = "SELU, PReLU, and ReLU behind BatchNorm, in networks of convolutions"
    setting = "`--set …`; activation and batch_norm: `lockstep compare --vary …`"
    pages.write(output, "images-activations", title, claims, body, BASE, digests, setting)
