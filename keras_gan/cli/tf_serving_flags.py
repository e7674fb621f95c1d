"""Flags in the form of TensorFlow Serving's command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

# Flags of TensorFlow Serving that `keras-gan serve` accepts without effect, so that a script works with both.
WITHOUT_EFFECT = frozenset(
    {
        "--allow_version_labels_for_unavailable_models",
        "--batching_parameters_file",
        "--enable_batching",
        "--enable_grpc_healthcheck_service",
        "--enable_model_warmup",
        "--enable_per_model_batching_parameters",
        "--enable_profiler",
        "--enable_serialization_as_tensor_content",
        "--enable_signature_method_name_check",
        "--flush_filesystem_caches",
        "--grpc_channel_arguments",
        "--grpc_max_threads",
        "--load_retry_interval_micros",
        "--max_num_load_retries",
        "--mixed_precision",
        "--monitoring_config_file",
        "--num_load_threads",
        "--num_tflite_interpreters_per_pool",
        "--num_tflite_pools",
        "--num_unload_threads",
        "--per_process_gpu_memory_fraction",
        "--prefer_tflite_model",
        "--remove_unused_fields_from_bundle_metagraph",
        "--rest_api_num_threads",
        "--saved_model_tags",
        "--skip_initialize_tpu",
        "--tensorflow_inter_op_parallelism",
        "--tensorflow_session_config_file",
        "--tensorflow_session_parallelism",
        "--thread_pool_factory_config_file",
        "--xla_cpu_compilation_enabled",
        "--xla_gpu_compilation_enabled",
    }
)


class TfServingCommand(TyperCommand):
    """Command whose flags may be written as TensorFlow Serving's: `--rest_api_port=8501`, `--enable_batching=true`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rich_markup_mode = None  # a table of 80 columns would cut the long names of flags

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Warns about flags without effect, and rewrites the others for click."""
        ignored = [argument for argument in args if _name(argument) in WITHOUT_EFFECT]
        if ignored:
            warning = f"Warning: these flags have no effect on keras-gan serve: {' '.join(ignored)}"
            Console(stderr=True, soft_wrap=True).print(escape(warning), highlight=False)
        booleans = {name: option for option in self.params if getattr(option, "is_flag", False) for name in option.opts}
        known = {name for option in self.params for name in option.opts}
        kept = [argument for argument in args if argument not in ignored]
        return super().parse_args(ctx, [_rewritten(argument, booleans, known) for argument in kept])


def _name(argument: str) -> str:
    """Returns the flag without its value, and without "no" before it."""
    name = argument.partition("=")[0]
    return f"--{name.removeprefix('--no')}" if f"--{name.removeprefix('--no')}" in WITHOUT_EFFECT else name


def _rewritten(argument: str, booleans: Mapping[str, Any], known: set[str]) -> str:
    found = re.fullmatch(r"--?([A-Za-z][\w-]*)(=.*)?", argument, re.DOTALL)
    if found is None:
        return argument
    names = (f"--{found[1].replace('_', '-')}", f"--{found[1].replace('-', '_')}")
    name = next((name for name in names if name in known), None)
    if name is None:
        return argument
    value = (found[2] or "").removeprefix("=").lower()
    if name in booleans and value in ("true", "1"):
        return name
    if name in booleans and value in ("false", "0") and booleans[name].secondary_opts:
        return str(booleans[name].secondary_opts[0])
    return f"{name}{found[2] or ''}"
