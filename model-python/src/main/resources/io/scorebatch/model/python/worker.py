"""Scores blocks of rows with an MLflow model, for the process that started this one.

Standard input brings frames of a 4-byte length and an Arrow stream; a frame of the same kind, with a letter before it,
answers each: R ready, D data, V a value the model cannot take, E an error. Lengths are little-endian. When standard
input ends, so does this process, whatever it is doing.
"""
import io
import json
import os
import queue
import sys
import threading
import traceback


def read_exactly(stream, count):
    """The next bytes; ends the process where there are none: whoever started it is gone."""
    parts = []
    while count:
        part = os.read(stream, min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frames(stream, frames):
    while True:
        length = int.from_bytes(read_exactly(stream, 4), "little")
        frames.put(read_exactly(stream, length))


class Rejected(Exception):
    """A value that a column of the signature cannot hold."""

    def __init__(self, row, column, value, reason):
        super().__init__(reason)
        self.description = {"row": int(row), "column": column, "value": str(value), "reason": reason}


class Model:
    """The model and what its signature says of its columns."""

    def __init__(self, path):
        import mlflow.pyfunc

        self.pyfunc = mlflow.pyfunc.load_model(path)
        self.signature = self.pyfunc.metadata.signature
        self.schema = self.pyfunc.metadata.get_input_schema()
        self.tensor = None
        self.types = {}
        if self.schema is not None and self.schema.is_tensor_spec():
            self.tensor = self.schema.inputs[0].type
        elif self.schema is not None and self.schema.has_input_names():
            self.types = {c.name: getattr(c.type, "name", "") for c in self.schema.inputs}

    def predict(self, table):
        """What the model answers; integer columns with gaps are float64 with NaN, as pandas has them."""
        import pandas

        gaps = False
        columns = {}
        for position, name in enumerate(table.column_names):
            values = table.column(position).to_numpy()
            columns[name], gap = convert(values, self.types.get(name, ""), position)
            gaps = gaps or gap
        frame = pandas.DataFrame(columns, copy=False)
        if self.tensor is not None:
            return self.pyfunc.predict(frame.to_numpy().astype(self.tensor))
        if not gaps:
            return self.pyfunc.predict(frame)
        # MLflow refuses gaps in integer columns; what else it would do to the columns is their order.
        frame = frame[[name for name in self.types if name in columns]]
        self.pyfunc.metadata.signature = None
        try:
            return self.pyfunc.predict(frame)
        finally:
            self.pyfunc.metadata.signature = self.signature


def convert(values, kind, position):
    """A column in the type of the signature, and whether an integer column has gaps."""
    import numpy
    import pandas

    if kind in ("long", "integer"):
        missing = numpy.isnan(values)
        limit = 2.0**63 if kind == "long" else 2.0**31
        with numpy.errstate(invalid="ignore"):
            wrong = ~missing & ~((values == numpy.floor(values)) & (values >= -limit) & (values < limit))
        if wrong.any():
            row = int(wrong.argmax())
            raise Rejected(row, position, values[row], "OUT_OF_RANGE")
        gaps = bool(missing.any())
        return (values if gaps else values.astype("int64" if kind == "long" else "int32")), gaps
    if kind == "boolean":
        missing = numpy.isnan(values)
        flags = values != 0
        if not missing.any():
            return flags, False
        flags = flags.astype(object)
        flags[missing] = None
        return flags, False
    if kind == "float":
        return values.astype("float32"), False
    if kind == "datetime":
        return pandas.to_datetime(pandas.Series(values), utc=True, format="ISO8601").dt.tz_localize(None), False
    return values, False


def answer_columns(answer, rows):
    """The answer as columns by name, each a NumPy array with one value a row."""
    import numpy
    import pandas

    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    if hasattr(answer, "detach"):
        answer = answer.detach().cpu().numpy()
    if isinstance(answer, dict) or (isinstance(answer, list) and answer and isinstance(answer[0], dict)):
        answer = pandas.DataFrame(answer)
    if isinstance(answer, pandas.DataFrame):
        columns = {str(name): answer.iloc[:, i] for i, name in enumerate(answer.columns)}
        if len(columns) != answer.shape[1]:
            raise ValueError("the model answers several columns of the same name: %s" % list(answer.columns))
    elif isinstance(answer, pandas.Series):
        columns = {"0": answer}
    else:
        array = numpy.asarray(answer)
        if array.ndim == 2:
            columns = {str(i): array[:, i] for i in range(array.shape[1])}
        elif array.ndim == 1:
            columns = {"0": array}
        else:
            raise ValueError("the model answers an array of %d dimensions, not rows of columns" % array.ndim)
    for name, values in columns.items():
        if len(values) != rows:
            raise ValueError("the model answers %d values for %d rows" % (len(values), rows))
    return columns


def arrow_column(name, values):
    """A column as float64, int64, bool or string; a missing value is null."""
    import numpy
    import pandas
    import pyarrow

    series = pandas.Series(values)
    kind = getattr(series.dtype, "kind", "O")
    if isinstance(series.dtype, pandas.CategoricalDtype):
        series, kind = series.astype(object), "O"
    if kind == "b":
        return pyarrow.array(series, type=pyarrow.bool_(), from_pandas=True)
    if kind == "i":
        return pyarrow.array(series, type=pyarrow.int64(), from_pandas=True)
    if kind in "uf":
        return pyarrow.array(series.to_numpy(dtype="float64", na_value=numpy.nan), type=pyarrow.float64())
    if kind == "M":
        series = series.map(lambda value: None if pandas.isna(value) else value.isoformat())
    present = [value for value in series if not (value is None or value is pandas.NA or value != value)]
    if all(isinstance(value, str) for value in present):
        return pyarrow.array(series, type=pyarrow.string(), from_pandas=True)
    if all(isinstance(value, (bool, numpy.bool_)) for value in present):
        return pyarrow.array(series, type=pyarrow.bool_(), from_pandas=True)
    try:
        return pyarrow.array([float(value) if value == value and value is not None else None for value in series],
                             type=pyarrow.float64())
    except (TypeError, ValueError):
        kinds = sorted({type(value).__name__ for value in present})
        raise ValueError("column %r of the answer holds %s, not numbers or texts" % (name, " and ".join(kinds)))


def score(model, payload):
    import pyarrow

    table = pyarrow.ipc.open_stream(payload).read_all()
    columns = answer_columns(model.predict(table), table.num_rows)
    arrays = [arrow_column(name, values) for name, values in columns.items()]
    batch = pyarrow.RecordBatch.from_arrays(arrays, names=list(columns))
    sink = io.BytesIO()
    with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def describe(error):
    last = traceback.format_exc().strip().splitlines()[-12:]
    described = {"type": type(error).__name__, "message": str(error), "trace": "\n".join(last),
                 "module": getattr(error, "name", None) if isinstance(error, ImportError) else None}
    return json.dumps(described).encode()


def main():
    # The model may print and read as it likes: the pipes are kept apart from its standard streams.
    incoming, outgoing = os.dup(0), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def answer(kind, payload):
        outgoing.write(kind + len(payload).to_bytes(4, "little") + payload)
        outgoing.flush()

    frames = queue.Queue(1)
    path = read_exactly(incoming, int.from_bytes(read_exactly(incoming, 4), "little")).decode()
    threading.Thread(target=read_frames, args=(incoming, frames), daemon=True).start()
    try:
        import pyarrow
        import pyarrow.ipc

        model = Model(path)
        versions = {"python": sys.version.split()[0], "pyarrow": pyarrow.__version__}
    except BaseException as error:
        answer(b"E", describe(error))
        return
    answer(b"R", json.dumps(versions).encode())
    while True:
        payload = frames.get()
        try:
            kind, result = b"D", score(model, payload)
        except Rejected as rejected:
            kind, result = b"V", json.dumps(rejected.description).encode()
        except Exception as error:
            kind, result = b"E", describe(error)
        answer(kind, result)


main()
