"""The command line: train, evaluate, predict, draw, plot, info, warmup."""

import functools
import json
import sys
import time
from typing import Annotated, Any

import typer

from numbanet.errors import ArgumentError, DataError, NumbanetError
from numbanet.version import __version__

app = typer.Typer(
    help="numbanet: deep learning from naive loops, at full speed.", add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

UsageError: Any = typer.BadParameter.__base__  # click's class, or that of the click inside newer versions of typer
Data = Annotated[
    str, typer.Argument(metavar="mnist|DIR|FILE.npz", help="MNIST, a folder of idx files, an npz file, or sparse rows.")
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A file that `numbanet train --out` wrote.")]
Device = Annotated[str, typer.Option(metavar="cpu|cuda", help="Compute on the processor, or on the NVIDIA GPU.")]
Network = Annotated[
    str, typer.Option("--model", metavar="dense|convnet", help="One hidden layer, or convolutions before it.")
]
Hidden = Annotated[int | None, typer.Option(min=1, help="Units of the hidden layer; 512, or 64 behind convolutions.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line, for machines.")]


def _version(wanted: bool):
    if wanted:
        print(f"numbanet {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
):
    """Deep learning from naive loops, at full speed."""


def _dense(layers, source, shape, hidden):
    """The layers before the last one of a network with one hidden layer."""
    return [layers.Dense(512 if hidden is None else hidden, activation="relu")]


def _convnet(layers, source, shape, hidden):
    """Those of a small convolutional network (Chollet: Deep Learning with Python, section 8.1), which takes rows."""
    if len(shape) not in (2, 3) or min(shape[:2]) < 18:
        raise DataError(
            f"{source}: a convnet needs images of at least 18 x 18, (height, width) or (height, width, channels); "
            f"samples have shape {tuple(shape)}"
        )
    return [
        layers.Reshape(shape if len(shape) == 3 else (*shape, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.Flatten(),
        layers.Dense(64 if hidden is None else hidden, activation="relu"),
    ]  # fmt: skip


def _check_files(out, plot):
    """Raise, before anything is trained, if a file could not be written."""
    import numbanet as nn
    from numbanet.core.files import check_writable
    from numbanet.saving.container import check_ending

    if out is not None:
        check_ending("save", out)
        check_writable(out)
    if plot is not None:
        nn.plotting.canvas.check_picture(plot)


def _check_network(model):
    if model not in NETWORKS:
        raise ArgumentError(f"--model must be {' or '.join(NETWORKS)}, got {model!r}")


NETWORKS = {"dense": _dense, "convnet": _convnet}


@app.command()
def train(
    data: Data,
    epochs: Annotated[int, typer.Option(min=1, help="How often the data is gone through.")] = 5,
    batch_size: Annotated[int, typer.Option(min=1, help="Samples per step.")] = 128,
    model: Network = "dense",
    hidden: Hidden = None,
    optimizer: Annotated[str, typer.Option(help="rmsprop, adam, sgd or any other of nn.optimizers.")] = "rmsprop",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="Write the trained model here.")] = None,
    plot: Annotated[
        str | None, typer.Option(metavar="FILE.png", help="Draw the training here; needs matplotlib.")
    ] = None,
    device: Device = "cpu",
    as_json: Json = False,
):
    """Train a network to classify, and report its accuracy on the test data."""
    _check_network(model)
    loaded = _begin(_load, data)
    import numbanet as nn
    from numbanet.backends import select

    _check_files(out, plot)
    chosen = nn.optimizers.get(optimizer)
    if device == "cpu":
        select.backend()  # loads LLVM, while the data are still being unpacked
    (x, y), test, shape = loaded()
    classes = _classes(data, y, None if test is None else test[1])
    last = nn.layers.Dense(classes, activation="softmax")
    network = nn.Sequential([*NETWORKS[model](nn.layers, data, shape, hidden), last], name="classifier")
    network.compile(optimizer=chosen, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    shown: dict[str, Any] = {"callbacks": [_json_lines()], "verbose": 0} if as_json else {}
    with nn.device(device):  # where weights are made
        history = network.fit(x, y, batch_size, epochs, rng=seed, **shown)
    if out is not None:
        network.save(out)
    if plot is not None:
        nn.plotting.canvas.write_picture(nn.plotting.report(network, history, *(test or ())), plot)
    if test is not None:
        _report("test", network, network.evaluate(test[0], test[1], verbose=0), as_json)


@app.command()
def evaluate(model: Model, data: Data, device: Device = "cpu", as_json: Json = False):
    """Report a model's loss and accuracy on the test part of the data, or on all of it if there is none."""
    loaded = _begin(_load, data)
    import numbanet as nn

    network = nn.load_model(model).to_device(device)
    training, test, _ = loaded()
    if network.loss is None:
        network.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = test or training
    _report("test", network, network.evaluate(x, y, verbose=0), as_json)


@app.command()
def predict(model: Model, data: Data, device: Device = "cpu", as_json: Json = False):
    """Print number, class and probability of every sample, between tabs: of the test part, or of all the data."""
    loaded = _begin(_load, data)
    import numbanet as nn

    network = nn.load_model(model).to_device(device)
    training, test, _ = loaded()
    outputs = network.predict((test or training)[0], verbose=0)
    if outputs.ndim != 2 or not outputs.shape[1]:
        raise DataError(f"{model}: outputs have shape {outputs.shape}; (samples, classes) is needed to name a class")
    for row, (label, probability) in enumerate(zip(outputs.argmax(1).tolist(), outputs.max(1).tolist(), strict=True)):
        if as_json:
            print(json.dumps({"sample": row, "class": label, "probability": round(probability, 6)}))
        else:
            print(f"{row}\t{label}\t{probability:.4f}")


@app.command()
def draw(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="For digits: digits.numbanet here, or else one trained now.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
):
    """Open a page on which you draw a digit, and see what a network makes of it; Ctrl-C ends it."""
    from numbanet.demo.command import draw_digits

    draw_digits(model, functools.partial(print, flush=True), browser)


@app.command()
def plot(
    model: Model,
    out: Annotated[str, typer.Argument(metavar="FILE.png", help="Write the picture here; needs matplotlib.")],
    data: Annotated[
        str | None,
        typer.Option(metavar="mnist|DIR|FILE.npz", help="Also draw what it makes of their test part."),
    ] = None,
):
    """Draw a model: its layers, what its units look for and, with data, what is taken for what."""
    loaded = None if data is None else _begin(_load, data)
    import numbanet as nn

    _check_files(None, out)
    network = nn.load_model(model)
    test = ()
    if loaded is not None:
        (training, test, _) = loaded()
        test = test or training
    nn.plotting.canvas.write_picture(nn.plotting.overview(network, *test), out)


@app.command()
def info(as_json: Json = False):
    """Print versions, the backend and why it was chosen, the extension, threads, CUDA and the cache folder."""
    from numbanet.about import facts

    found = facts()
    if as_json:
        print(json.dumps(found))
        return
    width = max(map(len, found))
    for name, value in found.items():
        print(f"{name:<{width}}  {value}")


@app.command()
def warmup(
    dtype: Annotated[str, typer.Option(metavar="float32|float64|all", help="For arrays of which dtype.")] = "all",
    device: Annotated[str, typer.Option(metavar="cpu|cuda", help="For the processor or for the GPU.")] = "cpu",
    as_json: Json = False,
):
    """Compile and cache the kernels of every op, loss and optimizer now, so that nothing waits for them later."""
    from numbanet.core.settings import config
    from numbanet.warmup import DTYPES

    if dtype not in (*DTYPES, "all"):
        raise ArgumentError(f"--dtype must be {', '.join(DTYPES)} or all, got {dtype!r}")
    if device not in ("cpu", "cuda"):
        raise ArgumentError(f"--device must be cpu or cuda, got {device!r}")
    started = time.perf_counter()
    warm = _warm_cuda if device == "cuda" else _warm_cpu
    compiled, loaded, failure = warm([each for each in DTYPES if dtype in (each, "all")])
    if failure is not None:
        raise DataError(f"kernels cannot be kept in {config.cache_dir}: {failure}")
    found = {"compiled": compiled, "loaded": loaded, "seconds": round(time.perf_counter() - started, 1)}
    if as_json:
        print(json.dumps({**found, "cache": str(config.cache_dir)}))
    else:
        print("{compiled} kernels compiled, {loaded} loaded in {seconds} s".format(**found), f"({config.cache_dir})")


def _warm_cpu(dtypes):
    """Run everything: (kernels compiled, loaded, why none can be kept)."""
    from numbanet.callbacks.progress import tracked
    from numbanet.warmup import steps

    cache = _compiling_cache()
    for run in tracked([step for dtype in dtypes for step in steps(dtype)], "kernels"):
        run()
        if cache.failure is not None:  # none of the rest can be kept either
            break
    _compiling_cache()
    return cache.misses, cache.hits, cache.failure


def _warm_cuda(dtypes):
    """The same for what a GPU would be given to run, in several processes."""
    from numbanet.backends.cuda import code
    from numbanet.backends.cuda.devices import first_gpu
    from numbanet.callbacks.progress import tracked
    from numbanet.core.settings import config
    from numbanet.warmup import cuda_kernels

    capability = first_gpu().capability
    kernels = cuda_kernels(dtypes)
    bar = tracked([("", one) for one in kernels], "kernels")
    done = code.compile_ahead(kernels, capability, config.num_threads)
    compiled = sum(was_missing for _, was_missing in zip(bar, done, strict=True))
    return compiled, len(kernels) - compiled, code.cache().failure


def _compiling_cache():
    """The cache of Numba, also where it was passed over since it is empty."""
    from numbanet.backends import select as backends
    from numbanet.core.settings import config

    if config.backend == "auto" and backends.backend_reason() == backends.NOTHING_COMPILED:
        config.backend = "numba"
    build = backends.backend()
    if build.cache is None:
        runs = "in Python" if build.name == "python" else "in the extension, which is compiled"
        raise ArgumentError(f"the loops run {runs}, there is nothing to compile: {backends.backend_reason()}")
    return build.cache


def _begin(function, *arguments):
    """Have a thread call a function while this one goes on; what is returned waits for its result, or raises."""
    from concurrent.futures import Future
    from threading import Thread

    found: Future = Future()

    def call():
        try:
            found.set_result(function(*arguments))
        except BaseException as error:  # whoever asks for the result gets it
            found.set_exception(error)

    Thread(target=call, name="numbanet data", daemon=True).start()  # Ctrl-C does not wait for it
    return found.result


def _load(source):
    """Samples as float32 rows, labels, and the shape that a sample had: ((x, y), (x_test, y_test) or None, shape)."""
    from numbanet.datasets import load_folder_or_npz, mnist

    training, test = mnist.load_data() if source == "mnist" else load_folder_or_npz(source)
    if test is not None and test[0].shape[1:] != training[0].shape[1:]:
        raise DataError(f"{source}: training samples are {training[0].shape[1:]}, test samples {test[0].shape[1:]}")
    return _as_rows(source, *training), None if test is None else _as_rows(source, *test), training[0].shape[1:]


def _classes(source, y, y_test):
    """How many classes the labels name; at least two, and not more than there are samples."""
    count = 1 + int(y.max() if y_test is None else max(y.max(), y_test.max()))
    if count > len(y):
        raise DataError(f"{source}: labels go up to {count - 1}, which makes more classes than the {len(y)} samples")
    return max(count, 2)


def _as_rows(source, x, y):
    import numpy as np

    if not isinstance(x, np.ndarray):  # sparse rows, which stay as they are
        return x, y
    rows = x.reshape(len(x), -1)
    if rows.dtype == np.uint8:  # bytes are brightness: 0 to 255 becomes 0 to 1
        return np.divide(rows, 255, dtype=np.float32), y
    try:
        with np.errstate(over="raise"):
            return rows.astype(np.float32, copy=False), y
    except FloatingPointError:
        raise DataError(f"{source}: has values that are too large for float32") from None


def _report(part, network, values, as_json):
    """The loss and the metrics."""
    names = ["loss", *(metric.name for metric in network.metrics)]
    found = dict(zip(names, values if network.metrics else [values], strict=True))
    if as_json:
        print(json.dumps({f"{part}_{name}": value for name, value in found.items()}))
        return
    for name, value in found.items():
        print(f"{part} {name}: {value:.4f}")


def _json_lines():
    from numbanet.callbacks import LambdaCallback

    def line(epoch, logs=None):
        print(json.dumps({"epoch": epoch + 1, **(logs or {})}), flush=True)

    return LambdaCallback(on_epoch_end=line)


def main(arguments=None):
    """Run the command line; whatever is wrong with arguments or files ends in one line and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(arguments or ["--help"], prog_name="numbanet", standalone_mode=False)
    except UsageError as error:
        code = _fail(error.format_message())
    except (NumbanetError, OSError) as error:
        code = _fail(error)
    except MemoryError as error:
        code = _fail(f"not enough memory: {error}")
    except (KeyboardInterrupt, typer.Abort):
        print("numbanet: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code or 0)


def _fail(error):
    line = " ".join(str(error).split())
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)  # names may hold codes for terminals
    print(f"numbanet: error: {shown}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
