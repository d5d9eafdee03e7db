"""Bugs of optimizers, of what they share, and of their adapters."""

from __future__ import annotations

from parity.selftest.bug import Bug

ARITHMETIC = "refnet/optimizers/arithmetic.py"
BASE = "refnet/optimizers/base.py"
CLIPPING = "refnet/optimizers/clipping.py"
SCHEDULES = "refnet/optimizers/schedules.py"
SGD = "refnet/optimizers/sgd.py"
ADAGRAD = "refnet/optimizers/adagrad.py"
ADADELTA = "refnet/optimizers/adadelta.py"
RMSPROP = "refnet/optimizers/rmsprop.py"
ADAM = "refnet/optimizers/adam.py"
ADAMAX = "refnet/optimizers/adamax.py"
NADAM = "refnet/optimizers/nadam.py"
REFNET = "parity/backends/refnet.py"
TORCH = "parity/backends/torch/__init__.py"
OPTIMIZERS = "parity/backends/torch/optimizers.py"
COMPOSED = "parity/backends/torch/composed.py"
RATES = "parity/backends/torch/schedules.py"


def _bug(
    case: str, what: str, file: str, old: str, new: str, dtypes: tuple[str, ...] = ("float64",)
) -> Bug:
    """Return a bug that one case of its optimizer has to notice."""
    return Bug(case.partition("/")[0], what, file, old, new, case, dtypes)


OF_SGD = (
    _bug("sgd/plain", "ascent", SGD, "return -lr * g, None", "return lr * g, None"),
    _bug(
        "sgd/dampened",
        "dampening added",
        SGD,
        "1 - number(cast(float, self.dampening))",
        "1 + number(cast(float, self.dampening))",
    ),
    _bug(
        "sgd/momentum",
        "dampening on",
        SGD,
        "1 - number(cast(float, self.dampening))",
        "1 - number(self.momentum)",
    ),
    _bug("sgd/dampened", "first buffer damped", SGD, "if first:", "if False:"),
    _bug("sgd/momentum", "first buffer empty", SGD, "v = g.copy()", "v = 0 * g"),
    _bug(
        "sgd/numpy-dnn",
        "first buffer never zeros",
        SGD,
        't == 1 and self.first_buffer == "gradient"',
        "t == 1",
    ),
    _bug(
        "sgd/lr-inside",
        "lr inside and outside",
        SGD,
        "-1.0 if self.lr_inside else -lr",
        "-lr",
    ),
    _bug(
        "sgd/lr-inside",
        "lr outside alone",
        SGD,
        "                g = lr * g\n",
        "                pass\n",
    ),
    _bug("sgd/lookahead", "look-ahead not ahead", SGD, "(p - reach * v,)", "(p,)"),
    _bug(
        "sgd/lookahead",
        "look-ahead without lr",
        SGD,
        "1.0 if self.lr_inside else self._rate(done)",
        "1.0",
    ),
    _bug(
        "sgd/plain",
        "float16 comes back as float32",
        BASE,
        "r if r is None else r.astype(p.dtype, copy=False) for r",
        "r for r",
        ("float16",),
    ),
    _bug(
        "sgd/plain",
        "steps not counted",
        BASE,
        "return moved, cast(S, self._state(done + 1, *after))",
        "return moved, cast(S, self._state(done, *after))",
    ),
    _bug(
        "momentum/defaults",
        "another default",
        SGD,
        "momentum: float = 0.9, **options",
        "momentum: float = 0.8, **options",
    ),
    _bug(
        "nesterov/defaults",
        "Nesterov off",
        SGD,
        "if not self.nesterov:",
        "if True:",
    ),
    _bug(
        "nesterov/defaults",
        "without the gradient",
        SGD,
        "            step += g\n",
        "",
    ),
    _bug("nesterov/lookahead", "both forms at once", SGD, "nesterov=not ahead", "nesterov=True"),
)
SHARED = (
    _bug("adam/defaults", "shares swapped", ARITHMETIC, "z: Array = a * x", "z: Array = b * x"),
    _bug("nadam/defaults", "eps never added", ARITHMETIC, "    t += eps\n", ""),
    _bug("sgd/decay", "decay subtracted", BASE, "g + decay * p", "g - decay * p"),
    _bug("adam/decay-l2", "decay lost", BASE, 'self.decay_kind if self.weight_decay else ""', '""'),
    _bug("rmsprop/decay-l1", "L1 decay as L2", BASE, "decay * np.sign(p)", "decay * p"),
    _bug(
        "adamw/decay",
        "weight decay coupled",
        ADAM,
        '"decay_kind": "decoupled"',
        '"decay_kind": "l2"',
    ),
    _bug("adamw/decay", "decay without lr", BASE, "1 - lr * decay", "1 - decay"),
    _bug(
        "adadelta/decay-decoupled",
        "decay after the step",
        BASE,
        'step += kept * p if kind == "decoupled" else p',
        'step += p\n            step *= kept if kind == "decoupled" else 1',
    ),
    _bug(
        "adagrad/exponential",
        "schedule off by one",
        BASE,
        "lr = self._rate(done)\n\n        def rule",
        "lr = self._rate(done + 1)\n\n        def rule",
    ),
    _bug(
        "adam/clip-norm-torch",
        "clip norm of each tensor",
        CLIPPING,
        "return lambda g: scale * g",
        "return lambda g: number(limit / max(global_norm({'': g}) + self.eps, limit)) * g",
    ),
    _bug(
        "adamax/all",
        "clipping again after the decay",
        BASE,
        "row = rule(g, *slots)",
        "row = rule(g if clipped is None else clipped(g), *slots)",
    ),
    _bug(
        "adadelta/clip-value",
        "clipped from above alone",
        CLIPPING,
        "np.maximum(np.minimum(g, limit), -limit)",
        "np.minimum(g, limit)",
    ),
    _bug("momentum/clip-norm-torch", "eps of the norm lost", CLIPPING, "+ number(self.eps)", "+ 0"),
    _bug(
        "sgd/step-decay",
        "steps of a decay too long",
        SCHEDULES,
        "// self.every",
        "// (self.every + 1)",
    ),
    _bug(
        "rmsprop/exponential",
        "exponential one late",
        SCHEDULES,
        'self.lr * self.factor ** _done("exponential", step)',
        "self.lr * self.factor ** max(step - 1, 0)",
    ),
    _bug(
        "momentum/cosine",
        "cosine without its half",
        SCHEDULES,
        "/ self.steps)) / 2",
        "/ self.steps))",
    ),
    _bug(
        "momentum/warm-up-cosine",
        "what follows the warm-up counts on",
        SCHEDULES,
        "(done - self.steps)",
        "(done)",
    ),
    _bug(
        "momentum/warm-up-cosine",
        "warm-up from 0",
        SCHEDULES,
        "self.start + (self.lr - self.start) * done",
        "self.lr * done",
    ),
    _bug(
        "nadam/time-decay",
        "time decay of squares",
        SCHEDULES,
        "(1 + self.decay * _done(",
        "(1 + self.decay**2 * _done(",
    ),
)
OF_ADAPTIVE = (
    _bug(
        "adagrad/accumulator",
        "accumulator from 0",
        ADAGRAD,
        '"sum": self.initial_accumulator',
        '"sum": 0.0',
    ),
    _bug(
        "adagrad/eps",
        "eps inside the root",
        ADAGRAD,
        "inside=self.eps_inside",
        "inside=True",
    ),
    _bug(
        "adagrad/eps-inside",
        "eps outside the root",
        ADAGRAD,
        "inside=self.eps_inside",
        "inside=False",
    ),
    _bug("adagrad/lr-decay", "lr decays from the first", ADAGRAD, "(t - 1) * number", "t * number"),
    _bug("adagrad/defaults", "an average", ADAGRAD, "s = s + t", "s = 0.9 * s + 0.1 * t"),
    _bug("adadelta/eps", "eps of one root", ADADELTA, "rooted(a, eps,", "rooted(a, 0.0,"),
    _bug(
        "adadelta/eps",
        "eps beside the root",
        ADADELTA,
        "rooted(s, eps, t, inside=True)",
        "rooted(s, eps, t)",
    ),
    _bug("adadelta/defaults", "old squares", ADADELTA, "rooted(s, eps, t", "rooted(a, eps, t"),
    _bug(
        "adadelta/lr",
        "lr in the deltas",
        ADADELTA,
        "squared(d, t)",
        "squared(lr * d, t)",
    ),
    _bug(
        "rmsprop/eps",
        "eps inside the root",
        RMSPROP,
        "inside=self.eps_inside",
        "inside=True",
    ),
    _bug(
        "rmsprop/eps-inside",
        "eps outside the root",
        RMSPROP,
        "inside=self.eps_inside",
        "inside=False",
    ),
    _bug("rmsprop/centered", "not centred", RMSPROP, "np.maximum(s - a * a, 0)", "s"),
    _bug(
        "rmsprop/accumulator",
        "accumulator from 0",
        RMSPROP,
        '"square_avg": self.initial_accumulator',
        '"square_avg": 0.0',
    ),
    _bug(
        "rmsprop/lr-inside",
        "lr inside and outside",
        RMSPROP,
        "(lr, -1.0) if self.lr_inside",
        "(lr, -lr) if self.lr_inside",
    ),
    _bug(
        "rmsprop/lr-inside",
        "lr never inside",
        RMSPROP,
        "(lr, -1.0) if self.lr_inside",
        "(1.0, -1.0) if self.lr_inside",
    ),
    _bug(
        "adam/defaults",
        "eps inside the root",
        ADAM,
        "r + eps_root if eps_root else r, eps, t",
        "r + eps_root, eps, t, inside=True",
    ),
    _bug(
        "adam/tiny",
        "eps before the correction",
        ADAM,
        "eps, eps_root = eps * root_c2, eps_root * c2",
        "eps_root = eps_root * c2",
    ),
    _bug(
        "adam/keras",
        "eps never before the correction",
        ADAM,
        "if not self.eps_before_correction:",
        "if True:",
    ),
    _bug(
        "adam/eps-root",
        "eps_root before the correction",
        ADAM,
        "eps * root_c2, eps_root * c2",
        "eps * root_c2, eps_root",
    ),
    _bug(
        "adam/tiny",
        "eps of Keras",
        ADAM,
        "    eps: float = 1e-8\n    _: KW_ONLY",
        "    eps: float = 1e-7\n    _: KW_ONLY",
    ),
    _bug(
        "adam/defaults",
        "bias correction dropped",
        ADAM,
        "if self.bias_correction else",
        "if False else",
    ),
    _bug(
        "adam/uncorrected",
        "bias correction always",
        ADAM,
        "if self.bias_correction else",
        "if True else",
    ),
    _bug(
        "adam/defaults",
        "bias correction off by one",
        ADAM,
        "(1 - b1**t, 1 - b2**t)",
        "(1 - b1 ** (t + 1), 1 - b2 ** (t + 1))",
    ),
    _bug(
        "adam/defaults",
        "betas swapped",
        ADAM,
        "b1, b2 = number(self.beta1), number(self.beta2)",
        "b2, b1 = number(self.beta1), number(self.beta2)",
    ),
    _bug(
        "adam/defaults",
        "gradient doubled",
        ADAM,
        "t = np.empty_like(g)\n",
        "t = np.empty_like(g)\n            g = 2 * g\n",
    ),
    _bug("adam/amsgrad", "maximum forgotten", ADAM, "r = top = np.maximum(top, v)", "r = top = v"),
    _bug(
        "adam/amsgrad-corrected",
        "maximum of corrected means",
        ADAM,
        "top = np.maximum(top, v / c2)",
        "top = np.maximum(top, v)",
    ),
    _bug(
        "adamw/defaults",
        "half of the default decay",
        ADAM,
        "weight_decay: float = 0.01",
        "weight_decay: float = 0.005",
    ),
    _bug(
        "adamw/defaults",
        "bias correction of m dropped",
        ADAM,
        "down = -lr / c1 * root_c2",
        "down = -lr * root_c2",
    ),
    _bug(
        "adamax/eps",
        "eps beside the maximum",
        ADAMAX,
        "np.maximum(u, t, out=u)",
        "u = np.maximum(u, np.abs(g)) + eps",
    ),
    _bug(
        "adamax/eps-beside",
        "eps lost",
        ADAMAX,
        "np.add(u, eps, out=t)",
        "u",
    ),
    _bug("adamax/defaults", "norm corrected", ADAMAX, "1 - b1**t", "(1 - b1**t) / (1 - b2**t)"),
    _bug(
        "adamax/defaults",
        "sum for maximum",
        ADAMAX,
        "np.maximum(u, t, out=u)",
        "u += t",
    ),
    _bug(
        "nadam/defaults",
        "product of mu missing",
        NADAM,
        "then / (1 - product * then)",
        "then / (1 - then)",
    ),
    _bug(
        "nadam/schedule",
        "product of mu one short",
        NADAM,
        "np.arange(1, min(t, enough) + 1)",
        "np.arange(1, min(t, enough))",
    ),
    _bug("nadam/defaults", "no momentum ahead", NADAM, "for i in (t, t + 1)", "for i in (t, t)"),
    _bug(
        "nadam/defaults",
        "eps before the correction",
        NADAM,
        "if not self.eps_before_correction:",
        "if False:",
    ),
    _bug(
        "nadam/defaults",
        "without its schedule",
        NADAM,
        "if self.schedule_decay is None or",
        "if True or",
    ),
    _bug(
        "nadam/defaults", "schedule of Keras", NADAM, "float | None = 0.004", "float | None = 1.0"
    ),
)
OF_ADAPTERS = (
    _bug(
        "sgd/plain",
        "the adapter's gradient doubled",
        TORCH,
        "tensor.grad = self.tensor(g[key])",
        "tensor.grad = 2 * self.tensor(g[key])",
    ),
    _bug(
        "sgd/momentum",
        "the adapter's options lost",
        REFNET,
        "opt = _optimizer(name, options)\n    state",
        'opt = _optimizer(name, {"lr": options["lr"]})\n    state',
    ),
    _bug(
        "nesterov/lookahead",
        "the adapter's gradient point left out",
        REFNET,
        "_slots(state), state.step, point)",
        "_slots(state), state.step)",
    ),
    _bug(
        "nadam/defaults",
        "the adapter's product in float32",
        OPTIMIZERS,
        "wide = dtype if dtype is torch.float64 else torch.float32",
        "wide = torch.float32",
    ),
    _bug(
        "adam/defaults",
        "the adapter's betas swapped",
        OPTIMIZERS,
        'decoupled = o["decay_kind"] == "decoupled"\n    optimizer',
        'o = {**o, "beta1": o["beta2"], "beta2": o["beta1"]}\n    decoupled = False\n    optimizer',
    ),
    _bug(
        "momentum/decay-l2",
        "the adapter decays twice",
        OPTIMIZERS,
        "if not self.native else ()",
        "if True else ()",
    ),
    _bug(
        "adamw/decay",
        "the adapter's decay coupled",
        OPTIMIZERS,
        "torch.optim.AdamW if decoupled",
        "torch.optim.Adam if decoupled",
    ),
    _bug(
        "rmsprop/accumulator",
        "the adapter's start lost",
        OPTIMIZERS,
        'start if o["initial_accumulator"] else None',
        "None",
    ),
    _bug(
        "rmsprop/eps-inside",
        "the adapter's eps beside the root",
        COMPOSED,
        '(square + eps).sqrt_() if o["eps_inside"] else square',
        "square",
    ),
    _bug(
        "adam/keras",
        "the adapter's eps after the correction",
        COMPOSED,
        'if not o["eps_before_correction"]:\n            v',
        "if True:\n            v",
    ),
    _bug(
        "adamax/eps-beside",
        "the adapter's norm forgets",
        COMPOSED,
        "norm.mul(beta2).maximum(g.abs())",
        "g.abs()",
    ),
    _bug(
        "adam/time-decay",
        "the adapter's rate stands still",
        OPTIMIZERS,
        'self.inner.param_groups[0]["lr"] = lr',
        "pass",
    ),
    _bug(
        "sgd/lr-inside",
        "the adapter's step decay by its default",
        RATES,
        "schedulers.StepLR(opt, every, gamma=factor)",
        "schedulers.StepLR(opt, every)",
    ),
    _bug(
        "momentum/cosine",
        "the adapter's cosine rises again",
        RATES,
        "falling(min(done, steps))",
        "falling(done)",
    ),
    _bug(
        "adagrad/all",
        "the adapter's norm of each tensor",
        OPTIMIZERS,
        "t.grad.mul_((limit / (total + eps)).clamp(max=1.0))",
        "t.grad.mul_((limit / (norm(t.grad) + eps)).clamp(max=1.0))",
    ),
)

BUGS = (*OF_SGD, *SHARED, *OF_ADAPTIVE, *OF_ADAPTERS)
