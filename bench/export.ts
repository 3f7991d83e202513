/**
 * How fast spoe-logs export is: node --import tsx bench/export.ts [lines] [more options of export, such as --compression gzip]
 *
 * Exports SPOE lines (no access lines between them) over HTTP protobuf to a receiver in another process, which reads
 * every request to its end and throws it away. Prints lines and spans a second, and the largest resident set.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { portOf } from '../scripts/port.ts';
import { makeLog } from './make-log.ts';
import { measure, spoeLogs, temporaryFolder } from './measure.ts';

const SELF = fileURLToPath(import.meta.url);
/** Bytes of a pair of generated lines. */
const PAIR_BYTES = 300;
const ROUNDS = 3;

/** Takes what a POST holds, and says 200: the cheapest receiver there is. */
function serve() {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n';
  const server = createServer({ noDelay: true }, (socket) => {
    let left = 0;
    let head = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        if (left === 0) {
          const end = chunk.indexOf('\r\n\r\n', at);
          head += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
          if (end < 0) return;
          left = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
          head = '';
          at = end + 4;
        }
        const taken = Math.min(left, chunk.length - at);
        left -= taken;
        at += taken;
        if (left === 0) socket.write(answer);
      }
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.(portOf(server)));
  process.on('disconnect', () => process.exit());
}

/** Only the SPOE lines of a generated log. */
function makeInput(folder: string, lines: number) {
  const both = join(folder, 'both.log');
  makeLog(both, { bytes: String(lines * PAIR_BYTES) });
  const spoe = readFileSync(both, 'latin1')
    .split('\n')
    .filter((line) => line.includes('SPOE: '))
    .slice(0, lines);
  const path = join(folder, 'spoe.log');
  writeFileSync(path, `${spoe.join('\n')}\n`, 'latin1');
  return { path, lines: spoe.length };
}

async function main() {
  const [given = '300000', ...more] = process.argv.slice(2);
  const folder = temporaryFolder();
  const { path, lines } = makeInput(folder, Number(given));
  const receiver = spawn(process.execPath, ['--import', 'tsx', SELF, 'serve'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port]: number[] = await once(receiver, 'message');
  const report = join(folder, 'time');
  for (const detail of ['full', 'compact']) {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const args = `export --endpoint http://127.0.0.1:${port} --spans ${detail} ${more.join(' ')} --year 2026 --tz UTC ${path}`;
      return measure(spoeLogs(args), report);
    });
    const best = rounds.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    const spans = Number(/exported (\d+)/.exec(best.stdout)?.[1]);
    console.log(
      `${detail.padEnd(8)} ${Math.round(lines / best.seconds)} lines/s  ${Math.round(spans / best.seconds)} spans/s  ` +
        `${best.seconds.toFixed(2)} s  ${best.cpuSeconds?.toFixed(2)} CPU-s  ${best.megabytes?.toFixed(0)} MB  (${spans} spans)`,
    );
  }
  receiver.kill();
}

if (process.argv[2] === 'serve') serve();
else await main();
