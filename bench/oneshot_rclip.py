"""rclip's route to an answer, without its model: import numpy and onnxruntime, read every vector out of SQLite,
multiply, sort. Its text encoder, which costs more than all of this, is left out in its favour.

usage: oneshot_rclip.py LIBRARY.db
"""

import sqlite3
import sys

import numpy as np
import onnxruntime  # noqa: F401 (its import is part of the route)

rows = sqlite3.connect(sys.argv[1]).execute("SELECT path, embedding FROM images").fetchall()
vectors = np.stack([np.frombuffer(v, np.float32) for _, v in rows])
query = vectors[0]
scores = vectors @ query
for i in np.argsort(-scores)[:10]:
    print(rows[i][0], round(float(scores[i]), 3))
