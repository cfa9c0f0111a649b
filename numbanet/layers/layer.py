"""What every layer is: weights that are made when the input is first seen, and a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from numbanet import activations, constraints, regularizers
from numbanet.core.context import context, undisturbed
from numbanet.core.dtypes import FLOATS, as_dtype
from numbanet.core.hooks import accepted
from numbanet.core.names import BASES
from numbanet.core.random import as_generator
from numbanet.core.registry import describe
from numbanet.core.shapes import as_open_shape, as_shape, fits
from numbanet.core.structures import flatten
from numbanet.errors import ArgumentError, DTypeError, NotBuiltError, SettingError, ShapeError
from numbanet.initializers import initial_value
from numbanet.layers import settings
from numbanet.layers.calls import build_held, building, calling, inferred_shape, once, training_of
from numbanet.layers.inputs import (
    check_features,
    check_several,
    checked_shapes,
    dtype_of,
    first_of,
    input_of,
    is_shape,
    mapped,
    shape_of,
)
from numbanet.layers.labels import label_held, snake_case
from numbanet.layers.masks import Masked, incoming, outgoing
from numbanet.layers.missing import ARGUMENTS
from numbanet.layers.module import Module
from numbanet.layers.open_sizes import is_open, needs_size, over_open_sizes
from numbanet.layers.penalties import add
from numbanet.layers.symbolic import has_symbolic, of_the_graph
from numbanet.layers.wiring import symbolic_call
from numbanet.ops.masks import noted
from numbanet.tensor.devices import device
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import (
    ArrayLike,
    Config,
    ConstraintLike,
    DType,
    InitializerLike,
    OpenShape,
    RegularizerLike,
    Seed,
    Shape,
)


class Layer(Masked, Module):
    """The base of all layers, and of your own.

    Subclasses make their weights in `build(input_shape)` with `add_weight`, and compute in `call(x, training, rng)`;
    `call` may leave out `training` and `rng`, and may take `mask`. What a layer is made of is listed by `get_config`,
    for files.

    Parameters
    ----------
    name : str, optional
        For messages, summaries and files; made from the class if not given.
    dtype : dtype, optional
        float32 (if not given) or float64: of its weights; floating inputs are converted to it.
    activity_regularizer : str or callable, optional
        A name of `nn.regularizers`, or `f(output)`: a penalty on what the layer gives, which training adds to the loss.
    input_shape : int or tuple of int, optional
        Of one sample: as the first layer of a `Sequential`, it has the model built at once, like an `Input` before it.

    Raises
    ------
    DTypeError
        When `dtype` is not a floating dtype.
    ShapeError
        When it is built for samples of another shape than `input_shape`.

    References
    ----------
    Keras 3, keras.layers.Layer; Chollet: Deep Learning with Python, section 3.6.1.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Scale(nn.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((input_shape[-1],), "ones", "factor")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> Scale()([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    """

    followed_by_replay: ClassVar[tuple[str, ...]] = (
        "_rng",
        "_values",
        "_added",
        "_last_call",
        "_calls_made",
        "_settled",
    )
    """What no snapshot of a replayed step looks at."""
    logits: Any = None
    """`logits(x)`, the output before the activation, in layers that can tell it."""
    activation: Any = None
    """The function that comes after `logits`."""

    input, output, _building = of_the_graph("input"), of_the_graph("output"), False
    _penalties: dict[int, Any] | None = None
    """From the place of a weight to its regularizer."""
    activity_regularizer: Callable[[Tensor], Tensor] | None = None
    _former = ARGUMENTS
    _settings: ClassVar[dict] = {"activity_regularizer": settings.regularizer}
    """From the name of a setting to `check(layer, name, value)`, which returns the value to set."""
    _named: ClassVar[tuple[str, ...]] = ()  # attributes with layers that label_held calls by their own names
    _fixed: ClassVar[tuple[str, ...]] = ("dtype",)
    """What `build` has read: it cannot be changed afterwards."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "_settings" in vars(cls):  # inherited, as attributes are
            inherited: dict = super(cls, cls)._settings  # type: ignore[misc]  # Layer's, or that of one between
            cls._settings = inherited | cls._settings
        if "build" in vars(cls):
            cls.build = once(cls.build)  # type: ignore[method-assign]  # by hand or by a model: once
        if "compute_output_shape" in vars(cls):
            cls.compute_output_shape = over_open_sizes(cls.compute_output_shape)  # type: ignore[method-assign]  # as build

    if not TYPE_CHECKING:  # to a type checker an attribute that there is not is an error, as it is here

        def __getattr__(self, name):
            if name in ("built", "dtype", "input_shape", "_weights", "_accepts"):
                raise AttributeError(
                    f"{type(self).__name__}: its __init__ must call super().__init__() before the layer is used"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def __setattr__(self, name, value):
            kind = type(self)
            if name in kind._settings:
                value = kind._settings[name](self, name, value)
            if name in kind._fixed and vars(self).get("built") and vars(self).get(name) != value:
                raise SettingError(
                    f"layer {self.name}: {name} cannot change from {vars(self).get(name)!r} to {value!r} once the "
                    "layer is built; make a new layer"
                )
            super().__setattr__(name, value)

    sample_shape: tuple[int | None, ...] | None = None
    """The `input_shape` that was given, of one sample, or None."""
    _kept_as: ClassVar[dict] = {"input_shape": "sample_shape"}

    def __init__(
        self, name: str | None = None, dtype: DType = None, *, activity_regularizer: RegularizerLike = None,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        self.name: str = name or snake_case(type(self).__name__)
        self.dtype: np.dtype[Any] = as_dtype(dtype or np.float32, f"layer {self.name}")
        if self.dtype not in FLOATS:
            raise DTypeError(f"layer {self.name}: dtype must be float32 or float64, got {self.dtype}")
        self.built: bool = False
        self.input_shape: Any = None
        if input_shape is not None:
            self.sample_shape = as_open_shape(input_shape, f"layer {self.name}: input_shape")
        if activity_regularizer is not None:
            self._set(activity_regularizer=activity_regularizer)
        self._weights: list[Variable] = []
        self._last_call: Any = None
        self._accepts = tuple(accepted(self.call, training=None, rng=None, mask=None))

    @once
    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the weights for inputs of `input_shape`, whose first size, the number of samples, is None."""

    if TYPE_CHECKING:  # a layer may leave out `training` and `rng`

        def call(self, *args: Any, **kwargs: Any) -> Tensor:
            """Return the output for `x`."""

    else:

        def call(self, x, training=False, rng=None):
            """Return the output for `x`, a Tensor (samples, ...)."""
            raise NotImplementedError(f"layer {self.name}: a Layer needs a call(x) of its own")

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> Any:
        """Return the shape that `call` gives for inputs of `input_shape`; (None, ...) with the samples left open.

        Unless a layer defines it, a copy of the layer is called with zeros; None where that fails.
        """
        return inferred_shape(self, checked_shapes(self, input_shape), self.dtype)

    def get_config(self) -> Config:
        """Return what `from_config` needs to make the layer again: plain numbers, strings, lists and dicts."""
        given: Config = {} if self.sample_shape is None else {"input_shape": list(self.sample_shape)}
        if self.activity_regularizer is not None:
            given["activity_regularizer"] = describe(self.activity_regularizer, f"layer {self.name}: its regularizer")
        return {"name": self.name, "dtype": self.dtype.name, **given}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Return the layer that `get_config` describes."""
        return cls(**config)

    def add_weight(
        self,
        shape: Shape,
        initializer: InitializerLike = "glorot_uniform",
        name: str | None = None,
        trainable: bool = True,
        regularizer: RegularizerLike = None,
        constraint: ConstraintLike = None,
    ) -> Variable:
        """Return a new Variable of this layer, drawn from the generator of the model that builds it.

        Parameters
        ----------
        shape : tuple of int
        initializer : str or callable
            A name of `nn.initializers`, or `f(shape, dtype, rng)`.
        name : str, optional
        trainable : bool
        regularizer : str or callable, optional
            A name of `nn.regularizers`, or `f(weight)`: a penalty that training adds to the loss.
        constraint : str or callable, optional
            A name of `nn.constraints`, or `f(weight)`: what is put in place of the weight after each update.

        Returns
        -------
        Variable
        """
        penalty, limit = regularizers.get(regularizer), constraints.get(constraint)
        label = f"{self._label or self.name}/{name or f'weight_{len(self._weights)}'}"
        if context.values is None:
            value = initial_value(initializer, shape, self.dtype, context.rng)
        else:
            value = context.values.first_value(label, as_shape(shape, label), self.dtype)
        weight = Variable(value, self.dtype, trainable, label)
        weight.constraint = limit
        if not self.trainable:
            weight.freeze()
        if penalty is not None:
            self._penalties = {**(self._penalties or {}), len(self._weights): penalty}
        self._weights.append(weight)
        return weight

    def add_loss(self, loss: Tensor) -> None:
        """Add to the loss of the model, in `call`: a penalty that depends on the input or on what comes of it.

        Training and evaluation add it to the loss; in a loop by hand, `model.losses` has it after each call.

        Parameters
        ----------
        loss : Tensor
            Of shape ().
        """
        add(self, loss)

    @undisturbed
    def ensure_built(
        self, input_shape: tuple[Any, ...], rng: Seed = None, values: Any = None, dtype: DType = None
    ) -> None:
        """Build the layer once, for inputs of `input_shape`; later ones must fit.

        Weights are drawn from `rng`, or taken from `values`, as when a file is read. Layers that this one holds are
        built as well, for the shapes with which `call` calls them when the input is of `dtype`.
        """
        if self.built:
            self.check_input(input_shape)
            return
        if self.sample_shape is not None and not fits(input_shape[1:], self.sample_shape):
            raise ShapeError(
                f"layer {self.name}: samples of shape {self.sample_shape} were announced, got {input_shape[1:]}"
            )
        count = len(self._weights)
        if context.built is not None:
            context.built.append(self)
        self._building = True
        try:
            with building(as_generator(context.rng if rng is None else rng), values or context.values):
                label_held(self)
                self.build(input_shape)
                self.built, self.input_shape = True, input_shape
                label_held(self)
                build_held(self, input_shape, dtype or self.dtype)
        except Exception as error:
            del self._weights[count:]  # a build that failed leaves the layer as it was
            self._penalties = {i: one for i, one in (self._penalties or {}).items() if i < count} or None
            self.built = False
            unknown = input_shape is None or is_open(input_shape)
            if unknown and isinstance(error, (TypeError, ArgumentError, NotBuiltError)):
                raise needs_size(self.name, input_shape) from error
            raise
        finally:
            self._building = False

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless `input_shape` fits what the layer was built for: the last size, if it has weights."""
        if not is_shape(self.input_shape) or not is_shape(input_shape):
            check_features(self, input_shape)
        elif self._weights and input_shape[-1:] != self.input_shape[-1:]:
            raise ShapeError(
                f"layer {self.name}: built for inputs of {self.input_shape[-1]} features (shape {self.input_shape}), "
                f"called with shape {input_shape}"
            )

    def __call__(
        self, x: ArrayLike, training: bool | None = None, rng: Seed = None, logits: bool = False, mask: Any = None,
        **options: Any,
    ) -> Tensor:  # fmt: skip
        """Convert and check `x`, build the layer if it is new, and compute.

        Parameters
        ----------
        x : array-like (samples, ...), or a sparse matrix of SciPy
            Or a symbolic tensor, which gives one. Layers that take several get them in a list, tuple or dict.
        training : bool, optional
            That of the layer around, if not given; False where there is none.
        rng : int or numpy.random.Generator, optional
            For weights and dropout; that of the layer around, if not given.
        logits : bool
            Leave the activation out.
        mask : array-like of bool, optional
            What counts of `x`; that of the layers before, if not given.
        **options
            Other arguments of `call`.

        Returns
        -------
        Tensor
        """
        if type(x) is not Tensor and has_symbolic(x):
            check_several(self, x)
            return symbolic_call(self, x, training, rng, mask, options)
        samples = input_of(self, x)
        shape = (None, *samples.shape[1:]) if hasattr(samples, "shape") else mapped(shape_of, samples)
        training = training_of(self, training)
        rng = context.rng if rng is None else as_generator(rng)
        if self.built:
            self.check_input(shape)
        else:
            with device(first_of(samples).device):  # weights are made where the first input is
                self.ensure_built(shape, rng, dtype=mapped(dtype_of, samples))
        mask = incoming(self, x, samples, mask) if noted or mask is not None else None
        with calling(self, training, rng):
            given = {"training": training, "rng": rng, "mask": mask}
            for name in self._accepts:
                options[name] = given[name]
            y = self.logits(samples, **accepted(self.logits, **options)) if logits else self.call(samples, **options)
            if self.activity_regularizer is not None:
                for output in flatten([self.activate(y) if logits else y]):
                    self.add_loss(self.activity_regularizer(output))
            return y if mask is None and not self.makes_masks else outgoing(self, samples, y, mask)

    def output_activation(self) -> str | None:
        """Return the name of the activation that `logits` leaves out, or None: a loss on logits can do without it."""
        kinds = type(self).__mro__
        call, logits = (next(i for i, kind in enumerate(kinds) if name in vars(kind)) for name in ("call", "logits"))
        if self.logits is None or call < logits or "call" in vars(self):
            return None  # it may have an activation, but says nothing of what goes into it
        return activations.name_of(getattr(self, "activation", None))

    def activate(self, logits: Tensor) -> Tensor:
        """Return the activation of what `logits` gave."""
        return self.activation(logits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


BASES.append(Layer)


class SameShape(Layer):
    """What all layers share whose outputs have the shape of their inputs."""

    supports_masking = True

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return `input_shape`: the shape stays."""
        return input_shape


def output_shape_of(layer, input_shape, dtype=None):
    """Return `layer.compute_output_shape(input_shape)`, unless `call` was overridden since: then what a call gives."""
    if input_shape is None:
        return None
    for kind in type(layer).__mro__:
        if "compute_output_shape" in vars(kind) and kind is not Layer:
            return layer.compute_output_shape(input_shape)
        if "call" in vars(kind):
            break
    return inferred_shape(layer, input_shape, dtype or layer.dtype)
