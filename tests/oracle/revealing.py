"""DeepLIFT's RevealCancel rule by a tape of scalars, as Shrikumar et al. (2017, sections 3.5.1 and 3.5.3) write it.

A number knows its reference and what raises and lowers it from there; each of these two has a multiplier of its own.
"""

import math


class Number:
    """A number of the sample, that of the reference, the rise and fall between them, and how multipliers go back."""

    def __init__(self, x, reference, rise=None, fall=None, below=(), back=lambda: None):
        self.x, self.reference, self.below, self.back = x, reference, below, back
        self.rise = max(x - reference, 0.0) if rise is None else rise
        self.fall = min(x - reference, 0.0) if fall is None else fall
        self.to_rise = self.to_fall = 0.0

    @property
    def relevance(self):
        return self.to_rise * self.rise + self.to_fall * self.fall

    def through(self, f):
        r, up, down = self.reference, self.rise, self.fall
        rise = 0.5 * (f(r + up) - f(r)) + 0.5 * (f(r + down + up) - f(r + down))
        fall = 0.5 * (f(r + down) - f(r)) + 0.5 * (f(r + up + down) - f(r + up))
        y = Number(f(self.x), f(r), rise, fall, [self])
        slope = sum((f(at + 1e-6) - f(at - 1e-6)) / 2e-6 for at in (self.x, r)) / 2

        def back():
            self.to_rise += y.to_rise * (rise / up if abs(up) > 1e-9 else slope)
            self.to_fall += y.to_fall * (fall / down if abs(down) > 1e-9 else slope)

        y.back = back
        return y


def affine(terms, bias):
    """bias + the sum of w a over (a, w)."""
    gaps = [(a, w, a.x - a.reference) for a, w in terms]
    rise = sum(w * gap for _, w, gap in gaps if w * gap > 0)
    fall = sum(w * gap for _, w, gap in gaps if w * gap < 0)
    x, reference = (bias + sum(w * getattr(a, point) for a, w in terms) for point in ("x", "reference"))
    z = Number(x, reference, rise, fall, [a for a, _ in terms])

    def back():
        for a, w, gap in gaps:
            mean = 0.5 * (z.to_rise + z.to_fall)
            multiplier = w * (z.to_rise if w * gap > 0 else z.to_fall if w * gap < 0 else mean)
            a.to_rise += multiplier
            a.to_fall += multiplier

    z.back = back
    return z


def relevance(output, inputs):
    """Multiplier x difference of the ``inputs``, a list of lists, with respect to the ``output``."""
    order, seen = [], set()

    def visit(number):
        if id(number) not in seen:
            seen.add(id(number))
            for below in number.below:
                visit(below)
            order.append(number)

    visit(output)
    output.to_rise = output.to_fall = 1.0
    for number in reversed(order):
        number.back()
    return [[number.relevance for number in step] for step in inputs]


def numbers(x, reference):
    return [
        [Number(float(a), float(b)) for a, b in zip(*steps, strict=True)] for steps in zip(x, reference, strict=True)
    ]


def dense(inputs, kernel, bias):
    return [
        affine([(a, float(row[k])) for a, row in zip(inputs, kernel, strict=True)], float(bias[k]))
        for k in range(len(bias))
    ]


def simple_rnn(x, weights):
    kernel, recurrent, bias = weights
    h = [Number(0.0, 0.0) for _ in recurrent]
    for x_t in x:
        h = [z.through(math.tanh) for z in dense([*x_t, *h], [*kernel, *recurrent], bias)]
    return h
