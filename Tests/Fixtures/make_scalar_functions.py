#!/usr/bin/env python3
"""Writes scalar-functions.txt: exp, log, pow and cos, correctly rounded, from decimal arithmetic of 80 digits.

A line is a function, its arguments and its value, as hexadecimal floats. Run in this folder.
"""
import random
from decimal import Decimal, getcontext

getcontext().prec = 80


def cosine(x):
    """The Taylor series about 0: of |x| <= 32 it loses 14 of the digits."""
    term, total, k = Decimal(1), Decimal(1), 0
    while abs(term) > Decimal(10) ** -60:
        k += 2
        term = -term * x * x / (k * (k - 1))
        total += term
    return total


def main():
    random.seed(1)
    between = random.uniform
    pi = 3.141592653589793
    exps = [0.0, 1.0, -1.0, 1e-300, 709.7, -707.0, 0.5 * 0.6931471805599453] + [between(-707, 709) for _ in range(60)]
    exps += [between(-1, 1) * 10.0 ** -k for k in range(40)]
    logs = [1.0, 2.0, 0.5, 1 + 2.0**-52, 1 - 2.0**-53, 1e-310, 1.7e308, 0.02, 0.075] + [between(0, 2) for _ in range(60)]
    logs += [10.0 ** between(-307, 308) for _ in range(40)]
    powers = [(2.0, 10.0), (0.5, 3.0), (10.0, 22.0), (3.0, 0.5), (0.25, 0.5), (1 - 2.0**-53, 1e15), (1e-300, 0.001)]
    # Adam's corrections, NAdam's momentum, the schedules' powers.
    powers += [(beta, float(t)) for beta in (0.9, 0.95, 0.99, 0.999) for t in (1, 2, 3, 10, 100, 999, 5000)]
    powers += [(0.96, t * 0.004) for t in range(1, 30)]
    powers += [(between(0, 1), between(0, 4)) for _ in range(40)] + [(10.0 ** between(-9, 9), between(-20, 20)) for _ in range(40)]
    cosines = [0.0, pi, pi / 2, pi / 4, 1e-9] + [pi * k / 50 for k in range(51)] + [between(-32, 32) for _ in range(60)]
    lines = [("exp", x, Decimal(x).exp()) for x in exps]
    lines += [("log", x, Decimal(x).ln()) for x in logs]
    lines += [("pow", x, y, (Decimal(y) * Decimal(x).ln()).exp()) for x, y in powers]
    lines += [("cos", x, cosine(Decimal(x))) for x in cosines]
    with open("scalar-functions.txt", "w") as file:
        for name, *numbers in lines:
            file.write(" ".join([name] + [float(number).hex() for number in numbers]) + "\n")


main()
