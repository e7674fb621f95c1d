/** Requests to the server. They throw an `Error` with the server's message. */

const TIMEOUT_MS = 30_000;
let token = null;

/** An error that the server answered, with its HTTP status. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Sets the bearer token of all requests. */
export function useToken(given) {
  token = given;
}

/** Returns the models of the server: [{name, version}]. */
export async function models(signal) {
  return (await (await ask("explorer/models.json", signal)).json()).models;
}

/** Returns the facts about a model: kind, shapes, ranges, directions. */
export async function model(name, version, signal) {
  return (await ask(`explorer/models/${encodeURIComponent(name)}/${version}.json`, signal)).json();
}

/** Returns z for each seed, as the model samples it. */
export async function latents(seeds, latentDim, signal) {
  const query = new URLSearchParams({ seeds: seeds.join(","), latent_dim: latentDim });
  return (await (await ask(`explorer/z.json?${query}`, signal)).json()).z;
}

/** Returns the PNG file for a seed as a Blob. */
export async function png(model, { seed, label, truncation }, signal) {
  const query = new URLSearchParams({ seed, version: model.version });
  if (label !== null) query.set("label", label);
  if (truncation !== 1) query.set("truncation", truncation);
  return (await ask(`v1/models/${encodeURIComponent(model.name)}:image.png?${query}`, signal)).blob();
}

/** Returns the PNG file of a translated image, both as Blobs. */
export async function translate(model, image, signal) {
  const path = `v1/models/${encodeURIComponent(model.name)}/versions/${model.version}:image.png`;
  return (await ask(path, signal, { method: "POST", body: image })).blob();
}

/** Runs the model on arrays by input name, and returns the array of images. */
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

/** Replaces the browser's messages for a server that cannot be reached, which differ between browsers. */
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
