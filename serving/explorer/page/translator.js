/** The page of a translator: an image before and after. */

import * as api from "./api.js";
import { Latest } from "./latest.js";
import { fileOf, paintFile, save } from "./picture.js";

const SIDES = [128, 256, 512];
const $ = (id) => document.getElementById(id);

/** `on.error` gets an error, or null once it is gone. */
export class Translator {
  #image = null;

  constructor(on) {
    this.on = on;
    this.latest = new Latest(on.error, $("compare"));
    this.model = null;
    $("file").addEventListener("change", ({ target }) => target.files[0] && this.#take(target.files[0]));
    const page = $("translator");
    page.addEventListener("dragover", (event) => {
      event.preventDefault();
      $("drop").classList.add("over");
    });
    page.addEventListener("dragleave", () => $("drop").classList.remove("over"));
    page.addEventListener("drop", (event) => {
      event.preventDefault();
      $("drop").classList.remove("over");
      if (event.dataTransfer.files[0]) this.#take(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", ({ clipboardData }) => {
      if (!page.hidden && clipboardData.files[0]) this.#take(clipboardData.files[0]);
    });
    $("side").replaceChildren(...SIDES.map((side) => new Option(side, side)));
    $("side").addEventListener("change", () => this.#translate());
    $("divider").addEventListener("input", () => this.#divide());
    $("save").addEventListener("click", async () => {
      save(await fileOf($("after")), `${this.model.name}-v${this.model.version}-of-${this.#image.name}.png`);
    });
  }

  /** Shows a model. */
  show(model) {
    this.model = model;
    const trained = Math.max(...model.image_sizes.flat(), 0);
    $("side").value = SIDES.find((side) => side >= trained) ?? SIDES.at(-1);
    $("side").disabled = model.image_shape[0] !== null;
    this.#translate();
  }

  async #take(file) {
    try {
      const bitmap = await createImageBitmap(file);
      this.#image?.bitmap.close();
      this.#image = { bitmap, name: file.name.replace(/\.\w+$/, "").replaceAll(/[^\w.-]+/g, "_") || "image" };
      this.#translate();
    } catch {
      this.on.error(new Error(`This browser cannot read ${file.name || "that"} as an image.`));
    }
  }

  #translate() {
    if (this.#image === null) return;
    this.latest.replace(async (signal) => {
      const start = performance.now();
      const { model } = this;
      const [width, height] = this.#size(this.#image.bitmap);
      const before = $("before");
      [before.width, before.height] = [width, height];
      const context = before.getContext("2d");
      [context.fillStyle, context.imageSmoothingQuality] = ["#fff", "high"];
      context.fillRect(0, 0, width, height); // behind what is transparent
      context.drawImage(this.#image.bitmap, 0, 0, width, height);
      $("translated").value = "Translating\u2026";
      try {
        await paintFile($("after"), await api.translate(model, await fileOf(before), signal));
      } catch (error) {
        $("translated").value = "";
        throw error;
      }
      $("compare").hidden = false;
      $("save").disabled = false;
      this.#divide();
      const took = Math.round(performance.now() - start);
      $("translated").value = `${this.#image.name}, ${width} x ${height}, in ${took} ms`;
      this.on.error(null);
    });
  }

  /** Returns the largest size that the model takes, up to the image's size and the chosen size. */
  #size(bitmap) {
    const [height, width] = this.model.image_shape;
    if (height !== null && width !== null) return [width, height];
    const scale = Math.min(1, Number($("side").value) / Math.max(bitmap.width, bitmap.height));
    const multiple = this.model.size_multiple;
    return [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round((side * scale) / multiple)) * multiple);
  }

  #divide() {
    document.querySelector(".pair").style.setProperty("--divide", `${$("divider").value}%`);
  }
}
