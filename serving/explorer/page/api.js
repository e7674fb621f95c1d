/** The server's endpoints. What goes wrong is an `Error` in the server's words. */

const TIMEOUT_MS = 30_000;
let token = null;

/** The server's refusal, with its HTTP status. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Send a bearer token with every request from now on. */
export function useToken(given) {
  token = given;
}

/** The models that are served: [{name, version}], a version each. */
export async function models(signal) {
  return (await (await ask("explorer/models.json", signal)).json()).models;
}

/** What there is to know of one model: kind, shapes, ranges, signatures, directions. */
export async function model(name, version, signal) {
  return (await ask(`explorer/models/${encodeURIComponent(name)}/${version}.json`, signal)).json();
}

/** z of each seed, as the model draws it: an array of arrays. */
export async function latents(seeds, latentDim, signal) {
  const query = new URLSearchParams({ seeds: seeds.join(","), latent_dim: latentDim });
  return (await (await ask(`explorer/z.json?${query}`, signal)).json()).z;
}

/** The PNG file of a seed, as a Blob. */
export async function png(model, { seed, label, truncation }, signal) {
  const query = new URLSearchParams({ seed, version: model.version });
  if (label !== null) query.set("label", label);
  if (truncation !== 1) query.set("truncation", truncation);
  return (await ask(`v1/models/${encodeURIComponent(model.name)}:image.png?${query}`, signal)).blob();
}

/** Predict: arrays by input in, the array of images out. */
export async function predict(model, signature, inputs, signal) {
  const path = `v1/models/${encodeURIComponent(model.name)}/versions/${model.version}:predict`;
  const body = JSON.stringify({ signature_name: signature, inputs });
  return (await (await ask(path, signal, { method: "POST", body })).json()).outputs;
}

async function ask(path, signal, options = {}) {
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])];
  const response = await fetch(path, { ...options, headers, signal: AbortSignal.any(limits) }).catch(unreached);
  if (!response.ok) throw new Refused(response.status, await reason(response));
  return response;
}

/** Browsers have words of their own for a server that is not there, each other ones. */
function unreached(error) {
  if (error instanceof TypeError) throw new Error("The server cannot be reached. Does it still run?");
  if (error.name === "TimeoutError") throw new Error(`The server did not answer in ${TIMEOUT_MS / 1000} seconds.`);
  throw error;
}

async function reason(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || `${response.status} ${response.statusText}`;
  }
}
