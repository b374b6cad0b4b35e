"""What stands in the folder of a run, read without Lockstep's help."""
import hashlib
import json
import os
import re

CHECKPOINT = re.compile(r"step-(\d{8,})\.safetensors\.zst")
# The skippable frame that ends a checkpoint: magic number, length, then the SHA-256 of all bytes before.
SEAL = bytes.fromhex("5d2a4d1820000000")


def checkpoint_path(folder: str, step: int) -> str:
    return f"{folder}/checkpoints/step-{step:08}.safetensors.zst"


def checkpoints(folder: str) -> dict[int, str]:
    """Paths by step, oldest first."""
    try:
        names = os.listdir(f"{folder}/checkpoints")
    except FileNotFoundError:
        return {}
    found = {int(match[1]): f"{folder}/checkpoints/{match[0]}" for match in map(CHECKPOINT.fullmatch, names) if match}
    return dict(sorted(found.items()))


def temporaries(folder: str) -> list[str]:
    """Files that a killed process left half written."""
    return sorted(f"{place}/{name}" for place, _, names in os.walk(folder) for name in names if name.endswith(".partial"))


def is_sealed(content: bytes) -> bool:
    """Whether it ends with the seal of all its bytes, so that it is whole."""
    body, seal = content[:-40], content[-40:]
    return len(seal) == 40 and seal[:8] == SEAL and seal[8:] == hashlib.sha256(body).digest()


def resealed(content: bytes) -> bytes:
    """The same with a seal that agrees: damage that only what stands behind the seal can see."""
    body = content[:-40]
    return body + SEAL + hashlib.sha256(body).digest()


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def metrics(content: bytes) -> tuple[list[dict], list[bytes]]:
    """The lines of a metrics log that can be read, and the others."""
    lines, damaged = [], []
    for line in content.splitlines(keepends=True):
        try:
            value = json.loads(line)
            if not line.endswith(b"\n") or not isinstance(value, dict):
                raise ValueError
            lines.append(value)
        except ValueError:
            damaged.append(line)
    return lines, damaged


def figures(lines: list[dict]) -> list[dict]:
    """What the log says of the training itself: how fast it went and what befell the disk is left out."""
    kept = [line for line in lines if line.get("event") in ("train", "validation", "digest", "skipped", "restored")]
    return [{name: value for name, value in line.items() if name != "samples_per_second"} for line in kept]


def table(lines: list[dict]) -> list[tuple[int, list[str]]]:
    """The rows of metrics.csv that a log makes, each a step and its figures but for the speed, in the order of the log."""
    rows = {}
    for line in lines:
        if (event := line.get("event")) in ("train", "validation"):
            names = [name for name in line if name not in ("event", "step", "epoch", "samples_per_second") and line[name] is not None]
            rows.setdefault(line["step"], {}).update({event + name: json.dumps(line[name]) for name in names})
    return [(step, list(row.values())) for step, row in rows.items()]


def read_table(folder: str) -> list[tuple[int, list[str]]]:
    """The same of metrics.csv as it stands there; nothing where that is no table of numbers."""
    header, *rows = [row.split(",") for row in read(f"{folder}/metrics.csv").decode().splitlines()]
    kept = [at for at, name in enumerate(header) if name not in ("step", "epoch", "samples", "samples_per_second")]
    try:
        return [(int(row[0]), [json.dumps(json.loads(row[at])) for at in kept if row[at]]) for row in rows]
    except (ValueError, IndexError):
        return []


def log(folder: str) -> tuple[list[dict], list[bytes]]:
    try:
        return metrics(read(f"{folder}/metrics.jsonl"))
    except FileNotFoundError:
        return [], []


def summary(folder: str) -> dict:
    return json.loads(read(f"{folder}/summary.json"))
