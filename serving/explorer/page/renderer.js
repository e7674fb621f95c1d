/** Turns a state into images, by requests to the server. */

import * as api from "./api.js";
import { attribute, compose, slerp } from "./latent.js";
import { paint, paintFile } from "./picture.js";
import { between, edited, labelOf } from "./state.js";

const MOST_KEPT = 256;
/** Largest number of values in the answer for small images, which is text. */
const MOST_NUMBERS = 500_000;

/** Renders the images of one model. */
export class Renderer {
  #latents = new Map();

  constructor(model) {
    this.model = model;
  }

  /** Renders the image of a seed without changes. */
  async seed(state, seed, canvas, signal) {
    const label = labelOf(state, this.model, seed);
    if (this.model.from_seeds) {
      await paintFile(canvas, await this.file(state, seed, signal));
    } else {
      const [z] = await this.latents([seed], signal);
      const [image] = await this.#predict([z.map((x) => x * state.truncation)], label, signal);
      paint(canvas, image, this.model.image_range);
    }
  }

  /** Returns the PNG file of a seed without changes. */
  file(state, seed, signal) {
    return api.png(this.model, { seed, label: labelOf(state, this.model, seed), truncation: state.truncation }, signal);
  }

  /** Renders the image of the state. */
  async state(state, canvas, signal) {
    if (!edited(state)) return this.seed(state, state.seed, canvas, signal);
    const [image] = await this.#predict([await this.z(state, signal)], labelOf(state, this.model, state.seed), signal);
    paint(canvas, image, this.model.image_range);
  }

  /** Returns images of several states, from one request, as arrays of pixels. Returns null if there are too many. */
  async variations(states, signal) {
    const [height, width, channels] = this.model.image_shape;
    if (states.length === 0 || states.length * height * width * channels > MOST_NUMBERS) return null;
    const z = await Promise.all(states.map((state) => this.z(state, signal)));
    return this.#predict(z, labelOf(states[0], this.model, states[0].seed), signal);
  }

  /** Returns z of the state. */
  async z(state, signal) {
    const ends = between(state) ? [state.seed, state.to] : [state.seed];
    const [start, end] = await this.latents(ends, signal);
    const own = await this.own(state, signal);
    const moves = [...state.amounts]
      .map(([name, amount]) => [name === "own" ? own : this.#direction(name), amount])
      .filter(([vector, amount]) => vector && amount !== 0);
    const onTheWay = end ? slerp(start, end, state.mix) : start;
    const dimensions = [...state.dimensions].filter(([dimension]) => dimension < this.model.latent_dim);
    return compose(onTheWay, state.truncation, dimensions, moves);
  }

  /** Returns the direction from the examples without to the examples with. Returns null if one kind is missing. */
  async own({ having, without }, signal) {
    if (having.length === 0 || without.length === 0) return null;
    const z = await this.latents([...having, ...without], signal);
    return attribute(z.slice(0, having.length), z.slice(having.length));
  }

  /** Returns z of seeds, from a cache if possible. */
  async latents(seeds, signal) {
    const missing = [...new Set(seeds)].filter((seed) => !this.#latents.has(seed));
    if (missing.length) {
      const rows = await api.latents(missing, this.model.latent_dim, signal);
      if (this.#latents.size + missing.length > MOST_KEPT) {
        const wanted = seeds.filter((seed) => this.#latents.has(seed)).map((seed) => [seed, this.#latents.get(seed)]);
        this.#latents = new Map(wanted);
      }
      missing.forEach((seed, i) => this.#latents.set(seed, rows[i]));
    }
    return seeds.map((seed) => this.#latents.get(seed));
  }

  #direction(name) {
    const [method, index] = name.split(":");
    return this.model.directions[method]?.vectors[index];
  }

  #predict(z, label, signal) {
    const inputs = label === null ? { z } : { z, labels: z.map(() => label) };
    return api.predict(this.model, "serving_default", inputs, signal);
  }
}
