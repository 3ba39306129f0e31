"""How the scripts beside this one write tables and answers into JSON."""
import numpy as np


def plain(value):
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    return value.hex() if isinstance(value, float) else value


def cell(value):
    if isinstance(value, str):
        return value
    return None if value is None or value != value else float(value).hex()


def table_of(rows):
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(np.asarray(rows, dtype=np.float64))
    names = [str(name) for name in frame.columns] if isinstance(rows, pd.DataFrame) else None
    return names, [[cell(value) for value in frame[name].astype(object)] for name in frame.columns]
