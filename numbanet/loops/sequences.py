"""Connectionist temporal classification, sample by sample: probabilities of labels that are not aligned with the steps.

A path gives each step a label or a blank. It runs along a line of places: blank, first label, blank, second label, ...,
last label, blank. From one step to the next it stays where it is, goes on by one place, or passes over a blank between
two labels that differ; it ends at the last label or the blank behind it.

`logarithms` (samples, steps, classes) are those of probabilities; of each sample, the first steps[b] steps and the
first counts[b] of `labels` (samples, most labels) count. What never happens has the logarithm -2 ** 100, so that no
difference of two is NaN. Labels and lengths are checked by whoever launches; those that are out of range all the same
give NaN, and nothing outside is read. (Graves, Fernandez, Gomez, Schmidhuber: Connectionist Temporal Classification,
ICML 2006, section 4.1; Rabiner: A Tutorial on Hidden Markov Models, 1989, section III, for the shares.)
"""

import numpy as np


def ctc(logarithms, labels, counts, steps, blank, losses, line, shares, start, stop):
    """losses[b] = minus the logarithm of the sum of the probabilities of all paths that stand for the labels.

    line[b, s] is the logarithm of the probability of being at place s, after the last step in the end; three shares of
    it, shares[b, t, :, s], came from the places s, s - 1 and s - 2 at step t. Behind place 2 * t + 1, to which no path
    comes by then, they are left as they are.
    """
    never = -(2.0**100)
    for b in range(start, stop):
        fits = (counts[b] >= 0) & (counts[b] <= labels.shape[1])
        fits = fits & (steps[b] >= 0) & (steps[b] <= logarithms.shape[1])
        places = 2 * counts[b] + 1 if fits else 0
        impossible = False
        for s in range(places):
            line[b, s] = 0.0 if s == 0 else never
            if s % 2 == 1 and labels[b, s // 2] == blank:
                impossible = True
        for t in range(steps[b] if fits else 0):
            reach = 2 * t + 2 if 2 * t + 2 < places else places
            for r in range(reach):
                s = reach - 1 - r  # from behind: what is in front is that of the step before
                label = labels[b, s // 2] if s % 2 == 1 else blank
                stay = line[b, s]
                before = line[b, s - 1] if s > 0 else never
                passed = line[b, s - 2] if s % 2 == 1 and s > 1 and label != labels[b, s // 2 - 1] else never
                best = before if before > stay else stay
                best = passed if passed > best else best
                stay = np.exp(stay - best)
                before = np.exp(before - best)
                passed = np.exp(passed - best) if passed > -5e29 else 0.0
                total = stay + before + passed
                known = (label >= 0) & (label < logarithms.shape[2])
                best += np.log(total) + (logarithms[b, t, label] if known else np.nan)
                line[b, s] = never if best < never else best
                shares[b, t, 0, s] = stay / total
                shares[b, t, 1, s] = before / total
                shares[b, t, 2, s] = passed / total
        best = np.nan
        if fits:
            stay = line[b, places - 1]
            before = line[b, places - 2] if places > 1 else never
            best = before if before > stay else stay
            best += np.log(np.exp(stay - best) + np.exp(before - best))
            if impossible or best < -5e29:
                best = -np.inf
        losses[b] = -best


def ctc_gradient(g, labels, counts, steps, blank, losses, line, shares, posteriors, out, start, stop):
    """out[b, t, c] = -g[b] * the probability that a path which stands for the labels gives step t the class c.

    posteriors[b, s] is that of being at place s, from the last step to the first: what is at a place goes back to where
    it came from. Where losses are inf, nothing goes back.
    """
    for b in range(start, stop):
        nothing = 0.0 if losses[b] == losses[b] else np.nan
        for t in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[b, t, c] = nothing
        places = 2 * counts[b] + 1 if losses[b] < np.inf else 0
        for s in range(places):
            posteriors[b, s] = 1.0 if s == places - 1 else 0.0
        if places > 1:
            ratio = np.exp(-abs(line[b, places - 1] - line[b, places - 2]))
            last = places - 1 if line[b, places - 1] > line[b, places - 2] else places - 2
            posteriors[b, places - 1] = ratio / (1.0 + ratio)
            posteriors[b, places - 2] = ratio / (1.0 + ratio)
            posteriors[b, last] = 1.0 / (1.0 + ratio)
        for r in range(steps[b] if places > 0 else 0):
            t = steps[b] - 1 - r
            reach = 2 * t + 2 if 2 * t + 2 < places else places
            for s in range(reach):
                label = labels[b, s // 2] if s % 2 == 1 else blank
                out[b, t, label] -= g[b] * posteriors[b, s]
                back = posteriors[b, s] * shares[b, t, 0, s]
                if s + 1 < reach:
                    back += posteriors[b, s + 1] * shares[b, t, 1, s + 1]
                if s + 2 < reach:
                    back += posteriors[b, s + 2] * shares[b, t, 2, s + 2]
                posteriors[b, s] = back
