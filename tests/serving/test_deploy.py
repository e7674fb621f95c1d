"""Files of `keras-gan deploy`, read by the programs that use them."""

import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import compose_spec
import kubernetes_validate
import pytest
import yaml
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig
from typer.testing import CliRunner

from keras_gan.artifacts.artifact_entry import ArtifactEntry, Latency
from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.cli.app import app
from keras_gan.serving.protos import messages as messages_pb2
from keras_gan.serving.tf_serving import Deployment, ServedModel, find_models, fit_batching
from keras_gan.serving.tf_serving.config_files import batching_parameters, model_config
from keras_gan.serving.tf_serving.deployment import _dns

TARGETS = ("docker", "kubernetes", "kserve")
KUBERNETES = "1.34"


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["deploy", *map(str, arguments)])


def add_version(home, number, image_shape=(8, 8, 1), listed=True):
    """A version whose SavedModel is made up."""
    folder = home / str(number)
    (folder / "variables").mkdir(parents=True)
    names = ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001")
    for name in names:
        (folder / name).write_bytes(name.encode() * 1000)
    (folder / "model.onnx").write_bytes(b"not served here")
    if listed:
        Manifest(
            name=home.name,
            version=number,
            created=datetime(2026, 1, 2, tzinfo=timezone.utc),
            packages={},
            training={},
            latent_dim=12,
            image_shape=image_shape,
            image_range=(-1.0, 1.0),
            inputs=(TensorSpec(name="z", dtype="float32", shape=(None, 12)),),
            outputs=(TensorSpec(name="image", dtype="float32", shape=(None, 8, 8, 1)),),
            artifacts=(
                ArtifactEntry(
                    format="saved_model",
                    filename="saved_model.pb",
                    files=tuple(FileEntry.of(folder, folder / name) for name in names),
                    parity=(),
                ),
            ),
        ).dump(folder)
    return folder


@pytest.fixture
def exported(tmp_path):
    """`digits` in versions 2, 9 and 10 and `Faces_v1.5` in version 1, and what must not be taken for a model."""
    for number in (2, 9, 10):
        add_version(tmp_path / "exported" / "digits", number)
    add_version(tmp_path / "exported" / "Faces_v1.5", 1, listed=False)
    (tmp_path / "exported" / ".export.x1" / "version").mkdir(parents=True)
    (tmp_path / "exported" / "notes").mkdir()
    return tmp_path / "exported"


def served(text):
    return {
        config.name: (
            config.base_path,
            list(config.model_version_policy.specific.versions),
            dict(config.version_labels),
        )
        for config in text_format.Parse(text, ModelServerConfig()).model_config_list.config
    }


def test_the_newest_version_of_each_model_is_stable(exported, tmp_path):
    result = run(exported, "--to", "docker", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert served((tmp_path / "out/config/models.config").read_text()) == {
        "Faces_v1.5": ("/models/Faces_v1.5", [1], {"stable": 1}),
        "digits": ("/models/digits", [10], {"stable": 10}),
    }
    config = text_format.Parse((tmp_path / "out/config/models.config").read_text(), ModelServerConfig())
    assert {one.model_platform for one in config.model_config_list.config} == {"tensorflow"}


def test_versions_and_labels_as_given(exported, tmp_path):
    labels = ["--label", "stable=2", "--label", "canary=10", "--version", 9]
    result = run(exported / "digits", "--to", "docker", "--output", tmp_path / "out", *labels)
    assert result.exit_code == 0, result.output
    assert served((tmp_path / "out/config/models.config").read_text()) == {
        "digits": ("/models/digits", [2, 9, 10], {"stable": 2, "canary": 10})
    }


def test_labels_of_one_of_several_models(exported, tmp_path):
    labels = ["--label", "digits/stable=2", "--label", "digits/canary=10", "--version", "digits/9"]
    result = run(exported, "--to", "docker", "--output", tmp_path / "out", *labels)
    assert result.exit_code == 0, result.output
    assert served((tmp_path / "out/config/models.config").read_text()) == {
        "Faces_v1.5": ("/models/Faces_v1.5", [1], {"stable": 1}),
        "digits": ("/models/digits", [2, 9, 10], {"stable": 2, "canary": 10}),
    }


def test_a_deployment_of_several_models_is_named_after_none_of_them(exported, tmp_path):
    result = run(exported, "--to", "kubernetes", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    names = {
        document["metadata"]["name"] for document in documents(tmp_path / "out").values() if "metadata" in document
    }
    assert names == {"gan-models"}
    container = documents(tmp_path / "out")["deployment.yaml"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "gan-models-serving:faces-v1-5-1.digits-10"
    assert "docker push" not in result.output
    assert "--tag registry.example.com/gan-models-serving:faces-v1-5-1.digits-10" in result.output
    result = run(exported, "--to", "docker", "--output", tmp_path / "docker")
    for name in ("digits", "Faces_v1.5"):
        assert f"curl http://127.0.0.1:8501/v1/models/{name}" in result.output
    assert yaml.safe_load((tmp_path / "docker/compose.yaml").read_text())["name"] == "gan-models"


def test_the_tag_of_many_models_is_short(tmp_path):
    for number in range(30):
        add_version(tmp_path / "exported" / f"model-{number}", 1)
    deployment = Deployment(find_models(tmp_path / "exported"), "kubernetes", tmp_path / "out")
    assert len(deployment.image_tag.partition(":")[2]) <= 128


@pytest.mark.parametrize(
    "command", [["serve"], ["verify"], ["deploy", "--to", "docker"], ["serve", "--model_base_path"]]
)
def test_a_run_is_refused_with_the_command_that_exports_it(tmp_path, command):
    folder = tmp_path / "my run"
    folder.mkdir()
    (folder / "config.yaml").write_text("name: dcgan\n")
    result = CliRunner().invoke(app, [*command, str(folder)])
    with pytest.raises(ValueError, match=r"training run. Export it first:\n  keras-gan export '.*my run' --output exp"):
        raise result.exception


def test_a_model_from_within_its_folder(exported, monkeypatch):
    monkeypatch.chdir(exported / "digits")
    assert [(m.name, m.path) for m in find_models(".")] == [("digits", exported / "digits")]


def test_version_folders_may_begin_with_zeros(exported):
    (exported / "digits" / "10").rename(exported / "digits" / "00010")
    assert find_models(exported / "digits")[0].versions == (10,)


@given(
    st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=4, unique=True),
    st.dictionaries(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), st.integers(0, 3), max_size=3),
)
def test_any_model_config_parses_back(versions, labels):
    labels = {label: versions[i % len(versions)] for label, i in labels.items()}
    model = object.__new__(ServedModel)  # there are no such folders
    for name, value in (("name", "a.b_c-d"), ("versions", tuple(versions)), ("labels", labels)):
        object.__setattr__(model, name, value)
    assert served(model_config([model], "/m")) == {"a.b_c-d": ("/m/a.b_c-d", versions, labels)}


def test_monitoring_is_on_at_the_usual_path(exported, tmp_path):
    run(exported, "--to", "docker", "--output", tmp_path / "out")
    parsed = text_format.Parse((tmp_path / "out/config/monitoring.txt").read_text(), messages_pb2.MonitoringConfig())
    assert parsed.prometheus_config.enable
    assert parsed.prometheus_config.path == "/monitoring/prometheus/metrics"


def parsed_batching(batching):
    """Rows in a batch and batches that wait, after the rest was looked at."""
    parsed = text_format.Parse(batching_parameters(batching), messages_pb2.BatchingParameters())
    assert (parsed.max_batch_size.value, parsed.batch_timeout_micros.value) == (128, 0)
    assert parsed.HasField("batch_timeout_micros")
    assert parsed.enable_large_batch_splitting.value
    # The largest request, in parts, must fit into the queue.
    assert parsed.max_enqueued_batches.value * parsed.max_execution_batch_size.value >= 128
    assert parsed.num_batch_threads.value == batching.num_batch_threads
    return parsed.max_execution_batch_size.value, parsed.max_enqueued_batches.value


@pytest.mark.parametrize(
    ("latencies", "expected"),
    [
        ([{1: 3.18, 8: 8.47, 32: 24.2}], (32, 41)),  # 1,322 rows a second at best; 1000 ms / 24.2 ms
        ([{1: 1.0, 8: 8.0, 32: 32.0}], (1, 1000)),  # a batch gains nothing
        ([{1: 10.0, 8: 40.0, 32: 200.0}], (8, 25)),  # 32 rows a batch take longer than 100 ms
        ([{1: 10.0, 8: 40.0}, {1: 3.18, 8: 8.47, 32: 24.2}], (8, 25)),  # the slowest decides
        ([{1: 400.0, 8: 3000.0}], (1, 128)),
        ([{}, {8: 8.0}], (8, 125)),
    ],
)
def test_batches_are_as_large_as_pays(latencies, expected):
    assert parsed_batching(fit_batching(latencies)) == expected


def test_latencies_are_those_of_the_newest_manifest(exported, tmp_path):
    entry = Manifest.load(exported / "digits/10").entry("saved_model")
    rows = tuple(Latency(batch=size, median_ms=ms, runs=3) for size, ms in ((1, 2.0), (8, 20.0)))
    path = exported / "digits/10/manifest.json"
    changed = Manifest.load(path).model_copy(update={"artifacts": (entry.model_copy(update={"latency": rows}),)})
    changed.dump(path.parent)
    assert find_models(exported / "digits")[0].latencies == {1: 2.0, 8: 20.0}
    assert run(exported / "digits", "--to", "docker", "--output", tmp_path / "out").exit_code == 0
    text = (tmp_path / "out/config/batching_parameters.txt").read_text()
    assert "max_execution_batch_size { value: 1 }" in text
    assert "no manifest has latencies" not in text


def test_batching_that_was_not_measured_says_so():
    batching = fit_batching([{}], cpus=4)
    assert (parsed_batching(batching), batching.num_batch_threads) == ((32, 10), 4)
    assert "no manifest has latencies" in batching_parameters(batching)
    assert "no manifest has latencies" not in batching_parameters(fit_batching([{1: 2.0}]))


@pytest.mark.parametrize("latency", [{0: 1.0}, {1: 0.0}, {1: float("nan")}, {1: float("inf")}])
def test_latencies_that_are_none_are_refused(latency):
    with pytest.raises(ValueError, match=r"`latencies` must be .* Received"):
        fit_batching([latency])


def test_translators_of_any_size_are_served_without_batching(exported, tmp_path):
    add_version(exported / "monet", 1, image_shape=(None, None, 3))
    result = run(exported, "--to", "docker", "--output", tmp_path / "out")
    assert "Without batching" in result.output
    assert sorted(path.name for path in (tmp_path / "out/config").iterdir()) == ["models.config", "monitoring.txt"]
    assert not any("batching" in flag for flag in compose(tmp_path / "out")["command"])


def compose(folder):
    return yaml.safe_load((folder / "compose.yaml").read_text())["services"]["serving"]


def test_the_compose_file_is_one(exported, tmp_path):
    run(exported, "--to", "docker", "--output", tmp_path / "out")
    parsed = compose_spec.PyCompose.from_yaml((tmp_path / "out/compose.yaml").read_text())
    parsed.validate()
    parsed.to_spec()
    serving = compose(tmp_path / "out")
    assert serving["image"] == "tensorflow/serving:2.20.0"
    assert all(port.startswith("127.0.0.1:") for port in serving["ports"])
    assert (serving["read_only"], serving["cap_drop"], serving["user"]) == (True, ["ALL"], "65534:65534")
    for mount in serving["volumes"]:
        assert mount["read_only"]
    sources = {mount["target"]: (tmp_path / "out" / mount["source"]).resolve() for mount in serving["volumes"]}
    assert sources == {
        "/models/Faces_v1.5": exported / "Faces_v1.5",
        "/models/digits": exported / "digits",
        "/config": tmp_path / "out" / "config",
    }
    # Without it labels given at the start are of versions that are not available yet, and the start fails.
    assert "--allow_version_labels_for_unavailable_models=true" in serving["command"]
    for flag in serving["command"]:
        if "=/config/" in flag:
            assert (sources["/config"] / flag.partition("=/config/")[2]).is_file(), flag


def test_paths_of_any_kind_survive_yaml_and_compose(tmp_path):
    folder = tmp_path / 'a "b": #c $d' / "exported"
    add_version(folder / "digits", 1)
    result = run(folder, "--to", "docker", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    source = compose(tmp_path / "out")["volumes"][0]["source"]
    assert (tmp_path / "out" / source.replace("$$", "$")).resolve() == folder / "digits"


@pytest.mark.parametrize("answer", ["AVAILABLE", "LOADING"])
@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_the_health_check_reads_the_status_of_every_model(exported, tmp_path, answer, target):
    """The image has bash and no curl; here bash asks a server of the test."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    asked = []
    answers = {"/v1/models/digits": "AVAILABLE", "/v1/models/Faces_v1.5": answer}

    class Status(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'{{"model_version_status": [{{"state": "{answers[self.path]}"}}]}}'.encode())

        def log_message(self, *_):
            pass

    run(exported, "--to", target, "--output", tmp_path / "out")
    if target == "docker":
        test = compose(tmp_path / "out")["healthcheck"]["test"]
        assert test[:3] == ["CMD", "bash", "-c"]
    else:
        container = documents(tmp_path / "out")["deployment.yaml"]["spec"]["template"]["spec"]["containers"][0]
        assert container["readinessProbe"]["exec"] == container["startupProbe"]["exec"]
        test = ["CMD", *container["readinessProbe"]["exec"]["command"]]
    with HTTPServer(("127.0.0.1", 0), Status) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        script = test[3].replace("8501", str(server.server_port))
        code = subprocess.run(["bash", "-c", script], timeout=120, check=False).returncode
        server.shutdown()
    assert (code == 0) == (answer == "AVAILABLE")
    assert set(asked) <= set(answers)
    assert "/v1/models/Faces_v1.5" in asked


def documents(folder):
    return {path.name: yaml.safe_load(path.read_text()) for path in folder.glob("*.yaml")}


def test_kubernetes_takes_every_manifest(exported, tmp_path):
    result = run(exported, "--to", "kubernetes", "--output", tmp_path / "out", "--tag", "example.com:5000/a/gan:3")
    assert result.exit_code == 0, result.output
    written = documents(tmp_path / "out")
    kustomization = written.pop("kustomization.yaml")
    assert sorted(kustomization["resources"]) == sorted(written)
    for document in written.values():
        kubernetes_validate.validate(document, KUBERNETES, strict=True)
    assert {d["metadata"]["name"] for d in written.values()} == {"gan-models"}
    pod = written["deployment.yaml"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    container = pod["spec"]["containers"][0]
    assert container["image"] == "example.com:5000/a/gan:3"
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"]
    assert container["resources"]["limits"]["memory"].endswith("Mi")
    # A model that is taken out later must not restart the pod.
    assert container["livenessProbe"]["httpGet"]["path"] == "/monitoring/prometheus/metrics"
    assert written["service.yaml"]["spec"]["selector"].items() <= labels.items()
    assert written["disruption_budget.yaml"]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    ports = {port["name"] for port in container["ports"]}
    assert {port["targetPort"] for port in written["service.yaml"]["spec"]["ports"]} == ports
    for name in kustomization["configMapGenerator"][0]["files"]:
        assert (tmp_path / "out" / name).is_file()


def test_the_image_holds_what_is_served_and_no_more(exported, tmp_path):
    run(exported / "digits", "--to", "kubernetes", "--output", tmp_path / "out", "--version", 9, "--version", 10)
    ignore = (tmp_path / "out/Dockerfile.dockerignore").read_text().split()
    assert ignore[0] == "**"
    assert [line for line in ignore if line[0] == "!"] == ["!digits/9", "!digits/10"]
    assert (tmp_path / "out/Dockerfile").read_text().splitlines()[1:3] == [
        "FROM tensorflow/serving:2.20.0",
        "COPY . /models",
    ]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
@pytest.mark.parametrize("target", ["kubernetes", "kserve"])
def test_kustomize_builds_it(exported, tmp_path, target):
    run(exported / "digits", "--to", target, "--output", tmp_path / "out")
    built = subprocess.run(
        ["kubectl", "kustomize", tmp_path / "out"], capture_output=True, text=True, timeout=600, check=False
    )
    assert built.returncode == 0, built.stderr
    made = {document["kind"]: document for document in yaml.safe_load_all(built.stdout)}
    config = made["ConfigMap"]
    assert set(config["data"]) == {path.name for path in (tmp_path / "out/config").iterdir()}
    pod = made["Deployment"]["spec"]["template"]["spec"] if target == "kubernetes" else None
    predictor = pod or made["InferenceService"]["spec"]["predictor"]
    assert predictor["volumes"][0]["configMap"]["name"] == config["metadata"]["name"]


def test_an_inference_service_is_a_pod_but_for_what_is_kserves(exported, tmp_path):
    uri = ["--storage-uri", "s3://models/digits"]
    result = run(exported / "digits", "--to", "kserve", "--output", tmp_path / "out", *uri)
    assert result.exit_code == 0, result.output
    service = documents(tmp_path / "out")["inference_service.yaml"]
    assert (service["apiVersion"], service["kind"]) == ("serving.kserve.io/v1beta1", "InferenceService")
    predictor = dict(service["spec"]["predictor"])
    model = dict(predictor.pop("model"))
    assert model.pop("modelFormat") == {"name": "tensorflow"}
    assert model.pop("storageUri") == "s3://models/digits"
    assert model.pop("protocolVersion") == "v1"
    assert not any("port" in flag or "model_name" in flag or "model_config" in flag for flag in model["args"])
    scale = {name: predictor.pop(name) for name in ("minReplicas", "maxReplicas", "scaleMetric", "scaleTarget")}
    assert scale == {"minReplicas": 1, "maxReplicas": 8, "scaleMetric": "cpu", "scaleTarget": 70}
    pod = {"containers": [{"name": "kserve-container", **model}], **predictor}
    kubernetes_validate.validate(
        {"apiVersion": "v1", "kind": "Pod", "metadata": service["metadata"], "spec": pod}, KUBERNETES, strict=True
    )


@pytest.mark.parametrize("name", ["digits", "TRUE", "9lives", "a_b.C", "-._", "null", "x" * 100, "no", "1e3"])
def test_names_become_what_kubernetes_takes(name, tmp_path):
    import re

    assert re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", _dns(name) + "-config-0123456789")
    if name[0] != "-":
        add_version(tmp_path / "exported" / name, 1)
        result = run(tmp_path / "exported", "--to", "kubernetes", "--output", tmp_path / "out")
        assert result.exit_code == 0, result.output
        written = documents(tmp_path / "out")
        written.pop("kustomization.yaml")
        for document in written.values():
            assert document["metadata"]["name"] == _dns(name)
            kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_nothing_is_written_over(exported, tmp_path):
    out = tmp_path / "out"
    assert run(exported / "digits", "--to", "docker", "--output", out).exit_code == 0
    (out / "compose.yaml").write_text("mine")
    again = run(exported / "digits", "--to", "docker", "--output", out, "--label", "stable=2")
    assert isinstance(again.exception, FileExistsError)
    assert "--force" in str(again.exception)
    assert (out / "compose.yaml").read_text() == "mine"
    (out / "notes.md").write_text("mine")
    assert run(exported / "digits", "--to", "docker", "--output", out, "--label", "stable=2", "--force").exit_code == 0
    assert compose(out)["image"]
    assert (out / "notes.md").read_text() == "mine"
    assert served((out / "config/models.config").read_text())["digits"][2] == {"stable": 2}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_empty_folder_may_be_given_and_a_file_not(exported, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run(exported, "--to", "docker", "--output", tmp_path / "empty").exit_code == 0
    (tmp_path / "file").write_text("mine")
    for force in ([], ["--force"]):
        result = run(exported, "--to", "docker", "--output", tmp_path / "file", *force)
        assert isinstance(result.exception, FileExistsError)


@pytest.mark.parametrize("target", TARGETS)
def test_what_to_type_next_names_what_was_written(exported, tmp_path, target):
    result = run(exported / "digits", "--to", target, "--output", tmp_path / "out", "--name", "faces")
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert str(path.relative_to(tmp_path / "out")) in result.output
    assert str(tmp_path / "out") in result.output.rpartition("Written")[2]
    assert "kubectl" in result.output or "docker compose" in result.output


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["nowhere"], FileNotFoundError, "Expected a folder of exported models.*nowhere"),
        (["exported/notes"], FileNotFoundError, "Received: a folder without versions"),
        (
            ["exported", "--version", "2"],
            ValueError,
            "need the name of the model, such as --label Faces_v1.5/stable=1.*Faces_v1.5, digits",
        ),
        (["exported", "--label", "cats/stable=2"], ValueError, "name of a model: Faces_v1.5, digits. Received: cats"),
        (["exported/digits", "--version", "cats/2"], ValueError, "name of a model: digits. Received: cats"),
        (["exported/digits", "--version", "3"], FileNotFoundError, "version of digits: 2, 9, 10. Received: version 3"),
        (["exported/digits", "--label", "a b=2"], ValueError, "A label must name a version.*Received: a b=2"),
        (["exported/digits", "--name", "Big"], ValueError, "`name` must be .* Received: 'Big'"),
        (["exported/digits", "--image", "x y"], ValueError, "`image` must be .* Received: 'x y'"),
        (["exported/digits", "--tag", "a\nRUN b"], ValueError, "`tag` must be "),
        (
            ["exported/digits", "--to", "kserve", "--storage-uri", "s3"],
            ValueError,
            "`storage_uri` must be a URI.* Received: 's3'",
        ),
        (["exported", "--to", "kserve"], ValueError, "serves one model.* Received: Faces_v1.5, digits"),
    ],
)
def test_what_cannot_be_deployed_is_refused(exported, tmp_path, monkeypatch, arguments, error, says):
    monkeypatch.chdir(tmp_path)
    target = [] if "--to" in arguments else ["--to", "kubernetes"]
    result = run(*arguments, *target)
    with pytest.raises(error, match=says):
        raise result.exception
    assert not Path("deploy").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--to", "nomad"],
        [],
        ["--to", "docker", "--label", "stable"],
        ["--cpus", "0"],
        ["--to", "kserve", "--version", "9"],
        ["--to", "kserve", "--label", "stable=9"],
        ["--to", "docker", "--tag", "example.com/digits:3"],
        ["--to", "docker", "--storage-uri", "s3://bucket/digits"],
        ["--to", "docker", "--version", "nine"],
        ["--to", "docker", "--label", "digits/stable=9", "--label", "canary=10"],
    ],
)
def test_wrong_usage(exported, tmp_path, arguments):
    assert run(exported / "digits", *arguments, "--output", tmp_path / "out").exit_code == 2
    assert not (tmp_path / "out").exists()


def test_damaged_models_are_refused(exported, tmp_path):
    (exported / "digits/10/variables/variables.index").write_bytes(b"changed")
    with pytest.raises(ArtifactError, match=r"variables\.index"):
        find_models(exported)
    (exported / "Faces_v1.5/1/saved_model.pb").unlink()
    with pytest.raises(ArtifactError, match=r"--format saved_model.*without saved_model\.pb"):
        find_models(exported / "Faces_v1.5")


@pytest.mark.parametrize(
    ("path", "mode"),
    [("digits/10/saved_model.pb", 0o600), ("digits/10/variables", 0o754), ("digits/10", 0o750), ("digits", 0o751)],
)
def test_models_that_the_server_could_not_read_are_refused(exported, path, mode):
    (exported / path).chmod(mode)
    with pytest.raises(PermissionError, match=rf"chmod -R a\+rX '.*/digits'.*{path}`, which other users cannot read"):
        find_models(exported)


def test_memory_is_more_than_the_models(exported, tmp_path):
    with (exported / "digits/10/variables/variables.data-00000-of-00001").open("ab") as file:
        file.truncate(300 * 2**20)
    (exported / "digits/10/manifest.json").unlink()
    deployment = Deployment(find_models(exported), "docker", tmp_path / "out")
    assert "memory: 2304M" in deployment.files()["compose.yaml"]  # 1,024 + 4 x 300, rounded up to quarters of a GiB


def test_a_disk_that_is_full_leaves_nothing(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    result = run(exported, "--to", "docker", "--output", tmp_path / "out")
    assert isinstance(result.exception, OSError)
    assert [path.name for path in tmp_path.iterdir()] == ["exported"]
