/** What a version of HAProxy does differently: known faults, and what changes with an upgrade. */
import type { Engine } from '../configuration/engines.ts';
import { SPOE_KEYWORDS } from '../configuration/grammar.ts';
import { parseTimeMs } from '../configuration/quantity.ts';
import type { Statement } from '../configuration/statements.ts';
import {
  type Found,
  isMultiplexed,
  MULTIPLEXER,
  perEngine,
  placeOf,
  quoted,
  type Rule,
  type Subject,
} from '../rule.ts';
import { isAtLeast, isSince, versionText } from '../version.ts';
import { sendsAnswers } from './answer-rules.ts';
import { isMirroring } from './message-rules.ts';

const RUN = 'run with 2.6.12 and 3.2.26 (test/haproxy/upgrade.test.ts)';

/** Longer than that, an answer that is never acknowledged is noticed by its client. */
const LONGEST_IDLE_MS = 2000;

/** Lines of the agent that this version takes and does nothing with. */
function ignoredLines({ agent }: Engine, subject: Subject): { statement: Statement; words: string }[] {
  const { version } = subject;
  if (agent === undefined || version === undefined) return [];
  return SPOE_KEYWORDS['spoe-agent'].flatMap(({ words, ignoredSince }) => {
    if (ignoredSince === undefined || !isSince(version, ignoredSince)) return [];
    return agent.settings.all(...words).map((statement) => ({ statement, words: words.join(' ') }));
  });
}

/** Engines that come from 3.0 or older to 3.1 or newer: by --from, or because they say what only the old ones read. */
function perUpgrade(find: (engine: Engine, subject: Subject) => Iterable<Found>): Rule['find'] {
  return perEngine(function* (engine, subject) {
    const { from } = subject;
    if (isMultiplexed(subject) !== true) return;
    const isOld = from === undefined ? ignoredLines(engine, subject).length > 0 : !isSince(from, MULTIPLEXER);
    if (isOld && engine.agent !== undefined) yield* find(engine, subject);
  });
}

const UPGRADED = { version: '3.2', edits: [], haproxy: 'accepts' } as const;

export const VERSION_RULES: readonly Rule[] = [
  {
    code: 'ignored-line',
    level: 'note',
    title: 'A line that this version ignores (3.1 and later)',
    why: 'Since 3.1 connections to agents are those of a multiplexer: timeout hello and idle, async, fragmentation and the rates are taken without a word and do nothing.',
    mend: 'Remove the line when no older HAProxy reads the file. What an idle connection may last is "timeout server" of the backend.',
    reference: `SPOE.txt of 3.1, 2.2 ("deprecated and ignored"); ${RUN}`,
    example: UPGRADED,
    find: perEngine(function* (engine, subject) {
      for (const { statement, words } of ignoredLines(engine, subject)) {
        yield {
          at: statement,
          message: `HAProxy ${subject.version && versionText(subject.version)} ignores ${quoted(words)}`,
        };
      }
    }),
  },
  {
    code: 'fragmentation-gone',
    level: 'warning',
    title: 'Fragments or async, which 3.1 and later do not have',
    why: 'Up to 3.0 a request that does not fit into a frame goes out in fragments when the agent offers it. Since 3.1 it is not mirrored: st=3 or 259.',
    mend: 'Raise -m of the agent to tune.bufsize - 4, leave max-frame-size out, and -c fragmentation and -c async away.',
    reference: `SPOE.txt of 3.1, 2.2 (option send-frag-payload, option async); CHANGELOG 3.1-dev4; ${RUN}`,
    example: {
      ...UPGRADED,
      agentCommand: 'spoa-mirror -r0 -u http://mirror.example/ -c pipelining -c fragmentation -m 16380',
    },
    find: perEngine(function* (engine, subject) {
      if (isMultiplexed(subject) !== true) return;
      const asked = ['async', 'send-frag-payload'].flatMap((name) => engine.agent?.settings.all('option', name) ?? []);
      for (const at of asked) yield { at, message: `${at.words.slice(0, 2).join(' ')} does nothing here` };
      const offered = subject.agent?.capabilities.filter((name) => name !== 'pipelining') ?? [];
      for (const name of offered)
        yield {
          at: placeOf(engine),
          message: `the agent's -c ${name} does nothing with HAProxy ${subject.version && versionText(subject.version)}`,
        };
    }),
  },
  {
    code: 'response-timeout-fault',
    level: 'warning',
    title: 'Answers are not bound by timeout processing (2.6.12)',
    why: 'HAProxy 2.6.12 does not enforce timeout processing for messages of the response: an answer that is not acknowledged holds its client until the connection to the agent is idle for "timeout idle", and longer under traffic (9.9 s measured).',
    mend: 'Update HAProxy; until then "timeout idle 1s".',
    reference:
      'upstream commit 3c066b1e3 of 14 March 2024 ("to all stable versions"), issue 2478; run with 2.6.12 and 3.0.11',
    example: {
      version: '2.6.12',
      setup: { answers: 'body' },
      edits: [{ file: 'spoe', replace: 'timeout idle 1s', with: 'timeout idle 30s' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, { version }) {
      if (version === undefined || isSince(version, '2.7') || isAtLeast(version, '2.6.13') === true) return;
      const idle = engine.agent?.settings.last('timeout', 'idle');
      const idleMs = idle?.isKnown ? parseTimeMs(idle.values[0]) : undefined;
      if (!sendsAnswers(engine) || (idleMs !== undefined && idleMs > 0 && idleMs <= LONGEST_IDLE_MS)) return;
      const message = 'an answer that is not acknowledged holds its client for timeout idle, not timeout processing';
      yield { at: idle?.statement ?? placeOf(engine), message };
    }),
  },
  {
    code: 'empty-ack-fault',
    level: 'warning',
    title: 'Acknowledgements without actions are not noticed (3.1.0)',
    why: 'HAProxy 3.1.0 waits for timeout processing after an ACK that has no actions, as those of an agent that mirrors: every client request takes that long, and the line has an error.',
    mend: 'Take a 3.1 that has the fix, or 3.2.',
    reference:
      'CHANGELOG: 3.1.0 of 26 November 2024 is before, 3.2-dev7 of 7 March 2025 has "Introduce an NOOP action to deal with empty ACK", commit 851e52b55 ("must be backported to 3.1"). Not run: there is no 3.1 here',
    example: { version: '3.1', edits: [], haproxy: 'accepts' },
    find: perEngine(function* (engine, { version }) {
      const is31 = version !== undefined && isSince(version, '3.1') && !isSince(version, '3.2');
      if (!is31 || (version.patch ?? 0) > 0 || engine.agent === undefined) return;
      const message = 'HAProxy 3.1.0 waits for timeout processing after each ACK of an agent that mirrors';
      yield { at: placeOf(engine), message };
    }),
  },
  {
    code: 'upgrade-log-lines',
    level: 'note',
    title: 'SPOE lines are shorter from 3.1 on',
    why: 'reqT to resT and the gauges are gone: "sid=1 st=0 0 0/2" instead of "sid=1 st=0 0/0/0/0/0 1/1 0/0 0/2". What reads the lines has to know both; spoe-logs does.',
    mend: 'Look at what else reads the log: patterns, dashboards, alerts.',
    reference: `SPOE.txt of 3.1, 4; ${RUN}`,
    example: { ...UPGRADED, from: '2.6' },
    find: perUpgrade(function* (engine) {
      const { lines } = engine.agent?.settings.logs ?? { lines: [] };
      const [at] = lines;
      if (at !== undefined) yield { at, message: 'SPOE lines have one timer and two counters instead of five and six' };
    }),
  },
  {
    code: 'upgrade-down-code',
    level: 'note',
    title: 'An agent that is down is st=257 from 3.1 on',
    why: 'Where no server is up, lines have st=2 up to 3.0 and st=257 since 3.1; a message too large for the agent has st=259. Alerts for a code have to name both.',
    mend: 'Write --status 2,257, or error for all.',
    reference: `docs/STATUS-CODES.md; ${RUN}`,
    example: { ...UPGRADED, from: '2.6' },
    find: perUpgrade(function* (engine) {
      yield { at: placeOf(engine), message: 'no agent up: st=257 instead of st=2' };
    }),
  },
  {
    code: 'upgrade-stream-ids',
    level: 'warning',
    title: 'Without arg_uid nothing joins log and agent from 3.1 on',
    why: 'Up to 3.0 the stream id of a frame is the sid= of the log line. Since 3.1 it counts 1, 3, 5 … in each connection, so a record of the agent joins by the unique id only.',
    mend: 'Add arg_uid=unique-id: "spoe-logs config print --uid".',
    reference: RUN,
    example: { ...UPGRADED, from: '2.6', setup: { uid: false } },
    find: perUpgrade(function* (engine) {
      const lines = engine.scope?.messages.filter(isMirroring).flatMap(({ settings }) => settings.all('args')) ?? [];
      const [at] = lines;
      if (
        at === undefined ||
        lines.some(({ words, unknown }) => unknown.size > 0 || /unique-id|arg_sid=/.test(words.join(' ')))
      )
        return;
      yield { at, message: 'stream ids are no longer sid=: without arg_uid=unique-id a record joins no log' };
    }),
  },
];
