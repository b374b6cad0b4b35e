"""The learning rates of PyTorch's schedulers at every step of short runs, as factors of the largest, for tests to compare against.

usage: python make_schedules.py [--out DIR]
Writes schedules.json: for every run length its schedules, each with its parameters and a factor a step.
Needs: pip install torch
"""
import argparse, json, pathlib
import torch
from torch.optim import lr_scheduler as s

ap = argparse.ArgumentParser()
ap.add_argument("--out", default=str(pathlib.Path(__file__).parent))
out = pathlib.Path(ap.parse_args().out)

def factors(steps, make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found

def runs(n):
    for every, gamma in [(3, 0.5), (7, 0.1)]:
        yield "step", {"every": every, "gamma": gamma}, lambda o: s.StepLR(o, every, gamma)
    boundaries = [n // 3, n // 2]
    yield "piecewise", {"boundaries": boundaries, "factors": [1, 0.1, 0.01]}, lambda o: s.MultiStepLR(o, boundaries, 0.1)
    for rate in [0.9, 0.5]:
        yield "exponential", {"rate": rate, "every": 1}, lambda o: s.ExponentialLR(o, rate)
    for power in [1.0, 2.0, 0.5]:
        yield "polynomial", {"power": power, "end": 0}, lambda o: s.PolynomialLR(o, n, power)
    for end in [0.0, 0.1]:
        yield "cosine", {"warmup_steps": 0, "end": end}, lambda o: s.CosineAnnealingLR(o, n, end)
    for warmup in [2, 4, n // 2]:
        # 1/w, 2/w, … 1, then the cosine over the steps that are left.
        yield "cosine", {"warmup_steps": warmup, "end": 0}, lambda o: s.SequentialLR(o, [
            s.LinearLR(o, 1 / warmup, 1.0, warmup - 1), s.CosineAnnealingLR(o, n - warmup)], [warmup])
    for peak, divide, final in [(0.3, 25, 1e4), (0.05, 10, 10), (0.5, 2, 1e3), (0.95, 25, 1)]:
        yield "one_cycle", {"peak": peak, "divide": divide, "final_divide": final}, lambda o: s.OneCycleLR(
            o, max_lr=1.0, total_steps=n, pct_start=peak, div_factor=divide, final_div_factor=final, cycle_momentum=False)

def plateau(mode, factor, patience, threshold, minimum, values):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = s.ReduceLROnPlateau(
        optimizer, mode, factor, patience, threshold, "rel", min_lr=minimum, eps=0)
    found = []
    for value in values:
        scheduler.step(value)
        found.append(optimizer.param_groups[0]["lr"])
    return {"mode": mode, "factor": factor, "patience": patience, "threshold": threshold, "minimum": minimum,
            "values": values, "factors": found}

falling = [10.0, 9.0, 8.9999, 8.9, 8.95, 8.8999, 8.7, 4.0, 3.9999, 3.99, 4.1, 4.2, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9]
plateaus = [plateau("min", f, p, t, m, falling) for f, p, t, m in [(0.5, 0, 0.1, 0), (0.1, 2, 1e-4, 0.05), (0.5, 1, 0.0, 0), (0.3, 3, 0.01, 0.1)]]
plateaus += [plateau("max", f, p, t, m, [1 / v for v in falling]) for f, p, t, m in [(0.5, 0, 0.1, 0), (0.1, 2, 1e-3, 0.05)]]
doc = {"made_with": f"make_schedules.py, PyTorch {torch.__version__}",
       "runs": [{"steps": n, "schedule": name, "parameters": parameters, "factors": factors(n, make)}
                for n in [10, 100] for name, parameters, make in runs(n)],
       "plateaus": plateaus}
(out / "schedules.json").write_text(json.dumps(doc) + "\n")
