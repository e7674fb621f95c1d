"""TensorFlow Serving's own files, in protobuf's text format."""

from __future__ import annotations

import json
from collections.abc import Iterable

from keras_gan.serving.tf_serving.batching import Batching
from keras_gan.serving.tf_serving.served_model import ServedModel

MONITORING = """\
# MonitoringConfig, for --monitoring_config_file: Prometheus's figures at the REST port.
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""


def model_config(models: Iterable[ServedModel], base_path: str = "/models") -> str:
    """The text of a ModelServerConfig.

    Args:
        models: What to serve.
        base_path: The folder of the models, where the server sees it. Defaults to "/models".

    Returns:
        What `--model_config_file` reads.

    Example:
    ```python
    model_config(find_models("exported"))
    ```
    """
    blocks = [
        "# ModelServerConfig, for --model_config_file. A running server moves a label only to a version that it has\n"
        "# loaded: to move one, add the version first, and the label once /v1/models/NAME says that it is AVAILABLE.\n"
        "model_config_list {"
    ]
    for model in models:
        path = f"{base_path}/{model.name}"
        blocks += ["  config {", f"    name: {_text(model.name)}", f"    base_path: {_text(path)}"]
        blocks += ['    model_platform: "tensorflow"', "    model_version_policy {", "      specific {"]
        blocks += [f"        versions: {version}" for version in model.versions]
        blocks += ["      }", "    }"]
        for label, version in model.labels.items():
            blocks += ["    version_labels {", f"      key: {_text(label)}", f"      value: {version}", "    }"]
        blocks.append("  }")
    return "\n".join([*blocks, "}", ""])


def batching_parameters(batching: Batching) -> str:
    """The text of BatchingParameters, which `--batching_parameters_file` reads."""
    why = (
        "fitted to the latencies in the models' manifests"
        if batching.measured
        else "not measured: no manifest tells how long batches take"
    )
    return (
        f"# BatchingParameters, for --batching_parameters_file; {why}.\n"
        "# Rows in a request. One with more is refused.\n"
        f"max_batch_size {{ value: {batching.max_batch_size} }}\n"
        "# Rows in a batch. A request with more is split, and its parts run one after the other or at once.\n"
        "enable_large_batch_splitting { value: true }\n"
        f"max_execution_batch_size {{ value: {batching.max_execution_batch_size} }}\n"
        "# No waiting for a fuller batch: requests gather while the threads are busy.\n"
        f"batch_timeout_micros {{ value: {batching.batch_timeout_micros} }}\n"
        "# Batches that may wait. A request beyond is answered 503, and may be tried again.\n"
        f"max_enqueued_batches {{ value: {batching.max_enqueued_batches} }}\n"
        f"num_batch_threads {{ value: {batching.num_batch_threads} }}\n"
    )


def _text(value: str) -> str:
    """Quoted as text protos quote it, which for printable ASCII is as JSON does."""
    return json.dumps(value)
