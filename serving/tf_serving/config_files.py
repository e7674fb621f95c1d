"""Writes TensorFlow Serving's configuration files, in protobuf's text format."""

from __future__ import annotations

import json
from collections.abc import Iterable

from keras_gan.serving.tf_serving.batching import Batching
from keras_gan.serving.tf_serving.served_model import ServedModel

MONITORING = """\
# MonitoringConfig, for --monitoring_config_file: Prometheus metrics on the REST port.
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""


def model_config(models: Iterable[ServedModel], base_path: str = "/models") -> str:
    """Returns the text of a ModelServerConfig, for `--model_config_file`.

    Args:
        models: Models to serve.
        base_path: Folder of the models on the server. Defaults to "/models".

    Example:
    ```python
    model_config(find_models("exported"))
    ```
    """
    blocks = [
        "# ModelServerConfig, for --model_config_file. A running server moves a label only to a version that it has\n"
        "# loaded. Add the version first. Move the label when /v1/models/NAME reports the version as AVAILABLE.\n"
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
    """Returns the text of BatchingParameters, for `--batching_parameters_file`."""
    source = (
        "from the latencies in the models' manifests" if batching.measured else "defaults: no manifest has latencies"
    )
    return (
        f"# BatchingParameters, for --batching_parameters_file: {source}.\n"
        "# Largest number of rows in a request. Larger requests are refused.\n"
        f"max_batch_size {{ value: {batching.max_batch_size} }}\n"
        "# Largest number of rows in a batch. Larger requests are split.\n"
        "enable_large_batch_splitting { value: true }\n"
        f"max_execution_batch_size {{ value: {batching.max_execution_batch_size} }}\n"
        "# A batch does not wait for more requests. Requests gather while the threads are busy.\n"
        f"batch_timeout_micros {{ value: {batching.batch_timeout_micros} }}\n"
        "# Number of batches that may wait. More requests are answered 503, and may be sent again.\n"
        f"max_enqueued_batches {{ value: {batching.max_enqueued_batches} }}\n"
        f"num_batch_threads {{ value: {batching.num_batch_threads} }}\n"
    )


def _text(value: str) -> str:
    """Returns a quoted string. For printable ASCII, protobuf's text format quotes as JSON does."""
    return json.dumps(value)
