"""The explorer's routes on a port, beside the least of a server that draws: Predict by columns, and PNG files."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keras_gan.images import to_uint8
from keras_gan.serving.engines import Engine, open_engine
from keras_gan.serving.explorer.facts import Signatures
from keras_gan.serving.explorer.routes import routes

FILES = {"serving_default": "model.onnx", "generate": "model_generate.onnx", "uint8": "model_uint8.onnx"}


@dataclasses.dataclass
class Version:
    name: str
    version: int
    folder: Path
    engines: dict[str, Engine]

    @classmethod
    def of(cls, folder: Path) -> Version:
        engines = {name: open_engine(folder / file) for name, file in FILES.items() if (folder / file).is_file()}
        return cls(folder.parent.name, int(folder.name), folder, engines)

    @property
    def signatures(self) -> Signatures:
        return {name: (engine.inputs, engine.outputs) for name, engine in self.engines.items()}

    def run(self, signature: str, inputs: dict) -> np.ndarray:
        engine = self.engines[signature]
        dtypes = {spec.name: spec.dtype for spec in engine.inputs}
        return engine.run({name: np.asarray(rows, dtypes[name]) for name, rows in inputs.items()})["image"]


@contextlib.contextmanager
def serving(*folders: Path) -> Iterator[str]:
    """The address of a server of version folders."""
    versions = [Version.of(folder) for folder in folders]
    by_name = {(one.name, one.version): one for one in versions}

    async def predict(request: Request) -> Response:
        body = await request.json()
        one = by_name[request.path_params["name"], request.path_params["version"]]
        return JSONResponse({"outputs": one.run(body["signature_name"], body["inputs"]).tolist()})

    def png(request: Request) -> Response:
        asked = request.query_params
        one = by_name[request.path_params["name"], int(asked["version"])]
        inputs = {"seed": [int(asked["seed"])], "index": [0], "truncation": [float(asked.get("truncation", 1))]}
        if "label" in asked:
            inputs["labels"] = [int(asked["label"])]
        image = to_uint8(one.run("generate", inputs)[0])
        file = io.BytesIO()
        Image.fromarray(image.squeeze()).save(file, "png")
        return Response(file.getvalue(), media_type="image/png")

    app = Starlette(
        routes=[
            *routes(lambda: versions),
            Route("/v1/models/{name}/versions/{version:int}:predict", predict, methods=["POST"]),
            Route("/v1/models/{name}:image.png", png),
        ]
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
