/** The small images beside the sliders and on the way between two seeds: drawn when nothing moves. */

import { Latest } from "./latest.js";
import { paint } from "./picture.js";
import { ENDS } from "./sliders.js";

const REST_MS = 200;
const STEPS = Array.from({ length: 9 }, (_, i) => i / 8);

export class SmallImages {
  #rest = null;
  #steps;

  /**
   * @param {object} sliders The `Sliders` of each tab that has some.
   * @param {HTMLElement} strip Holds the steps between two seeds.
   * @param {(mix: number) => void} onStep One of them was chosen.
   * @param {(error: Error) => void} onError
   */
  constructor(sliders, strip, onStep, onError) {
    this.sliders = sliders;
    this.strip = strip;
    this.latest = new Latest(onError);
    this.#steps = STEPS.map((mix) => {
      const button = document.createElement("button");
      button.setAttribute("aria-label", `${Math.round(mix * 100)} % of the way`);
      button.append(document.createElement("canvas"));
      button.addEventListener("click", () => onStep(mix));
      return button;
    });
  }

  /** Draw those of the tab that is shown, as soon as nothing has changed for a while. */
  drawSoon(drawing, state) {
    clearTimeout(this.#rest);
    const draw = state.tab === "between" ? this.#drawStrip : this.#drawEnds;
    this.#rest = setTimeout(() => this.latest.run((signal) => draw.call(this, drawing, state, signal)), REST_MS);
  }

  async #drawEnds(drawing, state, signal) {
    const sliders = this.sliders[state.tab];
    const at = (name, value) =>
      state.tab === "dimensions"
        ? { ...state, dimensions: new Map(state.dimensions).set(Number(name), value) }
        : { ...state, amounts: new Map(state.amounts).set(name, value) };
    const names = sliders.names;
    const images = await drawing.variations(names.flatMap((name) => ENDS.map((end) => at(name, end))), signal);
    // Another page of sliders may be there by now.
    if (names.every((name, i) => name === sliders.names[i])) sliders.paintEnds(images, drawing.model.image_range);
  }

  async #drawStrip(drawing, state, signal) {
    const states = state.to === null ? [] : STEPS.map((mix) => ({ ...state, mix }));
    const images = await drawing.variations(states, signal);
    if (images === null) return this.strip.replaceChildren();
    images.forEach((image, i) => paint(this.#steps[i].firstChild, image, drawing.model.image_range));
    if (this.strip.children.length === 0) this.strip.append(...this.#steps);
  }
}
