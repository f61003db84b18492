"""Makes tests/golden/table/: small files of rows written by the libraries that write the real ones.

    pip install pyarrow==26.0.1 pandas==3.1.1 numpy==2.4.6 && python3 tools/golden/table.py

*.parquet *.npy *.csv *.json *.jsonl  every encoding x codec x page version x type pyarrow writes
expected.json   {file: {"columns": [[name, type, dim]], "rows": n, "values": {name: [...]}}}; blobs are hex;
                "like": another file has these values
made.json       versions
"""
import datetime
import decimal
import json
import os
import random
import struct
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "..", "tests", "golden", "table")
random.seed(5)
np.random.seed(5)
EXPECTED = {}
decimal.getcontext().prec = 60
N = 32


def place(name):
    return os.path.join(OUT, name)


def fraction(ns):
    for digits in (0, 3, 6, 9):
        if ns % 10 ** (9 - digits) == 0:
            return f".{ns // 10 ** (9 - digits):0{digits}d}" if digits else ""


def plain(type_, v):
    """A value as our tables give it, as JSON."""
    if v is None:
        return None
    if pa.types.is_timestamp(type_):
        unit = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[type_.unit]
        ns = v * unit
        day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=ns // 10**9)
        return day.isoformat(" ") + fraction(ns % 10**9) + ("+00:00" if type_.tz else "")
    if pa.types.is_time(type_):
        ns = v * {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[type_.unit]
        s = ns // 10**9
        return f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" + fraction(ns % 10**9)
    if pa.types.is_date(type_):
        return v.isoformat()
    if pa.types.is_decimal(type_):
        if type_.scale == 0 and type_.precision <= 18:
            return int(v)
        return float(v) if type_.precision <= 15 else f"{v:f}"
    if isinstance(v, uuid.UUID):
        return str(v)
    if isinstance(v, bytes):
        return v.hex()
    if isinstance(v, (float, np.floating)):
        return float(v)
    if isinstance(v, list):
        return [float(np.float32(x)) for x in v]
    return v


def kind(type_):
    t = pa.types
    if t.is_boolean(type_):
        return "boolean", 0
    if t.is_null(type_):
        return "text", 0
    if t.is_integer(type_):
        return "integer", 0
    if t.is_floating(type_):
        return "number", 0
    if t.is_decimal(type_):
        whole = type_.scale == 0 and type_.precision <= 18
        return ("integer" if whole else "number" if type_.precision <= 15 else "text"), 0
    if t.is_binary(type_) or t.is_fixed_size_binary(type_) or t.is_large_binary(type_):
        return "blob", 0
    return "text", 0


def expect(name, table):
    columns, values = [], {}
    for field in table.schema:
        column = table.column(field.name)
        type_ = field.type
        raw = column
        if pa.types.is_timestamp(type_) or pa.types.is_time64(type_):
            raw = column.cast(pa.int64())
        elif pa.types.is_time32(type_):
            raw = column.cast(pa.int32())
        got = raw.to_pylist()
        if pa.types.is_list(type_) or pa.types.is_fixed_size_list(type_) or pa.types.is_large_list(type_):
            dim = len(next(v for v in got if v))
            columns.append([field.name, "vector", dim])
            got = [v or None for v in got]
        elif isinstance(type_, pa.BaseExtensionType):
            columns.append([field.name, "text", 0])
        else:
            columns.append([field.name, *kind(type_)])
        values[field.name] = [plain(type_, v) for v in got]
    EXPECTED[name] = {"columns": columns, "rows": table.num_rows, "values": values}


def holes(values, every=7):
    return [None if i % every == 3 else v for i, v in enumerate(values)]


WORDS = ["", "cat", "고양이", "a,b", 'say "hi"', "line\nend", "ümlaut", "x" * 40, "prefix_1", "prefix_12"]


def columns():
    r = random.Random(9)
    ints = [r.randrange(-2**31, 2**31) for _ in range(N)]
    longs = [r.randrange(-2**63, 2**63) for _ in range(N)]
    longs[:2] = [2**63 - 1, -2**63]
    small = [i * 3 - 50 for i in range(N)]
    reals = [r.uniform(-1, 1) * 10 ** r.randrange(-9, 9) for _ in range(N)]
    return {
        "flag": (pa.bool_(), [r.random() < .5 for _ in range(N)]),
        "i8": (pa.int8(), [i % 256 - 128 for i in range(N)]),
        "u8": (pa.uint8(), [i * 4 % 256 for i in range(N)]),
        "u32": (pa.uint32(), [2**32 - 1 - i for i in range(N)]),
        "i32": (pa.int32(), ints),
        "i64": (pa.int64(), longs),
        "small": (pa.int64(), small),
        "f32": (pa.float32(), [float(np.float32(v)) for v in reals]),
        "f64": (pa.float64(), reals),
        "text": (pa.string(), [WORDS[i % len(WORDS)] for i in range(N)]),
        "path": (pa.string(), [f"images/folder_{i // 10}/img_{i:05d}.jpg" for i in range(N)]),
        "blob": (pa.binary(), [bytes(r.randrange(256) for _ in range(i % 9)) for i in range(N)]),
        "fixed": (pa.binary(5), [bytes(r.randrange(256) for _ in range(5)) for _ in range(N)]),
    }


def table_of(spec, nulls):
    arrays = {n: pa.array(holes(v) if nulls else v, t) for n, (t, v) in spec.items()}
    fields = [pa.field(n, t, nullable=nulls) for n, (t, _) in spec.items()]
    return pa.table(arrays, schema=pa.schema(fields))


def write(name, table, **how):
    pq.write_table(table, place(name), **how)
    expect(name, table)


def parquet_types():
    spec = columns()
    for nulls in (False, True):
        for version in ("1.0", "2.0"):  # 13 columns a file
            for codec in ("none", "snappy", "gzip", "zstd"):
                name = f"types_{'null' if nulls else 'full'}_v{version[0]}_{codec}.parquet"
                write(name, table_of(spec, nulls), compression=codec, data_page_version=version,
                      use_dictionary=["text", "i32", "flag", "f64", "fixed"] if codec in ("none", "zstd") else False,
                      data_page_size=256, row_group_size=19, write_statistics=codec == "gzip" and not nulls, store_schema=False)


def parquet_encodings():
    spec = columns()
    ways = {
        "PLAIN": list(spec),
        "DELTA_BINARY_PACKED": ["i8", "u8", "u32", "i32", "i64", "small"],
        "DELTA_LENGTH_BYTE_ARRAY": ["text", "path", "blob"],
        "DELTA_BYTE_ARRAY": ["text", "path", "blob", "fixed"],
        "BYTE_STREAM_SPLIT": ["i32", "i64", "f32", "f64", "fixed"],
        "RLE": ["flag"],
    }
    for encoding, names in ways.items():
        for nulls in (False, True):
            for version in ("1.0", "2.0"):
                some = {n: spec[n] for n in names}
                name = f"{encoding.lower()}_{'null' if nulls else 'full'}_v{version[0]}.parquet"
                write(name, table_of(some, nulls), compression="zstd" if nulls else "none", use_dictionary=False,
                      column_encoding={n: encoding for n in names}, data_page_version=version, data_page_size=128,
                      write_statistics=False, store_schema=False)


def parquet_meanings():
    days = [-719162, -1, 0, 19782, 11016, 47541]
    second = [-1, 0, 1709164800, 1709164799, -62135596800, 253402300799]
    us = [s * 10**6 + (123456 if s % 2 else 0) for s in second]
    ms = [s * 10**3 + (7 if s % 2 else 0) for s in second]
    ns = [-1, 0, 1709164800123456789, 1709164800000000000, 1, 10**18]
    dec = lambda scale: [decimal.Decimal(v).scaleb(-scale) for v in (0, 1, -1, 12345, -99999, 70000)]
    big = [decimal.Decimal(v).scaleb(-10) for v in (0, 1, -1, 10**37, -(10**38 - 1), 12345678901234567890)]
    ids = [uuid.UUID(int=i * 0x1234567890abcdef1234567) for i in range(6)]
    table = pa.table({
        "day": pa.array(days, pa.int32()).cast(pa.date32()),
        "ts_ms": pa.array(ms, pa.int64()).cast(pa.timestamp("ms")),
        "ts_us": pa.array(us, pa.int64()).cast(pa.timestamp("us")),
        "ts_ns": pa.array(ns, pa.int64()).cast(pa.timestamp("ns")),
        "ts_utc": pa.array(us, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        "time_ms": pa.array([0, 1, 86399999, 43200000, 1000, 61001], pa.int32()).cast(pa.time32("ms")),
        "time_us": pa.array([0, 1, 86399999999, 43200000000, 1000, 61001], pa.int64()).cast(pa.time64("us")),
        "dec5": pa.array(dec(2), pa.decimal128(7, 2)),
        "dec0": pa.array(dec(0), pa.decimal128(12, 0)),
        "dec18": pa.array(dec(4), pa.decimal128(18, 4)),
        "dec38": pa.array(big, pa.decimal128(38, 10)),
        "half": pa.array(np.array([0, 1.5, -2.25, 65504, 6e-8, 0.1], np.float16), pa.float16()),
        "uuid": pa.array([i.bytes for i in ids], pa.binary(16)).cast(pa.binary(16)),
        "nothing": pa.array([None] * 6, pa.null()),
        "large": pa.array(["a", None, "b", "", "c", "d"], pa.large_string()),
    })
    write("meanings.parquet", table, store_schema=False)
    write("decimal_int.parquet", table.select(["dec5", "dec0", "dec18"]), store_decimal_as_integer=True, store_schema=False)
    old = table.select(["ts_us"])
    pq.write_table(old, place("int96.parquet"), use_deprecated_int96_timestamps=True, store_schema=False)
    expect("int96.parquet", old)
    expected = EXPECTED["int96.parquet"]["values"]["ts_us"]
    assert expected[0] == "1969-12-31 23:59:59.123456"


def parquet_vectors():
    rows = [[float(np.float32(random.gauss(0, 1))) for _ in range(12)] for _ in range(N)]
    with_holes = [None if i % 9 == 0 else [] if i % 9 == 5 else v for i, v in enumerate(rows)]
    half = [[float(np.float16(x)) for x in v] for v in rows]
    spec = pa.table({
        "id": pa.array(range(N), pa.int64()),
        "f32": pa.array(rows, pa.list_(pa.float32())),
        "holes": pa.array(with_holes, pa.list_(pa.float32())),
        "f64": pa.array(rows, pa.list_(pa.float64())),
        "f16": pa.array([np.array(v, np.float16) for v in half], pa.list_(pa.float16())),
        "same": pa.array(rows, pa.list_(pa.float32(), 12)),
        "large": pa.array(rows, pa.large_list(pa.float32())),
    })
    for version in ("1.0", "2.0"):
        write(f"vectors_v{version[0]}.parquet", spec, data_page_version=version, data_page_size=500,
              row_group_size=15, store_schema=False)
    write("vectors_bss.parquet", spec.select(["f32", "f64"]), use_dictionary=False, use_byte_stream_split=True,
          compression="snappy", store_schema=False)


def parquet_refused():
    """Opened, but an error when the column is read, or when the file is."""
    nested = pa.table({"id": pa.array([1, 2]), "s": pa.array([{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
                       "l": pa.array([["a"], ["b", "c"]]), "ll": pa.array([[[1.0]], [[2.0]]])})
    pq.write_table(nested, place("refused_nested.parquet"), store_schema=False)
    pq.write_table(nested.select(["id"]), place("refused_brotli.parquet"), compression="brotli", store_schema=False)
    pq.write_table(nested.select(["id"]), place("refused_lz4.parquet"), compression="lz4", store_schema=False)
    ragged = pa.table({"v": pa.array([[1.0, 2.0], [3.0]], pa.list_(pa.float32()))})
    pq.write_table(ragged, place("refused_ragged.parquet"), store_schema=False)
    empty = pa.table({"id": pa.array([], pa.int64()), "t": pa.array([], pa.string())})
    write("empty.parquet", empty, store_schema=False)


def arrays():
    for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1"):
        dtype = np.dtype("?" if name == "b1" else "<" + name)
        flat = (np.random.randn(9) * 100).astype(dtype)
        np.save(place(f"flat_{name}.npy"), flat)
        what = "boolean" if name == "b1" else "number" if name[0] == "f" else "integer"
        EXPECTED[f"flat_{name}.npy"] = {"columns": [[f"flat_{name[0]}", what, 0]], "rows": 9,
                                        "values": {f"flat_{name[0]}": flat.tolist()}}
        if name in ("f2", "f4", "f8", "i2", "u1"):
            wide = (np.random.randn(5, 7) * 100).astype(dtype)
            np.save(place(f"wide_{name}.npy"), wide)
            EXPECTED[f"wide_{name}.npy"] = {"columns": [[f"wide_{name[0]}", "vector", 7]], "rows": 5,
                                            "values": {f"wide_{name[0]}": wide.astype(np.float32).tolist()}}
    for version in (2, 3):
        with open(place(f"version_{version}.npy"), "wb") as f:
            np.lib.format.write_array(f, np.arange(4, dtype="<f4"), version=(version, 0))
        EXPECTED[f"version_{version}.npy"] = {"columns": [["version", "number", 0]], "rows": 4,
                                              "values": {"version": [0.0, 1.0, 2.0, 3.0]}}
    np.save(place("refused_big.npy"), np.arange(3, dtype=">f4"))
    np.save(place("refused_fortran.npy"), np.asfortranarray(np.ones((3, 2), np.float32)))
    np.save(place("refused_cube.npy"), np.ones((2, 2, 2), np.float32))
    np.save(place("refused_record.npy"), np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
    halves = np.arange(65536, dtype="<u2").view("<f2")
    with open(place("halves.bits"), "wb") as f: # widened by NumPy; the test compares every half
        for v in halves.astype("<f4").view("<u4")[::64]:
            f.write(struct.pack("<I", int(v)))


def texts():
    n = 12
    frame = pd.DataFrame({
        "id": range(n), "url": [f"https://example.org/{i}.jpg" for i in range(n)],
        "caption": [WORDS[i % len(WORDS)] or "-" for i in range(n)],
        "NSFW": ["UNLIKELY" if i % 3 else None for i in range(n)],
        "similarity": [round(random.random(), 6) if i % 4 else None for i in range(n)],
        "flag": [i % 2 == 0 for i in range(n)],
        "image_embedding": [str([float(np.float16(random.gauss(0, .05))) for _ in range(8)]) for _ in range(n)],
        "text_embedding": [str(np.random.randn(8).astype(np.float32)) for _ in range(n)],
    })
    frame.to_csv(place("laion.csv"), index=False)
    frame.to_csv(place("laion_noheader.csv"), index=False, header=False)
    frame.to_csv(place("laion.tsv"), index=False, sep="\t")
    frame.to_csv(place("crlf_semicolon.csv"), index=False, sep=";", lineterminator="\r\n", quoting=1)
    vectors = {c: [[float(np.float32(x)) for x in v.strip("[]").replace(",", " ").split()] for v in frame[c]]
               for c in ("image_embedding", "text_embedding")}
    kinds = [["id", "integer", 0], ["url", "text", 0], ["caption", "text", 0], ["NSFW", "text", 0],
             ["similarity", "number", 0], ["flag", "boolean", 0], ["image_embedding", "vector", 8],
             ["text_embedding", "vector", 8]]
    values = {c: [None if pd.isna(v) else v for v in frame[c].tolist()] for c in frame.columns if c not in vectors}
    values.update(vectors)
    for name in ("laion.csv", "laion.tsv", "crlf_semicolon.csv"):
        EXPECTED[name] = {"columns": kinds, "rows": n, "values": values}
    # A quoted empty field is an empty text, which QUOTE_ALL makes of None
    EXPECTED["crlf_semicolon.csv"] = {"columns": kinds, "rows": n,
                                      "values": {**values, "NSFW": [v if v is not None else "" for v in values["NSFW"]]}}
    EXPECTED["laion_noheader.csv"] = {
        "columns": [[f"c{i + 1}", *k[1:]] for i, k in enumerate(kinds)], "rows": n,
        "values": {f"c{i + 1}": values[k[0]] for i, k in enumerate(kinds)}}
    frame["image_embedding"] = vectors["image_embedding"]
    frame["text_embedding"] = vectors["text_embedding"]
    frame["nested"] = [{"a": [1, "x"]} for _ in range(n)]
    kinds = kinds + [["nested", "text", 0]]
    values = {**values, "nested": ['{"a":[1,"x"]}'] * n}
    for name, how in (("records.json", {"orient": "records"}), ("records.jsonl", {"orient": "records", "lines": True}),
                      ("columns.json", {"orient": "columns"}), ("list.json", None)):
        if how is None:
            with open(place(name), "w") as f:
                json.dump({c: values[c] for c in values if c != "nested"}, f, indent=1)
            EXPECTED[name] = {"columns": [k for k in kinds if k[0] != "nested"], "rows": n,
                              "values": {c: values[c] for c in values if c != "nested"}}
            order = list(values)
            EXPECTED[name]["columns"].sort(key=lambda k: order.index(k[0]))
        else:
            frame.to_json(place(name), double_precision=15, **how)
            EXPECTED[name] = {"columns": kinds, "rows": n, "values": values}


def shared():
    """EXPECTED with values that another file has too written once."""
    out, homes = {}, []
    for name, what in EXPECTED.items():
        text = {c: json.dumps(v) for c, v in what["values"].items()}
        home = next((h for h, have in homes if all(have.get(c) == t for c, t in text.items())), None)
        if home is None:
            homes.append((name, text))
            out[name] = what
        else:
            out[name] = {"columns": what["columns"], "rows": what["rows"], "like": home}
    return out


def main():
    os.makedirs(OUT, exist_ok=True)
    for old in os.listdir(OUT):
        os.unlink(place(old))
    parquet_types()
    parquet_encodings()
    parquet_meanings()
    parquet_vectors()
    parquet_refused()
    arrays()
    texts()
    with open(place("expected.json"), "w") as f:
        json.dump(shared(), f, ensure_ascii=True, separators=(",", ":"))
        f.write("\n")
    with open(place("made.json"), "w") as f:
        json.dump({"pyarrow": pa.__version__, "pandas": pd.__version__, "numpy": np.__version__}, f)
        f.write("\n")
    print(sum(os.path.getsize(place(n)) for n in os.listdir(OUT)), "bytes,", len(os.listdir(OUT)), "files")


if __name__ == "__main__":
    main()
