"""One call of an operation as text, in each framework, in refnet and in somebody's own adapter.

A call ends with ``found``, the array in question, as the implementation gave it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.backends import BUILT_IN
from parity.floats import is_integer
from parity.repro.literals import INLINE, array, numbers, option, packed
from parity.repro.source import Source, find

Array = NDArray[Any]


class Call(NamedTuple):
    """A call: the inputs by name, the options, and which of its arrays is in question.

    That is result number ``result``, or with a cotangent ``dy`` the cotangent of the input ``of``.
    Without a name in ``of`` the call is expected to raise, with ``dy`` in the VJP.
    """

    op: str
    dtype: str
    inputs: Mapping[str, Array | None]
    options: Mapping[str, Any]
    layouts: Mapping[int | str, str]
    dy: Any
    of: str
    result: int | None  # None where there is one result


class Text(NamedTuple):
    """A call's text: the lines that import, and what follows them."""

    imports: str
    body: str


def text_of(call: Call, spec: str) -> Text:
    """Return a call as text, for the implementation that a spec names.

    Raises
    ------
    ReproError
        If the source of a framework's operation is not to be had.
    """
    writers: Mapping[str, Callable[[Call], Text]] = {
        "jax": _jax,
        "refnet": _refnet,
        "tensorflow": _tensorflow,
        "torch": _torch,
    }
    return writers[spec](call) if spec in BUILT_IN else _own(call, spec)


def definitions(found: Source) -> tuple[str, str]:
    """Return the text that defines an operation, and what it is called by."""
    if re.fullmatch(r"[\w.]+", found.expression):
        return f"{found.definitions}\n\n" if found.definitions else "", found.expression
    return f"{found.definitions}\n\noperation = {found.expression}\n\n".lstrip(), "operation"


def _floats(call: Call) -> list[str]:
    return [name for name, a in call.inputs.items() if a is not None and not is_integer(a)]


def _arguments(call: Call, names: Sequence[str] | None = None) -> str:
    """Return the text of a call's arguments; options that are arrays are variables."""
    given = [name if a is not None else "None" for name, a in call.inputs.items()]
    for name, value in call.options.items():
        given.append(f"{name}={name if isinstance(value, np.ndarray) else option(value)}")
    return ", ".join([*(names or ()), *given])


def _options(call: Call) -> dict[str, Array]:
    return {name: v for name, v in call.options.items() if isinstance(v, np.ndarray)}


def _parts(dy: Any) -> list[tuple[str, Array]]:
    """Return the names and values of a cotangent's parts."""
    if isinstance(dy, tuple):
        return [(f"cotangent_{k}", part) for k, part in enumerate(dy)]
    return [("cotangent", dy)]


def _joined(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _asked(call: Call) -> str:
    return "result" if call.result is None else f"result[{call.result}]"


def _torch(call: Call) -> Text:
    operations = import_module("parity.backends.torch.operations")
    before, called = definitions(find(operations, call.op))

    def tensor(name: str, a: Array) -> str:
        leaf = call.dy is not None and name in call.inputs and not is_integer(a)
        grad = ", requires_grad=True" if leaf else ""
        if a.size > INLINE:
            made = f"torch.from_numpy({packed(a)}.copy()).to(torch.{a.dtype.name})"
            return f"{name} = {made}{'.requires_grad_()' if leaf else ''}"
        values = f"torch.tensor({numbers(a)}, dtype=torch.{a.dtype.name}{grad})"
        if not a.size:
            values = f"torch.zeros({a.shape}, dtype=torch.{a.dtype.name}{grad})"
        return f"{name} = {values}"

    given = {n: a for n, a in call.inputs.items() if a is not None} | _options(call)
    lines = [tensor(*item) for item in given.items()]
    # NumPy knows bfloat16 with ml_dtypes alone.
    bfloat16 = "types.SimpleNamespace(name='bfloat16')"
    arguments = _arguments(call).replace("np.dtype('bfloat16')", bfloat16)
    lines.append(f"result = {called}({arguments})")
    if call.dy is None:
        lines.append(f"found = {_asked(call)}.detach()")
    else:
        parts = _parts(call.dy)
        lines += [tensor(*part) for part in parts]
        dy = _joined([name for name, _ in parts]) if isinstance(call.dy, tuple) else "cotangent"
        floats = _floats(call)
        further = "allow_unused=True, materialize_grads=True"
        lines.append(
            f"{_joined([f'd{n}' for n in floats])} = torch.autograd.grad(\n"
            f"    result, [{', '.join(floats)}], {dy}, {further}\n)"
        )
        lines.append(f"found = d{call.of or floats[0]}")
    wide = ".float()" if call.dtype == "bfloat16" else ""
    lines.append(f"kind, found = str(found.dtype), found{wide}.numpy()")
    return Text("import torch", f"torch.set_num_threads(1)\n\n{before}" + "\n".join(lines))


def _jax(call: Call) -> Text:
    operations = import_module("parity.backends.jax.operations")
    source = find(operations, call.op)
    plain = [re.sub(r"\bmodules\.(jax|optax)\b", r"\1", text) for text in source]
    before, called = definitions(Source(*plain))
    if re.search(r"\bmodules\b", before + called):
        before = f"modules = types.SimpleNamespace(jax=jax, optax=optax)\n\n{before}"

    def tensor(name: str, a: Array) -> str:
        if a.size > INLINE or not a.size:
            return f"{name} = jnp.asarray({array(a, '')}".replace(", )", ")") + (
                f".astype(jnp.{a.dtype.name}))" if a.size else f", jnp.{a.dtype.name})"
            )
        return f"{name} = jnp.array({numbers(a)}, jnp.{a.dtype.name})"

    given = {n: a for n, a in call.inputs.items() if a is not None} | _options(call)
    floats, names = _floats(call), ", ".join(given)
    lines = [tensor(*item) for item in given.items()]
    lines.append(f"\n\ndef forward({names}):\n    return {called}({_arguments(call)})\n\n")
    if call.dy is None:
        lines.append(f"result = jax.jit(forward)({names})")
        lines.append(f"found = {_asked(call)}")
    else:
        parts = _parts(call.dy)
        lines[-1:-1] = [tensor(*part) for part in parts]
        dys = [name for name, _ in parts]
        dy = _joined(dys) if isinstance(call.dy, tuple) else "cotangent"
        among = ", ".join(floats)
        lines.append(
            f"def with_vjp({names}, {', '.join(dys)}):\n"
            f"    result, vjp = jax.vjp(lambda {among}: forward({names}), {among})\n"
            f"    return result, vjp({dy})\n\n"
        )
        every = _joined([f"d{n}" for n in floats])
        lines.append(f"result, {every} = jax.jit(with_vjp)({names}, {', '.join(dys)})")
        lines.append(f"found = d{call.of or floats[0]}")
    lines.append("kind, found = str(found.dtype), np.asarray(found)")
    settings = (
        'jax.config.update("jax_enable_x64", True)\n'
        'jax.config.update("jax_default_matmul_precision", "highest")\n\n'
    )
    imports = "import jax\nimport jax.numpy as jnp\nimport jax.scipy.special"
    if re.search(r"\boptax\b", before + called):
        imports += "\nimport optax"
    return Text(imports, settings + before + "\n".join(lines))


def _tensorflow(call: Call) -> Text:
    operations = import_module("parity.backends.tensorflow.operations")
    before, called = definitions(find(operations, call.op))
    given = {n: a for n, a in call.inputs.items() if a is not None}
    parts = [] if call.dy is None else _parts(call.dy)

    def value(a: Array) -> str:
        return array(a, f"tf.{a.dtype.name}.as_numpy_dtype")

    lines = [f"{name}_value = {value(a)}" for name, a in [*given.items(), *parts]]
    lines += ["graph = tf.Graph()", "with graph.as_default():"]
    lines += [
        f"    {name} = tf.compat.v1.placeholder({name}_value.dtype, {name}_value.shape)"
        for name in [*given, *(name for name, _ in parts)]
    ]
    lines += [f"    {name} = tf.constant({value(a)})" for name, a in _options(call).items()]
    lines.append(f"    result = {called}({_arguments(call)})")
    fed = ", ".join(f"{name}: {name}_value.copy()" for name in [*given, *(n for n, _ in parts)])
    if call.dy is None:
        lines.append(f"    found = tf.identity({_asked(call)})")
    else:
        several = isinstance(call.dy, tuple)
        ys = "[tf.identity(v) for v in result]" if several else "[tf.identity(result)]"
        lines.append(
            f"    (found,) = tf.gradients(\n        {ys},\n"
            f"        [{call.of or _floats(call)[0]}],\n"
            f"        grad_ys=[{', '.join(n for n, _ in parts)}],\n"
            '        unconnected_gradients="zero",\n    )\n'
            "    found = tf.convert_to_tensor(found)"
        )
    lines.append(_SESSION.format(fed=fed))
    imports = 'os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")\n\nimport tensorflow as tf'
    return Text(f"import os\n\n{imports}", before + "\n".join(lines))


_SESSION = """\
# In the calling thread, as the graph was built: TensorFlow's own threads take subnormal numbers for
# zero.
config = tf.compat.v1.ConfigProto(
    intra_op_parallelism_threads=1, inter_op_parallelism_threads=1, device_count={{"GPU": 0}}
)
config.graph_options.rewrite_options.disable_meta_optimizer = True
config.graph_options.optimizer_options.opt_level = tf.compat.v1.OptimizerOptions.L0
here = tf.compat.v1.RunOptions(inter_op_thread_pool=-1)
with tf.compat.v1.Session(graph=graph, config=config) as session:
    found = session.run(found, {{{fed}}}, options=here)
kind = str(found.dtype)"""


def _refnet(call: Call) -> Text:
    lines = ['np.seterr(all="ignore")', *_numpy(call)]
    if call.dy is None:
        lines += [
            f"result = rn.{call.op}({_arguments(call)})",
            f"found = np.asarray({_asked(call)})",
        ]
    else:
        parts = [name for name, _ in _parts(call.dy)]
        dy = _joined(parts) if isinstance(call.dy, tuple) else "cotangent"
        lines.append(f"{_names(call)} = rn.{call.op}.vjp({_arguments(call, [dy])})")
        lines.append(f"found = d{call.of or _floats(call)[0]}")
    lines.append("kind = str(found.dtype)")
    return Text(ml_dtypes_import(call.dtype) + "import refnet as rn", "\n".join(lines))


def _own(call: Call, spec: str) -> Text:
    module, _, name = spec.partition(":")
    lines = ['np.seterr(all="ignore")', *_numpy(call)]
    given = ", ".join(n if a is not None else "None" for n, a in call.inputs.items())
    options = ", ".join(
        f"{n!r}: {n if isinstance(v, np.ndarray) else option(v)}" for n, v in call.options.items()
    )
    parts = [] if call.dy is None else [name for name, _ in _parts(call.dy)]
    dy = _joined(parts) if isinstance(call.dy, tuple) else "".join(parts)
    dys = f"[{dy}]" if parts else "None"
    lines += [
        f"owner = {name}() if isinstance({name}, type) else {name}",
        f"outcome = owner.run({call.op!r}, [{given}], {{{options}}}, {dys})",
    ]
    if call.dy is None:
        lines += ["result = outcome.y", f"found = np.asarray({_asked(call)})"]
    else:
        lines.append(f"{_names(call)} = outcome.cotangents[0]")
        lines.append(f"found = np.asarray(d{call.of or _floats(call)[0]})")
    lines.append("kind = str(found.dtype)")
    return Text(ml_dtypes_import(call.dtype) + f"from {module} import {name}", "\n".join(lines))


def _names(call: Call) -> str:
    return ", ".join(f"d{name}" for name in call.inputs) + ("," if len(call.inputs) == 1 else "")


def ml_dtypes_import(dtype: str) -> str:
    """Return the line that imports ml_dtypes, for the dtype that needs it."""
    return "import ml_dtypes\n" if dtype == "bfloat16" else ""


def numpy_name(a: Array) -> str:
    """Return what a script calls an array's dtype."""
    match a.dtype.name:
        case "bfloat16":
            return "ml_dtypes.bfloat16"
        case "bool":
            return "bool"
        case name:
            return f"np.{name}"


def _numpy(call: Call) -> list[str]:
    """Return the lines that make a call's arrays, laid out as they are."""
    every: dict[str, Array] = {n: a for n, a in call.inputs.items() if a is not None}
    keys: dict[str, int | str] = {n: i for i, n in enumerate(call.inputs)}
    dys = {} if call.dy is None else dict(_parts(call.dy))
    lines = []
    for name, a in (every | _options(call) | dys).items():
        lines.append(f"{name} = {array(a, numpy_name(a))}")
        layout = call.layouts.get(keys.get(name, name))
        if layout:
            lines.append(_LAYOUTS[layout].format(name=name))
    return lines


# As parity.inputs.laid_out makes them.
_LAYOUTS = {
    "strided": "{name} = np.repeat({name}, 2, axis=-1)[..., ::2]",
    "reversed": "{name} = np.flip(np.ascontiguousarray(np.flip({name})))",
    "transposed": "{name} = np.asfortranarray({name})",
    "read_only": "{name}.flags.writeable = False",
}
