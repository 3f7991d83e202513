/** What a message brings the agent, and its conditions: can a request be made of it, and is it ever sent? */
import { nearest } from '../../text/nearest.ts';
import {
  type Argument,
  type Engine,
  messageArguments,
  type SpoeEntity,
  sentMessages,
} from '../configuration/engines.ts';
import { parseTimeMs } from '../configuration/quantity.ts';
import { knownWord, type Statement } from '../configuration/statements.ts';
import { perEngine, quoted, type Rule } from '../rule.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';
const RUN = 'run with 2.6.12 and 3.2.26';

/** What the agent makes a request of, and the fetches that belong to each. */
const FETCHES = {
  arg_method: /^method$/,
  arg_path: /^(url|path|pathq)(,|$)/,
  arg_hdrs: /^req\.hdrs(_bin)?$/,
  arg_body: /^req\.body$/,
} as const;
type Needed = keyof typeof FETCHES;

const OWN_NAMES: ReadonlySet<string> = new Set([...Object.keys(FETCHES), 'arg_ver', 'arg_uid', 'arg_sid', 'arg_pid']);

interface Arguments {
  readonly message: SpoeEntity;
  readonly line: Statement;
  readonly list: readonly Argument[];
}

/**
 * Arguments of the messages that are sent for requests and meant for spoa-mirror: other agents have names of their own, or
 * none (ModSecurity's), and what they get is their business.
 */
function* mirroringArguments(engine: Engine): Generator<Arguments> {
  for (const { message, side } of sentMessages(engine)) {
    const { list, isKnown } = messageArguments(message);
    const line = message.settings.all('args').at(-1);
    if (side !== 'request' || !isKnown || line === undefined || !message.header.isCertain) continue;
    if (isForMirror(engine, message, list)) yield { message, line, list };
  }
}

function isForMirror({ name, agent }: Engine, message: SpoeEntity, list: readonly Argument[]): boolean {
  const known = list.filter((argument) => OWN_NAMES.has(argument.name)).length;
  const isRequest = list.some(({ fetch }) => FETCHES.arg_method.test(fetch) || FETCHES.arg_path.test(fetch));
  if (known > 0) return isRequest;
  // Names are missing altogether: what it is called tells whom it is for.
  const isCalledMirror = [name, agent?.name, message.name].some((each) => /mirror/i.test(each ?? ''));
  const isNameless = list.every((argument) => argument.name === '');
  const isMethodAndPath = [FETCHES.arg_method, FETCHES.arg_path].every((fetches) =>
    list.some(({ fetch }) => fetches.test(fetch)),
  );
  return isCalledMirror && isNameless && isMethodAndPath;
}

/** The argument that has what belongs to `needed`, under a name that is none of the agent's. */
function misnamed(list: readonly Argument[], needed: Needed): Argument | undefined {
  return list.find(({ name, fetch }) => FETCHES[needed].test(fetch) && !OWN_NAMES.has(name));
}

function has(list: readonly Argument[], needed: Needed): boolean {
  return list.some(({ name }) => name === needed);
}

function written({ name, fetch }: Argument): string {
  return name === '' ? fetch : `${name}=${fetch}`;
}

/** Configuration manual, 7.4; a build without QUIC may lack HTTP_3.0. */
const PREDEFINED: ReadonlySet<string> = new Set(
  `FALSE HTTP HTTP_1.0 HTTP_1.1 HTTP_2.0 HTTP_3.0 HTTP_CONTENT HTTP_URL_ABS HTTP_URL_SLASH HTTP_URL_STAR LOCALHOST
   METH_CONNECT METH_DELETE METH_GET METH_HEAD METH_OPTIONS METH_POST METH_PUT METH_TRACE RDP_COOKIE REQ_CONTENT TRUE
   WAIT_END`.split(/\s+/),
);

/** The ACLs that the condition of an `event` line names; none where a word of it is not known. */
export function* namedAcls(event: Statement): Generator<string> {
  const { words, unknown, isCertain } = event;
  if (unknown.size > 0 || !isCertain || (words[2] !== 'if' && words[2] !== 'unless')) return;
  let isAnonymous = false;
  for (const word of words.slice(3)) {
    const name = word.replace(/^!+/, '');
    if (isAnonymous) isAnonymous = word !== '}';
    else if (name === '{') isAnonymous = true;
    else if (name !== '' && name !== '||' && name.toLowerCase() !== 'or') yield name;
  }
}

/** Of how many names the one that was meant is looked for. */
const MOST_MEANT = 50;

/** Patterns that `path_beg`, `path -m beg` and `path` compare with the beginning of a path, in one ACL. */
function pathPatterns(words: readonly string[]): readonly string[] {
  const [fetch, ...rest] = words;
  if (fetch !== 'path_beg' && fetch !== 'path') return [];
  let isBeginning = true;
  let i = 0;
  for (; rest[i]?.startsWith('-') === true && rest[i] !== '--'; i++) {
    if (rest[i] === '-i') continue;
    // Others take their patterns from a file, or compare otherwise.
    if (rest[i] !== '-m') return [];
    i += 1;
    isBeginning = rest[i] === 'beg' || rest[i] === 'str';
  }
  return isBeginning ? rest.slice(rest[i] === '--' ? i + 1 : i) : [];
}

/** The words of each ACL on a line: `acl NAME …`, or each `{ … }` of a condition. */
function aclsOf({ words }: Statement): string[][] {
  if (words[0] === 'acl') return [words.slice(2)];
  const acls: string[][] = [];
  let open: string[] | undefined;
  for (const word of words) {
    if (open === undefined) {
      if (/^!*\{$/.test(word)) open = [];
    } else if (word === '}') {
      acls.push(open);
      open = undefined;
    } else open.push(word);
  }
  return acls;
}

/** Below this a number without unit was meant in seconds rather than in milliseconds. */
const SHORTEST_PROCESSING_MS = 20;

export const ARGUMENT_RULES: readonly Rule[] = [
  {
    code: 'method-path-missing',
    level: 'error',
    title: 'A message without arg_method or arg_path',
    why: 'The agent makes a request of arg_method and arg_path. Without one of both it acknowledges the message (st=0) and mirrors nothing.',
    mend: 'Write "arg_method=method" and "arg_path=url" into args.',
    reference: `docs/agent.md, the arguments; ${RUN}`,
    example: {
      edits: [{ file: 'spoe', replace: 'arg_path=url', with: 'arg_url=url' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { message, line, list } of mirroringArguments(engine)) {
        const missing = (['arg_method', 'arg_path'] as const).filter((needed) => !has(list, needed));
        if (missing.length === 0) continue;
        const others = missing.map((needed) => misnamed(list, needed)).filter((other) => other !== undefined);
        const hint = others.length === 0 ? '' : `; it has ${quoted(others.map(written).join(' '))}`;
        const what = `the message ${quoted(message.name ?? '')} has no ${missing.join(' and no ')}${hint}`;
        yield { at: line, message: what };
      }
    }),
  },
  {
    code: 'argument-misnamed',
    level: 'error',
    title: 'Headers or a body under a name that the agent does not know',
    why: 'The agent takes headers from arg_hdrs and the body from arg_body. Under another name they are for the record only: the mirror gets a request without them, and with another Host.',
    mend: 'Write "arg_hdrs=req.hdrs_bin" and "arg_body=req.body" into args.',
    reference: `docs/agent.md, the arguments; ${RUN}`,
    example: {
      edits: [{ file: 'spoe', replace: 'arg_hdrs=req.hdrs_bin', with: 'arg_headers=req.hdrs_bin' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { list } of mirroringArguments(engine)) {
        if (!has(list, 'arg_method') || !has(list, 'arg_path')) continue;
        for (const needed of ['arg_hdrs', 'arg_body'] as const) {
          const other = has(list, needed) ? undefined : misnamed(list, needed);
          if (other !== undefined)
            yield { at: other.statement, message: `${quoted(written(other))} is not mirrored: the name is ${needed}` };
        }
      }
    }),
  },
  {
    code: 'headers-missing',
    level: 'warning',
    title: 'A message without the headers of the request',
    why: 'Without arg_hdrs the mirror gets neither Host nor cookies nor any other header of the client: its answers are to other requests.',
    mend: 'Write "arg_hdrs=req.hdrs_bin" into args.',
    reference: `docs/agent.md, the arguments; ${RUN}`,
    example: {
      edits: [{ file: 'spoe', replace: ' arg_hdrs=req.hdrs_bin', with: '' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { message, line, list } of mirroringArguments(engine)) {
        if (!has(list, 'arg_method') || !has(list, 'arg_path')) continue;
        if (has(list, 'arg_hdrs') || misnamed(list, 'arg_hdrs') !== undefined) continue;
        yield { at: line, message: `the message ${quoted(message.name ?? '')} has no arg_hdrs` };
      }
    }),
  },
  {
    code: 'body-missing',
    level: 'note',
    title: 'A message without the body of the request',
    why: 'Without arg_body a POST or PUT is mirrored with nothing in it.',
    mend: 'Write "arg_body=req.body" into args and "option http-buffer-request" into the frontend, or mirror GET alone: "if METH_GET".',
    reference: `docs/agent.md, the arguments; ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: ' arg_body=req.body', with: '' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { message, line, list } of mirroringArguments(engine)) {
        if (!has(list, 'arg_method') || !has(list, 'arg_path')) continue;
        if (has(list, 'arg_body') || misnamed(list, 'arg_body') !== undefined) continue;
        const conditions = [...message.settings.all('acl'), ...message.settings.all('event')];
        // Whoever asks for the method has thought of it.
        if (conditions.some(({ words }) => words.some((word) => /^!*METH_|^method$/.test(word)))) continue;
        yield { at: line, message: `the message ${quoted(message.name ?? '')} has no arg_body` };
      }
    }),
  },
  {
    code: 'query-lost',
    level: 'warning',
    title: 'A path without its query',
    why: 'The fetch "path" ends before the question mark: the mirror gets /search where production got /search?q=a.',
    mend: 'Write "arg_path=url".',
    reference: `configuration manual, path and url; ${RUN}`,
    example: {
      edits: [{ file: 'spoe', replace: 'arg_path=url', with: 'arg_path=path' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { list } of mirroringArguments(engine)) {
        const argument = list.find(({ name }) => name === 'arg_path');
        if (argument?.fetch === 'path')
          yield { at: argument.statement, message: 'arg_path=path leaves the query of each request out' };
      }
    }),
  },
  {
    code: 'acl-undefined',
    level: 'error',
    title: 'A condition of a message with an ACL that it does not have',
    why: 'The condition of an event knows the "acl" lines of its own spoe-message and what HAProxy predefines; those of haproxy.cfg are not seen. HAProxy does not start: "no such ACL".',
    mend: 'Write the "acl" line into the spoe-message.',
    reference: `SPOE.txt, 2.3 (acl, event); configuration manual, 7.4; ${TRIED}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: '    event on-frontend-http-request\n',
          with: '    acl is_search path_beg /search\n    event on-frontend-http-request if is_serch\n',
        },
      ],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope }) {
      for (const { settings } of scope?.messages ?? []) {
        const names = new Set(settings.all('acl').map((acl) => knownWord(acl, 1)));
        if (names.has(undefined)) continue;
        const own = [...names].slice(0, MOST_MEANT).filter((name) => name !== undefined);
        for (const event of settings.all('event')) {
          // HAProxy stops at the first one.
          const name = [...namedAcls(event)].find((each) => !names.has(each) && !PREDEFINED.has(each));
          if (name === undefined) continue;
          const meant = nearest(name, own);
          const hint = meant === undefined ? '' : `; was ${quoted(meant)} meant?`;
          yield { at: event, message: `this message has no acl ${quoted(name)}${hint}` };
        }
      }
    }),
  },
  {
    code: 'path-without-slash',
    level: 'warning',
    title: 'A path that is compared with something that is none',
    why: 'Every path begins with a slash: "path_beg search" is true for none, and where a message depends on it nothing is sent.',
    mend: 'Write the slash: path_beg /search.',
    reference: `configuration manual, path; ${RUN}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: '    event on-frontend-http-request\n',
          with: '    event on-frontend-http-request if { path_beg search }\n',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ scope }) {
      for (const { settings } of scope?.messages ?? []) {
        for (const at of [...settings.all('acl'), ...settings.all('event')]) {
          if (at.unknown.size > 0 || !at.isCertain) continue;
          const wrong = aclsOf(at)
            .flatMap(pathPatterns)
            .find((pattern) => /^[\w.]/.test(pattern));
          if (wrong !== undefined)
            yield { at, message: `no path begins with ${quoted(wrong)}: it begins with a slash` };
        }
      }
    }),
  },
  {
    code: 'processing-without-unit',
    level: 'warning',
    title: 'A timeout processing of a few milliseconds, without a unit',
    why: 'A number without unit is in milliseconds. In so few of them an agent that is only busy has not answered: the request is logged as failed (st=1).',
    mend: 'Write the unit: "timeout processing 500ms".',
    reference: `configuration manual, 2.5 (time format); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: 'timeout processing 500ms', with: 'timeout processing 5' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent }) {
      const processing = agent?.settings.last('timeout', 'processing');
      const [text] = processing?.values ?? [];
      if (processing?.statement === undefined || !processing.isKnown || !/^\d+$/.test(text ?? '')) return;
      const ms = parseTimeMs(text);
      if (ms === undefined || ms === 0 || ms >= SHORTEST_PROCESSING_MS) return;
      yield { at: processing.statement, message: `timeout processing ${text} is ${text} milliseconds` };
    }),
  },
];
