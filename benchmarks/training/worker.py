"""A process that runs one step of one contender for each line of its standard input.

It writes lines of JSON to file descriptor 3: first the facts, then the time of each step.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cases import CASES, Case

RATE_REPEATS = 12


def main() -> None:
    contender, name, weights = sys.argv[1:4]
    case = CASES[name]
    prepare = in_pytorch if contender.startswith("pytorch") else in_tensorflow
    facts, step = prepare(contender, case, Path(weights))
    send(facts)
    for _ in sys.stdin:
        began = time.perf_counter()
        step()
        send({"ms": (time.perf_counter() - began) * 1e3})


def send(message: dict[str, Any]) -> None:
    os.write(3, (json.dumps(message) + "\n").encode())


def given(case: Case) -> dict[str, np.ndarray]:
    """The images and random numbers of the step that compares losses."""
    random = np.random.default_rng(0)
    images = {name: random.uniform(-1, 1, (case.batch * case.d_steps, *case.shape)).astype(np.float32) for name in "xy"}
    z = random.normal(size=(case.d_steps, case.batch, case.latent)).astype(np.float32)
    share = random.uniform(size=(case.d_steps, case.batch, 1, 1, 1)).astype(np.float32)
    return {**images, "z": z, "share": share}


def in_tensorflow(contender: str, case: Case, weights: Path) -> tuple[dict[str, Any], Callable[[], None]]:
    """keras_gan, or the script in the way of the Keras guides. keras_gan writes the weights, the script reads them."""
    kind, *options = contender.split(" + ")
    import flops
    import ours

    module = ours
    if kind == "keras guide":
        import guide

        module = guide  # type: ignore[assignment]
    from keras_gan.utils.onednn import onednn_is_on

    import keras
    import tensorflow as tf

    if "bfloat16" in options:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    model = module.build(case, jit_compile="XLA" in options)
    networks = module.networks_of(model)
    if not weights.exists():
        arrays = [[np.asarray(v) for v in network.trainable_variables] for network in networks]
        np.savez(weights, **{f"{i:02d}_{j:03d}": a for i, part in enumerate(arrays) for j, a in enumerate(part)})
    stored = read(weights)
    for network, arrays in zip(networks, stored, strict=True):
        for variable, array in zip(network.trainable_variables, arrays, strict=True):
            variable.assign(array)
    numbers = given(case)
    losses = module.first_losses(model, case, numbers)
    batches = np.stack([numbers["x"], numbers["y"]])
    data = tf.data.Dataset.from_tensor_slices(batches).cache().repeat()
    if case.network == "cyclegan":
        data = tf.data.Dataset.zip(data, data)
    iterator = iter(data.prefetch(2))
    spec = tf.nest.map_structure(lambda s: tf.TensorSpec(s.shape, s.dtype), data.element_spec)
    counted = flops.of_function(tf.function(model.train_step, autograph=False).get_concrete_function(spec))
    model.make_train_function()

    def step() -> None:
        model.train_function(iterator)["g_loss"].numpy()

    step()
    step()
    facts = {
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "onednn": onednn_is_on(),
        "devices": [device.name for device in tf.config.list_physical_devices()],
        "weights": [int(sum(np.prod(v.shape) for v in network.trainable_variables)) for network in networks],
        "losses": losses,
        "flops": counted,
        "rates": rates_of_tensorflow(),
    }
    return facts, step


def in_pytorch(contender: str, case: Case, weights: Path) -> tuple[dict[str, Any], Callable[[], None]]:
    """PyTorch, with the weights of keras_gan."""
    import flops
    import pytorch
    import torch

    numbers = given(case)
    model = pytorch.make(case, read(weights), set(contender.split(" + ")))
    losses = pytorch.first_losses(model, case, numbers)
    batches = [model.to_device(numbers[name]) for name in "xy"]
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        first, second = batches[count % 2], batches[1 - count % 2]
        float(model((first, second) if case.network == "cyclegan" else first)["g_loss"])

    step()
    step()
    facts = {
        "versions": {"torch": torch.__version__},
        "threads": torch.get_num_threads(),
        "weights": model.weights,
        "losses": losses,
        "flops": None if "compiled" in contender else flops.of_torch(step),
        "rates": rates_of_torch(model.device),
    }
    return facts, step


def read(weights: Path) -> list[list[np.ndarray]]:
    found: dict[str, list[np.ndarray]] = {}
    with np.load(weights) as file:
        for name in sorted(file.files):
            found.setdefault(name[:2], []).append(file[name])
    return list(found.values())


def rates_of_tensorflow() -> dict[str, float]:
    """GFLOP/s of a matrix product and of a 3x3 convolution and its two gradients, the best of some repeats."""
    import tensorflow as tf

    matrix = tf.random.normal((1024, 1024))
    images, kernel = tf.random.normal((64, 16, 16, 128)), tf.random.normal((3, 3, 128, 128))
    shape = tf.shape(images)
    functions = {
        "matrix product": lambda: tf.matmul(matrix, matrix),
        "convolution": lambda: tf.nn.conv2d(images, kernel, 1, "SAME"),
        "gradient of the kernel": lambda: tf.raw_ops.Conv2DBackpropFilter(
            input=images, filter_sizes=tf.shape(kernel), out_backprop=images, strides=[1] * 4, padding="SAME"
        ),
        "gradient of the images": lambda: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=shape, filter=kernel, out_backprop=images, strides=[1] * 4, padding="SAME"
        ),
    }

    def finished(function: Any) -> Callable[[], None]:
        # A sum is small to read, and waits for the device.
        summed = tf.function(lambda: tf.reduce_sum(function()[..., 0]))
        return lambda: float(summed())

    return rates({name: finished(function) for name, function in functions.items()})


def rates_of_torch(device: str) -> dict[str, float]:
    """The same in PyTorch, in channels-last format."""
    import torch

    matrix = torch.randn(1024, 1024, device=device)
    images = torch.randn(64, 128, 16, 16, device=device).contiguous(memory_format=torch.channels_last)
    kernel = torch.randn(128, 128, 3, 3, device=device).contiguous(memory_format=torch.channels_last)

    def finished(function: Callable[[], Any]) -> Callable[[], None]:
        def call() -> None:
            function()
            if device == "cuda":
                torch.cuda.synchronize()

        return call

    def backward(*mask: bool) -> Any:
        return torch.ops.aten.convolution_backward(
            images, images, kernel, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [*mask, False]
        )

    functions = {
        "matrix product": lambda: matrix @ matrix,
        "convolution": lambda: torch.nn.functional.conv2d(images, kernel, padding=1),
        "gradient of the kernel": lambda: backward(False, True),
        "gradient of the images": lambda: backward(True, False),
    }
    return rates({name: finished(function) for name, function in functions.items()})


def rates(functions: dict[str, Callable[[], Any]]) -> dict[str, float]:
    work = {name: 2 * 1024**3 if name == "matrix product" else 2 * 64 * 16 * 16 * 9 * 128 * 128 for name in functions}
    found = {}
    for name, function in functions.items():
        times = []
        for _ in range(RATE_REPEATS):
            began = time.perf_counter()
            function()
            times.append(time.perf_counter() - began)
        found[name] = work[name] / min(times) / 1e9
    return found


if __name__ == "__main__":
    main()
