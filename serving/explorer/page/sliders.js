/** Rows of a slider, with a small image at each end. */

import { paint } from "./picture.js";

const FARTHEST = 4;
/** Values of the slider at its small images. */
export const ENDS = [-3, 3];

/** The sliders of one panel. */
export class Sliders {
  #rows = new Map();

  /** `onChange` gets the name and the value, which is null to undo it. */
  constructor(element, onChange) {
    this.element = element;
    this.onChange = onChange;
  }

  /** Returns the names of the rows. */
  get names() {
    return [...this.#rows.keys()];
  }

  /** Shows rows: [{name, title, note}]. */
  show(rows) {
    if (rows.length === this.#rows.size && rows.every(({ name }) => this.#rows.has(name))) return;
    this.#rows.clear();
    this.element.replaceChildren(...rows.map((row) => this.#build(row)));
  }

  /** Sets the values: {name: [value, isChanged]}. */
  set(values) {
    for (const [name, row] of this.#rows) {
      const [value, changed] = values(name);
      if (Number(row.input.value) !== value) row.input.value = value;
      row.value.value = signed(value);
      row.element.classList.toggle("changed", changed);
      row.undo.disabled = !changed;
    }
  }

  /** Paints the images at the ends, two for each row in the order of the names, or removes them. */
  paintEnds(images, range) {
    [...this.#rows.values()].forEach((row, i) => {
      for (const [side, canvas] of row.ends.entries()) {
        canvas.hidden = images === null;
        if (images !== null) paint(canvas, images[2 * i + side], range);
      }
    });
  }

  #build({ name, title, note }) {
    const id = `slider-${name.replace(":", "-")}`;
    const element = document.createElement("div");
    element.className = "slider";
    element.innerHTML = `<label></label><canvas width="1" height="1" aria-hidden="true"></canvas>
      <input type="range" min="${-FARTHEST}" max="${FARTHEST}" step="0.05">
      <canvas width="1" height="1" aria-hidden="true"></canvas><output></output><button class="undo">&#x21ba;</button>`;
    const [label, low, input, high, value, undo] = element.children;
    label.textContent = title;
    if (note) {
      const small = document.createElement("small");
      small.textContent = ` ${note}`;
      label.append(small);
    }
    label.htmlFor = input.id = id;
    value.htmlFor = id;
    undo.setAttribute("aria-label", `Undo ${title}`);
    input.addEventListener("input", () => this.onChange(name, Number(input.value)));
    undo.addEventListener("click", () => {
      this.onChange(name, null);
      input.focus(); // the button is disabled now
    });
    this.#rows.set(name, { element, input, value, undo, ends: [low, high] });
    return element;
  }
}

function signed(value) {
  return `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(2)}`;
}
