/** The grid of seeds. One is chosen, as in a group of radio buttons. */

import { Latest, pool } from "./latest.js";

export const TILES = 20;
const AT_ONCE = 4;
const REST_MS = 120; // so that a slider being dragged does not load each step

export class Grid {
  #tiles = [];
  #key = null;
  #rest = null;

  /** `on.choose` gets a seed, and `on.turn` -1 or 1 pages. */
  constructor(element, on) {
    this.element = element;
    this.on = on;
    this.loading = new Latest(on.error, element);
    element.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Shows seeds, and which is chosen. `key` is what the images depend on: they are loaded again when it changes. */
  show({ seeds, chosen, title, key, render }) {
    const whole = `${seeds[0]} ${key}`;
    if (whole !== this.#key) {
      this.#key = whole;
      this.#load(seeds, title, render);
    }
    const there = seeds.includes(chosen);
    for (const { button, seed } of this.#tiles) {
      button.setAttribute("aria-checked", seed === chosen);
      button.tabIndex = seed === (there ? chosen : seeds[0]) ? 0 : -1;
    }
  }

  /** Moves the keyboard focus to the chosen seed. */
  focus() {
    this.element.querySelector('[tabindex="0"]')?.focus();
  }

  #load(seeds, title, render) {
    while (this.#tiles.length < seeds.length) this.#tiles.push(this.#build());
    for (const gone of this.#tiles.splice(seeds.length)) gone.button.remove();
    seeds.forEach((seed, i) => {
      const tile = this.#tiles[i];
      tile.seed = seed;
      tile.button.dataset.seed = seed;
      tile.number.textContent = seed;
      tile.button.setAttribute("aria-label", title(seed));
      tile.button.classList.add("waiting");
    });
    const tiles = this.#tiles.map((tile) => ({ ...tile }));
    const load = (signal) => {
      const tasks = tiles.map(({ seed, canvas, button }) => async () => {
        signal.throwIfAborted();
        await render(seed, canvas, signal);
        button.classList.remove("waiting");
      });
      return pool(tasks, AT_ONCE);
    };
    clearTimeout(this.#rest);
    this.element.ariaBusy = "true";
    this.#rest = setTimeout(() => this.loading.replace(load), REST_MS);
  }

  #build() {
    const button = document.createElement("button");
    button.setAttribute("role", "radio");
    const canvas = document.createElement("canvas");
    const number = document.createElement("span");
    canvas.setAttribute("aria-hidden", "true");
    button.append(canvas, number);
    this.element.append(button);
    button.addEventListener("click", () => this.on.choose(Number(button.dataset.seed)));
    return { button, canvas, number, seed: null };
  }

  #pressed(event) {
    const at = this.#tiles.findIndex(({ button }) => button === event.target.closest("button"));
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const last = this.#tiles.length - 1;
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - columns,
      ArrowDown: at + columns,
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "PageUp" || event.key === "PageDown") this.on.turn(event.key === "PageUp" ? -1 : 1);
    else if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (to >= 0 && to <= last) {
      this.#tiles[to].button.focus();
      this.on.choose(this.#tiles[to].seed);
    }
    event.preventDefault();
  }
}
