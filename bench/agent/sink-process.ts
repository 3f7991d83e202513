/** The bench's side of sink.ts. */
import { startScript } from './processes.ts';

/** A server that counts requests. @returns its port and URL, `count()`, `stop()` and `kill()` */
export async function startSink({ port = 0, neverAnswer = false, delayMs = 0 } = {}) {
  const args = ['--port', String(port), '--delay', String(delayMs), ...(neverAnswer ? ['--never-answer'] : [])];
  const sink = startScript('sink', args);
  const listening = await sink.message('listening');
  return {
    port: listening.port,
    url: `http://127.0.0.1:${listening.port}/`,
    /** Requests until now, when the last one came (Date.now()), CPU seconds. */
    count: async () => {
      const answer = sink.message('count');
      sink.send({ type: 'count' });
      return await answer;
    },
    stop: () => sink.stop(),
    kill: async () => {
      sink.kill();
      await sink.exit;
    },
  };
}
