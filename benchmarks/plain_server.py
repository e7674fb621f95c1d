"""The server that one writes by hand: Starlette, ONNX Runtime and two threads. Nothing of keras_gan is in it.

    python benchmarks/plain_server.py PORT grey=grey/1/model.onnx colour=colour/1/model.onnx

`benchmarks/serving.py` compares keras_gan's server with it. It has no checks, limits, versions, metrics or errors.
"""

import asyncio
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import orjson
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LATENT = 128
pool = ThreadPoolExecutor(2)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
sessions = {
    name: onnxruntime.InferenceSession(path, options)
    for name, path in (argument.split("=") for argument in sys.argv[2:])
}


def as_json(name: str, body: bytes) -> bytes:
    document = orjson.loads(body)
    given, returned = ("instances", "predictions") if "instances" in document else ("inputs", "outputs")
    (image,) = sessions[name].run(["image"], {"z": np.array(document[given], np.float32)})
    return orjson.dumps({returned: image}, option=orjson.OPT_SERIALIZE_NUMPY)


def as_png(name: str, seed: int) -> bytes:
    z = np.random.default_rng(seed).standard_normal((1, LATENT), np.float32)
    (image,) = sessions[name].run(["image"], {"z": z})
    file = io.BytesIO()
    Image.fromarray(((image[0] + 1) * 127.5).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


async def predict(request: Request) -> Response:
    body = await request.body()
    answer = await asyncio.get_running_loop().run_in_executor(pool, as_json, request.path_params["name"], body)
    return Response(answer, media_type="application/json")


async def png(request: Request) -> Response:
    seed = int(request.query_params["seed"])
    answer = await asyncio.get_running_loop().run_in_executor(pool, as_png, request.path_params["name"], seed)
    return Response(answer, media_type="image/png")


app = Starlette(
    routes=[
        Route("/v1/models/{name}:predict", predict, methods=["POST"]),
        Route("/v1/models/{name}:image.png", png),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
