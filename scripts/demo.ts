/**
 * The demo: the whole loop on one machine. Clients ask production; HAProxy tells the agent about each request and logs
 * how that went; the agent mirrors it; `spoe-logs summarize` reads the log as it is written, and in the end `spoe-logs diff`
 * finds what the mirrored version answers differently. Everything is real but, where there is no HAProxy on PATH, HAProxy:
 * a built-in SPOP client plays its part then. About 25 s on a terminal, 5 s elsewhere and under CI.
 */
import type { TotalStats } from '../src/programs/spoa-mirror/metrics.ts';
import { type BegunAct, compareActs, matchRequests, readRecords } from './demo/account.ts';
import { renderActs, renderAgent, renderMatch } from './demo/account-text.ts';
import { Agent, findFreePorts } from './demo/agent.ts';
import { BuiltInHaproxy } from './demo/built-in-haproxy.ts';
import { Cleanup } from './demo/cleanup.ts';
import { compareAnswers } from './demo/comparison.ts';
import { Ending } from './demo/ending.ts';
import { type FoundHaproxy, findHaproxy } from './demo/find-haproxy.ts';
import { LiveLog } from './demo/live-log.ts';
import { MirrorServer } from './demo/mirror-server.ts';
import { type HaproxyOptions, RealHaproxy } from './demo/real-haproxy.ts';
import { Summarize } from './demo/summarize.ts';
import { Traffic } from './demo/traffic.ts';
import { isMain, main, ScriptError } from './project.mjs';

const REQUESTS_PER_SECOND = 250;
/** A request that has begun has reached the mirror by then. */
const ON_THE_WAY_MS = 30;
/** For reading what will happen, on a terminal. */
const READ_MS = 3000;

/** `seconds` on a terminal, `brief` elsewhere; `begin` is what happens then. */
interface Loop {
  readonly mirror: MirrorServer;
  readonly agent: Agent;
  readonly log: LiveLog;
  readonly haproxy: BuiltInHaproxy | RealHaproxy;
  /** Which HAProxy it is. */
  readonly sentence: string;
}

interface Act {
  readonly title: string;
  readonly seconds: number;
  readonly brief: number;
  readonly story: string;
  readonly begin: (loop: Loop, ending: Ending) => Promise<void> | void;
}

/** With its length. */
interface TimedAct extends Act {
  readonly ms: number;
}

const ACTS: readonly Act[] = [
  {
    title: 'healthy',
    seconds: 5,
    brief: 0.6,
    story: 'healthy: each request is acknowledged at once, then mirrored',
    begin: () => {},
  },
  {
    title: 'mirror ill',
    seconds: 6,
    brief: 0.7,
    story: 'the mirror is ill (150 to 400 ms, every fourth a 500): nobody must notice',
    begin: async ({ mirror }, ending) => {
      // What is on its way to the mirror belongs to the act before.
      await ending.sleep(ON_THE_WAY_MS);
      mirror.isIll = true;
    },
  },
  {
    title: 'agent stopped',
    seconds: 4,
    brief: 0.7,
    story: 'the agent is stopped: requests wait for it, 500 ms at most',
    begin: async ({ mirror, agent }) => {
      await agent.stop();
      mirror.isIll = false;
    },
  },
  {
    // Well over a second even when it is brief: a whole step of the summary, which is one, has to go well to call it
    // recovered.
    title: 'agent started',
    seconds: 7,
    brief: 1.5,
    story: 'the agent is started again: recovery',
    begin: ({ agent }) => agent.start(),
  },
];

const say = (line: string) => process.stdout.write(`${line}\n`);
const clockText = (ms: number) => new Date(ms).toISOString().slice(11, 19).concat('Z');

/** Everything that runs but traffic and summary. */
async function startLoop(isBrief: boolean, cleanup: Cleanup, ending: Ending): Promise<Loop> {
  const found = await findHaproxy();
  const folder = cleanup.makeFolder();
  const mirror = await MirrorServer.start(cleanup);
  const agent = new Agent({ folder, ports: await findFreePorts(), mirrorUrl: mirror.url, cleanup, ending });
  await agent.start();
  const log = new LiveLog();
  // Brief acts need a health check that is quick to notice.
  const options = { folder, agentAddress: agent.address, checkMs: isBrief ? 100 : 1000, log, cleanup, ending };
  const { haproxy, sentence } = await startHaproxy(found, options);
  return { mirror, agent, log, haproxy, sentence };
}

async function startHaproxy(
  { command, asked, sentence }: FoundHaproxy,
  options: HaproxyOptions,
): Promise<Pick<Loop, 'haproxy' | 'sentence'>> {
  if (command === undefined) return { haproxy: new BuiltInHaproxy(options), sentence };
  const started = await RealHaproxy.start(command, options);
  if ('haproxy' in started) return { haproxy: started.haproxy, sentence };
  const { refusal } = started;
  if (asked) throw new ScriptError(`${command} does not start: ${refusal} (no-haproxy)`);
  return {
    haproxy: new BuiltInHaproxy(options),
    sentence: `the haproxy on PATH does not start: a built-in SPOP client plays its part\n  ${refusal}`,
  };
}

/** The acts, each at its time. @returns when each of them began */
async function playActs(
  loop: Loop,
  acts: readonly TimedAct[],
  ending: Ending,
  tell: (act: Act, atMs: number) => void,
): Promise<BegunAct[]> {
  const began: BegunAct[] = [];
  for (const act of acts) {
    const beganMs = Date.now();
    began.push({ title: act.title, beganMs });
    tell(act, beganMs);
    await act.begin(loop, ending);
    // The times told before hold; the last act has all of its time, however long the agent took to start.
    const fromMs = act === acts.at(-1) ? Date.now() : beganMs;
    await ending.sleep(Math.max(0, fromMs + act.ms - Date.now()));
  }
  return began;
}

function introduce(sentence: string): void {
  say('\nclients -> HAProxy -> production');
  say('              |-> spoa-mirror -> mirror          acknowledges each request, then mirrors it');
  say('              |-> log -> spoe-logs summarize     reads how the acknowledging went, as it is written');
  say(`\n${sentence}\n`);
}

async function play(cleanup: Cleanup, ending: Ending): Promise<number> {
  const tty = process.stdout.isTTY === true;
  const isBrief = !tty || Boolean(process.env.CI);
  const acts = ACTS.map((act) => ({ ...act, ms: (isBrief ? act.brief : act.seconds) * 1000 }));
  const tell = ({ story }: Act, atMs: number) => say(`  ${clockText(atMs)}  ${story}`);
  const loop = await startLoop(isBrief, cleanup, ending);
  introduce(loop.sentence);
  // On a terminal summarize redraws its screen in place: the story is told before, so that nothing writes into it.
  if (tty) {
    const readMs = isBrief ? 0 : READ_MS;
    let atMs = Date.now() + readMs;
    for (const act of acts) {
      tell(act, atMs);
      atMs += act.ms;
    }
    say(`\n${Math.round((atMs - Date.now()) / 1000)} s, Ctrl-C ends it.\n`);
    await ending.sleep(readMs);
  }
  const summarize = new Summarize(cleanup, ending);
  loop.log.sendTo(summarize.input);
  const traffic = new Traffic(REQUESTS_PER_SECOND, (request) => loop.haproxy.handle(request), cleanup);
  const began = await playActs(loop, acts, ending, tty ? () => {} : tell);
  traffic.stop();
  await loop.haproxy.settle();
  const stats = await loop.agent.settledStats();
  await loop.agent.stop();
  if (!tty) say('');
  const code = await summarize.finish();
  if (code !== 0) return code;
  const exitCode = report(began, loop, stats);
  await sayWhatDiffers(began, loop, cleanup, ending);
  say('\nYour own log:  tail -f /var/log/haproxy.log | node bin/spoe-logs.js summarize');
  return exitCode;
}

/** Of the last act, in which agent and mirror are well: statuses are the same, and what is in the answers is not. */
async function sayWhatDiffers(
  began: readonly BegunAct[],
  { log, agent }: Loop,
  cleanup: Cleanup,
  ending: Ending,
): Promise<void> {
  const sinceMs = began.at(-1)?.beganMs ?? 0;
  const compared = { lines: log.lines, recordFile: agent.recordFile, sinceMs };
  say('\nThe mirror runs a new version. Its answers against those of production, in the last act (spoe-logs diff):\n');
  for (const line of await compareAnswers(compared, cleanup, ending)) say(line);
}

/** @returns the exit code */
function report(began: readonly BegunAct[], { log, agent, haproxy }: Loop, stats: TotalStats): number {
  const records = readRecords(agent.recordFile);
  const match = matchRequests(log.events, records);
  say('\nThe same requests, act by act, times in ms:\n');
  for (const line of renderActs(compareActs(began, log.events, records))) say(line);
  say('');
  for (const line of renderMatch(match)) say(line);
  for (const line of haproxy.describeClients()) say(line);
  say(renderAgent(stats));
  return match.missing === 0 ? 0 : 1;
}

/** @returns the exit code */
export async function playDemo(): Promise<number> {
  const cleanup = new Cleanup();
  const ending = new Ending();
  process.stdout.on('error', () => {}); // `npm start | head`
  try {
    return await play(cleanup, ending);
  } catch (error) {
    if (ending.exitCode === undefined) throw error;
    return ending.exitCode;
  } finally {
    await cleanup.run();
    ending.release();
  }
}

if (isMain(import.meta)) await main(playDemo);
