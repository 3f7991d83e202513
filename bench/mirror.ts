/**
 * How fast one process mirrors: node --import tsx bench/mirror.ts [seconds] [rate]
 *
 * Messages of some 430 bytes go through Mirror.accept to a server in another process. Without a rate the loop is
 * closed: 256 requests are on their way at any time. Prints requests a second and the CPU of this process per 10,000,
 * the part of the load generator included (with a rate some 0.05 CPU-s a second). The first two seconds, a closed
 * loop, are not measured: the compiler is still at work in them.
 * MIRROR=http://host:port takes a server that runs already, such as nginx.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { portOf } from '../scripts/port.ts';
import { Mirror } from '../src/mirror/mirror.ts';
import { mirrorMessage } from './mirror-message.ts';

const SELF = fileURLToPath(import.meta.url);
const WINDOW = 256;
/** Answers every request it can count in what it reads: the cheapest server there is. */
function serve() {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const parts = (rest + chunk.toString('latin1')).split('\r\n\r\n');
      rest = parts.pop() ?? '';
      if (parts.length > 0) socket.write(answer.repeat(parts.length));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.(portOf(server)));
  process.on('disconnect', () => process.exit());
}

async function startPeer() {
  if (process.env.MIRROR !== undefined) return { url: process.env.MIRROR, stop: () => {} };
  const child = spawn(process.execPath, ['--import', 'tsx', SELF, 'serve'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port]: number[] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

async function main(seconds: number, rate: number | undefined) {
  const peer = await startPeer();
  const one = mirrorMessage('12345678');
  let sent = 0;
  let closedLoop = true;
  const send = () => {
    sent++;
    mirror.accept(one, { streamId: sent, frameId: 1, engineId: 'bench', receivedMs: Date.now() });
  };
  const mirror = new Mirror({ destinations: [peer.url] }, () => {
    if (closedLoop) send();
  });
  for (let i = 0; i < WINDOW; i++) send();
  await pause(2000);
  closedLoop = rate === undefined;
  const before = { sent, cpu: process.cpuUsage(), ms: performance.now(), mirrored: mirror.stats().mirrored };
  if (rate !== undefined) {
    const timer = setInterval(() => {
      const due = ((performance.now() - before.ms) / 1000) * rate;
      while (sent - before.sent < due) send();
    }, 1);
    setTimeout(() => clearInterval(timer), seconds * 1000);
  }
  await pause(seconds * 1000);
  const cpu = process.cpuUsage(before.cpu);
  const elapsed = (performance.now() - before.ms) / 1000;
  const mirrored = mirror.stats().mirrored - before.mirrored;
  closedLoop = false;
  await mirror.close(5000);
  peer.stop();
  const stats = mirror.stats();
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  console.log(
    JSON.stringify({
      perSecond: Math.round(mirrored / elapsed),
      cpuSecondsPer10k: Number(((cpuSeconds / mirrored) * 10_000).toFixed(3)),
      rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
      sent,
      mirrored: stats.mirrored,
      errors: stats.errors,
      p50: bucketOf(stats.latency, 0.5),
      p99: bucketOf(stats.latency, 0.99),
    }),
  );
}

/** The bucket, counted from 0, in which the quantile lies. */
function bucketOf({ counts }: { readonly counts: readonly number[] }, quantile: number): number {
  const rank = quantile * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.findIndex((count) => {
    seen += count;
    return seen >= rank;
  });
}

if (process.argv[2] === 'serve') serve();
else await main(Number(process.argv[2] ?? 3), process.argv[3] === undefined ? undefined : Number(process.argv[3]));
