"""The TFLite file for the GPU of a phone."""

from __future__ import annotations

from pathlib import Path

from keras_gan.artifacts.formats import FORMAT_INFOS
from keras_gan.export.formats import tflite_file
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.quantization import quantize
from keras_gan.export.formats.tflite import convert
from keras_gan.export.sources.source import Source, Variant

# LiteRT's GPU delegate leaves these to the CPU. That splits the graph, and each split copies images.
_CPU_ONLY = frozenset({"SHAPE", "PACK", "UNPACK", "RANGE", "FILL", "BROADCAST_ARGS", "WHILE", "IF"})


class GpuTFLite(Format):
    """TFLite file with one graph for one image: one signature, weights in 16 bits, all shapes fixed.

    For a translator it is of the first image size.
    """

    info = FORMAT_INFOS["tflite_gpu"]

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns the variant `serving_default`; see `Format.variants`."""
        return source.variants_in(("serving_default",))

    def filename(self, signature: str) -> str:
        """Returns the one file; see `Format.filename`."""
        return self.info.filename

    def write(self, source: Source, folder: Path) -> None:
        """Writes model_gpu.tflite; see `Format.write`."""
        (variant,) = self.variants(source)
        specs = next(iter(variant.fixed.values()))
        one = tuple(spec.model_copy(update={"shape": (1, *spec.shape[1:])}) for spec in specs)
        file = convert({"serving_default": (variant, one)}, folder)
        file = quantize(file, self.info.precision, source, ())
        check(file)
        (folder / self.filename("serving_default")).write_bytes(file)


def check(file: bytes) -> None:
    """Checks that a GPU delegate can run a whole TFLite file, as far as its shapes show.

    Args:
        file: Content of the file.

    Raises:
        RuntimeError: If a shape is computed or not fixed, a tensor has more than four dimensions, or there are several
            graphs.
    """
    model = tflite_file.read(file)
    used = set(map(tflite_file.operation, model.operatorCodes))
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    problems = []
    if computed := sorted(used & _CPU_ONLY):
        problems.append(f"shapes are computed by {', '.join(computed)}")
    if any(tensor.shapeSignature is not None and -1 in tensor.shapeSignature for tensor in tensors):
        problems.append("a shape is not fixed")
    if (most := max(len(tensor.shape) if tensor.shape is not None else 0 for tensor in tensors)) > 4:
        problems.append(f"a tensor has {most} dimensions, and a GPU supports 4")
    if len(model.subgraphs) > 1:
        problems.append(f"there are {len(model.subgraphs)} graphs")
    if problems:
        raise RuntimeError(f"a GPU cannot run the graph: {'; '.join(problems)}")
