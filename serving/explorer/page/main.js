/** Puts the page together: which model, its state, and the address. */

import * as api from "./api.js";
import { Generator } from "./generator.js";
import { format, initial, parse } from "./state.js";
import { Translator } from "./translator.js";

const ADDRESS_MS = 150; // browsers refuse to write the address many times a second
const $ = (id) => document.getElementById(id);

let served = [];
let shown = null; // the model
let state = parse(location.hash);
let timer = null;

const generator = new Generator({
  change: (changed) => {
    state = changed;
    $("notice").value = "";
    clearTimeout(timer);
    timer = setTimeout(writeAddress, ADDRESS_MS);
  },
  error: tell,
});
const translator = new Translator({ error: tell });

async function start() {
  served = await api.models();
  $("model").replaceChildren(...served.map(({ name, version }, i) => new Option(`${name}, version ${version}`, i)));
  $("model-label").hidden = served.length === 0;
  if (served.length === 0) throw new Error("This server has no model that it can show. Reload the page when it has.");
  await show();
}

/** Show what the state says. */
async function show() {
  const { name, version } = wanted();
  if (shown?.name !== name || shown.version !== version) shown = await api.model(name, version);
  state = { ...state, model: name, version };
  $("model").value = served.findIndex((one) => one.name === name && one.version === version);
  document.title = `${name} \u2013 Explorer`;
  const draws = shown.kind === "generator";
  $("generator").hidden = !draws;
  $("translator").hidden = draws;
  writeAddress();
  if (draws) await generator.show(shown, state);
  else translator.show(shown);
}

/** The model that the state names, else the newest of that name, else the first. */
function wanted() {
  const named = served.filter(({ name }) => name === state.model);
  const exact = named.find(({ version }) => version === state.version);
  const found = exact ?? named[0] ?? served[0];
  if (state.model !== null && !exact && state.version !== null) {
    tell(new Error(`${state.model}, version ${state.version}, is not served: this is ${found.name}, ${found.version}.`));
  }
  return found;
}

function writeAddress() {
  clearTimeout(timer);
  history.replaceState(null, "", `#${format(state)}`);
}

function tell(error) {
  $("problem").hidden = error === null;
  $("problem").textContent = error === null ? "" : error.message;
  if (error instanceof api.Refused && error.status === 401) askForToken();
}

function askForToken() {
  $("token").hidden = false;
  $("token").querySelector("input").focus();
}

function attempt(task) {
  return task().catch(tell);
}

$("token").addEventListener("submit", (event) => {
  event.preventDefault();
  api.useToken(event.target.querySelector("input").value);
  $("token").hidden = true;
  tell(null);
  attempt(start);
});
$("model").addEventListener("change", ({ target }) => {
  const { name, version } = served[target.value];
  state = { ...initial(), model: name, version };
  attempt(show);
});
$("link").addEventListener("click", async () => {
  writeAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    $("notice").value = "Copied.";
  } catch {
    // Browsers let pages write the clipboard over HTTPS and on this machine alone.
    $("notice").value = "This browser does not let the page copy. Copy the address above instead.";
  }
});
window.addEventListener("hashchange", () => {
  state = parse(location.hash);
  attempt(show);
});

attempt(start);
