"""Reference values of networks of images, computed in float64 with PyTorch: every layer of images, in two networks.

usage: python make_images.py [--seed N] [--out DIR]
Writes images.json. Images are channels last, weights [kernel height, kernel width, channels in, filters], of a depthwise convolution [kernel height, kernel width,
channels], of a dense layer [inputs, units]; names are Lockstep's. Batches and initial parameters are multiples of 1/64: float32 holds them exactly.
Needs: pip install torch
"""
import argparse, json, pathlib
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=20261128)
ap.add_argument("--out", default=str(pathlib.Path(__file__).parent))
args = ap.parse_args()
g = torch.Generator().manual_seed(args.seed)
exact = lambda v: (v * 64).round() / 64
rn = lambda *s: exact(torch.randn(*s, generator=g))
L = lambda t: t.detach().tolist()
B, S, STEPS, RATE, MOMENTUM, EPS, KEEP = 10, 4, 10, 0.05, 0.9, 1e-5, 0.9
CUTS = [k * B // S for k in range(S + 1)]  # shards of 2, 3, 2, 3 rows

def around(x, kernel, stride, dilation, padding, value=0.0):
    """The image with what TensorFlow's `same` puts around it; with nothing for `valid`."""
    edges = []
    for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation):
        total = max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n) if padding == "same" else 0
        edges = [total // 2, total - total // 2] + edges
    return F.pad(x, edges, value=value)

class Net:
    """A pass over one shard: parameters and running statistics by name, what BatchNorms have seen for these."""
    def __init__(self, P, running, training): self.P, self.running, self.training, self.seen = P, running, training, {}

    def conv(self, x, name, stride=(1, 1), dilation=(1, 1), padding="valid"):
        w = self.P[f"{name}.weight"]
        x = around(x, w.shape[:2], stride, dilation, padding)
        return F.conv2d(x, w.permute(3, 2, 0, 1), self.P.get(f"{name}.bias"), stride, dilation=dilation)

    def depthwise(self, x, name, stride=(1, 1), dilation=(1, 1), padding="valid"):
        w = self.P[f"{name}.weight"]
        x = around(x, w.shape[:2], stride, dilation, padding)
        return F.conv2d(x, w.permute(2, 0, 1).unsqueeze(1), self.P.get(f"{name}.bias"), stride, dilation=dilation, groups=x.shape[1])

    def norm(self, x, name):
        if self.training:
            self.seen[name] = x.detach()
            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        else: mean, variance = self.running[name]
        c = lambda v: v[:, None, None]
        return (x - c(mean)) / torch.sqrt(c(variance) + EPS) * c(self.P[f"{name}.gamma"]) + c(self.P[f"{name}.beta"])

    def prelu(self, x, name): return F.prelu(x, self.P[f"{name}.slope"])

    def max_pool(self, x, size, stride, padding="valid"):
        return F.max_pool2d(around(x, (size, size), (stride, stride), (1, 1), padding, -torch.inf), size, stride)

    def average_pool(self, x, size, stride, padding="valid"):
        put = lambda v: F.avg_pool2d(around(v, (size, size), (stride, stride), (1, 1), padding), size, stride)
        return put(x) / put(torch.ones_like(x))

    def dense(self, x, name): return x @ self.P[f"{name}.weight"] + self.P[f"{name}.bias"]

def residual(n, x):
    """Kernels of two rows and three columns, dilated; strides with `same`, odd sides; a residual whose projection changes the shape; a global mean."""
    h = n.prelu(n.norm(n.conv(x, "conv2d0", dilation=(2, 2), padding="same"), "batch_norm0"), "prelu0")
    h = F.elu(n.depthwise(h, "depthwise_conv2d0"))
    h = n.max_pool(h, 2, 2, "same")
    f = n.norm(n.conv(h, "residual0.conv2d0", stride=(2, 2), padding="same"), "residual0.batch_norm0")
    h = F.elu(f + n.conv(h, "residual0.projection.conv2d0", stride=(2, 2)))
    return n.dense(n.average_pool(h, 2, 1, "same").mean((2, 3)), "dense0")

def flattened(n, x):
    """Strides that differ, `valid`; a depthwise convolution dilated in one direction; windows that overlap; a dense layer behind the flattened image."""
    h = n.average_pool(n.prelu(n.conv(x, "conv2d0", stride=(2, 1)), "prelu0"), 2, 2, "same")
    h = n.max_pool(F.elu(n.norm(n.depthwise(h, "depthwise_conv2d0", dilation=(1, 2), padding="same"), "batch_norm0")), 2, 1)
    return n.dense(h.permute(0, 2, 3, 1).flatten(1), "dense0")

NETS = {
    "residual": (residual, (10, 9, 2), {
        "conv2d0.weight": (2, 3, 2, 4), "batch_norm0": 4, "prelu0.slope": (4,), "depthwise_conv2d0.weight": (3, 3, 4), "depthwise_conv2d0.bias": (4,),
        "residual0.conv2d0.weight": (3, 3, 4, 6), "residual0.batch_norm0": 6, "residual0.projection.conv2d0.weight": (1, 1, 4, 6),
        "residual0.projection.conv2d0.bias": (6,), "dense0.weight": (6, 3), "dense0.bias": (3,)}),
    "flattened": (flattened, (9, 8, 3), {
        "conv2d0.weight": (3, 3, 3, 5), "conv2d0.bias": (5,), "prelu0.slope": (5,), "depthwise_conv2d0.weight": (2, 3, 5), "batch_norm0": 5,
        "dense0.weight": (1 * 2 * 5, 3), "dense0.bias": (3,)}),
}

def initial(shapes):
    P = {}
    for name, shape in shapes.items():
        if isinstance(shape, int): P |= {f"{name}.gamma": 1 + exact(0.3 * rn(shape)), f"{name}.beta": exact(0.3 * rn(shape))}
        elif name.endswith("weight"):
            fan = torch.Size(shape[:2] if "depthwise" in name else shape[:-1]).numel()
            P[name] = exact(rn(*shape) * fan ** -0.5)
        else: P[name] = exact((0.25 if name.endswith("slope") else 0) + 0.1 * rn(*shape))
    return P

def trace(name):
    """SGD with momentum over the same two batches in turn, in shards with BatchNorm statistics of their own; softmax cross entropy averaged over the batch; running
    statistics pooled over the batch's rows and positions. `gradients` are those of the first step, `inference` the outputs of the first batch at the end, by the
    running statistics."""
    net, shape, shapes = NETS[name]
    P = initial(shapes)
    first = {k: L(v) for k, v in P.items()}
    X, Y = rn(2, B, *shape), torch.randint(0, 3, (2, B), generator=g)
    running = {k: [torch.zeros(n), torch.ones(n)] for k, n in shapes.items() if isinstance(n, int)}
    velocity, losses, doc = {k: torch.zeros_like(v) for k, v in P.items()}, [], {}
    for step in range(STEPS):
        for v in P.values(): v.requires_grad_(True); v.grad = None
        x, y, total, seen = X[step % 2].permute(0, 3, 1, 2), Y[step % 2], 0, {k: [] for k in running}
        for a, b in zip(CUTS, CUTS[1:]):
            n = Net(P, running, True)
            z = net(n, x[a:b])
            for k, v in n.seen.items(): seen[k].append(v)
            total = total + F.cross_entropy(z, y[a:b], reduction="sum") / B
        total.backward(); losses.append(total.item())
        if step == 0: doc = {"gradients": {k: L(v.grad) for k, v in P.items()}}
        for k, parts in seen.items():
            v = torch.cat(parts)
            running[k] = [KEEP * r + (1 - KEEP) * m for r, m in zip(running[k], (v.mean((0, 2, 3)), v.var((0, 2, 3), unbiased=False)))]
        with torch.no_grad():
            for k in P: velocity[k] = MOMENTUM * velocity[k] + P[k].grad; P[k] = (P[k] - RATE * velocity[k]).detach()
    inference = net(Net(P, running, False), X[0].permute(0, 3, 1, 2))
    return {"about": net.__doc__, "shape": shape, "batches_x": [L(x.flatten(1)) for x in X], "batches_y": Y.tolist(), "initial": first} | doc | {
        "losses": losses, "final": {k: L(v) for k, v in P.items()}, "running": {k: {"mean": L(v[0]), "variance": L(v[1])} for k, v in running.items()},
        "inference": L(inference)}

doc = {"made_with": f"make_images.py --seed {args.seed}, PyTorch {torch.__version__}, float64", "about": trace.__doc__, "batch": B, "shards": S,
       "learning_rate": RATE, "momentum": MOMENTUM, "networks": {name: trace(name) for name in NETS}}
(pathlib.Path(args.out) / "images.json").write_text(json.dumps(doc) + "\n")
