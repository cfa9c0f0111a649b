"""One step of recurrent layers, and its gradient: the range counts samples, the rows of every array.

`scores` are what the input of the step contributes, `x @ kernel + bias`, which is computed for all steps at once. What
the state before contributes, `h_before @ recurrent_kernel`, is in `gates` when a step begins; a step replaces it by the
values of the gates. Where `keep` is false, the step is left out: the state stays as it was.

A gradient takes `g`, by the state after this step, and `product`, what the gates of the step after this one make of it
on their way back; `dh` holds what came back otherwise, and in the end all of it. It writes the gradient by the scores
to `dgates`, and to `dh_before` what goes back to the state before, apart from the product with the recurrent kernel.
The formulas are those of backpropagation through time (Goodfellow, Bengio, Courville: Deep Learning, section 10.2.2).
"""

import numpy as np


def simple_rnn_step(scores, keep, h_before, gates, h, start, stop):
    """The network of Elman: h = tanh(scores + h_before @ recurrent_kernel)."""
    for i in range(start, stop):
        for j in range(h.shape[1]):
            if keep[i]:
                gates[i, j] = np.tanh(scores[i, j] + gates[i, j])
                h[i, j] = gates[i, j]
            else:
                gates[i, j] = 0
                h[i, j] = h_before[i, j]


def simple_rnn_step_gradient(g, product, keep, gates, dh, dgates, dh_before, start, stop):
    for i in range(start, stop):
        for j in range(dh.shape[1]):
            total = dh[i, j] + g[i, j] + product[i, j]
            dh[i, j] = total
            if keep[i]:
                dgates[i, j] = total * (1 - gates[i, j] * gates[i, j])
                dh_before[i, j] = 0
            else:
                dgates[i, j] = 0
                dh_before[i, j] = total


def lstm_step(scores, keep, c_before, h_before, gates, c, h, start, stop):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000).

    The gates lie side by side: input, forget, candidate, output.
    """
    units = h.shape[1]
    for i in range(start, stop):
        for j in range(units):
            if keep[i]:
                gates[i, j] = 1 / (1 + np.exp(-(scores[i, j] + gates[i, j])))
                gates[i, units + j] = 1 / (1 + np.exp(-(scores[i, units + j] + gates[i, units + j])))
                gates[i, 2 * units + j] = np.tanh(scores[i, 2 * units + j] + gates[i, 2 * units + j])
                gates[i, 3 * units + j] = 1 / (1 + np.exp(-(scores[i, 3 * units + j] + gates[i, 3 * units + j])))
                c[i, j] = gates[i, units + j] * c_before[i, j] + gates[i, j] * gates[i, 2 * units + j]
                h[i, j] = gates[i, 3 * units + j] * np.tanh(c[i, j])
            else:
                for k in range(4):
                    gates[i, k * units + j] = 0
                c[i, j] = c_before[i, j]
                h[i, j] = h_before[i, j]


def lstm_step_gradient(g, product, keep, gates, c_before, c, dc, dh, dgates, dc_before, dh_before, start, stop):
    """Of `lstm_step`; `dc` is by the memory after this step, as far as it came back through the memory alone."""
    units = dh.shape[1]
    for i in range(start, stop):
        for j in range(units):
            total = dh[i, j] + g[i, j] + product[i, j]
            dh[i, j] = total
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
                dc_before[i, j] = by_memory * forget
                dh_before[i, j] = 0
            else:
                for k in range(4):
                    dgates[i, k * units + j] = 0
                dc_before[i, j] = dc[i, j]
                dh_before[i, j] = total


def gru_step(scores, keep, h_before, gates, inner, h, start, stop):
    """The gated recurrent unit (Cho et al., 2014), which resets the product with the state before, as cuDNN does.

    The gates lie side by side: update, reset, candidate. `inner` is what the reset gate multiplies.
    """
    units = h.shape[1]
    for i in range(start, stop):
        for j in range(units):
            inner[i, j] = gates[i, 2 * units + j]
            if keep[i]:
                update = 1 / (1 + np.exp(-(scores[i, j] + gates[i, j])))
                reset = 1 / (1 + np.exp(-(scores[i, units + j] + gates[i, units + j])))
                candidate = np.tanh(scores[i, 2 * units + j] + reset * inner[i, j])
                gates[i, j] = update
                gates[i, units + j] = reset
                gates[i, 2 * units + j] = candidate
                h[i, j] = update * h_before[i, j] + (1 - update) * candidate
            else:
                for k in range(3):
                    gates[i, k * units + j] = 0
                h[i, j] = h_before[i, j]


def gru_step_gradient(g, product, keep, h_before, gates, inner, dh, dgates, dcandidate, dh_before, start, stop):
    """Of `gru_step`: `dgates` by the recurrent scores, `dcandidate` by the input's scores of the candidate.

    The input's scores of update and reset have the gradient of the recurrent ones, since they are added to them.
    """
    units = dh.shape[1]
    for i in range(start, stop):
        for j in range(units):
            total = dh[i, j] + g[i, j] + product[i, j]
            dh[i, j] = total
            if keep[i]:
                update = gates[i, j]
                reset = gates[i, units + j]
                candidate = gates[i, 2 * units + j]
                by_candidate = total * (1 - update) * (1 - candidate * candidate)
                dgates[i, j] = total * (h_before[i, j] - candidate) * update * (1 - update)
                dgates[i, units + j] = by_candidate * inner[i, j] * reset * (1 - reset)
                dgates[i, 2 * units + j] = by_candidate * reset
                dcandidate[i, j] = by_candidate
                dh_before[i, j] = total * update
            else:
                for k in range(3):
                    dgates[i, k * units + j] = 0
                dcandidate[i, j] = 0
                dh_before[i, j] = total
