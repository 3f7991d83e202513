/**
 * The mirror, in a process of its own: the cheapest HTTP/1.1 server that is still right for requests without a body,
 * pipelined ones too. It counts the heads that end, and answers each with 200.
 *
 *   node --import tsx bench/agent/sink.ts [--port PORT] [--never-answer] [--delay MS] [--json BYTES]
 */
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { portOf } from '../../scripts/port.ts';
import { jsonAnswer, jsonBody } from './json-body.ts';
import { report } from './messages.ts';

const END_OF_HEAD = '\r\n\r\n';
const READY_MADE = 64;
const NOTHING = Buffer.alloc(0);

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'never-answer': { type: 'boolean', default: false },
    delay: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
});
const ANSWER =
  values.json === undefined
    ? Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    : jsonAnswer(jsonBody(Number(values.json)));
const answers = Array.from({ length: READY_MADE }, (_, i) =>
  Buffer.concat(Array.from({ length: i + 1 }, () => ANSWER)),
);
const delayMs = Number(values.delay);
let requests = 0;
let lastMs = 0;

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = NOTHING;
  const answer = (count: number) => {
    for (let left = count; left > 0; left -= READY_MADE)
      socket.write(answers[Math.min(left, READY_MADE) - 1] ?? NOTHING);
  };
  // Agents that end leave connections in every state.
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let count = 0;
    let at = 0;
    for (let end = bytes.indexOf(END_OF_HEAD); end >= 0; end = bytes.indexOf(END_OF_HEAD, at)) {
      at = end + END_OF_HEAD.length;
      count++;
    }
    rest = at === bytes.length ? NOTHING : bytes.subarray(at);
    if (count === 0) return;
    requests += count;
    lastMs = Date.now();
    if (values['never-answer']) return;
    if (delayMs === 0) answer(count);
    else setTimeout(answer, delayMs, count);
  });
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const port = portOf(server);
  const url = `http://127.0.0.1:${port}/`;
  if (process.connected) report('listening', { port, url });
  else console.log(url);
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  report('count', { requests, lastMs, cpuSeconds: (user + system) / 1e6 });
});
process.on('disconnect', () => process.exit());
