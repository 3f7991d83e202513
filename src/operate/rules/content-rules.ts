/** What is in a message: bodies, sizes, fetches. */
import { mutatingMethods } from '../agent-command.ts';
import { type Engine, messageArguments, sentMessages } from '../configuration/engines.ts';
import { parseSizeBytes } from '../configuration/quantity.ts';
import { isSaidSomewhere } from '../configuration/sections.ts';
import { isMultiplexed, perEngine, placeOf, quoted, type Rule, type Subject } from '../rule.ts';
import { isSince, versionText } from '../version.ts';
import { isMirroring, waitsForBody, wantsBody } from './message-rules.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';

/** HAProxy's `tune.bufsize`; four bytes of it are the length of a frame. */
const USUAL_BUFFER = 16_384;
const LENGTH_FIELD = 4;
const SMALLEST_FRAME = 256;

/** The largest frame that fits the buffer; undefined where it is not known. */
export function bufferFrame({ configuration: { sections } }: Subject): number | undefined {
  const { statement, values, isKnown } = sections.global.last('tune.bufsize');
  if (!isKnown) return undefined;
  const size = statement === undefined ? USUAL_BUFFER : parseSizeBytes(values[0]);
  // Rounded up to 16 bytes.
  return size === undefined ? undefined : Math.ceil(size / 16) * 16 - LENGTH_FIELD;
}

/** `max-frame-size` of the agent. */
function ownFrame({ agent }: Engine) {
  const setting = agent?.settings.last('max-frame-size');
  const bytes = setting?.isKnown ? Number(setting.values[0] ?? Number.NaN) : Number.NaN;
  return setting?.statement === undefined || !Number.isInteger(bytes)
    ? undefined
    : { bytes, statement: setting.statement };
}

/** Fetches, and since when a message may have them; measured with 2.6.12, 3.0.11 and 3.2.26. */
const NEW_FETCHES = [
  ['3.1', /^((fc|txn)\.timer\.total|res\.timer\.data)\b/],
  [
    '2.7',
    /^(txn\.(status|id32)|server_status|pid|request_date|accept_date|res\.timer\.|bc\.timer\.|req\.timer\.queue)/,
  ],
] as const;

/** Whether requests of any method are mirrored: no condition asks for it. */
export function mirrorsAnyMethod(engine: Engine): boolean {
  return sentMessages(engine).some(({ message, side, by }) => {
    const acls = by.words[0] === 'event' ? message.settings.all('acl') : (engine.proxy?.settings.all('acl') ?? []);
    const asks = [...acls, by].some(({ words }) => words.some((word) => /^!*METH_|^method$/.test(word)));
    return side === 'request' && isMirroring(message) && !asks;
  });
}

export const CONTENT_RULES: readonly Rule[] = [
  {
    code: 'body-not-buffered',
    level: 'error',
    title: 'The body of requests, without waiting for it',
    why: 'HAProxy sends a message as soon as the headers are there. Without "option http-buffer-request" the body is in it by chance only: the agent, and with it the mirror, gets other requests than production.',
    mend: 'Write "option http-buffer-request" into the frontend.',
    reference: 'configuration manual, option http-buffer-request; run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [{ file: 'haproxy', replace: '    option http-buffer-request\n', with: '' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, { configuration: { sections } }) {
      const { proxy } = engine;
      if (proxy === undefined) return;
      if (proxy.settings.option('http-buffer-request').isSet !== false) return;
      if (proxy.kind === 'backend' && isSaidSomewhere(sections, 'option', 'http-buffer-request')) return;
      for (const { message, event, side } of sentMessages(engine)) {
        // It is the backend's option that counts then, and which backend that is only a request tells.
        if (event === 'on-backend-http-request' && isSaidSomewhere(sections, 'option', 'http-buffer-request')) continue;
        const waits = proxy.settings.all('http-request').some((line) => waitsForBody(line, 'request'));
        if (side !== 'request' || !wantsBody(message) || (waits && event !== 'on-frontend-http-request')) continue;
        const argument = messageArguments(message).list.find(({ fetch }) => /^req\.body/.test(fetch));
        const where = `${proxy.kind} ${quoted(proxy.name ?? '')}`;
        const what = `${argument?.fetch} without "option http-buffer-request" in ${where}`;
        if (argument !== undefined) yield { at: argument.statement, message: what };
      }
    }),
  },
  {
    code: 'frame-size-refused',
    level: 'error',
    title: 'A max-frame-size that HAProxy refuses',
    why: 'It has to be between 256 and tune.bufsize - 4.',
    mend: 'Raise tune.bufsize, or leave max-frame-size out.',
    reference: `SPOE.txt, 2.2 (max-frame-size); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: '    log global\n', with: '    log global\n    max-frame-size 65532\n' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* (engine, subject) {
      const own = ownFrame(engine);
      const largest = bufferFrame(subject);
      if (own === undefined || largest === undefined) return;
      // Beside an SPOE file alone the buffer is not known.
      if (own.bytes >= SMALLEST_FRAME && (own.bytes <= largest || !subject.configuration.hasHaproxy)) return;
      yield {
        at: own.statement,
        message: `max-frame-size ${own.bytes} is not between ${SMALLEST_FRAME} and ${largest}`,
      };
    }),
  },
  {
    code: 'frame-below-buffer',
    level: 'warning',
    title: 'A max-frame-size below the buffer',
    why: 'A request with its body may be as large as the buffer. What does not fit into a frame is not mirrored: st=3 since 3.1. Up to 3.0 its client waits for timeout processing as well (st=1), unless the agent offers fragmentation, or the file has "no option send-frag-payload" (st=3).',
    mend: 'Leave max-frame-size out: it is tune.bufsize - 4 then.',
    reference: 'SPOE.txt, 2.2 (max-frame-size); run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [{ file: 'spoe', replace: '    log global\n', with: '    log global\n    max-frame-size 8192\n' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, subject) {
      const own = ownFrame(engine);
      const largest = bufferFrame(subject);
      if (own === undefined || largest === undefined || own.bytes < SMALLEST_FRAME || own.bytes >= largest) return;
      if (canFragment(engine, subject) || !sentMessages(engine).some(({ message }) => wantsBody(message))) return;
      yield {
        at: own.statement,
        message: `requests above ${own.bytes} bytes are not mirrored; the buffer takes ${largest}`,
      };
    }),
  },
  {
    code: 'agent-frame-small',
    level: 'error',
    title: "An agent whose frames are smaller than HAProxy's",
    why: 'The smaller of both counts, and what does not fit is not mirrored: st=3 or 259. Up to 3.0 its client may wait for timeout processing, as the engine tries again; 2.6.12 may never answer it.',
    mend: 'Start the agent with -m as large as tune.bufsize - 4.',
    reference: 'docs/agent.md; run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      setup: { bufsize: 65_536 },
      agentCommand: 'spoa-mirror -r0 -u http://mirror.example/ -c pipelining',
      edits: [],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, subject) {
      const { agent } = subject;
      const largest = bufferFrame(subject);
      if (agent === undefined || largest === undefined || !subject.configuration.hasHaproxy) return;
      const wanted = Math.min(ownFrame(engine)?.bytes ?? largest, largest);
      if (agent.maxFrameBytes >= wanted || canFragment(engine, subject)) return;
      const { statement } = subject.configuration.sections.global.last('tune.bufsize');
      const message = `the agent takes frames of ${agent.maxFrameBytes} bytes (-m), HAProxy sends up to ${wanted}`;
      yield { at: statement ?? placeOf(engine), message };
    }),
  },
  {
    code: 'fetch-too-new',
    level: 'error',
    title: 'A fetch that this version does not have',
    why: 'HAProxy does not start: "unknown fetch method".',
    mend: 'Remove it, or take date(0,us) for a time and arg_uid=unique-id for an id.',
    reference: 'tried with 2.6.12 (refused), 3.0.11 and 3.2.26 (taken)',
    example: {
      version: '2.6',
      edits: [{ file: 'spoe', replace: 'arg_body=req.body', with: 'arg_body=req.body arg_sid=txn.id32' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope }, { version }) {
      if (version === undefined) return;
      for (const message of scope?.messages ?? []) {
        for (const { fetch, statement } of messageArguments(message).list) {
          if (!NEW_FETCHES.some(([since, fetches]) => !isSince(version, since) && fetches.test(fetch))) continue;
          yield { at: statement, message: `HAProxy ${versionText(version)} has no fetch ${quoted(fetch)} here` };
        }
      }
    }),
  },
  {
    code: 'mutating-requests',
    level: 'note',
    title: 'Requests that change something, with the credentials of clients',
    why: 'POST, PUT, PATCH and DELETE do to the mirrored version what they do to production, in the name of the same user. Where both have one database or one mail server, everything happens twice.',
    mend: 'Start the agent with --methods GET,HEAD,OPTIONS, or with --strip-header cookie,authorization, or let the mirror tell them: --mark sets X-Mirrored-Request: 1.',
    reference: 'docs/agent.md; github.com/istio/istio/issues/11093',
    example: {
      agentCommand: 'spoa-mirror -r0 -u http://mirror.example/ -m 16380',
      edits: [],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, { agent }) {
      const methods = agent === undefined ? [] : mutatingMethods(agent);
      if (methods.length === 0 || !mirrorsAnyMethod(engine)) return;
      const message = `the agent mirrors ${methods.join(', ')} with the cookies and authorization of clients`;
      yield { at: placeOf(engine), message };
    }),
  },
];

/** Whether a request that does not fit is sent in fragments: both sides have to offer it, and HAProxy be 3.0 or older. */
function canFragment({ agent }: Engine, subject: Subject): boolean {
  if (isMultiplexed(subject) !== false || subject.agent?.capabilities.includes('fragmentation') !== true) return false;
  const lines = agent?.settings.all('no', 'option', 'send-frag-payload') ?? [];
  return lines.length === 0;
}
