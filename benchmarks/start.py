"""The time from the start of a process to the end of its first training step.

    python benchmarks/start.py              # about three minutes on two cores
    python benchmarks/start.py --repeats 15

Compared are

- `train`: `keras-gan train --preset dcgan --data digits`, all of it, the digits from the cache;
- `plain`: a script that imports TensorFlow and loads the digits from a `.npy` file. It builds the same networks in the
  way of the Keras guides, and runs one step as a `tf.function`;
- commands that need no TensorFlow, and `import keras_gan`.

Processes of all of them alternate. So a machine whose speed drifts favours none. The result is the median of the times
and of the CPU seconds, and the ratio of the medians of `train` and `plain`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
TRAIN = """
import os
import sys
import time
import keras_gan.cli.app
from keras_gan.cli.training import run_training

watchers = run_training._watchers

def with_end(*arguments):
    import keras

    class End(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            float(logs["g_loss"])
            os.write(3, repr([time.time(), sum(os.times()[:2])]).encode())
            os._exit(0)

    return [*watchers(*arguments), End()]

run_training._watchers = with_end
sys.argv = ["keras-gan", "train", "--preset", "dcgan", "--data", "digits", "--output", sys.argv[1]]
keras_gan.cli.app.main()
"""
PLAIN = f"""
import sys
sys.path.insert(0, {str(HERE / "training")!r})
import os
import time
import guide
import numpy as np
import tensorflow as tf
from cases import CASES

images = np.load(sys.argv[1]).astype(np.float32) / 127.5 - 1
model = guide.build(CASES["dcgan28"], jit_compile=False)
float(tf.function(model.train_step)(tf.constant(images[:64]))["g_loss"])
os.write(3, repr([time.time(), sum(os.times()[:2])]).encode())
os._exit(0)
"""
COMMANDS = {
    "import keras_gan": ["-c", "import keras_gan"],
    **{
        f"keras-gan {command}": ["-m", "keras_gan", *command.split()]
        for command in ("--help", "--version", "presets", "train --help", "serve --help", "verify --help", "trane")
    },
}


def first_step(script: str, argument: str, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and CPU seconds of a process up to the end of its first step."""
    reading, writing = os.pipe()
    began = time.time()
    command = [sys.executable, "-c", f"import os; os.dup2({writing}, 3)\n{script}", argument]
    with subprocess.Popen(
        command, env=environment, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            text = pipe.read()
        _, error = child.communicate()
    if not text:
        sys.exit(error.decode()[-2000:])
    ended, cpu = json.loads(text)
    return ended - began, cpu


def whole_process(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and CPU seconds of a process that ends by itself."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.time()
    subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    seconds = time.time() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--output", type=Path, help="JSON file of all times.")
    options = parser.parse_args()
    times: dict[str, list[tuple[float, float]]] = {}
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", **os.environ}
    with tempfile.TemporaryDirectory() as folder:
        environment["KERAS_GAN_CACHE"] = f"{folder}/cache"
        save = "import sys, numpy, keras_gan; numpy.save(sys.argv[1], keras_gan.datasets.load_arrays('digits')[0])"
        subprocess.run([sys.executable, "-c", save, f"{folder}/digits.npy"], env=environment, check=True)
        for repeat in range(options.repeats + 1):  # the first one reads files into memory, and does not count
            cases = {
                "train": lambda repeat=repeat: first_step(TRAIN, f"{folder}/run{repeat}", environment),
                "plain": lambda: first_step(PLAIN, f"{folder}/digits.npy", environment),
                **{
                    name: lambda arguments=arguments: whole_process(arguments, environment)
                    for name, arguments in COMMANDS.items()
                },
            }
            for name in sorted(cases, reverse=bool(repeat % 2)):
                times.setdefault(name, []).append(cases[name]())
    print(f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}")
    medians = {}
    for name, measured in times.items():
        medians[name] = [statistics.median(part) for part in zip(*measured[1:], strict=True)]
        print(f"{name:28s} {medians[name][0]:6.2f} s  {medians[name][1]:6.2f} CPU s")
    ratios = [ours / plain for ours, plain in zip(medians["train"], medians["plain"], strict=True)]
    print(f"{'train / plain':28s} {ratios[0]:6.2f}    {ratios[1]:6.2f}")
    if options.output is not None:
        options.output.write_text(json.dumps({"times": times, "medians": medians}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
