/** The settings of the user, and the address that holds them. */

export const LAST_SEED = 2 ** 31 - 1;
const MOST_EXAMPLES = 32;
const FARTHEST = 10;

/** Returns the initial state. */
export function initial() {
  return {
    model: null,
    version: null,
    first: 0, // of the grid's seeds
    seed: 0,
    label: null, // null for each class in turn
    truncation: 1,
    dimensions: new Map(), // the value of each that was set
    amounts: new Map(), // how far along each direction: "sefa:0", "own"
    to: null, // the seed at the other end, if any
    mix: 0,
    having: [], // seeds with what someone looks for, and without
    without: [],
    tab: "directions",
    method: null, // that found the directions shown; null for the first there is
  };
}

/** Returns true if the image differs from that of its seed. */
export function edited(state) {
  return between(state) || moved(state);
}

/** Returns true if a dimension or a direction is changed. */
export function moved(state) {
  return state.dimensions.size > 0 || [...state.amounts.values()].some((amount) => amount !== 0);
}

/** Returns true if the image is between two seeds. */
export function between(state) {
  return state.to !== null && state.mix > 0;
}

/** Returns the state without changes to the image. */
export function reset(state) {
  return { ...state, dimensions: new Map(), amounts: new Map(), to: null, mix: 0 };
}

/** Returns the label of a seed, or null for a model without classes. */
export function labelOf(state, model, seed) {
  if (!model.takes_labels) return null;
  return state.label ?? (model.num_classes === null ? 0 : seed % model.num_classes);
}

/** Returns the state as a URL fragment, without initial values. */
export function format(state) {
  const plain = initial();
  const query = new URLSearchParams();
  for (const name of ["model", "version", "first", "seed", "label", "truncation", "to", "mix", "tab", "method"]) {
    if (state[name] !== plain[name]) query.set(name, state[name]);
  }
  if (state.dimensions.size) query.set("z", pairs(state.dimensions));
  const amounts = new Map([...state.amounts].filter(([, amount]) => amount !== 0));
  if (amounts.size) query.set("along", pairs(amounts));
  if (state.having.length) query.set("with", state.having.join(","));
  if (state.without.length) query.set("without", state.without.join(","));
  // These need no escape in a fragment, and are easier to read without it.
  return query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
}

/** Returns the state of a URL fragment. Invalid parts get their initial values. */
export function parse(fragment) {
  const query = new URLSearchParams(fragment.replace(/^#/, ""));
  const state = initial();
  const within = (name, low, high, whole = true) => {
    const text = query.get(name);
    const value = text === null || text.trim() === "" ? NaN : Number(text);
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) state[name] = value;
  };
  if (query.get("model")) state.model = query.get("model");
  within("version", 0, Number.MAX_SAFE_INTEGER);
  for (const name of ["first", "seed", "label", "to"]) within(name, 0, LAST_SEED);
  within("truncation", 0, 1.5, false);
  within("mix", 0, 1, false);
  if (/^\w{1,32}$/.test(query.get("method"))) state.method = query.get("method");
  if (["directions", "dimensions", "between", "own"].includes(query.get("tab"))) state.tab = query.get("tab");
  for (const [name, value] of values(query.get("z"), /^(\d{1,5})$/)) state.dimensions.set(Number(name), value);
  for (const [name, value] of values(query.get("along"), /^(\w{1,32}:\d{1,4}|own)$/)) state.amounts.set(name, value);
  state.having = seeds(query.get("with"));
  state.without = seeds(query.get("without"));
  return state;
}

function pairs(map) {
  return [...map].map(([name, value]) => `${name}:${Number(value.toFixed(4))}`).join(",");
}

function values(text, pattern) {
  return (text ?? "").split(",").flatMap((part) => {
    const at = part.lastIndexOf(":");
    const [name, value] = [part.slice(0, at), part.slice(at + 1)];
    const fine = at > 0 && pattern.test(name) && value !== "" && Math.abs(Number(value)) <= FARTHEST;
    return fine ? [[name, Number(value)]] : [];
  });
}

function seeds(text) {
  const found = (text ?? "").split(",").filter((part) => /^\d{1,10}$/.test(part) && Number(part) <= LAST_SEED);
  return [...new Set(found.map(Number))].slice(0, MOST_EXAMPLES);
}
