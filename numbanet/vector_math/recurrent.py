"""One step of recurrences and its gradient, for one unit, in the arithmetic of their arguments: see `loops.recurrent`.

A parameter is what a step reads of an array: one number, or a list with one for each gate. The result has what it
writes, by array. `ROWS` says how many numbers each array has for a unit.
"""

from numbanet.vector_math.activations import maths_of


def simple_rnn_step(product, gates):
    h = maths_of(gates).tanh(gates + product)
    return {"gates": h, "h": h}


def simple_rnn_step_gradient(g, product, gates, dh):
    return {"dgates": (dh + g + product) * (1.0 - gates * gates), "dh": dh.of(0.0)}


def lstm_step(product, c_before, gates):
    of = maths_of(c_before)
    into, forget, candidate, out_of = (a + b for a, b in zip(gates, product, strict=True))
    into, forget, out_of = (of.sigmoid(v) for v in (into, forget, out_of))
    candidate = of.tanh(candidate)
    c = forget * c_before + into * candidate
    return {"gates": [into, forget, candidate, out_of], "c": c, "h": out_of * of.tanh(c)}


def lstm_step_gradient(g, product, gates, c_before, c, dc, dh):
    into, forget, candidate, out_of = gates
    total = dh + g + product
    squashed = maths_of(c).tanh(c)
    by_memory = dc + total * out_of * (1.0 - squashed * squashed)
    dgates = [
        by_memory * candidate * into * (1.0 - into),
        by_memory * c_before * forget * (1.0 - forget),
        by_memory * into * (1.0 - candidate * candidate),
        total * squashed * out_of * (1.0 - out_of),
    ]
    return {"dgates": dgates, "dc": by_memory * forget, "dh": dh.of(0.0)}


def gru_step(product, h_before, gates):
    of, inner = maths_of(h_before), product[2]
    update, reset = (of.sigmoid(gates[k] + product[k]) for k in range(2))
    candidate = of.tanh(gates[2] + reset * inner)
    h = update * h_before + (1.0 - update) * candidate
    return {"gates": [update, reset, candidate], "inner": inner, "h": h}


def gru_step_gradient(g, product, h_before, gates, inner, dh):
    update, reset, candidate = gates
    total = dh + g + product
    by_candidate = total * (1.0 - update) * (1.0 - candidate * candidate)
    dgates = [
        total * (h_before - candidate) * update * (1.0 - update),
        by_candidate * inner * reset * (1.0 - reset),
        by_candidate * reset,
    ]
    return {"dgates": dgates, "dcandidate": by_candidate, "dh": total * update}


ROWS = {
    simple_rnn_step: {"product": 1, "gates": 1, "h": 1},
    simple_rnn_step_gradient: {"g": 1, "product": 1, "gates": 1, "dgates": 1, "dh": 1},
    lstm_step: {"product": 4, "c_before": 1, "gates": 4, "c": 1, "h": 1},
    lstm_step_gradient: {"g": 1, "product": 1, "gates": 4, "c_before": 1, "c": 1, "dgates": 4, "dc": 1, "dh": 1},
    gru_step: {"product": 3, "h_before": 1, "gates": 3, "inner": 1, "h": 1},
    gru_step_gradient: {
        "g": 1, "product": 1, "h_before": 1, "gates": 3, "inner": 1, "dgates": 3, "dcandidate": 1, "dh": 1,
    },
}  # fmt: skip
"""The arrays of each step, in the order in which what walks a row takes them, and their numbers for a unit."""


def of_parts(function, part):
    """Return what a step writes, as (array, gate, lanes), where `part(array, gate)` gives what it reads."""
    counts = ROWS[function]
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    read = [[part(name, k) for k in range(counts[name])] for name in names]
    written = function(*(parts[0] if len(parts) == 1 else parts for parts in read))
    return [
        (name, k, lanes)
        for name, found in written.items()
        for k, lanes in enumerate(found if isinstance(found, list) else [found])
    ]
