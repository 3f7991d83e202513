/**
 * The demo: the whole loop on one machine. Clients ask production; HAProxy tells the agent about each request and logs
 * how that went; the agent mirrors it; `spoe-logs summarize` reads the log as it is written. Everything is real but, where
 * there is no HAProxy on PATH, HAProxy: a built-in SPOP client plays its part then.
 * About 25 s on a terminal, 4 s elsewhere and under CI.
 */
import { compareActs, matchRequests, readRecords } from './demo/account.mjs';
import { renderActs, renderAgent, renderMatch } from './demo/account-text.mjs';
import { Agent, findFreePorts } from './demo/agent.mjs';
import { BuiltInHaproxy } from './demo/built-in-haproxy.mjs';
import { Cleanup } from './demo/cleanup.mjs';
import { Ending } from './demo/ending.mjs';
import { findHaproxy } from './demo/find-haproxy.mjs';
import { LiveLog } from './demo/live-log.mjs';
import { MirrorServer } from './demo/mirror-server.mjs';
import { RealHaproxy } from './demo/real-haproxy.mjs';
import { Summarize } from './demo/summarize.mjs';
import { Traffic } from './demo/traffic.mjs';
import { isMain, main, ScriptError } from './project.mjs';

const REQUESTS_PER_SECOND = 250;
/** A request that has begun has reached the mirror by then. */
const ON_THE_WAY_MS = 30;
/** For reading what will happen, on a terminal. */
const READ_MS = 3000;

/** `seconds` on a terminal, `brief` elsewhere; `begin` is what happens then. */
const ACTS = [
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

const say = (line) => process.stdout.write(`${line}\n`);
const clockText = (ms) => new Date(ms).toISOString().slice(11, 19).concat('Z');

/** Everything that runs but traffic and summary. */
async function startLoop(isBrief, cleanup, ending) {
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

async function startHaproxy({ command, asked, sentence }, options) {
  if (command === undefined) return { haproxy: new BuiltInHaproxy(options), sentence };
  const { haproxy, refusal } = await RealHaproxy.start(command, options);
  if (haproxy !== undefined) return { haproxy, sentence };
  if (asked) throw new ScriptError(`${command} does not start: ${refusal} (no-haproxy)`);
  return {
    haproxy: new BuiltInHaproxy(options),
    sentence: `the haproxy on PATH does not start: a built-in SPOP client plays its part\n  ${refusal}`,
  };
}

/** The acts, each at its time. @returns when each of them began */
async function playActs(loop, acts, ending, tell) {
  const began = [];
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

function introduce(sentence) {
  say('\nclients -> HAProxy -> production');
  say('              |-> spoa-mirror -> mirror          acknowledges each request, then mirrors it');
  say('              |-> log -> spoe-logs summarize     reads how the acknowledging went, as it is written');
  say(`\n${sentence}\n`);
}

async function play(cleanup, ending) {
  const tty = process.stdout.isTTY === true;
  const isBrief = !tty || Boolean(process.env.CI);
  const acts = ACTS.map((act) => ({ ...act, ms: (isBrief ? act.brief : act.seconds) * 1000 }));
  const tell = ({ story }, atMs) => say(`  ${clockText(atMs)}  ${story}`);
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
  return report(began, loop, stats);
}

/** @returns {number} the exit code */
function report(began, { log, agent, haproxy }, stats) {
  const records = readRecords(agent.recordFile);
  const match = matchRequests(log.events, records);
  say('\nThe same requests, act by act, times in ms:\n');
  for (const line of renderActs(compareActs(began, log.events, records))) say(line);
  say('');
  for (const line of renderMatch(match)) say(line);
  for (const line of haproxy.describeClients()) say(line);
  say(renderAgent(stats));
  say('\nYour own log:  tail -f /var/log/haproxy.log | node bin/spoe-logs.js summarize');
  return match.missing === 0 ? 0 : 1;
}

/** @returns {Promise<number>} the exit code */
export async function playDemo() {
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
