"""Medians and ratios of bench/vector.sh: vector_report.py RUN_FOLDER RESULTS_FOLDER; tables go to stdout.

RUN_FOLDER holds *.rows as the programs print them (their heads say what a line is). QPS at a recall is read on the line
between the two measured points around it, log QPS over recall, the best of a system's builds; nothing is extrapolated.
"""

import csv
import glob
import math
import os
import statistics
import sys

TARGETS = (0.90, 0.95, 0.99)


def rows_of(folder):
    for path in sorted(glob.glob(f"{folder}/*.rows")):
        with open(path, newline="") as f:
            for row in csv.reader(f):
                if row:
                    yield row[0], row[1:], os.path.basename(path)[:-5]


class Figures:
    def __init__(self, folder):
        self.points = {}  # (mode, set, system, params, effort, threads) -> [(recall, qps, p50, p99)]
        self.builds = {}  # (set, system, params) -> (threads, wall, cpu, bytes)
        self.times = []  # builds timed in this run: (set, system, params, threads, wall, cpu)
        self.limits, self.work, self.other = {}, {}, {}
        for kind, row, step in rows_of(folder):
            if kind == "point":
                name, system, params, effort, threads, _, *values = row
                key = (step.split("-")[0], name, system, params, int(effort), int(threads))
                self.points.setdefault(key, []).append([float(v) for v in values])
            elif kind == "build":
                name, system, params, threads, wall, cpu, size = row
                value = (int(threads), float(wall), float(cpu), float(size))
                self.builds[name, system, params] = value
                if step.startswith("build"):
                    self.times.append((name, system, params, *value))
            elif kind == "limit":
                self.limits.setdefault((row[0], row[1]), []).append(float(row[2]))
            elif kind == "work":
                self.work[row[0], row[1], int(row[2])] = [float(v) for v in row[3:]]
            else:
                self.other.setdefault(kind, []).append(row)
        self.limits = {key: statistics.median(values) for key, values in self.limits.items()}
        self.median = {key: [statistics.median(column) for column in zip(*rounds)] for key, rounds in self.points.items()}

    def curve(self, mode, name, system, params, threads):
        """(recall, qps, p50, p99, effort) ascending by effort."""
        keys = [key for key in self.median if key[:4] == (mode, name, system, params) and key[5] == threads]
        return [(*self.median[key], key[4]) for key in sorted(keys, key=lambda key: key[4])]

    def at(self, mode, name, system, target, threads=1, value=1):
        """(value at a recall, params, effort above it) of the system's best build, or None."""
        best = None
        for params in sorted({key[3] for key in self.median if key[:3] == (mode, name, system)}):
            curve = self.curve(mode, name, system, params, threads)
            if curve and curve[0][0] >= target:
                found = (curve[0][value], params, curve[0][4], curve[0][1])
            else:
                found = None
                for low, high in zip(curve, curve[1:]):
                    if low[0] < target <= high[0]:
                        share = (target - low[0]) / (high[0] - low[0])
                        mix = [math.exp(math.log(low[v]) * (1 - share) + math.log(high[v]) * share) for v in (value, 1)]
                        found = (mix[0], params, high[4], mix[1])
                        break
            if found and (best is None or found[3] > best[3]):
                best = found
        return best


def write(path, head, rows):
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(head)
        out.writerows(rows)


def write_points(figures, results):
    metric = lambda name: "l2" if name.startswith("fashion") else "cosine"
    head = "dataset,metric,system,params,threads,recall,qps,build_s,bytes_row,effort,p50_us,p99_us,rounds".split(",")
    files = {"graph": [], "exact": []}
    for key, (recall, qps, p50, p99) in sorted(figures.median.items()):
        mode, name, system, params, effort, threads = key
        _, _, cpu, size = figures.builds[name, system, params]
        row = [name, metric(name), system, params, threads, f"{recall:.4f}", f"{qps:.1f}", f"{cpu:.1f}", f"{size:.0f}", effort,
               f"{p50:.1f}", f"{p99:.1f}", len(figures.points[key])]
        files["exact" if mode == "exact" else "graph"].append(row)
    write(f"{results}/vector.csv", head, files["graph"])
    write(f"{results}/vector_exact.csv", head, files["exact"])


def report_exact(figures):
    names = sorted({key[1] for key in figures.median if key[0] == "exact"})
    for name in names:
        bandwidth = figures.limits.get((name, "bytes_second"), 0)
        print(f"\nexact, {name}, one thread (memory {bandwidth / 1e9:.1f} GB/s)")
        found = {}
        for key, value in figures.median.items():
            if key[0] == "exact" and key[1] == name and key[5] == 1:
                found[key[2], key[3]] = value
        ours, scan = found.get(("fovea", "codes")), found.get(("fovea", "f32"))
        two = figures.median.get(("exact", name, "fovea", "codes", 1, 2))
        for (system, params), (recall, qps, p50, p99) in sorted(found.items(), key=lambda item: -item[1][1]):
            ratio = f"  ours is {ours[1] / qps:5.2f} x" if ours else ""
            print(f"  {system:10} {params:8} {1e3 / qps:8.3f} ms  p50 {p50 / 1e3:7.3f} p99 {p99 / 1e3:7.3f} ms  recall {recall:.4f}{ratio}")
        if scan:
            size = figures.builds[name, "fovea", "f32"][3]
            rows = figures.other.get("rows", [])
            total = next((float(r[1]) for r in rows if r[0] == name), 0) * size
            print(f"  f32 scan: {total * scan[1] / 1e9:.1f} GB/s, {total * scan[1] / bandwidth:.2f} of the bandwidth" if bandwidth else "")
        work = figures.work.get((name, "codes", 1))
        if work and ours and bandwidth and scan:
            share = work[3] * ours[1] / bandwidth
            print(f"  codes: {work[3] / 1e6:.2f} MB a query, {total / work[3]:.2f} x fewer than f32 (share reached "
                  f"{ours[1] / scan[1] / (total / work[3]):.2f}), {share:.2f} of the bandwidth; f32 rows read {work[2]:.1f}")
        if two and ours:
            print(f"  two threads: {two[1] / ours[1]:.2f} x")


def report_graph(figures, mode="graph"):
    for name in sorted({key[1] for key in figures.median if key[0] == mode}):
        systems = sorted({key[2] for key in figures.median if key[:2] == (mode, name)})
        systems.sort(key=lambda system: system != "fovea")
        print(f"\n{mode}, {name}: QPS at recall@10, one thread; ours over it; (two threads)")
        for system in systems:
            cells = []
            for target in TARGETS:
                own, other = figures.at(mode, name, "fovea", target), figures.at(mode, name, system, target)
                both = figures.at(mode, name, system, target, 2)
                ratio = f"{own[0] / other[0]:5.2f} x" if own and other else "      -"
                cells.append(f"{other[0]:9.0f} {ratio} ({both[0] if both else 0:.0f})" if other else f"{'-':>9} {'':7}")
            best = figures.at(mode, name, system, 0.95)
            print(f"  {system:10} " + "  ".join(cells) + (f"  best build {best[1]}" if best else ""))
        for target in TARGETS:
            p50, p99 = (figures.at(mode, name, "fovea", target, 1, value) for value in (2, 3))
            best = figures.at(mode, name, "fovea", target)
            if not best:
                continue
            work = figures.work.get((name, best[1], best[2]))
            roof = ""
            if work:
                stream, hops = work[3] / figures.limits[name, "bytes_second"], work[0] * figures.limits[name, "line_seconds"]
                roof = (f"; {work[0]:.0f} hops, {work[2]:.0f} f32 rows, {work[3] / 1e3:.0f} kB: {stream * 1e6:.0f} us at full bandwidth "
                        f"({stream * best[0]:.2f}), {hops * 1e6:.0f} us of one miss a hop ({hops * best[0]:.2f})")
            print(f"  ours at {target}: {best[1]} ef~{best[2]}, p50 {p50[0]:.0f} us, p99 {p99[0]:.0f} us, p99/p50 {p99[0] / p50[0]:.2f}{roof}")


def report_builds(figures, results):
    print("\nbuilding, CPU seconds (wall seconds, threads) and bytes a row")
    rows = []
    for (name, system, params), (threads, wall, cpu, size) in sorted(figures.builds.items()):
        print(f"  {name:9} {system:10} {params:26} {cpu:8.1f} ({wall:.1f}, {threads})  {size:8.0f}")
        rows.append([name, system, params, threads, f"{wall:.2f}", f"{cpu:.2f}", f"{size:.0f}", "kept"])
    for name, system, params, threads, wall, cpu, size in figures.times:
        print(f"  {name:9} {system:10} {params:26} {cpu:8.1f} ({wall:.1f}, {threads})  in this run")
        rows.append([name, system, params, threads, f"{wall:.2f}", f"{cpu:.2f}", f"{size:.0f}", "this run"])
    write(f"{results}/vector_build.csv", "dataset,system,params,threads,wall_s,cpu_s,bytes_row,when".split(","), rows)


def medians(rows, keys):
    """Rows that agree in their first `keys` columns, the numbers behind them as medians."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[:keys]), []).append([float(v) for v in row[keys:]])
    return [[*key, *(statistics.median(column) for column in zip(*values))] for key, values in groups.items()]


OTHER = {  # kind: (file, columns, how many of them name the row)
    "filter": ("vector_filter.csv", "dataset,system,kind,percent,path,recall,short,p50_us,exact_p50_us,over_exact", 5),
    "update": ("vector_update.csv", "dataset,percent,phase,ef,recall,fresh_recall,qps,fresh_qps,seconds", 4),
    "insert": ("vector_insert.csv", "dataset,what,rows,added,us_row", 4),
    "sql": ("vector_sql.csv", "dataset,rows,path,c_us,sql_us,sql_over_c", 3),
    "first": ("vector_first.csv", "dataset,path,step,us,minor_faults", 3),
}


def report_other(figures, results):
    for kind, (file, columns, keys) in OTHER.items():
        if kind not in figures.other:
            continue
        rows = medians(figures.other[kind], keys)
        print(f"\n{kind}: {columns}")
        table = [[cell if isinstance(cell, str) else f"{cell:.4g}" for cell in row] for row in rows]
        for row in table:
            print("  " + "  ".join(f"{cell:>10}" for cell in row))
        write(f"{results}/{file}", columns.split(","), table)


SETS = {  # set: (as people call it, exact over f32, exact over the best peer, graph over hnswlib at 0.95 and at 0.99)
    "fashion": ("Fashion-MNIST 784, L2", 4.5, 4.5, 2.5, 3.2),
    "clip300k": ("CLIP-like 512, synthetic, 300 k, asked by texts", 5.5, 4.5, 2.6, 3.0),
    "clip300kp": ("CLIP-like 512, synthetic, 300 k, asked by pictures", None, None, 2.6, 3.0),
    "glove": ("GloVe 100, 336 k", 2.5, 2.3, 2.0, 1.9),
    "clip1m": ("CLIP-like 512, synthetic, 1 M", None, None, None, None),
    "stamps": ("mini on stamps, 637", None, None, None, None),
}


def line(*cells):
    print("| " + " | ".join(cells) + " |")


def figure_exact(figures, name, words, over_f32, over_peer):
    found = {key[2:4]: value for key, value in figures.median.items() if key[:2] == ("exact", name) and key[5] == 1}
    ours, scan = found.get(("fovea", "codes")), found.get(("fovea", "f32"))
    if not ours or not scan:
        return
    wanted = lambda bound: f"≥ {bound} ×" if bound else ""
    line(f"exact top-10, {words}", f"{1e3 / ours[1]:.2f} ms, recall {ours[0]:.4f}", f"own f32 scan, {1e3 / scan[1]:.2f} ms",
         f"{ours[1] / scan[1]:.1f} ×", wanted(over_f32), "`vector.sh`, `vector_exact.csv`")
    peers = [(value[1], key) for key, value in found.items() if key[0] != "fovea"]
    if peers:
        qps, key = max(peers)
        line("", "", f"{' '.join(key)}, {1e3 / qps:.2f} ms", f"{ours[1] / qps:.1f} ×", wanted(over_peer), '"')


def figure_graph(figures, name, words, bounds):
    mode = "graph" if ("graph", name) in {key[:2] for key in figures.median} else "scale"
    for target, bound in zip((0.95, 0.99), bounds):
        ours, peer = figures.at(mode, name, "fovea", target), figures.at(mode, name, "hnswlib", target)
        if not ours or not peer:
            continue
        p50, p99 = (figures.at(mode, name, "fovea", target, 1, value)[0] for value in (2, 3))
        line(f"graph at recall {target}, {words}", f"{ours[0]:.0f} QPS, p99/p50 {p99 / p50:.1f}", f"hnswlib {peer[1]}, {peer[0]:.0f}",
             f"{ours[0] / peer[0]:.1f} ×", f"≥ {bound} ×" if bound else "", "`vector.sh`, `vector.csv`")


def figure_builds(figures):
    built = {(name, system, threads): wall for name, system, params, threads, wall, _, _ in figures.times if "graph" != params or system == "fovea"}
    for name in sorted({key[0] for key in built}):
        ours, both, peer = (built.get((name, *key)) for key in (("fovea", 1), ("fovea", 2), ("hnswlib", 1)))
        if ours and peer:
            line(f"building, {SETS[name][0]}, one thread", f"{ours:.1f} s", f"hnswlib M=16 efc=200, {peer:.1f} s", f"{ours / peer:.2f}",
                 "≤ 0.33", "`vector.sh`, `vector_build.csv`")
        if ours and both:
            line("", f"{both:.1f} s with two threads", f"{ours:.1f} s with one", f"{ours / both:.2f} ×", "≥ 1.8 ×", '"')


def figure_rest(figures):
    for name in SETS:
        rows = [row for row in medians(figures.other.get("filter", []), 5) if row[0] == name]
        if rows:
            worst, recall = max(rows, key=lambda row: row[9]), min(rows, key=lambda row: row[5])
            line(f"under conditions, {SETS[name][0]}: the slowest", f"{worst[7]:.0f} µs ({worst[2]} {worst[3]} %)",
                 f"exact under it, {worst[8]:.0f} µs", f"{worst[9]:.2f}", "≤ 1.1", "`vector.sh`, `vector_filter.csv`")
            line("", f"lowest recall {recall[5]:.3f} ({recall[2]} {recall[3]} %), short answers {sum(row[6] for row in rows):.0f}", "", "",
                 "≥ 0.95, 0", '"')
        rows = [row for row in medians(figures.other.get("update", []), 4) if row[0] == name]
        if rows:
            worst = min(rows, key=lambda row: row[4] - row[5])
            line(f"after deletes and returns, {SETS[name][0]}", f"recall {worst[4]:.4f} ({worst[1]} %, {worst[2]}, ef {worst[3]})",
                 f"built anew, {worst[5]:.4f}", f"{worst[4] - worst[5]:+.4f}", "≥ -0.01", "`vector.sh`, `vector_update.csv`")
        for row in medians(figures.other.get("sql", []), 3):
            if row[0] == name:
                line(f"through SQL, {row[2]}, {SETS[name][0]}", f"{row[4]:.0f} µs", f"the C call, {row[3]:.0f} µs", f"{row[5]:.2f}",
                     "≤ 1.3" if row[2].startswith("exact") else "≤ 2", "`vector.sh`, `vector_sql.csv`")
        first = {(row[1], row[2]): row[3] for row in medians(figures.other.get("first", []), 3) if row[0] == name}
        for path in ("exact", "graph"):
            if (path, "query 1") in first:
                line(f"first query of a process, {path}, {SETS[name][0]}", f"{first[path, 'query 1'] / 1e3:.1f} ms",
                     f"warm, {first[path, 'warm'] / 1e3:.2f} ms", f"{first[path, 'query 1'] / first[path, 'warm']:.1f} ×", "≤ 10 ×",
                     "`vector.sh`, `vector_first.csv`")


def figures_table(figures):
    """The lines for FIGURES.md."""
    print()
    line("question", "measured", "against", "ratio", "wanted", "script, file")
    line(*["---"] * 6)
    for name, (words, over_f32, over_peer, *bounds) in SETS.items():
        figure_exact(figures, name, words, over_f32, over_peer)
    for name, (words, _, _, *bounds) in SETS.items():
        figure_graph(figures, name, words, bounds)
    figure_builds(figures)
    figure_rest(figures)


def main():
    figures = Figures(sys.argv[1])
    os.makedirs(sys.argv[2], exist_ok=True)
    write_points(figures, sys.argv[2])
    report_exact(figures)
    report_graph(figures)
    report_graph(figures, "scale")
    report_builds(figures, sys.argv[2])
    report_other(figures, sys.argv[2])
    figures_table(figures)


main()
