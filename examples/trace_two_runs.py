"""Train one network in PyTorch and in refnet, record both runs, and see where they part.

    python trace_two_runs.py [FOLDER]

writes torch.trace and refnet.trace and compares them twice: as they are, and with a momentum that
is off in refnet. `parity trace compare` and `parity trace show` read the same files.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import refnet as rn
from parity.trace import Recorder, Recording, attach, attach_network, compare
from parity.trace.cli import as_text

RENAME = {"0.weight": "fc1.w", "0.bias": "fc1.b", "2.weight": "fc2.w", "2.bias": "fc2.b"}
STEPS, BATCH = 60, 50


def torch_run(path, start, x, t):
    model = torch.nn.Sequential(
        torch.nn.Linear(64, 32), torch.nn.Sigmoid(), torch.nn.Linear(32, 10)
    )
    model.load_state_dict({k: torch.from_numpy(start[v].T.copy()) for k, v in RENAME.items()})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    with Recorder(path, framework="torch") as recorder, attach(model, optimizer, recorder) as run:
        for i in range(STEPS):
            part = slice(i % 20 * BATCH, (i % 20 + 1) * BATCH)
            optimizer.zero_grad()
            inputs, labels = torch.from_numpy(x[part]), torch.from_numpy(t[part])
            run.note({"batch/x": inputs, "batch/t": labels})
            run.loss = loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()


def refnet_run(path, start, x, t, momentum):
    net = rn.models.DFN(hidden=32, optimizer=f"sgd(lr=0.2, momentum={momentum})")
    net.start(64, rng=np.random.default_rng(0), dtype=np.float32)
    net.load_state_dict(start)
    with Recorder(path, framework="refnet") as recorder, attach_network(net, recorder):
        params, state = net.params, net.state
        for i in range(STEPS):
            part = slice(i % 20 * BATCH, (i % 20 + 1) * BATCH)
            _, grads = net.loss_and_grads(params, x[part], t[part])
            params, state = net.optimizer.update(params, grads, state)


def main(folder):
    images = rn.data.digits()
    x, t = rn.data.as_rows(images, np.float32), images.labels.astype(np.int64)
    net = rn.models.DFN(hidden=32, init="glorot_uniform()")
    net.start(64, rng=np.random.default_rng(1), dtype=np.float32)
    start = net.state_dict()
    torch_run(folder / "torch.trace", start, x, t)
    for momentum in (0.9, 0.8):
        path = folder / f"refnet-{momentum}.trace"
        refnet_run(path, start, x, t, momentum)
        found = compare(Recording(folder / "torch.trace"), Recording(path), rename=RENAME)
        print(f"momentum 0.9 in torch, {momentum} in refnet\n\n{as_text(found)}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
