"""One step of recurrent layers, and its gradient: the range counts samples, the rows of every array.

What the input of the step contributes, `x @ kernel + bias`, is computed for all steps at once and is in `gates` when a
step begins; a step replaces it by the values of the gates. `product` is what the state before contributes, `h_before @
recurrent_kernel`. Where `keep` is false, the step is left out: the state stays as it was.

A gradient takes `g`, by the state after this step, and `product`, what the gates of the step after this one make of it
on their way back; `dh` holds what came back otherwise. It writes the gradient by what is before the gates to `dgates`,
and to `dh` what goes back to the state before, apart from the product with the recurrent kernel. The formulas are those
of backpropagation through time (Goodfellow, Bengio, Courville: Deep Learning, section 10.2.2).
"""

import numpy as np


def simple_rnn_step(product, keep, h_before, gates, h, start, stop):
    """The network of Elman: h = tanh(x @ kernel + bias + h_before @ recurrent_kernel)."""
    for i in range(start, stop):
        for j in range(h.shape[1]):
            if keep[i]:
                gates[i, j] = np.tanh(gates[i, j] + product[i, j])
                h[i, j] = gates[i, j]
            else:
                gates[i, j] = 0
                h[i, j] = h_before[i, j]


def simple_rnn_step_gradient(g, product, keep, gates, dgates, dh, start, stop):
    for i in range(start, stop):
        for j in range(dh.shape[1]):
            total = dh[i, j] + g[i, j] + product[i, j]
            if keep[i]:
                dgates[i, j] = total * (1 - gates[i, j] * gates[i, j])
                dh[i, j] = 0
            else:
                dgates[i, j] = 0
                dh[i, j] = total


def lstm_step(product, keep, c_before, h_before, gates, c, h, start, stop):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000).

    The gates lie side by side: input, forget, candidate, output.
    """
    units = h.shape[1]
    for i in range(start, stop):
        for j in range(units):
            if keep[i]:
                gates[i, j] = 1 / (1 + np.exp(-(gates[i, j] + product[i, j])))
                gates[i, units + j] = 1 / (1 + np.exp(-(gates[i, units + j] + product[i, units + j])))
                gates[i, 2 * units + j] = np.tanh(gates[i, 2 * units + j] + product[i, 2 * units + j])
                gates[i, 3 * units + j] = 1 / (1 + np.exp(-(gates[i, 3 * units + j] + product[i, 3 * units + j])))
                c[i, j] = gates[i, units + j] * c_before[i, j] + gates[i, j] * gates[i, 2 * units + j]
                h[i, j] = gates[i, 3 * units + j] * np.tanh(c[i, j])
            else:
                for k in range(4):
                    gates[i, k * units + j] = 0
                c[i, j] = c_before[i, j]
                h[i, j] = h_before[i, j]


def lstm_step_gradient(g, product, keep, gates, c_before, c, dgates, dc, dh, start, stop):
    """Of `lstm_step`; `dc` is by the memory after this step, as far as it came back through the memory alone.

    In the end it is that by the memory before.
    """
    units = dh.shape[1]
    for i in range(start, stop):
        for j in range(units):
            total = dh[i, j] + g[i, j] + product[i, j]
            if keep[i]:
                into = gates[i, j]
                forget = gates[i, units + j]
                candidate = gates[i, 2 * units + j]
                out_of = gates[i, 3 * units + j]
                squashed = np.tanh(c[i, j])
                by_memory = dc[i, j] + total * out_of * (1 - squashed * squashed)
                dgates[i, j] = by_memory * candidate * into * (1 - into)
                dgates[i, units + j] = by_memory * c_before[i, j] * forget * (1 - forget)
                dgates[i, 2 * units + j] = by_memory * into * (1 - candidate * candidate)
                dgates[i, 3 * units + j] = total * squashed * out_of * (1 - out_of)
                dc[i, j] = by_memory * forget
                dh[i, j] = 0
            else:
                for k in range(4):
                    dgates[i, k * units + j] = 0
                dh[i, j] = total


def gru_step(product, keep, h_before, gates, inner, h, start, stop):
    """The gated recurrent unit (Cho et al., 2014), which resets the product with the state before, as cuDNN does.

    The gates lie side by side: update, reset, candidate. `inner` is what the reset gate multiplies.
    """
    units = h.shape[1]
    for i in range(start, stop):
        for j in range(units):
            inner[i, j] = product[i, 2 * units + j]
            if keep[i]:
                update = 1 / (1 + np.exp(-(gates[i, j] + product[i, j])))
                reset = 1 / (1 + np.exp(-(gates[i, units + j] + product[i, units + j])))
                candidate = np.tanh(gates[i, 2 * units + j] + reset * inner[i, j])
                gates[i, j] = update
                gates[i, units + j] = reset
                gates[i, 2 * units + j] = candidate
                h[i, j] = update * h_before[i, j] + (1 - update) * candidate
            else:
                for k in range(3):
                    gates[i, k * units + j] = 0
                h[i, j] = h_before[i, j]


def gru_step_gradient(g, product, keep, h_before, gates, inner, dgates, dcandidate, dh, start, stop):
    """Of `gru_step`: `dgates` by what the state contributes, `dcandidate` by what the input does to the candidate.

    What the input contributes to update and reset has the gradient of the state's part, to which it is added.
    """
    units = dh.shape[1]
    for i in range(start, stop):
        for j in range(units):
            total = dh[i, j] + g[i, j] + product[i, j]
            if keep[i]:
                update = gates[i, j]
                reset = gates[i, units + j]
                candidate = gates[i, 2 * units + j]
                by_candidate = total * (1 - update) * (1 - candidate * candidate)
                dgates[i, j] = total * (h_before[i, j] - candidate) * update * (1 - update)
                dgates[i, units + j] = by_candidate * inner[i, j] * reset * (1 - reset)
                dgates[i, 2 * units + j] = by_candidate * reset
                dcandidate[i, j] = by_candidate
                dh[i, j] = total * update
            else:
                for k in range(3):
                    dgates[i, k * units + j] = 0
                dcandidate[i, j] = 0
                dh[i, j] = total
