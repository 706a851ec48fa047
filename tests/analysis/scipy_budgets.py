"""The exponent that remains of a study with several budgets, as SciPy finds it, beside that of
surd-fit: scipy_budgets.py SURD_FIT CSV

The law and its penalties are written down once more, from docs/statistics.md; the maximum is the
best of several starts of a general minimiser with numerical gradients.
"""

import csv
import json
import subprocess
import sys

from scipy_oracle import HIGHEST, LOWEST, Law, numpy, optimize, special, widening


class BudgetLaw(Law):
    """Parameters: ln d_inf's coefficients, ln b, s, t, then ln kappa, z0, z1 of each budget. A row
    has ln width, x, seeds, solved, its budget's number and ln of the budget over the largest."""

    def __init__(self, rows, basis):
        self.log_width, self.x, self.seeds, self.solved, place, self.log_budget = rows.T
        self.place = place.astype(int)
        self.basis = basis
        self.count = basis.shape[1]

    def loss(self, theta):
        log_b, s, t = theta[self.count : self.count + 3]
        log_kappa, z0, z1 = theta[self.count + 3 :].reshape(-1, 3).T
        w = numpy.exp(log_b) * (s + t * self.x - self.log_budget)
        threshold = self.basis @ theta[: self.count] + numpy.logaddexp(0, w)
        u = numpy.exp(log_kappa)[self.place] * (self.log_width - threshold)
        v = z0[self.place] + z1[self.place] * self.x
        p = numpy.clip(special.expit(-v) * special.expit(u), 1e-12, 1 - 1e-12)
        total = numpy.sum(self.solved * numpy.log(p) + (self.seeds - self.solved) * numpy.log1p(-p))
        for value, centre, deviation in ((log_b, 0.7, 0.7), (s, -1, 2), (t, 0.5, 1.5)):
            total -= ((value - centre) / deviation) ** 2 / 2
        total -= numpy.sum(
            (log_kappa - numpy.log(6)) ** 2 / 2
            + 9 * numpy.logaddexp(0, z0)
            + 0.3 * numpy.logaddexp(0, -z0)
            + z1**2 / 2
        )
        return -total


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        entries = list(csv.DictReader(file))
    lengths = sorted({float(row["length"]) for row in entries})
    budgets = sorted({float(row["recipe.budgets"]) for row in entries})
    mean = numpy.mean(numpy.log(lengths))
    return lengths, numpy.array(
        [
            [
                numpy.log(float(row["hidden"])),
                numpy.log(float(row["length"])) - mean,
                float(row["seeds"]),
                float(row["solved"]),
                budgets.index(float(row["recipe.budgets"])),
                numpy.log(float(row["recipe.budgets"]) / budgets[-1]),
            ]
            for row in entries
        ]
    )


def main(program, path):
    output = subprocess.run(
        [program, "fit", path, "--json"], check=True, capture_output=True, text=True
    ).stdout
    theirs = json.loads(output)["budgets"][-1]
    lengths, rows = read(path)
    x = rows[:, 1]
    law = BudgetLaw(rows, numpy.stack([numpy.ones_like(x), x], axis=1))
    rest = [numpy.log(6), special.logit(0.05), 0.0] * (int(rows[:, 4].max()) + 1)
    best = law.minimum(
        [4.5, alpha, numpy.log(b), s, t, *rest]
        for alpha in (0.3, 0.8)
        for b in (1.0, 3.0)
        for s in (-1.5, 0.0)
        for t in (0.0, 1.0)
    )
    places = sorted(set(x))
    free = BudgetLaw(rows, numpy.array([[float(at == each) for each in places] for at in x]))
    begin = [*(best[1][0] + best[1][1] * numpy.array(places)), *best[1][2:]]
    critical = widening(max(0.0, 2 * (best[0] - free.minimum([begin])[0])), len(lengths) - 2)
    longest = best[1][3] + best[1][4] * places[-1]
    expected = {
        "alpha": best[1][1],
        "alpha_low": law.end(best, 1, critical, LOWEST),
        "alpha_high": law.end(best, 1, critical, HIGHEST),
        "rate": numpy.exp(best[1][2]),
        "steps_exponent": best[1][4],
        "excess": 1 + numpy.exp(numpy.exp(best[1][2]) * longest),
    }
    failures = 0
    for key, value in expected.items():
        same = value is not None and abs(theirs[key] - value) < 1e-4
        failures += not same
        print(f"{'ok' if same else 'DIFFERS'}  {key:16} surd-fit {theirs[key]}  scipy {value}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
