/** Converts arrays to pixels, and pixels to files. */

/** Paints an array of height x width x channels, with 1, 3 or 4 channels. `low` is black and `high` is white. */
export function paint(canvas, image, [low, high]) {
  const [height, width, channels] = [image.length, image[0].length, image[0][0].length];
  const pixels = new ImageData(width, height);
  const scale = 255 / (high - low);
  let at = 0;
  for (const row of image) {
    for (const pixel of row) {
      for (let c = 0; c < 3; c++) pixels.data[at + c] = Math.round((pixel[channels < 3 ? 0 : c] - low) * scale);
      pixels.data[at + 3] = channels === 4 ? Math.round((pixel[3] - low) * scale) : 255;
      at += 4;
    }
  }
  resize(canvas, width, height);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** Paints a PNG file. */
export async function paintFile(canvas, blob) {
  const bitmap = await createImageBitmap(blob);
  resize(canvas, bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
}

/** Returns the PNG file of a canvas. */
export function fileOf(canvas) {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Makes the browser save a file. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
