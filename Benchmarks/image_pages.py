"""A page of docs/experiments as tools/reproduce writes them: what is said and what shows, tables, and how to have it again."""

import json
import math
from statistics import mean, stdev

# Student's 97.5 % quantile by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


class Difference:
    """The mean of differences of the same seeds or folds, with its 95 % interval, as `lockstep compare` has it: docs/compare.md."""

    def __init__(self, a, b, overlap=0.0):
        differences = [x - y for x, y in zip(a, b)]
        self.mean = mean(differences)
        self.margin = STUDENT[len(differences) - 1] * stdev(differences) * math.sqrt(1 / len(differences) + overlap)

    def exceeds(self, threshold=0.0):
        if self.mean - self.margin > threshold:
            return "shows"
        return "**does not show**" if self.mean + self.margin < threshold else "*not told apart*"

    def within(self, threshold):
        """Whether it is less than `threshold` to either side."""
        if abs(self.mean) + self.margin < threshold:
            return "shows"
        return "**does not show**" if abs(self.mean) - self.margin > threshold else "*not told apart*"

    @property
    def points(self):
        return f"{'−' if self.mean < 0 else '+'}{abs(self.mean) * 100:.2f} ± {self.margin * 100:.2f} points"


def percent(values):
    """Mean ± standard deviation."""
    return f"{mean(values) * 100:.2f} ± {stdev(values) * 100:.2f} %"


def table(header, rows):
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, rule, *rows])


def write(folder, name, title, claims, body, base, digests, setting="`--set …`"):
    """Claims are (text, who says so, what becomes of it, evidence); digests go from what was set to that of the weights at the end."""
    said = ["## What is said, and what shows", "", "| the claim | who says so | here | measured |", "|---|---|---|---|"]
    said += [f"| {' | '.join(claim)} |" for claim in claims]
    again = f"""## Again

`tools/images {name.removeprefix("images-")}` makes this page anew. All figures of Lockstep but times follow from the configurations alone: the same bits on any number of
threads. The base is

```yaml
{base.strip()}
```

and [{name}.json]({name}.json) has, for each of the {len(digests)} networks, what was set beside it ({setting}) and the digest of its weights at the end."""
    (folder / f"{name}.md").write_text("\n\n".join([f"# {title}", "\n".join(said), *body, again]) + "\n")
    record = {"base": base.strip(), "weights_digests": digests}
    (folder / f"{name}.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    for text, _, outcome, evidence in claims:
        print(f"  {outcome}: {text} ({evidence})", flush=True)
