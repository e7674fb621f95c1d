/** The page of a generator: a grid of seeds, one image, and controls that change it. */

import { Renderer } from "./renderer.js";
import { Grid, TILES } from "./grid.js";
import { Latest } from "./latest.js";
import { fileOf, save } from "./picture.js";
import { Sliders } from "./sliders.js";
import { SmallImages } from "./small_images.js";
import { between, edited, labelOf, LAST_SEED, moved, reset } from "./state.js";
import { tabs } from "./tabs.js";

const DIMENSIONS_SHOWN = 16;
const METHODS = { sefa: "SeFa", pca: "PCA" };
const NOTES = {
  sefa: "Directions that the first layer amplifies most, with their share",
  pca: "Directions of z along the principal components of the first features, with their share of the variance",
};
const $ = (id) => document.getElementById(id);

/** Returns the name of a class, or its number if the model states no names. */
const className = (model, number) => model.class_names?.[number] ?? number;

/** `on.change` gets each new state. `on.error` gets an error, or null once it is gone. */
export class Generator {
  #dimension = 0; // the first one shown

  constructor(on) {
    this.on = on;
    this.renderer = null;
    this.state = null;
    this.picture = new Latest(on.error, document.querySelector(".picture"));
    this.grid = new Grid($("grid"), {
      choose: (seed) => this.#update({ ...reset(this.state), seed }),
      turn: (pages) => this.#turn(pages),
      error: on.error,
    });
    this.sliders = {
      directions: new Sliders($("directions"), (name, value) => this.#along(name, value)),
      dimensions: new Sliders($("dimensions"), (name, value) => this.#dimensionTo(Number(name), value)),
      own: new Sliders($("own"), (name, value) => this.#along(name, value)),
    };
    this.small = new SmallImages(this.sliders, $("strip"), (mix) => this.#update({ mix }), on.error);
    this.showTab = tabs(document.querySelector("[role=tablist]"), (tab) => this.#update({ tab }));
    this.#listen();
  }

  /** Shows a model in a state. */
  async show(model, state) {
    if (this.renderer?.model !== model) {
      this.renderer = new Renderer(model);
      this.#dimension = 0;
      this.#fit(model);
    }
    this.state = state;
    if (state.dimensions.size) this.#dimension = pageOf(Math.min(...state.dimensions.keys(), model.latent_dim - 1));
    this.#render();
    this.picture.replace((signal) => this.#renderImage(signal));
  }

  #fit(model) {
    const byZ = model.latent_dim !== null;
    document.querySelector(".controls").hidden = !byZ;
    $("class-label").hidden = !model.takes_labels || model.num_classes === null;
    $("class-number-label").hidden = !model.takes_labels || model.num_classes !== null;
    const classes = Array.from({ length: model.num_classes ?? 0 }, (_, i) => new Option(className(model, i), i));
    $("class").replaceChildren(new Option("each in turn", ""), ...classes);
    const methods = Object.keys(model.directions);
    $("method").replaceChildren(...methods.map((method) => new Option(METHODS[method] ?? method, method)));
    $("tab-directions").hidden = methods.length === 0;
    const [height, width] = model.image_shape;
    $("canvas").style.aspectRatio = `${width} / ${height}`;
    $("generator").classList.toggle("coarse", Math.max(height, width) <= 128);
  }

  #listen() {
    const whole = (input, use) =>
      input.addEventListener("change", () => {
        const seed = Number(input.value);
        if (input.value !== "" && Number.isInteger(seed) && seed >= 0 && seed <= LAST_SEED) use(seed);
        else this.#render();
      });
    $("earlier").addEventListener("click", () => this.#turn(-1));
    $("later").addEventListener("click", () => this.#turn(1));
    whole($("first"), (first) => this.#update({ ...reset(this.state), first: lastPage(first), seed: first }));
    $("random").addEventListener("click", () => {
      const first = crypto.getRandomValues(new Uint32Array(1))[0] % (LAST_SEED - TILES);
      this.#update({ ...reset(this.state), first, seed: first });
    });
    $("class").addEventListener("change", ({ target }) =>
      this.#update({ label: target.value === "" ? null : Number(target.value) }),
    );
    whole($("class-number"), (label) => this.#update({ label }));
    $("truncation").addEventListener("input", ({ target }) => this.#update({ truncation: Number(target.value) }));
    $("method").addEventListener("change", ({ target }) => this.#update({ method: target.value }));
    $("dimensions-earlier").addEventListener("click", () => this.#page(-1));
    $("dimensions-later").addEventListener("click", () => this.#page(1));
    whole($("to"), (to) => this.#update({ to, mix: this.state.to === null ? 0.5 : this.state.mix }));
    $("to-none").addEventListener("click", () => this.#update({ to: null, mix: 0 }));
    $("mix").addEventListener("input", ({ target }) => this.#update({ mix: Number(target.value) }));
    for (const [side, other] of [["having", "without"], ["without", "having"]]) {
      $(side === "having" ? "add-with" : "add-without").addEventListener("click", () => {
        const { seed, [side]: mine, [other]: theirs } = this.state;
        if (!mine.includes(seed)) this.#update({ [side]: [...mine, seed], [other]: theirs.filter((s) => s !== seed) });
      });
    }
    $("reset").addEventListener("click", () => {
      this.#update(reset(this.state));
      this.grid.focus(); // the button is disabled now
    });
    $("download").addEventListener("click", () => this.#download());
  }

  #update(change) {
    this.state = { ...this.state, ...change };
    this.#render();
    this.picture.run((signal) => this.#renderImage(signal));
    this.on.change(this.state);
  }

  #along(name, value) {
    const amounts = new Map(this.state.amounts);
    if (value === null || value === 0) amounts.delete(name);
    else amounts.set(name, value);
    this.#update({ amounts });
  }

  #dimensionTo(dimension, value) {
    const dimensions = new Map(this.state.dimensions);
    if (value === null) dimensions.delete(dimension);
    else dimensions.set(dimension, value);
    this.#update({ dimensions });
  }

  #turn(pages) {
    const first = Math.max(0, lastPage(this.state.first + pages * TILES));
    if (first === this.state.first) return;
    this.#update({ ...reset(this.state), first, seed: first });
    if ($("grid").contains(document.activeElement)) this.grid.focus();
  }

  #page(pages) {
    const last = pageOf(this.renderer.model.latent_dim - 1);
    this.#dimension = Math.min(last, Math.max(0, this.#dimension + pages * DIMENSIONS_SHOWN));
    this.#render();
  }

  async #download() {
    const { state, renderer } = this;
    try {
      const asIs = !edited(state) && renderer.model.from_seeds;
      // The server's file, because it may be signed.
      const blob = await (asIs ? renderer.file(state, state.seed) : fileOf($("canvas")));
      save(blob, `${this.#name(state)}.png`);
    } catch (error) {
      this.on.error(error);
    }
  }

  #name(state) {
    const { name, version } = this.renderer.model;
    const label = labelOf(state, this.renderer.model, state.seed);
    const parts = [`${name}-v${version}-seed${state.seed}`];
    if (label !== null) parts.push(`class${label}`);
    if (state.truncation !== 1) parts.push(`truncation${state.truncation}`);
    if (between(state)) parts.push(`to${state.to}`);
    if (edited(state)) parts.push("edited");
    return parts.join("-");
  }

  #title(seed, state = this.state) {
    const label = labelOf(state, this.renderer.model, seed);
    return `Seed ${seed}${label === null ? "" : `, class ${className(this.renderer.model, label)}`}`;
  }

  async #renderImage(signal) {
    const { state } = this;
    const start = performance.now();
    await this.renderer.state(state, $("canvas"), signal);
    $("timing").value = `${Math.round(performance.now() - start)} ms`;
    this.on.error(null);
    if (this.renderer.model.latent_dim !== null) await this.#setDimensions(state, signal);
  }

  #render() {
    const { state, renderer } = this;
    const { model } = renderer;
    const seeds = Array.from({ length: TILES }, (_, i) => state.first + i).filter((seed) => seed <= LAST_SEED);
    this.grid.show({
      seeds,
      chosen: state.seed,
      title: (seed) => this.#title(seed),
      key: `${model.name} ${model.version} ${state.label} ${state.truncation}`,
      render: (seed, canvas, signal) => renderer.seed(state, seed, canvas, signal),
    });
    const way = between(state) ? `, ${Math.round(state.mix * 100)} % of the way to seed ${state.to}` : "";
    const short = state.truncation === 1 ? "" : `, truncation ${state.truncation}`;
    $("caption").value = `${this.#title(state.seed)}${short}${way}${moved(state) ? ", changed" : ""}`;
    $("reset").disabled = !edited(state) && state.to === null;
    $("earlier").disabled = state.first === 0;
    $("later").disabled = state.first === lastPage(LAST_SEED);
    put($("first"), state.first);
    put($("class"), state.label ?? "");
    put($("class-number"), state.label ?? 0);
    put($("truncation"), state.truncation);
    $("truncation-value").value = state.truncation.toFixed(2);
    if (model.latent_dim === null) return;
    const tab = state.tab === "directions" && $("tab-directions").hidden ? "dimensions" : state.tab;
    this.showTab(tab);
    this.#renderSliders(model, state);
    this.#renderOwn(state);
    put($("to"), state.to ?? "");
    put($("mix"), state.mix);
    $("mix").disabled = $("to-none").disabled = state.to === null;
    $("mix-value").value = `${Math.round(state.mix * 100)} %`;
    this.small.renderSoon(renderer, { ...state, tab });
  }

  #renderSliders(model, state) {
    const methods = Object.keys(model.directions);
    const method = methods.includes(state.method) ? state.method : methods[0];
    put($("method"), method);
    const shares = model.directions[method]?.shares ?? [];
    this.sliders.directions.show(
      shares.map((share, i) => ({
        name: `${method}:${i}`,
        title: `${method}:${i}`,
        note: `${(100 * share).toFixed(1)} %`,
      })),
    );
    $("method-note").textContent = NOTES[method] ?? "";
    const until = Math.min(model.latent_dim, this.#dimension + DIMENSIONS_SHOWN);
    const dimensions = Array.from({ length: until - this.#dimension }, (_, i) => this.#dimension + i);
    this.sliders.dimensions.show(dimensions.map((d) => ({ name: String(d), title: `z[${d}]`, note: "" })));
    $("dimensions-shown").value = `${this.#dimension} to ${until - 1} of ${model.latent_dim}`;
    $("dimensions-earlier").disabled = this.#dimension === 0;
    $("dimensions-later").disabled = until === model.latent_dim;
    const ready = state.having.length > 0 && state.without.length > 0;
    this.sliders.own.show(ready ? [{ name: "own", title: "your own", note: "" }] : []);
    for (const sliders of [this.sliders.directions, this.sliders.own]) {
      sliders.set((name) => [state.amounts.get(name) ?? 0, state.amounts.has(name)]);
    }
  }

  async #setDimensions(state, signal) {
    const z = await this.renderer.z({ ...state, amounts: new Map() }, signal);
    this.sliders.dimensions.set((name) => [Number(z[name].toFixed(2)), state.dimensions.has(Number(name))]);
  }

  #renderOwn(state) {
    for (const [list, side] of [["with", "having"], ["without", "without"]]) {
      const chips = state[side].map((seed) => {
        const chip = document.createElement("button");
        chip.textContent = `${seed} \u00d7`;
        chip.setAttribute("aria-label", `Remove seed ${seed}`);
        chip.addEventListener("click", () => {
          this.#update({ [side]: this.state[side].filter((other) => other !== seed) });
          $(`add-${list}`).focus();
        });
        const item = document.createElement("li");
        item.append(chip);
        return item;
      });
      $(list).replaceChildren(...chips);
    }
  }
}

function pageOf(dimension) {
  return Math.floor(dimension / DIMENSIONS_SHOWN) * DIMENSIONS_SHOWN;
}

function lastPage(first) {
  return Math.min(first, LAST_SEED - TILES + 1);
}

/** Sets the value of a field, unless the user is typing in it. */
function put(field, value) {
  if (field !== document.activeElement || field.type === "range") field.value = value;
}
