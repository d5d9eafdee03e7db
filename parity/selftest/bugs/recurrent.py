"""Bugs of the recurrent networks, embedding and one_hot."""

from __future__ import annotations

from parity.selftest.bug import Bug

RNN = "refnet/ops/rnn.py"
LSTM = "refnet/ops/lstm.py"
GRU = "refnet/ops/gru.py"
WALK = "refnet/recurrence.py"
EMBEDDING = "refnet/ops/embedding.py"

BUGS = (
    Bug(
        "rnn_cell",
        "state's cotangent by w_h untransposed",
        RNN,
        'dh = dz.dot(w_h.T) if "h"',
        'dh = dz.dot(w_h) if "h"',
    ),
    Bug("rnn_cell", "relu slopes at 0", RNN, "np.where(y <= 0", "np.where(y < 0"),
    Bug("rnn", "last state's cotangent lost", RNN, "dy[1].copy()", "0 * dy[1]"),
    Bug(
        "rnn",
        "states run on beyond the end",
        WALK,
        "np.copyto(new, old, where=~self.active[t])",
        "pass",
    ),
    Bug(
        "rnn",
        "reverse starts in the padding",
        WALK,
        "1, 0, steps, 0, active)",
        "1, 0, steps, 0, None)",
    ),
    Bug("rnn", "w_h sees the state after the step", RNN, "w.previous(states)", "w.outputs(states)"),
    Bug("lstm_cell", "candidate let in by f", LSTM, "c_next += i * g", "c_next += f * g"),
    Bug("lstm_cell", "output gate sees the old c", LSTM, "at.p_o * c_next", "at.p_o * c"),
    Bug(
        "lstm_cell",
        "peepholes in one order always",
        LSTM,
        'gates.replace("g", "").index',
        '"ifo".index',
    ),
    Bug(
        "lstm",
        "slope of tanh without its square",
        LSTM,
        "(1 - squashed * squashed)",
        "(1 - squashed)",
    ),
    Bug(
        "lstm",
        "memory's cotangent not handed on",
        LSTM,
        "dh, dc = dh_before, dc_before",
        "dh = dh_before",
    ),
    Bug("gru_cell", "z for 1 - z", GRU, "np.multiply(1 - z, n", "np.multiply(z, n"),
    Bug("gru_cell", "reset lost on the way back", GRU, "dm[:, at[2]] *= r", "dm[:, at[2]] *= 1"),
    Bug("gru", "w_hn sees the state unreset", GRU, "= q.T.dot(", "= h.T.dot("),
    Bug("gru", "h - n for n - h", GRU, "dh * (h - n)", "dh * (n - h)"),
    Bug(
        "embedding",
        "the last of repeated rows wins",
        EMBEDDING,
        "np.add.reduceat(by_rows(dy)[order], starts, axis=0)",
        "by_rows(dy)[order][np.append(starts[1:], ids.size) - 1]",
    ),
    Bug(
        "embedding",
        "padding is learned",
        EMBEDDING,
        "dtable[padding_idx] = 0",
        "dtable[padding_idx] += 0",
    ),
    Bug(
        "one_hot",
        "classes always last",
        "refnet/ops/one_hot.py",
        "k = axis % (labels.ndim + 1)",
        "k = labels.ndim",
    ),
)
