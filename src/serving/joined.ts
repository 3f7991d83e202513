/** One answer for all who ask while it is being made. */
export function joined<Value>(gather: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= gather().finally(() => {
      running = undefined;
    });
    return running;
  };
}
