/**
 * An SPOP agent that shows what HAProxy sends it, and answers nothing:
 *
 *     node examples/own-agent.mjs 12345
 *
 * HAProxy: `backend agents`, `mode spop` (2.x: `mode tcp`), `server a1 127.0.0.1:12345`.
 */
import { createAgent } from 'spoe-logs';

const agent = createAgent({
  handlers: {
    // `*` takes every message without a handler of its own.
    '*': (message, { streamId, frameId }) => {
      const args = Array.from(message.args.names, (name, i) => `${name}=${shown(message.args.values[i])}`);
      console.log(`stream ${streamId} frame ${frameId} ${message.name} ${args.join(' ')}`);
    },
  },
  onError: (error) => console.error(error),
});

/** What clients send is text of theirs: as JSON it cannot move a terminal's cursor. Values are views: read them now. */
function shown(value) {
  return JSON.stringify(value.text ?? String(value.value));
}

await agent.listen({ host: '127.0.0.1', port: Number(process.argv[2] ?? 12345) });
console.log(`listening on 127.0.0.1:${agent.address().port}`);
process.once('SIGTERM', async () => {
  await agent.close();
  console.log(`${agent.stats().messages} messages`);
});
