/** Limits the number of requests. */

/** Runs one task at a time. While it runs, only the newest other task waits. Older ones never start. */
export class Latest {
  #waiting = null;
  #controller = null;

  /** `onError` gets what a task throws, unless it was aborted. `element` is busy while tasks run. */
  constructor(onError, element) {
    this.onError = onError;
    this.element = element;
  }

  run(task) {
    this.#waiting = task;
    if (this.#controller === null) this.#drain();
  }

  /** Aborts the running task, drops the waiting one, and runs `task`. */
  replace(task) {
    this.#controller?.abort();
    this.run(task);
  }

  async #drain() {
    this.element.ariaBusy = "true";
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
    this.element.ariaBusy = "false";
  }
}

/** Runs all tasks, `width` at a time. Throws the first error at once. */
export async function pool(tasks, width) {
  const left = tasks[Symbol.iterator]();
  const worker = async () => {
    for (const task of left) await task();
  };
  await Promise.all(Array.from({ length: width }, worker));
}
