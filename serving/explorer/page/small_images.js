/** The small images beside the sliders and between two seeds, which are rendered when nothing moves. */

import { Latest } from "./latest.js";
import { paint } from "./picture.js";
import { ENDS } from "./sliders.js";

const REST_MS = 200;
const STEPS = Array.from({ length: 9 }, (_, i) => i / 8);

export class SmallImages {
  #rest = null;
  #steps;

  /** `sliders` has the `Sliders` of each tab. `strip` holds the steps between two seeds, and `onStep` gets one. */
  constructor(sliders, strip, onStep, onError) {
    this.sliders = sliders;
    this.strip = strip;
    this.latest = new Latest(onError, document.querySelector(".controls"));
    this.#steps = STEPS.map((mix) => {
      const button = document.createElement("button");
      button.setAttribute("aria-label", `${Math.round(mix * 100)} % of the way`);
      button.append(document.createElement("canvas"));
      button.addEventListener("click", () => onStep(mix));
      return button;
    });
  }

  /** Renders the images of the open tab once nothing has changed for a while. */
  renderSoon(renderer, state) {
    clearTimeout(this.#rest);
    this.latest.element.ariaBusy = "true";
    const render = state.tab === "between" ? this.#renderStrip : this.#renderEnds;
    this.#rest = setTimeout(() => this.latest.run((signal) => render.call(this, renderer, state, signal)), REST_MS);
  }

  async #renderEnds(renderer, state, signal) {
    const sliders = this.sliders[state.tab];
    const at = (name, value) =>
      state.tab === "dimensions"
        ? { ...state, dimensions: new Map(state.dimensions).set(Number(name), value) }
        : { ...state, amounts: new Map(state.amounts).set(name, value) };
    const names = sliders.names;
    const images = await renderer.variations(names.flatMap((name) => ENDS.map((end) => at(name, end))), signal);
    // The user may have turned the page meanwhile.
    if (names.every((name, i) => name === sliders.names[i])) sliders.paintEnds(images, renderer.model.image_range);
  }

  async #renderStrip(renderer, state, signal) {
    const states = state.to === null ? [] : STEPS.map((mix) => ({ ...state, mix }));
    const images = await renderer.variations(states, signal);
    if (images === null) return this.strip.replaceChildren();
    images.forEach((image, i) => paint(this.#steps[i].firstChild, image, renderer.model.image_range));
    if (this.strip.children.length === 0) this.strip.append(...this.#steps);
  }
}
