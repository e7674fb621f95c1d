/** Changes of z in the latent space. */

/** Interpolates from `a` to `b` along the arc between them, and their lengths linearly, as `keras_gan.latent.slerp`. */
export function slerp(a, b, t) {
  const [lengthA, lengthB] = [norm(a), norm(b)];
  const straight = () => a.map((x, i) => (1 - t) * x + t * b[i]);
  if (lengthA === 0 || lengthB === 0) return straight();
  const cosine = Math.min(1, Math.max(-1, a.reduce((sum, x, i) => sum + (x / lengthA) * (b[i] / lengthB), 0)));
  const omega = Math.acos(cosine);
  const sine = Math.sin(omega);
  if (sine < 1e-6) return straight();
  const [partA, partB] = [Math.sin((1 - t) * omega) / sine, Math.sin(t * omega) / sine];
  const length = (1 - t) * lengthA + t * lengthB;
  return a.map((x, i) => ((partA * x) / lengthA + (partB * b[i]) / lengthB) * length);
}

/** Returns the unit vector from the mean of `without` to the mean of `having`. Returns null if there is none. */
export function attribute(having, without) {
  if (having.length === 0 || without.length === 0) return null;
  const difference = having[0].map((_, i) => mean(having, i) - mean(without, i));
  const length = norm(difference);
  return length > 0 ? difference.map((x) => x / length) : null;
}

/** Returns z of the image: the start times the truncation, then [dimension, value]s, then [direction, distance]s. */
export function compose(start, truncation, dimensions, moves) {
  const z = start.map((x) => x * truncation);
  for (const [dimension, value] of dimensions) z[dimension] = value;
  for (const [vector, amount] of moves) vector.forEach((x, i) => (z[i] += amount * x));
  return z;
}

function norm(vector) {
  return Math.hypot(...vector);
}

function mean(rows, i) {
  return rows.reduce((sum, row) => sum + row[i], 0) / rows.length;
}
