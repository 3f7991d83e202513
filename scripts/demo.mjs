/**
 * The demo: real log lines (fixtures/demo/README.md) run into `spoe-logs summarize`, as from `tail -f`.
 * About 20 s on a terminal, 2 s elsewhere and under CI.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalExitCode, start } from './child.mjs';
import { isMain, main, ROOT } from './project.mjs';

const TICK_MS = 50;

/** In the order of the times in the lines: a log whose clock steps back is another story. */
const ACTS = [
  {
    at: '06:56:18',
    seconds: 5,
    story: 'healthy: the agent acks every request within a millisecond or two',
    files: ['2.6.12--ok-load--first-1203-lines.log'],
  },
  {
    at: '06:56:43',
    seconds: 4,
    story: "no agent: the health check has marked the agents' only server DOWN",
    files: ['2.6.12--down-checked.log'],
  },
  {
    at: '06:57:08',
    seconds: 5,
    story: 'it is back and stalls: requests are sent, no ACK comes in time',
    files: ['2.6.12--stall-pipelining.log', '2.6.12--stall-some.log'],
  },
  {
    at: '06:57:24',
    seconds: 2.5,
    story: 'it answers, one request at a time: slow, no errors',
    files: ['2.6.12--slow-serial.log'],
  },
  {
    at: '07:02:39',
    seconds: 3.5,
    story: 'recovery',
    files: ['2.6.12--single-thread.log', '2.6.12--http2-clients.log'],
  },
];

function readLines(act) {
  const texts = act.files.map((file) => readFileSync(join(ROOT, 'fixtures/demo', file), 'utf8'));
  return texts.join('').split(/(?<=\n)/);
}

/** Hands over lines, evenly over the time, until nobody takes them any more. */
async function playLines(lines, seconds, output) {
  const ticks = Math.max(1, Math.round((seconds * 1000) / TICK_MS));
  for (let tick = 0, sent = 0; tick < ticks && output.writable; tick++) {
    const end = Math.round((lines.length * (tick + 1)) / ticks);
    if (end > sent) output.write(lines.slice(sent, end).join(''));
    sent = end;
    await sleep(TICK_MS);
  }
}

function startSummarize() {
  const child = start(process.execPath, [join(ROOT, 'bin/spoe-logs.js'), 'summarize'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.on('error', () => {}); // It ended first: its exit code says so.
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code, signal) => resolve(code ?? signalExitCode(signal)));
  });
  return { child, ended };
}

/** Ends the child on Ctrl-C; gives the exit code then. */
function whenStopped(child) {
  return new Promise((resolve) => {
    const stop = (signal) => {
      // A terminal has sent Ctrl-C to summarize too: the end of its input lets it finish its last screen.
      child.stdin.end();
      setTimeout(() => child.kill('SIGKILL'), 500).unref();
      resolve(signalExitCode(signal));
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    // A SIGTERM to npm alone ends npm and its shell, not this process: nobody watches then.
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && stop('SIGTERM'), 100).unref();
  });
}

/** @returns {Promise<number>} the exit code */
export async function playDemo() {
  const tty = process.stdout.isTTY === true;
  const pace = tty && !process.env.CI ? 1 : 0.1;
  const acts = ACTS.map((act) => ({ ...act, seconds: act.seconds * pace, lines: readLines(act) }));
  const say = (line) => process.stdout.write(`${line}\n`);
  const tell = (act) => say(`  ${act.at}  ${act.story}`);
  process.stdout.on('error', () => {}); // `npm start | head`

  say('\nspoe-logs summarize, on real HAProxy log lines as they arrive. In the log:\n');
  // On a terminal summarize redraws its screen in place: the story is told before, so that nothing writes into it.
  if (tty) {
    acts.forEach(tell);
    say('\nEach part was logged by an HAProxy of its own: a restart that the screen suspects is real.');
    say(`\n${Math.round(acts.reduce((sum, act) => sum + act.seconds, 0))} s, Ctrl-C ends it.\n`);
    await sleep(2500 * pace);
  }

  const { child, ended } = startSummarize();
  const stopped = whenStopped(child);
  const play = async () => {
    for (const act of acts) {
      if (!child.stdin.writable) return;
      if (!tty) tell(act);
      await playLines(act.lines, act.seconds, child.stdin);
    }
    if (!tty) say('');
    child.stdin.end();
  };
  play();

  const interrupted = await Promise.race([stopped, ended.then(() => undefined)]);
  const code = await ended;
  if (interrupted !== undefined) process.exit(interrupted);
  if (code === 0) say('\nYour own log:  tail -f /var/log/haproxy.log | node bin/spoe-logs.js summarize');
  return code;
}

if (isMain(import.meta)) await main(playDemo);
