/** Gathers small texts: one write each would be most of the work. */
export class BufferedOutput {
  static readonly BOUND = 64 * 1024;
  #text = '';

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= BufferedOutput.BOUND) this.#send();
  }

  #send(): void {
    process.stdout.write(this.#text);
    this.#text = '';
  }

  /** Writes what is gathered; a promise when the reader of the output has to be waited for. */
  flush(): Promise<void> | undefined {
    if (this.#text !== '') this.#send();
    const { stdout } = process;
    if (!stdout.writableNeedDrain || stdout.destroyed) return undefined;
    return new Promise((resolve) => {
      // A reader that is gone will not drain it.
      const events = ['drain', 'close', 'error'] as const;
      const done = () => {
        for (const event of events) stdout.off(event, done);
        resolve();
      };
      for (const event of events) stdout.on(event, done);
    });
  }
}
