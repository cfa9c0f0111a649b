"""Scaled dot-product attention, one query after another, and its gradient: scores are never kept.

`query` is (samples, queries, heads, size), `key` (samples, keys, heads, size) and `value` (samples, keys, heads, size
of values); where there are fewer heads of keys, neighbouring heads of queries share one. `bias`, which is added to the
scores, and `mask`, false where a query must not look at a key, are (samples, heads, queries, keys), or of size 1 along
any of these axes. A score that does not count is -2 ** 127: a query that may look at no key weighs all of them alike.

The weights of a query are exponentials of its scores divided by their sum. What is kept of them is the largest score
and the sum of exponentials of the differences from it, which `statistics` (samples, heads, 2, queries) has. While
scores come in, both change: what was added up so far is multiplied by exp(old maximum - new maximum). (Rabe and Staats:
Self-attention Does Not Need O(n^2) Memory, 2021, arXiv:2112.05682; Dao et al.: FlashAttention, 2022, arXiv:2205.14135,
section 3.1, and appendix B.2 for the gradient.)
"""

import numpy as np


def dot_product_attention(query, key, value, bias, mask, scale, is_causal, out, statistics, start, stop):
    """out[b, t, h] = sum over s of softmax(scale * query[b, t, h] . key[b, s, h] + bias[b, h, t, s]) * value[b, s, h].

    The range counts (b, h, t).
    """
    queries, heads = query.shape[1], query.shape[2]
    together = heads // key.shape[2]
    for r in range(start, stop):
        b = r // queries // heads
        h = r // queries % heads
        t = r % queries
        best = -np.inf
        total = 0.0
        for d in range(value.shape[3]):
            out[b, t, h, d] = 0
        for s in range(key.shape[1]):
            score = 0.0
            for d in range(query.shape[3]):
                score += query[b, t, h, d] * key[b, s, h // together, d]
            score = score * scale + bias[b % bias.shape[0], h % bias.shape[1], t % bias.shape[2], s % bias.shape[3]]
            seen = mask[b % mask.shape[0], h % mask.shape[1], t % mask.shape[2], s % mask.shape[3]]
            seen = seen & ((is_causal == 0) | (s <= t))
            score = score if seen else -1.7014118346046923e38
            if s == 0 or score > best:
                factor = 0.0 if s == 0 else np.exp(best - score)
                total *= factor
                for d in range(value.shape[3]):
                    out[b, t, h, d] *= factor
                best = score
            weight = np.exp(score - best)
            total += weight
            for d in range(value.shape[3]):
                out[b, t, h, d] += weight * value[b, s, h // together, d]
        for d in range(value.shape[3]):
            out[b, t, h, d] /= total
        statistics[b, h, 0, t] = best
        statistics[b, h, 1, t] = total


def dot_product_attention_gradient(
    g, query, key, value, bias, mask, out, statistics, scale, is_causal, dquery, dkey, dvalue, start, stop
):
    """The gradients by query, key and value, given that by `out`: weights are computed again from `statistics`.

    With p for a weight and g . v for the derivative by it, that by the score is p * (g . v - g . out). The range counts
    (b, head of the keys).
    """
    shared = key.shape[2]
    together = query.shape[2] // shared
    for r in range(start, stop):
        b = r // shared
        k = r % shared
        for s in range(key.shape[1]):
            for d in range(key.shape[3]):
                dkey[b, s, k, d] = 0
            for d in range(value.shape[3]):
                dvalue[b, s, k, d] = 0
        for h in range(k * together, (k + 1) * together):
            for t in range(query.shape[1]):
                along = 0.0
                for d in range(value.shape[3]):
                    along += g[b, t, h, d] * out[b, t, h, d]
                for d in range(query.shape[3]):
                    dquery[b, t, h, d] = 0
                for s in range(key.shape[1]):
                    score = 0.0
                    slope = 0.0
                    for d in range(query.shape[3]):
                        score += query[b, t, h, d] * key[b, s, k, d]
                    for d in range(value.shape[3]):
                        slope += g[b, t, h, d] * value[b, s, k, d]
                    added = bias[b % bias.shape[0], h % bias.shape[1], t % bias.shape[2], s % bias.shape[3]]
                    seen = mask[b % mask.shape[0], h % mask.shape[1], t % mask.shape[2], s % mask.shape[3]]
                    seen = seen & ((is_causal == 0) | (s <= t))
                    score = score * scale + added if seen else -1.7014118346046923e38
                    weight = np.exp(score - statistics[b, h, 0, t]) / statistics[b, h, 1, t]
                    slope = weight * (slope - along) * scale if seen else 0.0
                    for d in range(value.shape[3]):
                        dvalue[b, s, k, d] += weight * g[b, t, h, d]
                    for d in range(query.shape[3]):
                        dquery[b, t, h, d] += slope * key[b, s, k, d]
                        dkey[b, s, k, d] += slope * query[b, t, h, d]
