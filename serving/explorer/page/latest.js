/** Keeping requests few: one at a time, the newest wins. */

/** Runs the newest of many tasks. While one runs, only the last one asked for waits; those between never start. */
export class Latest {
  #waiting = null;
  #controller = null;

  /** @param {(error: Error) => void} onError Called with what a task throws, but for its being aborted. */
  constructor(onError) {
    this.onError = onError;
  }

  /** @param {(signal: AbortSignal) => Promise<void>} task */
  run(task) {
    this.#waiting = task;
    if (this.#controller === null) this.#drain();
  }

  /** Abort what runs, forget what waits, and run `task`. */
  replace(task) {
    this.#controller?.abort();
    this.run(task);
  }

  async #drain() {
    while (this.#waiting !== null) {
      const task = this.#waiting;
      const controller = new AbortController();
      this.#waiting = null;
      this.#controller = controller;
      try {
        await task(controller.signal);
      } catch (error) {
        if (!controller.signal.aborted) this.onError(error);
      }
    }
    this.#controller = null;
  }
}

/** Run all tasks, `width` at a time; the first error is thrown when it happens. */
export async function pool(tasks, width) {
  const left = tasks[Symbol.iterator]();
  const worker = async () => {
    for (const task of left) await task();
  };
  await Promise.all(Array.from({ length: width }, worker));
}
