"""The exponents of an input as SciPy finds them, beside those of surd-fit:
scipy_oracle.py SURD_FIT INPUT CSV, where INPUT is what surd-fit is given: the CSV or "figure1"

The law, the penalties and the intervals are written down once more here, from their formulas; every
maximum is the best of several starts of a general minimiser with numerical gradients, every end of
an interval a root of the profile deviance.
"""

import csv
import json
import subprocess
import sys

try:
    import numpy
    from scipy import optimize, special, stats
except ImportError as error:
    print(f"skipped: {error}; jobs/setup --tests brings it")
    sys.exit(77)

TAU = 0.9
LOWEST, HIGHEST = -2.0, 3.0  # between which an interval's ends are looked for


class Law:
    """Data of one or two architectures; parameters: the coefficients of each row's log
    threshold, then ln kappa, z0, z1 of each architecture."""

    def __init__(self, groups, bases):
        self.groups = groups
        self.bases = bases
        self.count = bases[0].shape[1]

    def loss(self, theta):
        total = 0.0
        for g, ((log_width, x, seeds, solved), basis) in enumerate(zip(self.groups, self.bases)):
            log_kappa, z0, z1 = theta[self.count + 3 * g : self.count + 3 * g + 3]
            u = numpy.exp(log_kappa) * (log_width - basis @ theta[: self.count])
            p = numpy.clip(special.expit(-(z0 + z1 * x)) * special.expit(u), 1e-9, 1 - 1e-9)
            total += numpy.sum(solved * numpy.log(p) + (seeds - solved) * numpy.log1p(-p))
            total += (
                -((log_kappa - numpy.log(6)) ** 2) / 2
                - 9 * numpy.logaddexp(0, z0)
                - 0.3 * numpy.logaddexp(0, -z0)
                - z1**2 / 2
            )
        return -total

    def minimum(self, starts, index=None, value=None):
        best = None
        for start in starts:
            start = numpy.array(start, dtype=float)
            free = [i for i in range(len(start)) if i != index]

            def full(part):
                theta = start.copy()
                theta[free] = part
                if index is not None:
                    theta[index] = value
                return theta

            found = optimize.minimize(
                lambda part: self.loss(full(part)),
                start[free],
                method="BFGS",
                options={"gtol": 1e-6},
            )
            if best is None or found.fun < best[0]:
                best = (found.fun, full(found.x))
        return best

    def end(self, best, index, critical, limit):
        """Where the profile deviance reaches `critical`, on the way from the maximum to the limit;
        None where it does not."""
        seen = best[1]

        def excess(value):
            nonlocal seen
            loss, seen = self.minimum([seen, best[1]], index, value)
            return numpy.sqrt(max(0.0, 2 * (loss - best[0]))) - numpy.sqrt(critical)

        inside, step = best[1][index], 0.15 if limit > best[1][index] else -0.15
        while True:
            outside = inside + step
            if (outside - limit) * step >= 0:
                outside = limit
            if excess(outside) > 0:
                return optimize.brentq(excess, inside, outside, xtol=1e-6)
            if outside == limit:
                return None
            inside = outside


def starts(positions, slopes, groups=1):
    for slope in slopes:
        for position in positions:
            for kappa, lapse in ((3.0, 0.1), (12.0, 0.03)):
                yield [*position, *slope] + [numpy.log(kappa), special.logit(lapse), 0.0] * groups


def columns(cells):
    lengths = sorted({length for length, _ in cells})
    mean = numpy.mean(numpy.log(lengths))
    rows = sorted(cells.items())
    log_width = numpy.log([width for (_, width), _ in rows])
    log_length = numpy.log([length for (length, _), _ in rows])
    seeds = numpy.array([n for _, (n, _) in rows], dtype=float)
    solved = numpy.array([y for _, (_, y) in rows], dtype=float)
    return lengths, (log_width, log_length - mean, seeds, solved)


def widening(gain, degrees):
    dispersion = max(1.0, gain / degrees)
    return (
        stats.chi2.ppf(0.95, 1)
        if dispersion == 1
        else dispersion * stats.f.ppf(0.95, 1, degrees)
    )


def fit(cells):
    lengths, data = columns(cells)
    x = data[1]
    law = Law([data], [numpy.stack([numpy.ones_like(x), x], axis=1)])
    best = law.minimum(starts([[c] for c in (4.0, 5.0, 6.0)], [[0.0], [0.5], [1.0]]))
    distinct = sorted(set(x))
    free = Law([data], [numpy.array([[float(at == each) for each in distinct] for at in x])])
    begin = numpy.concatenate([[best[1][0] + best[1][1] * each for each in distinct], best[1][2:]])
    gain = max(0.0, 2 * (best[0] - free.minimum([begin])[0]))
    critical = widening(gain, len(lengths) - 2)
    return {
        "alpha": best[1][1],
        "alpha_low": law.end(best, 1, critical, LOWEST),
        "alpha_high": law.end(best, 1, critical, HIGHEST),
        "lack_of_fit": gain,
        "best": best,
        "data": data,
    }


def bracketed(cells):
    """Where most seeds of one width are unsolved and most of a larger one solved."""
    ends = {}
    for (length, width), (seeds, solved) in cells.items():
        lowest, highest = ends.get(length, (numpy.inf, 0))
        if 2 * solved >= seeds:
            ends[length] = lowest, max(highest, width)
        else:
            ends[length] = min(lowest, width), highest
    return {length for length, (lowest, highest) in ends.items() if lowest < highest}


def contrast(ours, theirs):
    """Of the cells of two architectures: nothing with fewer than two lengths that both bracket."""
    lengths = sorted(bracketed(ours) & bracketed(theirs))
    if len(lengths) < 2:
        return None
    both = [{k: v for k, v in cells.items() if k[0] in lengths} for cells in (ours, theirs)]
    efficient, baseline = fit(both[0]), fit(both[1])
    return (paired if len(lengths) >= 6 else joint)(efficient, baseline, len(lengths))


def free_loss(one):
    return one["best"][0] - one["lack_of_fit"] / 2


def paired(efficient, baseline, count):
    """Thresholds mu of the baseline free at each length, those of the other mu + delta + Delta x;
    and once more with x from the largest length on, where delta is ln of the ratio."""
    ours, theirs = efficient["data"], baseline["data"]
    places = sorted(set(ours[1]))
    here = [numpy.array([[float(at == x) for x in places] for at in d[1]]) for d in (ours, theirs)]

    def law(about):
        shift = ours[1] - about
        own = numpy.stack([numpy.ones_like(shift), shift], axis=1)
        none = numpy.zeros((len(theirs[1]), 2))
        return Law(
            [ours, theirs],
            [numpy.concatenate([here[0], own], axis=1), numpy.concatenate([here[1], none], axis=1)],
        )

    a, b = efficient["best"][1], baseline["best"][1]
    rest = [*a[2:], *b[2:]]
    middle, last = law(0.0), law(places[-1])
    begins = [
        [*(b[0] + b[1] * numpy.array(places)), a[0] - b[0], a[1] - b[1], *rest],
        [*(a[0] + a[1] * numpy.array(places)), 0.0, 0.0, *rest],
    ]
    best = middle.minimum(begins)
    gain = 2 * (best[0] - free_loss(efficient) - free_loss(baseline))
    critical = widening(max(0.0, gain), count - 2)
    t = best[1].copy()
    t[count] += t[count + 1] * places[-1]
    best_ratio = last.minimum([t])
    return {
        "delta_alpha": best[1][count + 1],
        "delta_low": middle.end(best, count + 1, critical, LOWEST - HIGHEST),
        "delta_high": middle.end(best, count + 1, critical, HIGHEST - LOWEST),
        "ln_width_ratio": best_ratio[1][count],
        "ln_width_ratio_low": last.end(best_ratio, count, critical, -12.0),
        "ln_width_ratio_high": last.end(best_ratio, count, critical, 12.0),
    }


def joint(efficient, baseline, count):
    ours, theirs = efficient["data"], baseline["data"]
    zero = [numpy.zeros_like(data[1]) for data in (ours, theirs)]
    one = [numpy.ones_like(data[1]) for data in (ours, theirs)]
    law = Law(
        [ours, theirs],
        [
            numpy.stack([one[0], zero[0], ours[1], ours[1]], axis=1),
            numpy.stack([zero[1], one[1], theirs[1], zero[1]], axis=1),
        ],
    )
    a, b = efficient["best"][1], baseline["best"][1]
    best = law.minimum([[a[0], b[0], b[1], a[1] - b[1], *a[2:], *b[2:]]])
    gain = 2 * (best[0] - free_loss(efficient) - free_loss(baseline))
    critical = widening(max(0.0, gain), 2 * (count - 2))
    # The same law with ln of the ratio of both widths at the largest length in the place of the
    # coefficient c efficient = ratio + c baseline - delta x.
    last = ours[1].max()
    ratio = Law(
        [ours, theirs],
        [
            numpy.stack([one[0], one[0], ours[1], ours[1] - last], axis=1),
            numpy.stack([zero[1], one[1], theirs[1], zero[1]], axis=1),
        ],
    )
    t = best[1]
    best_ratio = ratio.minimum([[t[0] - t[1] + t[3] * last, *t[1:]]])
    low, high = (ratio.end(best_ratio, 0, critical, limit) for limit in (-12.0, 12.0))
    return {
        "delta_alpha": best[1][3],
        "delta_low": law.end(best, 3, critical, LOWEST - HIGHEST),
        "delta_high": law.end(best, 3, critical, HIGHEST - LOWEST),
        "ln_width_ratio": best_ratio[1][0],
        "ln_width_ratio_low": low,
        "ln_width_ratio_high": high,
    }


def counts(row):
    if "solved" in row:
        return int(row["seeds"]), int(row["solved"])
    return 1, int(float(row["accuracy"]) >= TAU)


def main(program, given, path):
    series = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cells = series.setdefault((row["task"], row["architecture"]), {})
            cells[float(row["length"]), float(row["hidden"])] = counts(row)
    theirs = json.loads(
        subprocess.run(
            [program, "fit", given, "--json"], check=True, capture_output=True, text=True
        ).stdout
    )
    failures = 0

    def compare(name, key, found, expected):
        nonlocal failures
        same = (
            found is None
            if expected is None
            else found is not None and abs(found - expected) < 1e-5
        )
        failures += not same
        print(
            f"{'ok' if same else 'DIFFERS'}  {name:24} {key:16} "
            f"surd-fit {found}  scipy {expected}"
        )

    compared = 0
    fits = {}
    for entry in theirs["fits"]:
        key = entry["task"], entry["architecture"]
        if not any(solved for _, solved in series[key].values()):
            compare(" ".join(key), "alpha", entry["alpha"], None)
            continue
        fits[key] = fit(series[key])
        for name in ("alpha", "alpha_low", "alpha_high", "lack_of_fit"):
            compare(" ".join(key), name, entry[name], fits[key][name])
    for entry in theirs["contrasts"]:
        key = entry["task"], entry["architecture"]
        if key not in fits:
            compare(" ".join(key), "delta_alpha", entry["delta_alpha"], None)
            continue
        found = contrast(series[key], series[entry["task"], entry["baseline"]])
        if found is None:
            compare(" ".join(key), "delta_alpha", entry["delta_alpha"], None)
            continue
        compared += 1
        for name in ("delta_alpha", "delta_low", "delta_high"):
            compare(" ".join(key), name, entry[name], found[name])
        for name in ("width_ratio", "width_ratio_low", "width_ratio_high"):
            logarithm = entry[name] and numpy.log(entry[name])
            compare(" ".join(key), name, logarithm, found["ln_" + name])
    return 1 if failures or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
