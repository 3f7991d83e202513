/** Strangers on the agent's port, or on its admin port; in a process of their own. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { writeHaproxyHello } from '../../src/spop/hello.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { helloFrame, taken } from '../agent/frames.ts';
import { report } from '../agent/messages.ts';
import { mirrorMessage } from '../mirror-message.ts';

// It would be on another machine: what it costs itself shall not be what is measured.
setPriority(19);

const { values } = parseArgs({
  options: { kind: { type: 'string' }, port: { type: 'string' }, admin: { type: 'string' } },
});
const TURN_MS = 20;
/** Of the connections that are held at a time, and those that begin in a turn. */
const HELD = 5000;
const TURN = 50;
let tried = 0;
const held = new Set<Socket>();

function open(port = values.port): Socket {
  tried++;
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  held.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => held.delete(socket));
  socket.resume();
  return socket;
}

const healthcheck = taken((writer) =>
  writeHaproxyHello(writer, { supportedVersions: ['2.0'], maxFrameSize: 16_380, capabilities: [], healthcheck: true }),
);

/** What is done in each turn. */
const KINDS: ReadonlyMap<string, () => void> = new Map(
  Object.entries({
    'silent connections': () => {
      for (let i = 0; i < TURN && held.size < HELD; i++) open();
    },
    'connections that come and go': () => {
      for (let i = 0; i < TURN; i++) open();
      for (const socket of held) socket.destroy();
    },
    'health checks': () => {
      for (let i = 0; i < 10; i++) open().end(healthcheck);
    },
    'frames of noise': () => {
      for (let i = 0; i < 10; i++) open().end(randomBytes(64 * 1024));
    },
    'a flood': (() => {
      let flooding: Socket | undefined;
      // The good connection's paths end in numbers.
      const message = mirrorMessage('flooding');
      const notify = taken((writer) => writeNotify(writer, 1, 1, [message]));
      const many = Buffer.concat(Array.from({ length: 200 }, () => notify));
      return () => {
        flooding ??= open();
        if (tried === 1) {
          tried++;
          flooding.write(helloFrame('flood'));
        }
        if (flooding.writableLength < 1024 * 1024) {
          tried += 200;
          flooding.write(many);
        }
      };
    })(),
    'slow admin clients': () => {
      for (let i = 0; i < 4 && held.size < 256; i++) open(values.admin).write('GET /heal');
    },
  }),
);

const turn = KINDS.get(values.kind ?? '');
if (turn === undefined) throw new Error(`no --kind ${values.kind}: ${[...KINDS.keys()].join(', ')}`);
setInterval(turn, TURN_MS);
process.on('message', () => report('tried', { tried }));
process.on('disconnect', () => process.exit());
report('begun', {});
