"""The TFLite file that a phone's graphics processor can take over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.export.formats import tflite_file
from keras_gan.export.formats.quantized_tflite import quantize
from keras_gan.export.formats.tflite import convert
from keras_gan.export.sources.source import Source, Variant

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision

# What LiteRT's GPU delegate leaves to the processor, which splits the graph, and each split copies images.
_NEVER = frozenset({"SHAPE", "PACK", "UNPACK", "RANGE", "FILL", "BROADCAST_ARGS", "WHILE", "IF"})


class GpuTFLite:
    """One graph for one image: a single signature, weights of 16 bits, all shapes known, none computed.

    Of a translator it is for the first of the image sizes.
    """

    name = "tflite_gpu"
    precision: Precision = "float16"
    needs: tuple[str, ...] = ("tensorflow", "ai_edge_litert", "ai_edge_quantizer")
    optional = True
    fallback = None

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Images from z, or from images; see `Format.variants`."""
        return source.variants_in(("serving_default",))

    def filename(self, signature: str) -> str:
        """Its only one; see `Format.filename`."""
        return "model_gpu.tflite"

    def write(self, source: Source, folder: Path) -> None:
        """Write model_gpu.tflite; see `Format.write`."""
        (variant,) = self.variants(source)
        specs = next(iter(variant.fixed.values()))
        one = tuple(spec.model_copy(update={"shape": (1, *spec.shape[1:])}) for spec in specs)
        file = convert({"serving_default": (variant, one)}, folder)
        file = quantize(file, self.precision, source, ())
        check(file)
        (folder / self.filename("serving_default")).write_bytes(file)


def check(file: bytes) -> None:
    """See that a GPU delegate can take all of a TFLite file over, as far as its shapes tell.

    Raises:
        RuntimeError: If a shape is computed or open, a tensor has more than four dimensions, or there is more than one
            graph.
    """
    model = tflite_file.read(file)
    used = set(map(tflite_file.operation, model.operatorCodes))
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    problems = []
    if computed := sorted(used & _NEVER):
        problems.append(f"shapes are computed by {', '.join(computed)}")
    if any(tensor.shapeSignature is not None and -1 in tensor.shapeSignature for tensor in tensors):
        problems.append("a shape is open")
    if (most := max(len(tensor.shape) if tensor.shape is not None else 0 for tensor in tensors)) > 4:
        problems.append(f"a tensor has {most} dimensions, of which a GPU takes 4")
    if len(model.subgraphs) > 1:
        problems.append(f"there are {len(model.subgraphs)} graphs")
    if problems:
        raise RuntimeError(f"no graph for a GPU: {'; '.join(problems)}")
