"""Medians of the rounds of bench/clip.sh: clip_report.py ROWS OUT.csv; a summary goes to stdout."""

import csv
import statistics
import sys


def main():
    figures = {}
    with open(sys.argv[1], newline="") as f:
        for what, dtype, size, threads, value, unit, limit, ratio in csv.reader(f):
            figures.setdefault((what, dtype, int(size), int(threads), unit), []).append((float(value), float(limit), float(ratio)))
    medians = {}
    with open(sys.argv[2], "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["what", "dtype", "size", "threads", "median", "unit", "limit", "ratio", "ratio_min", "ratio_max", "rounds"])
        for key, rounds in figures.items():
            value, limit, ratio = (statistics.median(column) for column in zip(*rounds))
            medians[key] = value
            ratios = [r[2] for r in rounds]
            what, dtype, size, threads, unit = key
            out.writerow([what, dtype, size, threads, f"{value:.4g}", unit, f"{limit:.4g}" if limit else "", f"{ratio:.3f}" if limit else "",
                          f"{min(ratios):.3f}" if limit else "", f"{max(ratios):.3f}" if limit else "", len(rounds)])
            print(f"{what:20} {dtype:5} {size:3} {threads} threads  {value:10.4g} {unit:8}" + (f" {ratio:6.3f} of the limit" if limit else ""))
    best = {}
    for (what, dtype, *_), value in medians.items():
        if what in ("pictures", "ort_pictures", "ort_pictures_apart"):
            name = ("ours " + dtype) if what == "pictures" else "onnxruntime F32"
            best[name] = max(best.get(name, 0), value)
    print("best pictures a second:", ", ".join(f"{name} {value:.1f}" for name, value in best.items()))


main()
