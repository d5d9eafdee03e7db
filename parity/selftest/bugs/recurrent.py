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
        "transpose",
        "state's cotangent by w_h untransposed",
        RNN,
        'dh = dz.dot(w_h.T) if "h"',
        'dh = dz.dot(w_h) if "h"',
    ),
    Bug("rnn_cell", "wrong kink", "relu slopes at 0", RNN, "np.where(y <= 0", "np.where(y < 0"),
    Bug("rnn", "cotangent lost", "last state's cotangent lost", RNN, "dy[1].copy()", "0 * dy[1]"),
    Bug(
        "rnn",
        "mask ignored",
        "states run on beyond the end",
        WALK,
        "np.copyto(new, old, where=~self.active[t])",
        "pass",
    ),
    Bug(
        "rnn",
        "mask ignored",
        "reverse starts in the padding",
        WALK,
        "1, 0, steps, 0, active)",
        "1, 0, steps, 0, None)",
    ),
    Bug(
        "rnn",
        "wrong operand",
        "w_h sees the state after the step",
        RNN,
        "w.previous(states)",
        "w.outputs(states)",
    ),
    Bug(
        "lstm_cell",
        "wrong operand",
        "candidate let in by f",
        LSTM,
        "c_next += i * g",
        "c_next += f * g",
    ),
    Bug(
        "lstm_cell",
        "wrong operand",
        "output gate sees the old c",
        LSTM,
        "at.p_o * c_next",
        "at.p_o * c",
    ),
    Bug(
        "lstm_cell",
        "gate order",
        "peepholes in one order always",
        LSTM,
        'gates.replace("g", "").index',
        '"ifo".index',
    ),
    Bug(
        "lstm",
        "power lost",
        "slope of tanh without its square",
        LSTM,
        "(1 - squashed * squashed)",
        "(1 - squashed)",
    ),
    Bug(
        "lstm",
        "cotangent lost",
        "memory's cotangent not handed on",
        LSTM,
        "dh, dc = dh_before, dc_before",
        "dh = dh_before",
    ),
    Bug(
        "gru_cell",
        "alternatives exchanged",
        "z for 1 - z",
        GRU,
        "np.multiply(1 - z, n",
        "np.multiply(z, n",
    ),
    Bug(
        "gru_cell",
        "reset placement",
        "reset lost on the way back",
        GRU,
        "dm[:, at[2]] *= r",
        "dm[:, at[2]] *= 1",
    ),
    Bug("gru", "reset placement", "w_hn sees the state unreset", GRU, "= q.T.dot(", "= h.T.dot("),
    Bug("gru", "wrong sign", "h - n for n - h", GRU, "dh * (h - n)", "dh * (n - h)"),
    Bug(
        "embedding",
        "overwritten gradient",
        "the last of repeated rows wins",
        EMBEDDING,
        "np.add.reduceat(by_rows(dy)[order], starts, axis=0)",
        "by_rows(dy)[order][np.append(starts[1:], ids.size) - 1]",
    ),
    Bug(
        "embedding",
        "mask ignored",
        "padding is learned",
        EMBEDDING,
        "dtable[padding_idx] = 0",
        "dtable[padding_idx] += 0",
    ),
    Bug(
        "one_hot",
        "wrong axis",
        "classes always last",
        "refnet/ops/one_hot.py",
        "k = axis % (labels.ndim + 1)",
        "k = labels.ndim",
    ),
    Bug("rnn", "wrong kink", "relu slopes at 0", RNN, "np.where(y <= 0", "np.where(y < 0"),
    Bug(
        "rnn",
        "transpose",
        "state's cotangent by w_h untransposed",
        RNN,
        "back = w_h.T",
        "back = w_h",
    ),
    Bug(
        "lstm",
        "transpose",
        "state's cotangent by w_h untransposed",
        LSTM,
        "back = w_h.T",
        "back = w_h",
    ),
    Bug(
        "lstm_cell",
        "transpose",
        "state's cotangent by w_h untransposed",
        LSTM,
        'dz.dot(w_h.T) if "h"',
        'dz.dot(w_h) if "h"',
    ),
    *(
        Bug(
            op,
            "transpose",
            "state's cotangent by w_h untransposed",
            GRU,
            "before += dm.dot(w_h.T)",
            "before += dm.dot(w_h)",
        )
        for op in ("gru_cell", "gru")
    ),
    *(
        Bug(
            op,
            "mask ignored",
            "states run on beyond the end",
            WALK,
            "np.copyto(new, old, where=~self.active[t])",
            "pass",
        )
        for op in ("lstm", "gru")
    ),
    *(
        Bug(
            op,
            "mask ignored",
            "cotangents beyond the end",
            WALK,
            "np.copyto(c, 0, where=~self.active[t])",
            "pass",
        )
        for op in ("rnn", "lstm", "gru")
    ),
    *(
        Bug(
            op,
            "gate order",
            "the order for its inverse",
            WALK,
            "map(gates.index, letters)",
            "map(letters.index, gates[: len(letters)])",
        )
        for op in ("lstm", "lstm_cell", "gru", "gru_cell")
    ),
    Bug(
        "gru",
        "alternatives exchanged",
        "z for 1 - z",
        GRU,
        "np.multiply(1 - z, n",
        "np.multiply(z, n",
    ),
    Bug("gru_cell", "reset placement", "reset before for after", GRU, "n += r * q", "n += q"),
    Bug(
        "gru",
        "reset placement",
        "reset lost on the way back",
        GRU,
        "dm[:, at[2]] *= r",
        "dm[:, at[2]] *= 1",
    ),
    Bug(
        "lstm",
        "dropped term",
        "what peepholes hand to the memory",
        LSTM,
        "dc += at.p_f * dz_f",
        "pass",
    ),
    Bug(
        "lstm_cell",
        "dropped term",
        "the output's peephole on the way back",
        LSTM,
        "dc += at.p_o * dz_o",
        "pass",
    ),
    Bug(
        "lstm", "wrong operand", "candidate let in by f", LSTM, "c_next += i * g", "c_next += f * g"
    ),
    *(
        Bug(
            op,
            "cotangent lost",
            "of the bias",
            WALK,
            "column_sums(rows) if b is not None",
            "0 * column_sums(rows) if b is not None",
        )
        for op in ("rnn_cell", "rnn", "lstm_cell", "lstm", "gru_cell", "gru")
    ),
    *(
        Bug(
            op,
            "overflow on the way",
            "sigmoid by exp(-x)",
            "refnet/ops/sigmoid.py",
            "z = np.asarray(np.abs(x))",
            "z = x.copy()",
        )
        for op in ("lstm_cell", "gru_cell")
    ),
)
