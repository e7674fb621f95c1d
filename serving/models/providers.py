"""Execution providers of ONNX Runtime, for GPUs and other hardware."""

from __future__ import annotations

_SUFFIX = "executionprovider"


def find_providers(names: str) -> tuple[str, ...]:
    """Returns the providers of a comma list such as "cuda,cpu" or "OpenVINOExecutionProvider".

    Raises:
        ValueError: If the installed ONNX Runtime does not have a provider.
    """
    import onnxruntime

    available = onnxruntime.get_available_providers()
    known = {name.lower().removesuffix(_SUFFIX): name for name in available}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name.lower().removesuffix(_SUFFIX) not in known:
            raise ValueError(
                f"`--onnx_providers` must name providers of this ONNX Runtime: {', '.join(available)}. Received: {name}"
            )
    return tuple(known[name.lower().removesuffix(_SUFFIX)] for name in wanted)
