/** Connects the page: the model, its state, and the address. */

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
  if (served.length === 0) throw new Error("This server has no model for this page. Reload the page when it has one.");
  await show();
}

/** Shows the state. */
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

/** Returns the model of the state, or the newest version of its name, or the first model. */
function wanted() {
  const named = served.filter(({ name }) => name === state.model);
  const exact = named.find(({ version }) => version === state.version);
  const found = exact ?? named[0] ?? served[0];
  $("gone").hidden = state.model === null || (named.length > 0 && (state.version === null || exact !== undefined));
  $("gone").textContent = `The link's model is not on this server. This is ${found.name}, version ${found.version}.`;
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
    // Browsers allow this only over HTTPS and for pages of this machine.
    $("notice").value = "This browser does not let the page copy. Copy the address from the address bar.";
  }
});
window.addEventListener("hashchange", () => {
  state = parse(location.hash);
  attempt(show);
});

attempt(start);
