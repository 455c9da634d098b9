"""Calls students' functions and objects, whatever they call their parameters, attributes and keys.

Scripts of families write ``caller.forward(layer, …)``. The text of this module is loaded beside the student's
code, in the worker, for it needs the student's own functions and objects in its hands; it therefore imports
nothing but the standard library and NumPy. It judges nothing: what it returns is compared elsewhere.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np


class DoesNotFit(Exception):
    """The student's code is not of the form that a family expects here; no mistake of the student's."""


class NotThere(Exception):
    """What is judged is not returned: it is not written yet."""


# Calling by the names of parameters.

Pool = Sequence[tuple[str, Any]]
"""(regular expression, value): a parameter takes the first value whose expression matches its whole name."""

DELTA = (
    r"delta\w*|d_?(out|z|a|y|l|x|h|s|values?)\w*|\w*(grad|derivative|error|upstream|eta|loss)\w*|next_d\w+|g"
)
"""Names of the gradient that comes in."""
RATE = r"(learning_?)?(rate|lr)|lr|alpha|eta|learn\w*|step_?size"
"""Names of the learning rate."""


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters that a call may fill, without ``self``, ``*args`` and ``**kwargs``."""
    is_class = isinstance(function, type)
    try:
        found = list(inspect.signature(function.__init__ if is_class else function).parameters.values())[
            is_class:
        ]
    except (TypeError, ValueError) as error:
        raise DoesNotFit("its parameters cannot be told") from error
    return [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def filled(
    function: Callable[..., Any], pool: Pool, optional: Pool = (), known: Sequence[Any] = ()
) -> dict[str, Any]:
    """Values by parameter: ``pool`` for all that match, ``optional`` for those without a default.

    Args:
        function: whose parameters.
        pool: what is at hand.
        optional: what is given only where the student's default does not do.
        known: values for the first parameters, whatever their names.

    Raises:
        DoesNotFit: a parameter without a default matches nothing.
    """
    given: dict[str, Any] = {}
    for number, parameter in enumerate(parameters(function)):
        if number < len(known):
            given[parameter.name] = known[number]
            continue
        required = parameter.default is parameter.empty
        for expression, value in (*pool, *(optional if required else ())):
            if re.fullmatch(expression, parameter.name, re.IGNORECASE):
                given[parameter.name] = value
                break
        else:
            if required:
                raise DoesNotFit(f"nothing is known of its parameter {parameter.name}")
    return given


def called(function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """The function called with values by parameter."""
    named = {p.name: p.kind for p in parameters(function)}
    positional = [
        given[n] for n, kind in named.items() if n in given and kind is inspect.Parameter.POSITIONAL_ONLY
    ]
    return function(
        *positional,
        **{n: v for n, v in given.items() if named[n] is not inspect.Parameter.POSITIONAL_ONLY},
    )


# Objects.


class Plain:
    """An optimizer that steps down the gradient with rate 1: what it changes is what it was given."""

    learning_rate = lr = 1.0

    def update(self, weights: Any, gradient: Any, *_: Any) -> Any:
        """The weights after one step."""
        return weights - gradient

    step = apply = __call__ = update


def _tanh_prime(z: Any) -> Any:
    """The derivative of the activation that layers are made with which want one."""
    return 1 - np.tanh(z) ** 2


class Tanh:
    """That activation: to be called itself, or as an object with whatever methods."""

    def __call__(self, z: Any) -> Any:
        """tanh(z)."""
        return np.tanh(z)

    forward = fn = function = __call__

    def derivative(self, z: Any) -> Any:
        """tanh'(z)."""
        return _tanh_prime(z)

    grad = gradient = prime = deriv = derivative


SHAPES = {
    "size": r"(pool|kernel|filter|window|f)?_?(size|h|w|height|width)|[hw]_(filter|pool)|k|f|kernel",
    "stride": r"stride|s",
    "pad": r"pad(ding)?|p",
    "image": r"(x|input|in|image)_?(dims?|shape|size)",
    "channels": r"(n|num)?_?(in|input)_?(channels?|ch|depth|c|d)",
    "filters": r"(n|num)?_?(out|output)?_?(channels?|ch|filters?|kernels?)|depth",
    "features": (
        r"(n|num|dim)?_?(in|input|features?|units?|neurons?|d|size|dim)(_?(features?|dim|size))?|x_dim"
    ),
}
"""What a constructor calls sizes of windows and images: name of the value → parameter."""


def _blank(*shape: Any) -> Any:
    """An initialiser for weights and biases: zeros of the shape that it is asked for."""
    sizes = [int(n) for n in np.ravel(np.array(shape, dtype=object)) if isinstance(n, (int, np.integer))]
    return np.zeros(sizes)


def made(cls: type[Any], inputs: int = 0, outputs: int = 0, values: Mapping[str, Any] | None = None) -> Any:
    """An object of a layer's class, made with what the names of its parameters ask for.

    Args:
        cls: the class.
        inputs: how many; 0 for a layer without sizes.
        outputs: how many.
        values: arrays for parameters such as ``W`` and ``b``.
    """
    arrays = values or {}
    pool: list[tuple[str, Any]] = [
        (r"\w*(weight|bias|kernel|w|b|param)\w*_?(init|fn|func)\w*|init\w*_(fn|func)\w*", _blank),
        (r"optim\w*|opt", Plain()),
    ]
    if "W" in arrays:
        pool.append((r"w|w_?\d|weights?|kernel|param", arrays["W"]))
    if "b" in arrays:
        pool.append((r"b|b_?\d|bias(es)?|beta" + ("" if "W" in arrays else "|param"), arrays["b"]))
    pool += [(expression, arrays[name]) for name, expression in SHAPES.items() if name in arrays]
    if not arrays and inputs:
        pool += [
            (r"(n|num|dim|size)?_?\w*(in|input|inputs|inp|prev|fan_in)(_?(features?|dim|size|nodes?|channels?|neurons?|units?|shape|d|ch))?s?",
             inputs),
            (r"(n|num|dim|size)?_?\w*(out|output|outputs|next|fan_out)(_?(features?|dim|size|nodes?|channels?|neurons?|units?|d|ch))?s?",
             outputs),
            (r"n?_?(neurons?|units?|nodes?|hidden\w*|num_neurons|n_neurons|size)", outputs),
        ]  # fmt: skip
    optional: list[tuple[str, Any]] = [
        (r"\w*slope|alpha|leak\w*", 0.2),
        (r"\w*(rate|prob|p|ratio)", 0.4),
        (r"\w*(prime|deriv\w*|grad\w*|der)", _tanh_prime),
        (r"act\w*|func\w*|fn|f|non_?linearity", Tanh()),
        (r"name|label", "layer"),
        (RATE, 1.0),
    ]
    if cls.__init__ is object.__init__:
        return cls()
    own = [p for p in parameters(cls) if p.default is p.empty]
    if not arrays and inputs and len(own) == 2 and not any(_takes(p.name, pool) for p in own):
        return cls(inputs, outputs)
    given = filled(cls, [(e, v) for e, v in pool], optional)
    if inputs and not arrays and any(p.name == "input_shape" for p in parameters(cls)):
        given["input_shape"] = (inputs,)
    return called(cls, given)


def _takes(name: str, pool: Pool) -> bool:
    return any(re.fullmatch(expression, name, re.IGNORECASE) for expression, _ in pool)


WEIGHT = r"_*(w|weights?|kernel|theta|param|W_?1?)"
BIAS = r"_*(b|bias|biases|beta|w_?0|b_?0|b_?1|B|bs)"
HOLDERS = ("params", "parameters", "parameter", "_params", "weights_dict")


def _slots(thing: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(holder, key, array) of all that an object keeps: attributes, and entries of its dictionaries."""
    for name, value in list(vars(thing).items()):
        if isinstance(value, np.ndarray):
            yield thing, name, value
        elif isinstance(value, dict):
            yield from ((value, key, v) for key, v in list(value.items()) if isinstance(v, np.ndarray))


def _slot(layer: Any, expression: str) -> tuple[Any, Any, Any] | None:
    for holder, key, value in _slots(layer):
        bare = re.sub(rf"^_{type(layer).__name__}__", "", str(key))
        own = not isinstance(holder, dict) or _is_parameters(layer, holder)
        if own and isinstance(key, str) and _is(bare, expression):
            return holder, key, value
    listed = next((v for n, v in vars(layer).items() if n in HOLDERS and isinstance(v, list)), [])
    place = {WEIGHT: 0, BIAS: 1}.get(expression, len(listed))
    if place < len(listed) and isinstance(listed[place], np.ndarray):
        return listed, place, listed[place]
    return None


def _now(slot: tuple[Any, Any, Any]) -> Any:
    """What a parameter is now."""
    holder, key, _ = slot
    return holder[key] if isinstance(holder, (dict, list)) else getattr(holder, key)


def _is_parameters(layer: Any, holder: Any) -> bool:
    return any(getattr(layer, name, None) is holder for name in HOLDERS)


def _put(layer: Any, slot: tuple[Any, Any, Any], value: Any) -> None:
    """Write a parameter where the layer keeps it, and wherever else it keeps the same array."""
    holder, key, old = slot
    for other in vars(layer).values():
        if isinstance(other, list):
            other[:] = [value if item is old else item for item in other]
    if isinstance(holder, (dict, list)):
        holder[key] = value
    else:
        setattr(holder, key, value)


class Layer:
    """A student's layer in hand: with its parameters set, run forward and backward.

    Attributes:
        own: the student's object.
        weight, bias: where it keeps them; None if it has none.
        names: what the two are called in answers, and what layers call their gradients.
        input: what it was last run on.
        shapes, given: of "W" and "b", as the layer keeps them, and as they were handed over.
    """

    def __init__(self, own: Any) -> None:
        self.own = own
        self.weight = _slot(own, WEIGHT)
        self.bias = _slot(own, BIAS)
        self.names = {"W": WEIGHTS_GRADIENT, "b": BIASES_GRADIENT}
        self.input: Any = None
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.given: dict[str, tuple[int, ...]] = {}

    @property
    def slots(self) -> dict[str, tuple[Any, Any, Any]]:
        """Where it keeps its parameters, by name."""
        return {n: s for n, s in zip(self.names, (self.weight, self.bias), strict=True) if s is not None}


def layer(cls: type[Any], **values: Any) -> Layer:
    """A layer without parameters; ``values`` for those of its constructor, by regular expressions' names."""
    found = Layer(made(cls, values=values))
    if found.weight is not None:
        raise DoesNotFit("it is a layer with weights")
    if any(value == [] and _is(name, CONTENTS) for name, value in vars(found.own).items()):
        raise DoesNotFit("it is made of layers that it is not given here")
    return found


CONTENTS = r"_*(layers?|modules?|layer_list|sequence|network|model)"
"""What a network calls the list of its layers."""


def dense(cls: type[Any], x: Any, W: Any, b: Any, methods: Sequence[str]) -> Layer:
    """A dense layer with the weights W and b, however it is made.

    Args:
        cls: the student's class.
        x: an input, for layers that make their weights when they see the first one.
        W: (inputs, outputs), or (outputs, inputs), as the layer keeps it.
        b: the bias; None for a layer without.
        methods: the name of the method that runs forward.
    """
    needed = (
        [p.name for p in parameters(cls) if p.default is p.empty]
        if cls.__init__ is not object.__init__
        else []
    )
    takes_arrays = bool(needed) and all(
        re.fullmatch(rf"{WEIGHT}|{BIAS}", name, re.IGNORECASE) for name in needed
    )
    batch_axis = 0 if W.shape[0] == x.shape[1] or W.shape[1] == x.shape[1] else 1
    inputs = x.shape[1 - batch_axis]
    outputs = W.shape[1] if W.shape[0] == inputs else W.shape[0]
    if takes_arrays:
        values = {"W": W.copy()} if b is None else {"W": W.copy(), "b": b.copy()}
        own = made(cls, values=values)
    else:
        own = made(cls, inputs, outputs)
    if batch_axis == 1 or W.shape[0] == inputs:
        _given_from_outside(own, W, b, batch_axis)
    found = Layer(own)
    if found.weight is None:
        _wake(own, x, methods[0])
        found = Layer(own)
    if found.weight is None or (b is not None) != (found.bias is not None):
        raise DoesNotFit("it does not keep such weights")
    _set(found, W, b)
    return found


def _given_from_outside(own: Any, W: Any, b: Any, batch_axis: int) -> None:
    """Set the parameters of a layer that waits for them with None in their place, and makes none itself."""
    if any(callable(getattr(own, name, None)) for name in WAKERS):
        return
    empty = [name for name, value in vars(own).items() if value is None]
    weight = next((name for name in empty if _is(name, WEIGHT)), None)
    bias = next((name for name in empty if _is(name, BIAS)), None)
    if weight is not None and b is not None and bias is not None:
        setattr(own, weight, W.copy())
        setattr(own, bias, b.reshape((1, -1) if batch_axis == 0 else (-1, 1)).copy())


def shift(cls: type[Any], b: Any) -> Layer:
    """A layer that does nothing but add a bias."""
    found = Layer(made(cls, values={"b": b.reshape(1, -1).copy()}))
    if found.weight is not None and found.bias is None and found.weight[2].size == b.size:
        found.bias, found.weight = found.weight, None  # kept under a name for any parameter
        found.names["b"] += f"|{WEIGHTS_GRADIENT}"
    if found.bias is None or found.weight is not None or found.bias[2].size != b.size:
        raise DoesNotFit("it does not keep a bias alone")
    found.shapes["b"], found.given["b"] = found.bias[2].shape, b.shape
    return found


def convolution(cls: type[Any], x: Any, W: Any, b: Any, stride: int, pad: int) -> Layer:
    """A convolution with the filters W and the biases b.

    Args:
        cls: the student's class.
        x: (examples, channels, height, width).
        W: (filters, channels, height, width).
        b: (filters).
        stride: of the windows.
        pad: rows and columns of zeros around an image.
    """
    sizes = {
        "stride": stride,
        "pad": pad,
        "size": W.shape[2],
        "image": x.shape[1:],
        "channels": W.shape[1],
        "filters": W.shape[0],
    }
    names = [p.name for p in parameters(cls)]
    if any(_is(name, r"w\w*|weights?|kernels?") for name in names) and any(_is(name, BIAS) for name in names):
        sizes.update(W=W.copy(), b=b.copy())
    found = Layer(made(cls, values=sizes))
    if found.weight is None or found.bias is None:
        raise DoesNotFit("it does not keep such filters")
    _set(found, W, b)
    return found


def scaled(cls: type[Any], x: Any, gamma: Any, beta: Any) -> Layer:
    """A normalisation with a scale γ and a shift β for each feature."""
    found = Layer(
        made(cls, values={"features": x.shape[1], "image": (x.shape[1], 1, 1), "filters": x.shape[1]})
    )
    found.weight, found.bias = (
        _slot(found.own, r"_*(gamma|W|weight|scale|BW)"),
        _slot(found.own, r"_*(beta|b|bias|shift|Bb)"),
    )
    if found.weight is None or found.bias is None:
        raise DoesNotFit("it keeps no scale and shift")
    found.names = {
        "gamma": r"_*(d_?(gamma|w|weight)|(gamma|weight)_?grad\w*|grad_?gamma)",
        "beta": r"_*(d_?(beta|b|bias)|(beta|bias)_?grad\w*|grad_?beta)",
    }
    _set(found, gamma, beta)
    return found


def _set(found: Layer, W: Any, b: Any) -> None:
    """Write the parameters where the layer keeps them, in its own shapes."""
    for (name, slot), value in zip(found.slots.items(), (W, b), strict=False):
        shape = slot[2].shape
        if slot[2].size != value.size or (slot is found.weight and value.ndim > 1 and shape != value.shape):
            raise DoesNotFit("its parameters have other shapes")
        found.shapes[name], found.given[name] = shape, value.shape
        _put(found.own, slot, value.reshape(shape).copy())


WAKERS = (
    "initialize", "init_param", "init_params", "build", "_setup_layer", "setup_layer", "init_weights"
)  # fmt: skip
"""Methods that make a layer's weights."""


def _wake(own: Any, x: Any, forward: str) -> None:
    """Let a layer make its weights that waits for its input, or for its optimizer."""
    for name in WAKERS:
        method = getattr(own, name, None)
        if callable(method):
            pool = [
                (r"opt\w*", Plain()),
                (r"\w*(shape|dim)", x.shape),
                (r"\w*(in|inputs?|num_in|X|input_)", x),
            ]
            called(method, filled(method, pool))
            return
    try:
        called(getattr(own, forward), filled(getattr(own, forward), (), known=[x.copy()]))
    except Exception as error:
        raise DoesNotFit("it does not make its weights when it sees an input") from error


LOSSES = r"\w*(loss|cross_?entropy|bce)\w*"
"""Classes of losses: no gradient comes in from above."""
OUTPUTS = ("output", "outputs", "out", "a", "A", "y", "Y", "z", "Z", "activation")


def forward(layer: Layer, method: str, x: Any) -> Any:
    """What the layer makes of x: returned, or left in an attribute such as ``output``."""
    layer.input = x
    function = getattr(layer.own, method)
    given = filled(function, [(r"(is_?)?train\w*", True)], [(r"mode", "train")], known=[x])
    returned = called(function, given)
    if isinstance(returned, tuple) and returned and isinstance(returned[0], np.ndarray):
        returned = returned[0]
    if returned is None:
        for name in OUTPUTS:
            if isinstance(getattr(layer.own, name, None), np.ndarray):
                return getattr(layer.own, name).copy()
        raise DoesNotFit("its forward returns nothing and leaves no output")
    return returned


def backward(layer: Layer, method: str, delta: Any) -> dict[str, Any]:
    """The gradients that the layer returns, keeps, or steps down: by "x", "W" and "b".

    Raises:
        DoesNotFit: it has weights, and nothing tells their gradient.
    """
    own = layer.own
    function = getattr(own, method)
    names = [p.name for p in parameters(function)]
    if not names or (not layer.slots and _is(type(own).__name__, LOSSES)):
        raise DoesNotFit("its backward takes no gradient")
    rate = _rate(own, names)
    before = {id(holder): dict(_items(holder)) for holder in _holders(own)}
    kept = {name: _now(slot).copy() for name, slot in layer.slots.items()}
    first = next((n for n in names if _is(n, DELTA) and not _is(n, RATE)), names[0])
    pool = [
        (re.escape(first), delta),
        (RATE, rate),
        (r"(layer_)?(x|z|inputs?|input_data|input_|a_prev|a|prev\w*)", layer.input),
        (r"(is_?)?train\w*", True),
    ]
    returned = called(function, filled(function, pool, [(r"lamb\w*|reg\w*|momentum|mu", 0.0)]))
    for name in ("accGradParameters", "update_grad_parameters"):
        if kept and callable(getattr(own, name, None)):
            getattr(own, name)(layer.input, delta)
    arrays = list(_flat(returned))
    found: dict[str, Any] = {"x": None}
    if len(arrays) == 1 or not kept:
        found["x"] = arrays[0] if arrays else None
    elif arrays:
        found.update(_by_shape(arrays, {"x": layer.input.shape, **layer.shapes}))
    if not arrays:
        found["x"] = _left(own, before, layer.input.shape)
    for place, (name, old) in enumerate(kept.items()):
        if found.get(name) is None:
            array = _kept_gradient(layer, before, layer.names[name], place)
            if array is None:
                array = found[f"{name}_step"] = _stepped(layer, name, old, rate)
            found[name] = array
        if found[name].shape == layer.shapes[name]:
            found[name] = found[name].reshape(layer.given[name])
    return found


def fused(layer: Layer, method: str, out: Any, labels: Any) -> Any:
    """The gradient by the scores of a softmax whose backward takes the labels too."""
    function = getattr(layer.own, method)
    before = {id(holder): dict(_items(holder)) for holder in _holders(layer.own)}
    truths = r"\w*(true|labels?|targets?|t|y)"
    names = [p.name for p in parameters(function)]
    if names and not any(_is(name, truths) for name in names) and _is(type(layer.own).__name__, LOSSES):
        truths = re.escape(names[0])  # such a class has no incoming gradient
    if not any(_is(name, truths) for name in names):
        raise DoesNotFit("its backward takes no labels")
    pool = [(truths, labels), (RATE, 1.0), (rf"{DELTA}|\w*(pred|hat|out\w*|p|a)", out)]
    returned = called(function, filled(function, pool))
    arrays = list(_flat(returned))
    return arrays[0] if arrays else _left(layer.own, before, layer.input.shape)


def handed_on(layer: Layer, method: str, delta: Any) -> Any:
    """The incoming gradient, if that is what a backward returns."""
    found = backward(layer, method, delta)["x"]
    if found is None or not np.array_equal(found, delta):
        raise DoesNotFit("it does more than to hand the gradient on")
    return found


def stepped_by(thing: Any, method: str, data: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """The gradients that a training step went down by: (before − after) / rate.

    Args:
        thing: the student's network.
        method: what trains it.
        data: what that is called with.
        names: the attributes that are trained.
    """
    rate = next((v for n, v in vars(thing).items() if _is(n, RATE) and isinstance(v, (int, float))), None)
    if rate is None:
        raise DoesNotFit("it keeps no learning rate")
    before = [np.array(getattr(thing, name)) for name in names]
    getattr(thing, method)(*data)
    return [(old - getattr(thing, name)) / rate for old, name in zip(before, names, strict=True)]


def _is(name: str, expression: str) -> bool:
    return bool(re.fullmatch(expression, name, re.IGNORECASE))


def _rate(own: Any, names: Sequence[str]) -> float:
    """The learning rate of a step: the one that is handed over, else the object's own, else 1."""
    if any(_is(name, RATE) for name in names):
        return 0.5
    return next((v for n, v in vars(own).items() if _is(n, RATE) and isinstance(v, float)), 1.0)


def _stepped(layer: Layer, name: str, old: Any, rate: float) -> Any:
    """What a backward that changes its parameters itself stepped down by: (before − after) / rate."""
    now = _now(layer.slots[name])
    if not isinstance(now, np.ndarray) or now.shape != old.shape or np.array_equal(now, old):
        raise DoesNotFit("it leaves no gradient of its weights")
    return ((old - now) / rate).reshape(layer.given[name])


WEIGHTS_GRADIENT = (
    r"_*(d_?L?_?d?_?(w|weights?|kernel|param)s?|(grad|gradient|delta|nabla)s?_?(of_)?(w|weights?|param|kernel)s?"
    r"|(w|weights?|param|kernel)s?_?(grad|gradient|derivative|delta)s?|dW1?|w|weights?)"
)
BIASES_GRADIENT = (
    r"_*(d_?L?_?d?_?(b|bias|biases)|(grad|gradient|delta|nabla)s?_?(of_)?(b|bias|biases)"
    r"|(b|bias|biases)_?(grad|gradient|derivative|delta)s?|db1?|b|bias|biases)"
)
INPUT_GRADIENT = (
    r"_*(d_?L?_?d?_?(inputs?|x|a|values|a_prev)|(grad|gradient)s?_?(of_)?(inputs?|x|input_)"
    r"|(inputs?|x|input_)_?(grad|gradient)s?)"
)


def _holders(own: Any) -> list[Any]:
    return [own, *(v for v in vars(own).values() if isinstance(v, dict))]


def _items(holder: Any) -> list[tuple[Any, Any]]:
    items = holder.items() if isinstance(holder, dict) else vars(holder).items()
    return [(k, v.copy() if isinstance(v, np.ndarray) else v) for k, v in list(items)]


def _changed(own: Any, before: Mapping[int, Mapping[Any, Any]]) -> Iterator[tuple[Any, Any, Any, bool]]:
    """(holder, key, array, whether it is new) of all arrays that are kept now."""
    for holder in _holders(own):
        old = before.get(id(holder), {})
        for key, value in list(holder.items() if isinstance(holder, dict) else vars(holder).items()):
            if isinstance(value, np.ndarray):
                known = old.get(key)
                yield holder, key, value, not (isinstance(known, np.ndarray) and np.array_equal(known, value))


def _left(own: Any, before: Mapping[int, Mapping[Any, Any]], shape: tuple[int, ...]) -> Any:
    """The gradient by the input that a backward left in an attribute."""
    new = [(key, value) for holder, key, value, fresh in _changed(own, before) if fresh and holder is own]
    for key, value in new:
        if re.fullmatch(INPUT_GRADIENT, str(key), re.IGNORECASE):
            return value
    return next((value for _, value in new if value.shape == shape), None)


def _kept_gradient(layer: Layer, before: Mapping[int, Mapping[Any, Any]], expression: str, place: int) -> Any:
    """The gradient of a parameter in an attribute, in a dictionary of gradients, or in a list of them."""
    own = layer.own
    bare = r"_*(w|weights?|b|bias|biases)"
    for holder, key, value, _fresh in _changed(own, before):
        if _is_velocity(layer, before, value, place):
            continue
        name = re.sub(rf"^_{type(own).__name__}__", "", str(key))
        if not re.fullmatch(expression, name, re.IGNORECASE) or (
            holder is not own and _is_parameters(own, holder)
        ):
            continue
        if holder is own and re.fullmatch(bare, name, re.IGNORECASE):
            continue  # the parameter itself
        return value
    for name, value in vars(own).items():
        if re.fullmatch(r"_*(grads?|gradients?|param_?grads?|dparams)", name, re.IGNORECASE):
            if (
                isinstance(value, (list, tuple))
                and len(value) > place
                and isinstance(value[place], np.ndarray)
            ):
                return value[place]
            if isinstance(value, np.ndarray) and place == 0:
                return value
    return None


def _is_velocity(layer: Layer, before: Mapping[int, Mapping[Any, Any]], value: Any, place: int) -> bool:
    """Whether an array is what was added to a parameter: a step of momentum, under a gradient's name."""
    holder, key, _ = list(layer.slots.values())[place]
    old = before.get(id(holder), {}).get(key)
    now = _now(list(layer.slots.values())[place])
    if not isinstance(old, np.ndarray) or not old.size == np.size(now) == value.size:
        return False
    step = np.ravel(now) - np.ravel(old)
    return bool(np.any(step)) and np.allclose(step, np.ravel(value), rtol=1e-9, atol=1e-12)


def _flat(value: Any) -> Iterator[Any]:
    """The arrays in what was returned, from left to right."""
    if isinstance(value, np.ndarray) or np.isscalar(value):
        yield np.asarray(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _flat(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)


def _by_shape(arrays: Sequence[Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Arrays to names so that most have the shape of their name; in the names' order where that does."""

    def fits(array: Any, shape: tuple[int, ...]) -> bool:
        return bool(array.squeeze().shape == tuple(n for n in shape if n != 1))

    names = list(shapes)
    orders = itertools.permutations(range(len(arrays)), min(len(names), len(arrays)))
    best = max(
        orders, key=lambda order: sum(fits(arrays[k], shapes[n]) for n, k in zip(names, order, strict=False))
    )
    return {name: arrays[k] for name, k in zip(names, best, strict=False)}


def instance(cls: type[Any]) -> Any:
    """An object whose methods can be called: made as its class makes it, or else bare."""
    try:
        return cls()
    except Exception:
        try:
            return made(cls, 2, 3)
        except Exception:
            return object.__new__(cls)


# Functions that hand what they have computed from forward to backward.


class Parameters(dict[str, Any]):
    """W1, b1, W2, … under whatever names a student looks them up: ``w1``, ``weight1``, ``W_1``, ``bias1``."""

    def __missing__(self, key: Any) -> Any:
        for name in self:
            if _plain(str(key)) == _plain(name):
                return self[name]
        raise KeyError(key)


def _plain(key: str) -> str:
    """A name of a parameter without its spelling: ``dWeight_1`` and ``dW1`` are both ``dw1``."""
    bare = re.sub(r"[^a-z0-9]", "", key.lower())
    return re.sub(r"weights?|theta", "w", re.sub(r"bias(es)?", "b", bare))


OUTPUT = r"al|a_?\d|a|y_?hat\w*|y_?pred\w*|y_?|pred\w*|probs?|output\w*|out|final_\w+|h|yh|p"
"""Names of a network's output."""


class Run:
    """A forward that has been run.

    Attributes:
        output: what it is judged by.
        cache: what else it returned.
        given: what it was called with, by regular expression.
        shapes: of what it is differentiated by, where that is not a network's parameters.
    """

    shapes: Mapping[str, tuple[int, ...]]

    def __init__(self, returned: Any, given: Pool, shape: tuple[int, ...]) -> None:
        self.given = given
        self.returned = returned
        parts = list(returned) if isinstance(returned, tuple) else [returned]
        arrays = [k for k, part in enumerate(parts) if isinstance(part, (np.ndarray, float, np.generic))]
        fitting = [k for k in arrays if np.shape(parts[k]) == shape]
        if fitting and len(parts) > 2:
            self.output, self.cache = parts[fitting[-1]], returned
        elif arrays:
            k = arrays[0]
            rest = parts[:k] + parts[k + 1 :]
            self.output, self.cache = parts[k], rest[0] if len(rest) == 1 else (tuple(rest) or None)
        elif isinstance(returned, dict):
            last = [v for v in returned.values() if isinstance(v, np.ndarray) and v.shape == shape]
            if not last:
                raise DoesNotFit("its forward returns no output")
            self.output, self.cache = last[-1], returned
        else:
            raise DoesNotFit("its forward returns no output")

    @property
    def named(self) -> Pool:
        """What it left under names of their own: Z1, A1, …."""
        if not isinstance(self.cache, dict):
            return []
        return [(re.escape(str(key)), value) for key, value in self.cache.items() if isinstance(key, str)]

    @property
    def before_activation(self) -> Any:
        """z, where it is handed on by itself or as the last part of the cache."""
        found = self.cache
        while isinstance(found, (tuple, list)) and found:
            found = found[-1]
        return found


def linear(function: Callable[..., Any], A: Any, W: Any, b: Any, activation: str = "") -> Run:
    """A function that computes W A + b, or the activation of it, run."""
    pool = [
        (r"act\w*|func\w*|fn|kind|name|g", activation),
        (r"w\w*", W),
        (r"b\w*", b),
        (r"a\w*|x\w*|inputs?|h\w*|prev\w*|z", A),
    ]
    run = Run(called(function, filled(function, pool)), pool, (W.shape[0], A.shape[1]))
    run.shapes = {"A": A.shape, "W": W.shape, "b": b.shape}
    return run


def linear_backward(function: Callable[..., Any], run: Run, delta: Any) -> dict[str, Any]:
    """The gradients by A, W and b that the backward of ``linear`` returns, in whatever order."""
    names = [p.name for p in parameters(function)]
    if not names:
        raise DoesNotFit("its backward takes no gradient")
    first = next((n for n in names if _is(n, r"d(a|z|out|y|l)\w*|delta\w*|\w*grad\w*")), names[0])
    pool = [
        (re.escape(first), delta),
        (r"act\w*cache|z\w*", run.before_activation),
        (r"\w*caches?|memory|store", run.cache),
        *run.given,
        (r"m|n|m_\w+|batch\w*", run.shapes["A"][1]),
        (r"lamb\w*|reg\w*|l2\w*", 0.0),
        (r"keep\w*", 1.0),
    ]
    returned = called(function, filled(function, pool))
    return _named_gradients(returned, run.shapes)


def convolved(function: Callable[..., Any], x: Any, W: Any, b: Any, stride: int, pad: int) -> Run:
    """A convolution as a function of its input, filters, biases, stride and padding, run."""
    pool = [
        (r"stride\w*|s", stride),
        (r"pad\w*|p", pad),
        (r"h?param\w*|conv_param|hyper\w*", {"stride": stride, "pad": pad}),
        (r"(w|f|k)\w*", W),
        (r"b\w*", b),
        (r"a\w*|x\w*|in\w*|image\w*", x),
    ]
    return Run(called(function, filled(function, pool)), pool, (-1,))


def network(
    function: Callable[..., Any],
    X: Any,
    Y: Any,
    weights: Mapping[str, Any],
    lambd: float = 0.0,
    keep_prob: float = 1.0,
) -> Run:
    """A network's forward, run on its parameters in a dictionary, or one by one.

    Args:
        function: the student's.
        X: the inputs.
        Y: the targets; what it returns in their shape is the output.
        weights: W1, b1, W2, ….
        lambd: the strength of a penalty, for a forward that takes it.
        keep_prob: what dropout keeps, for a forward that takes it.
    """
    returned = called(function, filled(function, pool := _of_network(X, Y, weights, lambd, keep_prob)))
    return Run(returned, pool, Y.shape)


def three_layers(X: Any, Y: Any, weights: Mapping[str, Any], lambd: float = 0.0) -> Run:
    """The forward of a network of relu, relu and sigmoid, with its cache of twelve: where a file has none."""
    cache: list[Any] = []
    A = X
    for layer in (1, 2, 3):
        W, b = weights[f"W{layer}"], weights[f"b{layer}"]
        Z = W @ A + b
        A = np.maximum(0, Z) if layer < 3 else 1 / (1 + np.exp(-Z))
        cache += [Z, A, W, b]
    run = Run((A, tuple(cache)), _of_network(X, Y, weights, lambd, 1.0), Y.shape)
    run.output, run.cache = A, tuple(cache)
    return run


def _of_network(X: Any, Y: Any, weights: Mapping[str, Any], lambd: float, keep_prob: float) -> Pool:
    """What a network's functions may ask for."""
    return [
        *((f"{name[0]}_?{name[1:]}", value) for name, value in weights.items()),
        (r"param\w*|weights?|w|theta\w*|model", Parameters(weights)),
        (r"x\w*|data|inputs?|features?", X),
        (r"y\w*|labels?|targets?|t", Y),
        (r"lamb\w*|reg\w*|l2\w*", lambd),
        (r"keep_?prob\w*", keep_prob),
        (r"m|n|m_\w+|batch\w*", Y.shape[1]),
    ]


def cost(function: Callable[..., Any], run: Run) -> Any:
    """What a cost function makes of a network's output."""
    pool = [
        (
            r"y|y_?(true|train|real|batch|target)\w*|labels?|targets?|t",
            _of(run.given, r"y\w*|labels?|targets?|t"),
        ),
        (OUTPUT, run.output),
        *run.named,
        (r"\w*caches?|memory|store", run.cache),
        *run.given,
    ]
    return called(function, filled(function, pool))


def network_backward(function: Callable[..., Any], run: Run, shapes: Mapping[str, Any]) -> dict[str, Any]:
    """The gradients that a network's backward returns, by the names of the parameters.

    Args:
        function: the student's.
        run: its forward, run.
        shapes: the parameters, whose shapes tell them apart where they come in a tuple.
    """
    pool = [
        *run.named,
        (r"\w*caches?|memory|store|forward\w*|activations?", run.cache),
        (
            r"y|y_?(true|train|real|batch|target)\w*|labels?|targets?|t",
            _of(run.given, r"y\w*|labels?|targets?|t"),
        ),
        (OUTPUT, run.output),
        *run.given,
    ]
    returned = called(function, filled(function, pool))
    return _named_gradients(returned, {name: np.shape(value) for name, value in shapes.items()})


def _of(pool: Pool, expression: str) -> Any:
    return next(value for known, value in pool if known == expression)


def _named_gradients(returned: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Gradients by parameter, from a dictionary under any spelling, or from a tuple by their shapes."""
    if isinstance(returned, dict):
        found: dict[str, Any] = {}
        for name in shapes:
            wanted = (
                f"d{_plain(name)}",
                f"grad{_plain(name)}",
                f"{_plain(name)}grad",
                f"delta{_plain(name)}",
            )
            for spellings in (wanted, (_plain(name),)):
                for key, value in returned.items():
                    if name not in found and _plain(str(key)) in spellings:
                        found[name] = value
        return found
    if isinstance(returned, tuple) and returned and all(part is None for part in returned):
        return dict.fromkeys(shapes)
    if (
        isinstance(returned, tuple)
        and len(returned) == 2
        and all(isinstance(part, list) for part in returned)
    ):
        return {n: v for lists in returned for n, v in _in_lists(lists, shapes).items()}
    arrays = list(_flat(returned))
    if len(arrays) < len(shapes):
        raise DoesNotFit("it returns too few gradients")
    if len(arrays) > len(shapes):
        arrays = [a for a in arrays if a.shape in shapes.values()][: len(shapes)] or arrays[: len(shapes)]
    return _by_shape(arrays, shapes)


def _in_lists(parts: list[Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    kinds = [name for name in shapes if name[0] == "W"], [name for name in shapes if name[0] == "b"]
    arrays = [np.asarray(part) for part in parts]
    for names in kinds:
        if len(arrays) == len(names) and all(
            a.size == np.prod(shapes[n]) for a, n in zip(arrays, names, strict=True)
        ):
            return dict(zip(names, arrays, strict=True))
    return {}


# Plain functions and their derivatives.

HANDED_IN = r"d_?(?!ata)[a-z]\w*|delta\w*|\w*grad\w*|upstream\w*|err\w*|g"
"""Names of the gradient that comes in, beside an input or a value."""
TARGETS = (
    r"y|y_?(true|real|train|batch|actual|target)\w*|t|t_\w+|labels?|targets?|actual|expected|true\w*"
    r"|one_?hot\w*"
)
"""Names of what a prediction is compared with."""


def backward_of(function: Callable[..., Any], delta: Any, value: Any) -> Any:
    """A backward of an incoming gradient and an input or output, in the order that their names tell."""
    names = [p.name for p in parameters(function)][:2]
    if len(names) < 2:
        raise DoesNotFit("its backward does not take two arrays")
    incoming = [_is(name, HANDED_IN) for name in names]
    return function(value, delta) if incoming == [False, True] else function(delta, value)


def piecewise(function: Callable[..., Any], z: Any) -> Any:
    """A function on a matrix; where it does not take one, on every row, or on every entry.

    Args:
        function: the student's, written with ``if z > 0`` or a loop over ``z[i]``.
        z: an array (rows, columns).

    Raises:
        DoesNotFit: it takes none of them.
    """
    required = [p for p in parameters(function) if p.default is p.empty]
    if len(required) != 1:
        raise DoesNotFit("it takes more than one array")
    trouble: Exception | None = None
    for pieces in ([z], list(z), list(z.reshape(-1))):
        try:
            found = [function(piece.copy()) for piece in pieces]
        except (ValueError, TypeError, IndexError) as error:
            trouble = error
            continue
        if any(value is None for value in found):
            raise NotThere("it returns None")
        return np.array(found).reshape(z.shape)
    raise DoesNotFit("it takes neither arrays nor numbers") from trouble


def with_targets(function: Callable[..., Any], out: Any, targets: Any) -> Any:
    """A function of a prediction and its targets, in the order that its parameters' names tell."""
    names = [p.name for p in parameters(function)][:2]
    is_target = [_is(name, TARGETS) for name in names]
    if len(names) < 2 or sum(is_target) != 1:
        raise DoesNotFit("its parameters do not tell the prediction from the target")
    return function(targets, out) if is_target[0] else function(out, targets)


def untold(function: Callable[..., Any], first: Any, second: Any) -> Any:
    """A function of two arrays whose parameters' names do not tell the prediction from the target."""
    names = [p.name for p in parameters(function)][:2]
    if len(names) < 2 or sum(_is(name, TARGETS) for name in names) == 1:
        raise DoesNotFit("its parameters' names tell the order of its arguments")
    return function(first, second)


# Whole costs and networks of well-known courses.


def unrolled_cost(
    function: Callable[..., Any], theta: Any, X: Any, y: Any, sizes: Sequence[int], lambd: float
) -> tuple[Any, Any]:
    """The cost and the unrolled gradient of a network of ex4: nnCostFunction(nn_params, …).

    Args:
        function: the student's; it returns (J, grad), or (J, Theta1_grad, Theta2_grad).
        theta: both weight matrices, unrolled.
        X: examples as rows.
        y: their labels.
        sizes: of the input, hidden and output layers.
        lambd: the strength of the penalty.
    """
    returned = called(function, filled(function, _of_ex4(theta, X, y, sizes, lambd)))
    if not isinstance(returned, (tuple, list)) or len(returned) < 2:
        raise NotThere("it returns the cost alone, and no gradient")
    return returned[0], np.concatenate([np.ravel(part) for part in _flat(tuple(returned[1:]))])


def _of_ex4(theta: Any, X: Any, y: Any, sizes: Sequence[int], lambd: float) -> Pool:
    """What the functions of ex4 may ask for."""
    return [
        (r"nn_?param\w*|theta\w*|params?|weights?|initial_\w+", theta),
        (r"(n_?)?input\w*|n_?in\w*", int(sizes[0])),
        (r"(n_?)?hidden\w*|n_?hid\w*", int(sizes[1])),
        (r"num_?labels|(n_?)?out\w*|k|n_?class\w*|num_?class\w*|labels_?num", int(sizes[2])),
        (r"x\w*|features|data", X),
        (r"y\w*|classes|labels|targets?", y),
        (r"p?lamb?d?a?\w*|lam|reg\w*|lmb?da|l", lambd),
    ]


def unrolled(
    function: Callable[..., Any], theta: Any, X: Any, y: Any, sizes: Sequence[int], lambd: float
) -> Any:
    """The cost, or the unrolled gradient, of a network of ex4 that has a function for each.

    Args:
        function: the student's: one of the two.
        theta: both weight matrices, unrolled.
        X: examples as rows.
        y: their labels.
        sizes: of the input, hidden and output layers.
        lambd: the strength of the penalty.
    """
    pool = _of_ex4(theta, X, y, sizes, lambd)
    if not any(_is(p.name, pool[2][0]) for p in parameters(function)):
        raise DoesNotFit("it does not ask for the size of a hidden layer")
    returned = called(function, filled(function, pool))
    if returned is None:
        raise NotThere("it returns None")
    return np.concatenate([np.ravel(part) for part in _flat(returned)])


def with_keywords(cls: type[Any], values: Mapping[str, Any]) -> Any:
    """An object made with those of the values whose names its constructor has."""
    names = [p.name for p in parameters(cls)]
    return cls(**{name: value for name, value in values.items() if name in names})


def method(thing: Any, name: str, values: Mapping[str, Any]) -> Any:
    """A method called with those of the values whose names it has as parameters."""
    function = getattr(thing, name)
    names = [p.name for p in parameters(function)]
    missing = [p.name for p in parameters(function) if p.default is p.empty and p.name not in values]
    if missing:
        raise DoesNotFit(f"nothing is known of its parameter {missing[0]}")
    return function(**{name: value for name, value in values.items() if name in names})


def overwritten(params: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Put arrays in place of a network's own, under the same keys."""
    for name, value in values.items():
        if np.shape(params.get(name, ())) != value.shape:
            raise DoesNotFit("it does not keep such weights")
        params[name] = value.copy()


class Network:
    """A student's network of dense layers in hand: with its weights set, run forward and backward.

    Attributes:
        own: the student's object.
        slots: "W1", "b1", … → where it keeps the array; biases may be missing.
        turned: whether it keeps its weight matrices as (outputs, inputs).
        columns: whether its examples are columns.
        method, input, output, returned: what it was last run with and on, its output with examples as rows,
            and all that it returned.
    """

    def __init__(self, own: Any, slots: Mapping[str, tuple[Any, Any, Any]], turned: bool) -> None:
        self.own, self.slots, self.turned, self.columns = own, slots, turned, turned
        self.method = ""
        self.input: Any = None
        self.output: Any = None
        self.returned: Any = None

    def now(self) -> dict[str, Any]:
        """Its weights and biases as they are now, as it keeps them."""
        return {name: np.array(_now(slot)) for name, slot in self.slots.items()}

    def way(self, rows: Any) -> Any:
        """Examples the way it wants them."""
        return rows.T.copy() if self.columns else rows.copy()


def _kept(thing: Any, name: str = "", depth: int = 3) -> Iterator[tuple[str, tuple[Any, Any, Any]]]:
    """(name, slot) of all arrays in an object, and in its lists and dictionaries."""
    if isinstance(thing, dict):
        items = list(thing.items())
    elif isinstance(thing, list):
        items = list(enumerate(thing))
    else:
        items = list(vars(thing).items())
    for key, value in items:
        told = key if isinstance(key, str) else name
        if isinstance(value, np.ndarray):
            yield told, (thing, key, value)
        elif depth and isinstance(value, (dict, list)):
            yield from _kept(value, told, depth - 1)


IS_BIAS = r"_*(b|bias|biases|sesgos?|biais)_?\w*"
"""Names of biases."""
MANY = (
    r"(layers?|sizes|dims?|layer_?(sizes|dims)|layers_?(sizes|dims)|architecture|topology|neurons|structure)"
)
"""Names of all sizes of a network, as a list."""


def _constructed(cls: type[Any], sizes: Sequence[int]) -> Iterator[Any]:
    """Objects of a network's class, made in all the ways in which its constructor may want the sizes."""
    first, *hidden, last = sizes
    general = [
        (r"\w*(rate|lr)|lr|alpha|eta|learn\w*|step_?size", 1.0),
        (
            r"\w*(epochs?|iter\w*|seed|random_state|batch_?size|num_hidden_layers|n_hidden_layers|capas_ocultas)",
            1,
        ),
    ]
    for between in (int(hidden[0]), list(hidden)):
        pool = [
            *general,
            (r"\w*(input|entrada|feature|entree)\w*|(n|d|num)?_?(in|x)|in_\w+|(in|x)_?(dim|size)|n", first),
            (r"\w*(hidden|hid|ocult|cachee?)\w*|(n|d)?_?h|h_?(dim|size)", between),
            (r"\w*(output|salida|class|sortie)\w*|(n|d|num)?_?(out|y|o)|out_\w+|(out|y)_?(dim|size)", last),
            (MANY, list(sizes)),
        ]  # fmt: skip
        try:
            yield called(cls, filled(cls, pool))
        except Exception:  # it is made in another way
            continue
    named = [p.name for p in parameters(cls) if not _takes(p.name, general)]
    for given in ([list(sizes)], list(sizes)):
        try:
            yield called(
                cls, {**filled(cls, [*general, (r"\w+", None)]), **dict(zip(named, given, strict=False))}
            )
        except Exception:  # it is no such network
            continue


def small_network(cls: type[Any], weights: Mapping[str, Any]) -> Network:
    """A network whose sizes are those of the weights, with these in place of its own.

    Args:
        cls: the student's class.
        weights: "W1" (inputs, hidden), "b1" (hidden), "W2", "b2", …

    Raises:
        DoesNotFit: it cannot be made so, or does not keep such weights.
    """
    matrices = [value for name, value in weights.items() if name[0] == "W"]
    sizes = [len(matrices[0]), *(matrix.shape[1] for matrix in matrices)]
    for own in _constructed(cls, sizes):
        found = _fitting(own, sizes)
        if found is None:
            continue
        for name, (holder, key, old) in found.slots.items():
            value = weights[name].T if found.turned and name[0] == "W" else weights[name]
            _put(own, (holder, key, old), value.reshape(old.shape).copy())
        return found
    raise DoesNotFit("it does not keep such weights")


def _fitting(own: Any, sizes: Sequence[int]) -> Network | None:
    """Where a network keeps its weights and biases, told by their shapes; None if it has no such weights."""
    kept = list(_kept(own))
    slots: dict[str, tuple[Any, Any, Any]] = {}
    turned = False
    for k, (n, m) in enumerate(itertools.pairwise(sizes), start=1):
        shapes = [(m, n)] if turned else [(n, m)] if k > 1 else [(n, m), (m, n)]
        used = [slot[2] for slot in slots.values()]
        free = [(name, slot) for name, slot in kept if not any(slot[2] is old for old in used)]
        slot = next((s for _, s in free if s[2].shape in shapes and s[2].any()), None)
        if slot is None:
            return None
        turned = turned or (k == 1 and slot[2].shape == (m, n))
        slots[f"W{k}"] = slot
        for name, one in free:
            if one[2].shape in ((m,), (1, m), (m, 1)) and _is(name, IS_BIAS) and one is not slot:
                slots[f"b{k}"] = one
                break
    known = [slot[2] for slot in slots.values()]
    if any(
        s[2].ndim == 2 and min(s[2].shape) > 1 and s[2].any() and not any(s[2] is k for k in known)
        for _, s in kept
    ):
        return None  # it has more weights than these
    return Network(own, slots, turned)


EXAMPLES = r"x|x_\w+|inputs?|data|input_\w+|\w+_x|features|entries|inputs?_list"
"""Names of the examples that a network is run on."""
WANTED = TARGETS + r"|targets?_list"
"""Names of what it is to give for them."""


def network_forward(network: Network, method: str, X: Any, outputs: int) -> Any:
    """The output of a network, with examples as rows.

    Args:
        network: the network in hand.
        method: what runs it.
        X: the examples as rows.
        outputs: how many it has.
    """
    function = getattr(network.own, method)
    network.input, network.method = X, method
    for columns in dict.fromkeys((network.turned, False)):
        network.columns = columns
        try:
            returned = called(
                function, filled(function, [(EXAMPLES, network.way(X))], known=[network.way(X)])
            )
        except ValueError:
            if columns:
                continue
            raise
        for part in reversed(returned if isinstance(returned, tuple) else (returned,)):
            for value in (part, np.transpose(part) if isinstance(part, np.ndarray) else part):
                if isinstance(value, np.ndarray) and value.shape == (len(X), outputs):
                    network.returned, network.output = returned, value
                    return value
    raise DoesNotFit("it does not return its output")


def network_gradients(network: Network, method: str, y: Any, *factors: float) -> list[dict[str, Any]]:
    """The gradients by a network's weights and biases, times each factor; None for biases it does not have.

    They are what the method returns, else what it leaves in attributes, else what it steps down by.

    Args:
        network: the network, as it was last run forward.
        method: what goes backward.
        y: the targets, examples as rows; one that indexes with them is given labels.
        factors: what makes the gradient of one reading of the loss that of another.

    Raises:
        DoesNotFit: it takes no targets, or something that is not known.
    """
    names = [p.name for p in parameters(getattr(network.own, method))]
    if not any(_is(name, WANTED) for name in names):
        raise DoesNotFit("its backward takes no targets")
    given = copy.deepcopy(network)
    found = _taken(network, method, y)
    if not found.keys() >= network.slots.keys():
        raise DoesNotFit("it has more weights and biases than gradients of them")
    _refuse_penalty(given, method, y)
    turned = {}
    for name, value in found.items():
        array = np.asarray(value)
        turned[name] = np.ravel(array) if name[0] == "b" else array.T if network.turned else array
    every = [f"{kind}{k}" for k in range(1, 4) for kind in "Wb"]
    return [{n: f * turned[n] if turned.get(n) is not None else None for n in every} for f in factors]


def _taken(network: Network, method: str, y: Any) -> dict[str, Any]:
    """The gradients as a network keeps its weights, wherever its backward puts them."""
    names = [p.name for p in parameters(getattr(network.own, method))]
    rate = 1.0 if any(_is(n, RATE) for n in names) else _rate(network.own, names)
    given, before = copy.deepcopy(network), network.now()
    old = {name for name, _ in _kept(network.own)}
    try:
        returned = _gone_back(network, method, network.way(y))
    except IndexError:
        network = given
        returned = _gone_back(network, method, np.argmax(y, axis=1))
    now = network.now()
    shapes = {name: value.shape for name, value in before.items()}
    if isinstance(returned, tuple) and all(isinstance(part, list) for part in returned):
        raise DoesNotFit("it is a network as Nielsen's")
    if any(part.ndim == 2 for part in _flat(returned)):
        return _named_gradients(returned, shapes)
    if any(not np.array_equal(now[name], before[name]) for name in now):
        return {name: (before[name] - now[name]) / rate for name in before}
    left = {name: slot[2] for name, slot in _kept(network.own) if name not in old}
    found = _named_gradients(left, shapes)
    if not found:
        raise DoesNotFit("it returns no gradients and changes no weights")
    return found


def _refuse_penalty(network: Network, method: str, y: Any) -> None:
    """Where all examples are 0, the gradient of the first weights is 0, or that of a penalty of them."""
    before = network.now()["W1"]
    network_forward(network, network.method, np.zeros_like(network.input), network.output.shape[1])
    left = np.asarray(_taken(network, method, y).get("W1", 0.0))
    if left.shape == before.shape and left.any():
        part = np.sum(left * before) / np.sum(before * before)
        if np.allclose(left, part * before, rtol=1e-6):
            raise DoesNotFit("its gradients hold a penalty of the weights, and nothing says which")


def _gone_back(network: Network, method: str, y: Any) -> Any:
    """What a network's backward returns for targets as it wants them."""
    function = getattr(network.own, method)
    pool = [
        (WANTED, y),
        (EXAMPLES, network.way(network.input)),
        (RATE, 1.0),
        (r"epochs?|iterations", 1),
        (r"m|n|batch_size|n_samples|num_examples", len(network.input)),
        (
            r"cache\w*|memory",
            next((p for p in _parts(network.returned) if isinstance(p, (dict, list))), None),
        ),
        (OUTPUT + r"|o", network.way(network.output)),
    ]
    return called(function, filled(function, pool))


def _parts(returned: Any) -> tuple[Any, ...]:
    return returned if isinstance(returned, tuple) else (returned,)


EXPRESSIONS: Mapping[str, tuple[tuple[str, ...], Callable[[Any, Any, Any], Any]]] = {
    "+": (("__add__",), lambda a, b, c: a + b + c),
    "*": (("__mul__",), lambda a, b, c: a * b + c),
    "a variable used twice": (("__add__", "__mul__"), lambda a, b, c: a * b + a * c + a),
    "-": (("__sub__",), lambda a, b, c: (a - b) - (c - a)),
    "unary -": (("__neg__",), lambda a, b, c: -a + -(b + c)),
    "**": (("__pow__",), lambda a, b, c: a**3 + (b + c) ** 2),
    "/": (("__truediv__",), lambda a, b, c: a / b + c),
    "tanh": (("tanh",), lambda a, b, c: (a * b + c).tanh()),
    "relu": (("relu",), lambda a, b, c: (a * b).relu() + (c * c).relu()),
    "exp": (("exp",), lambda a, b, c: (a + b).exp() + c),
    "log": (("log",), lambda a, b, c: (a * a + b * b).log() + c),
    "sigmoid": (("sigmoid",), lambda a, b, c: (a * b + c).sigmoid()),
}
"""Expressions of three scalars, with the operations that a class must have for them."""


def expression(cls: type[Any], kind: str, a: float, b: float, c: float) -> dict[str, Any]:
    """The value of an expression in a student's scalars that differentiate themselves, and their gradients.

    An expression of operations that the class does not have is replaced by a sum.
    """
    needed, formula = EXPRESSIONS[kind]
    if not all(name in vars(cls) for name in needed):
        formula = EXPRESSIONS["+"][1]
    leaves = [cls(float(value)) for value in (a, b, c)]
    out = formula(*leaves)
    if out is None:
        raise TypeError(f"{kind} returns None")
    value = float(out.data)
    out.backward()
    return {"out": value, **{name: float(leaf.grad) for name, leaf in zip("abc", leaves, strict=True)}}


# Networks of two or three layers that keep W1, b1, W2, b2, ….

LAYERS: Mapping[str, str] = {
    "W1": (
        r"_*((w|weights?|theta)_?(1|ih|i_h|xh|h|hid(den)?|in(puts?)?_?(to_?)?(h|hidden))|wih|hidden_weights?)"
    ),
    "b1": r"_*((b|bias(es)?)_?(1|ih|h|hid(den)?)|hidden_bias(es)?)",
    "W2": (
        r"_*((w|weights?|theta)_?(2|ho|h_o|hy|o|out(put)?|h(id(den)?)?_?(to_?)?(o|out(put)?))|who"
        r"|output_weights?)"
    ),
    "b2": r"_*((b|bias(es)?)_?(2|ho|o|y|out(put)?)|output_bias(es)?)",
    "W3": r"_*(w|weights?|theta)_?3",
    "b3": r"_*(b|bias(es)?)_?3",
}
"""What networks call their parameters."""
MORE = r"_*(w|weights?|theta)_?[4-9]"
"""Weights of a fourth layer."""
LONG = 1024.0
"""A learning rate: a long step, divided by it, is less rounded than a short one."""


class Net:
    """A student's network of two or three layers in hand, with its parameters set.

    Attributes:
        own: the student's object.
        slots: parameter → (where it is kept, under which name).
        given: the shapes in which the parameters were handed over.
        columns: whether examples are columns.
        X, Y: what it is run on.
        output, cache: what its forward made of X, and all that it returned.
    """

    def __init__(self, own: Any, columns: bool, X: Any, Y: Any) -> None:
        self.own, self.columns, self.X, self.Y = own, columns, X, Y
        self.slots: dict[str, tuple[Any, str]] = {}
        self.given: dict[str, tuple[int, ...]] = {}
        self.output: Any = None
        self.cache: Any = None

    def now(self, name: str) -> Any:
        """What a parameter is now."""
        holder, key = self.slots[name]
        return holder[key] if isinstance(holder, dict) else getattr(holder, key)


def net(cls: type[Any], weights: Mapping[str, Any], X: Any, Y: Any, columns: bool = False) -> Net:
    """A network of two or three layers with the parameters ``weights``.

    Args:
        cls: the student's class.
        weights: W1, W2 and, for a network that has them, W3 and the biases b1, b2 and b3.
        X: its inputs, as rows or columns.
        Y: its targets.
        columns: whether examples are columns; then W1 is (hidden, inputs), else (inputs, hidden).

    Raises:
        DoesNotFit: it is not made of such sizes, or does not keep such weights.
    """
    inputs = weights["W1"].shape[1 if columns else 0]
    sizes = [weights[name].shape[0 if columns else 1] for name in ("W1", "W2", "W3") if name in weights]
    hidden, outputs = sizes[0], sizes[-1]
    pool: Pool = [
        (r"(layer_?)?(sizes?|dims?)|layers?|architecture", [inputs, *sizes]),
        (r"\w*hid(den)?s?_?(\w+_?)?2(_\w+)?|n_?h_?2|h_?2", sizes[1]),
        (r"\w*hid(den)?s?(_\w+)?|n_?h\d?|h", hidden),
        (r"\w*(out|outputs?)(_?\w+)?|\w*class\w*|n_?y|n_?o", outputs),
        (r"\w*(in|inputs?)(_(\w+))?|input\w+|\w*feature\w*|n_?x|n_?i|d", inputs),
    ]
    optional: Pool = [
        (RATE, 0.5),
        (r"x|x_?train|data|inputs?", X),
        (r"y|y_?train|labels?", Y),
        (r"\w*(epochs?|iter\w*)", 1),
        (r"(n|m|batch)_?\w*", len(X)),
    ]
    data = [p.name for p in parameters(cls)] if cls.__init__ is not object.__init__ else []
    if any(_is(name, r"x|x_?train") for name in data):
        pool = [*optional[1:3], *pool]
    made_net = Net(called(cls, filled(cls, pool, optional)) if data else cls(), columns, X, Y)
    own = made_net.own
    holders = [own, *(getattr(own, n) for n in HOLDERS if isinstance(getattr(own, n, None), dict))]
    kept = [(h, str(k)) for h in holders for k in (h if isinstance(h, dict) else vars(h))]
    if any(_is(key, MORE) for _, key in kept):
        raise DoesNotFit("it has more than three layers")
    for name, expression in LAYERS.items():
        place = next(((h, k) for h, k in kept if _is(k, expression)), None)
        if (place is not None) != (name in weights):
            raise DoesNotFit("it does not keep the weights of so many layers")
        if place is not None:
            made_net.slots[name], made_net.given[name] = place, weights[name].shape
            _put_into(made_net, name, weights[name])
    return made_net


def _put_into(one: Net, name: str, value: Any) -> None:
    """Set a network's parameter; a bias in the form in which the network keeps it."""
    holder, key = one.slots[name]
    old = one.now(name)
    if value.ndim == 1:
        flat = isinstance(old, np.ndarray) and old.ndim == 1
        value = value if flat else value.reshape((-1, 1) if one.columns else (1, -1))
    elif isinstance(old, np.ndarray) and old.ndim == 2 and old.shape == value.shape[::-1] != value.shape:
        raise DoesNotFit("it keeps its weights the other way round")
    if isinstance(holder, dict):
        holder[key] = value.copy()
    else:
        setattr(holder, key, value.copy())


def net_forward(one: Net, method: str, like: Any) -> Any:
    """What a network makes of its inputs: returned, or left in an attribute.

    Args:
        one: the network.
        method: of its own, that runs forward.
        like: an array of the output's shape.
    """
    shape = like.shape
    before = {id(one.own): dict(_items(one.own))}
    function = getattr(one.own, method)
    pool: Pool = [(r"x\w*|inputs?\w*|data|features?", one.X), (r"(is_?)?train\w*", True)]
    one.cache = called(function, filled(function, pool))
    arrays = [a for a in _flat(one.cache) if a.shape == shape]
    if not arrays:
        new = [(k, v) for h, k, v, fresh in _changed(one.own, before) if fresh and h is one.own]
        arrays = [v for k, v in new if v.shape == shape and not _is(str(k), r"_*(z|net|linear|dz)\w*")]
    if not arrays:
        raise DoesNotFit("its forward gives no output")
    one.output = arrays[-1]
    return one.output.copy()


def net_loss(one: Net, method: str) -> Any:
    """What a network's own loss makes of its output and targets."""
    function = getattr(one.own, method)
    return called(function, filled(function, _of_net(one)))


def _of_net(one: Net) -> Pool:
    named = [] if not isinstance(one.cache, dict) else [(re.escape(str(k)), v) for k, v in one.cache.items()]
    return [
        (TARGETS, one.Y),
        *named,
        (r"x\w*|inputs?\w*|data|features?", one.X),
        (r"\w*caches?|memory|forward\w*|activations?", one.cache),
        (rf"{OUTPUT}|o", one.output),
    ]


def net_backward(one: Net, method: str) -> dict[str, Any]:
    """A network's gradients by parameter: returned, kept, or stepped down by.

    Raises:
        DoesNotFit: it asks for something else, or nothing tells the gradients.
    """
    own, function = one.own, getattr(one.own, method)
    own_rates = [n for n, v in vars(own).items() if _is(n, RATE) and isinstance(v, float)]
    for name in own_rates:
        setattr(own, name, LONG)
    rate = LONG if own_rates or any(_is(p.name, RATE) for p in parameters(function)) else 1.0
    kept = {name: np.array(one.now(name)) for name in one.slots}
    before = {id(holder): dict(_items(holder)) for holder in _holders(own)}
    pool: Pool = [(RATE, rate), *_of_net(one)]
    optional: Pool = [(r"lamb\w*|reg\w*|l2\w*|momentum|mu", 0.0), (r"m|n|m_\w+|batch\w*", len(one.Y))]
    returned = called(function, filled(function, pool, optional))
    shapes = {name: value.shape for name, value in kept.items()}
    found: dict[str, Any] = {}
    if isinstance(returned, (dict, tuple, list)) and len(list(_flat(returned))) >= len(shapes):
        found = _named_gradients(returned, shapes)
    left = {str(key): value for _, key, value, fresh in _changed(own, before) if fresh}
    steps = {}
    for name, (_, key) in one.slots.items():
        own_name = _named_gradients({k: v for k, v in left.items() if k != key}, {key: shapes[name]})
        now = one.now(name)
        step = kept[name] - now if np.shape(now) == shapes[name] else np.zeros(shapes[name])
        for candidate in (found.get(name), own_name.get(key)):
            if candidate is None or np.size(candidate) != kept[name].size:
                continue
            if np.sum(np.ravel(candidate) * np.ravel(step)) >= 0:  # else it is added: minus the gradient
                steps[name] = np.asarray(candidate)
                break
        else:
            if not np.any(step):
                raise DoesNotFit("it leaves no gradient of its weights")
            steps[name] = step / rate
    return {name: value.reshape(one.given[name]) for name, value in steps.items()}
