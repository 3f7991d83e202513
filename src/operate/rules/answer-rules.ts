/** Answers of production: does the agent hear them, and what may that cost a client? */
import { type Engine, messageArguments, type SentMessage, sentMessages } from '../configuration/engines.ts';
import { parseTimeMs } from '../configuration/quantity.ts';
import type { ProxySection, Sections } from '../configuration/sections.ts';
import { beginsWith, knownWord, type Statement } from '../configuration/statements.ts';
import { type Found, isMultiplexed, perEngine, placeOf, quoted, type Rule } from '../rule.ts';
import { longestBody } from '../setup/answers.ts';
import { backendOf, serversOf } from './backend-rules.ts';
import { bufferFrame } from './content-rules.ts';
import { isMirroring, waitsForBody } from './message-rules.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';
const RUN = 'run with 2.6.12, 3.0.11 and 3.2.26';

/** Answers that are printed, for an example of what may be wrong with them. */
const PRINTED = { setup: { answers: 'body' }, haproxy: 'accepts' } as const;
const PRINTED_WAITING = { setup: { answers: 'body', waits: true }, haproxy: 'accepts' } as const;

const FOUR_BYTES = 4;

/** Whether the engine sends anything of production's answers. */
export function sendsAnswers(engine: Engine): boolean {
  return sentMessages(engine).some(isAnswer);
}

function isAnswer({ side, message }: SentMessage): boolean {
  return side === 'response' && !isMirroring(message);
}

/** Its answers, where the same agent mirrors requests: other agents do with answers what they like. */
function mirroredAnswers(engine: Engine): readonly SentMessage[] {
  const sent = sentMessages(engine);
  const mirrors = sent.some(({ side, message }) => side === 'request' && isMirroring(message));
  return mirrors ? sent.filter(isAnswer) : [];
}

/** The line that sends a message, or waits for a body, and the ACLs that it names: those of the message, or of the proxy. */
function conditionLines(by: Statement, acls: readonly Statement[]): Statement[] {
  const names = new Set(by.words.map((word) => word.replace(/^!+/, '')));
  return [...acls.filter((acl) => names.has(knownWord(acl, 1) ?? '')), by];
}

function guardsOf({ proxy }: Engine, { message, by }: SentMessage): Statement[] {
  const acls = by.words[0] === 'event' ? message.settings.all('acl') : (proxy?.settings.all('acl') ?? []);
  return conditionLines(by, acls);
}

function textOf(lines: readonly Statement[]): string {
  return lines.map(({ words }) => words.join(' ')).join('\n');
}

/** Whether every word of a condition is known. */
function isKnown(lines: readonly Statement[]): boolean {
  return lines.every(({ unknown, isCertain }) => unknown.size === 0 && isCertain);
}

/** Answers that are sent whether the agent has asked for them or not. */
function unguarded(engine: Engine): readonly SentMessage[] {
  const sent = sentMessages(engine);
  if (!sent.some(({ side }) => side === 'request')) return [];
  return sent.filter((each) => each.side === 'response' && !/\bvar\(/.test(textOf(guardsOf(engine, each))));
}

/** `option var-prefix`, without which it is the agent's name. */
function variablePrefix({ agent }: Engine): string | undefined {
  const prefix = agent?.settings.last('option', 'var-prefix');
  if (prefix?.isKnown !== true) return undefined;
  return prefix.statement === undefined ? agent?.name : prefix.values[0];
}

/** Fetches of the request, of which nothing is left when its answer comes. */
const OF_REQUEST = /^(path|pathq|url|url_param|urlp|query|base|baseq|cook|req\.)(?!timer\.)([a-z_0-9]*)\b/;

/** The first such fetch of a condition: `{ path_beg /a }`, `acl a req.hdr(x) b`. */
function fetchOfRequest(lines: readonly Statement[]): Found | undefined {
  for (const at of lines) {
    for (const [i, word] of at.words.entries()) {
      const before = at.words[i - 1] ?? '';
      const isFetch = at.words[0] === 'acl' ? i === 2 : before === '{';
      // What is said not to be so always holds.
      if (isFetch && OF_REQUEST.test(word)) return { at, message: word };
    }
  }
  return undefined;
}

/** Of `res.hdr_val(content-length) 1:12000`, which a condition has. */
function longestLength(lines: readonly Statement[]): number | undefined {
  const limits = [...textOf(lines).matchAll(/content-length\)\s+(?:-m int\s+)?(?:\d+:(\d+)|(?:le|lt)\s+(\d+))/g)];
  const bytes = limits.map(([, upTo, below]) => Number(upTo ?? below));
  return bytes.length === 0 ? undefined : Math.max(...bytes);
}

function waitingLines(proxy: ProxySection | undefined): { line: Statement; condition: Statement[] }[] {
  const lines = (proxy?.settings.all('http-response') ?? []).filter(
    (line) => waitsForBody(line, 'response') && line.isCertain && line.unknown.size === 0,
  );
  return lines.map((line) => ({ line, condition: conditionLines(line, proxy?.settings.all('acl') ?? []) }));
}

/** `timeout server` of the backends that a proxy names, and of itself, in ms. */
function serverTimeouts(proxy: ProxySection, { backends }: Sections): number[] {
  const names = [...proxy.settings.all('default_backend'), ...proxy.settings.all('use_backend')].map((line) =>
    knownWord(line, 1),
  );
  const used = names.flatMap((name) => (name === undefined ? [] : (backends.get(name) ?? [])));
  return [...used, ...(proxy.kind === 'frontend' ? [] : [proxy])].flatMap(({ settings }) => {
    const { isKnown: isSaid, values } = settings.last('timeout', 'server');
    const ms = isSaid ? parseTimeMs(values[0]) : undefined;
    return ms === undefined ? [] : [ms];
  });
}

/** What needs a line `filter …` of its own once another filter is declared, and how each line begins. */
const IMPLICIT_FILTERS = [
  {
    filter: 'cache',
    uses: [
      ['http-request', 'cache-use'],
      ['http-response', 'cache-store'],
    ],
  },
  {
    filter: 'compression',
    uses: [
      ['compression', 'algo'],
      ['compression', 'algo-req'],
      ['compression', 'algo-res'],
    ],
  },
] as const;

export const ANSWER_RULES: readonly Rule[] = [
  {
    code: 'answer-fragments',
    level: 'warning',
    title: 'Answers that may be larger than a frame of the agent (up to 3.0)',
    why: 'Up to 3.0 a message that does not fit into a frame of the agent is tried again and again, each time on a new connection, until timeout processing is over. HAProxy 2.6.12 never answers the client of such an answer, and from then on every request of that thread costs timeout processing, with a thousand HELLOs a second, although the client has long gone. With the line such an answer is not sent: st=3, at once.',
    mend: 'Write "no option send-frag-payload" into the spoe-agent.',
    reference: `SPOE.txt of 3.0, 2.2 (option send-frag-payload); ${RUN}`,
    example: {
      ...PRINTED,
      version: '2.6',
      edits: [{ file: 'spoe', replace: '    no option send-frag-payload\n', with: '' }],
    },
    find: perEngine(function* (engine, subject) {
      if (isMultiplexed(subject) !== false || engine.agent === undefined) return;
      const { isSet, statement } = engine.agent.settings.option('send-frag-payload');
      // It is set where no line says anything.
      if (isSet === undefined || (statement !== undefined && !isSet)) return;
      const [answer] = sentMessages(engine).filter(isAnswer);
      if (answer === undefined) return;
      const message = `an answer that does not fit into a frame holds its client: ${quoted(answer.message.name ?? '')} is sent without "no option send-frag-payload"`;
      yield { at: statement ?? engine.agent.header, message };
    }),
  },
  {
    code: 'response-after-error',
    level: 'note',
    title: 'Answers that are sent whether the agent wants them or not',
    why: "The agent can use the answers of requests alone that it mirrors; others cost a round trip for nothing. And where the request was not acknowledged, its answer is not sent either: an error of the request's event disables the events of the same transaction that follow.",
    mend: 'Send the answers that the agent has asked for: "if { var(txn.PREFIX.answer) -m bool }", with PREFIX of option var-prefix.',
    reference: `SPOE.txt, 2.2 (option continue-on-error) and 3.5; ${RUN}`,
    example: {
      setup: { answers: 'head' },
      edits: [{ file: 'spoe', replace: 'event on-http-response if answer_wanted', with: 'event on-http-response' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      if (engine.agent?.settings.option('continue-on-error').isSet !== false) return;
      for (const { message, by } of unguarded(engine))
        yield { at: by, message: `${quoted(message.name ?? '')} is sent for every answer` };
    }),
  },
  {
    code: 'answer-continue-on-error',
    level: 'warning',
    title: 'Answers that are sent although their request has failed',
    why: 'With "option continue-on-error" HAProxy sends the answer of a request that was not acknowledged as well: an agent that hangs costs each client timeout processing twice.',
    mend: 'Remove the option, or send answers only for requests that the agent has acknowledged: "if { var(txn.PREFIX.answer) -m bool }".',
    reference: `SPOE.txt, 2.2 (option continue-on-error); ${RUN}`,
    example: {
      setup: { answers: 'head' },
      edits: [
        { file: 'spoe', replace: 'event on-http-response if answer_wanted', with: 'event on-http-response' },
        { file: 'spoe', replace: '    log global\n', with: '    log global\n    option continue-on-error\n' },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      const { isSet, statement } = engine.agent?.settings.option('continue-on-error') ?? {};
      if (isSet !== true || statement === undefined) return;
      const [first] = unguarded(engine);
      if (first === undefined) return;
      const message = `${quoted(first.message.name ?? '')} is sent where the request's message failed, too: an agent that hangs costs twice`;
      yield { at: statement, message };
    }),
  },
  {
    code: 'answer-variable',
    level: 'error',
    title: 'A condition on a variable that the agent does not set',
    why: 'The agent sets "answer" of the transaction, and HAProxy puts its var-prefix before it: txn.PREFIX.answer; without "option var-prefix" the prefix is the name of the spoe-agent. Any other is never set, and no answer is sent.',
    mend: 'Write the prefix into the condition.',
    reference: `SPOE.txt, 2.2 (option var-prefix); ${RUN}`,
    example: {
      ...PRINTED,
      edits: [{ file: 'spoe', replace: 'option var-prefix mirror', with: 'option var-prefix copies' }],
    },
    find: perEngine(function* (engine) {
      const prefix = variablePrefix(engine);
      if (prefix === undefined) return;
      const wanted = `txn.${prefix}.answer`;
      const rules = engine.proxy?.settings.statements.map(({ words }) => words.join(' ')) ?? [];
      for (const answer of mirroredAnswers(engine)) {
        const lines = guardsOf(engine, answer);
        const at = lines.find((line) => variableOf(line) !== undefined);
        const name = at === undefined ? undefined : variableOf(at);
        if (at === undefined || name === undefined || name === wanted || !isKnown(lines)) continue;
        // A rule of the proxy may set it as well.
        if (rules.some((rule) => rule.includes(`set-var(${name}`))) continue;
        yield { at, message: `${name} is never set: the agent's is ${wanted}` };
      }
    }),
  },
  {
    code: 'variable-prefix',
    level: 'error',
    title: 'An agent whose name begins no variable',
    why: 'Without "option var-prefix" variables of an agent begin with its name, which may have letters, digits, _ and . then. HAProxy does not start: "Invalid variable prefix".',
    mend: 'Write "option var-prefix mirror" into the spoe-agent, or rename it.',
    reference: `SPOE.txt, 2.2 (option var-prefix); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: 'spoe-agent mirror\n', with: 'spoe-agent mirror-agent\n' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* (engine) {
      const prefix = variablePrefix(engine);
      if (engine.agent === undefined || prefix === undefined || /^[A-Za-z0-9_.]*$/.test(prefix)) return;
      const { statement } = engine.agent.settings.last('option', 'var-prefix');
      yield { at: statement ?? engine.agent.header, message: `${quoted(prefix)} cannot begin the name of a variable` };
    }),
  },
  {
    code: 'answer-arguments',
    level: 'error',
    title: 'A message of an answer without arg_uid or arg_status',
    why: 'The agent takes a message with arg_uid and arg_status, and without arg_path, for the answer of the request with that id. Without one of both it acknowledges the message and keeps nothing.',
    mend: 'Write "arg_uid=unique-id arg_status=status" into args.',
    reference: `docs/responses.md; ${RUN}`,
    example: {
      ...PRINTED,
      edits: [
        {
          file: 'spoe',
          replace: 'args arg_uid=unique-id arg_status=status arg_hdrs=res.hdrs_bin arg_body=res.body',
          with: 'args arg_status=status arg_hdrs=res.hdrs_bin arg_body=res.body',
        },
      ],
    },
    find: perEngine(function* (engine) {
      for (const { message } of mirroredAnswers(engine)) {
        const { list, isKnown: areKnown } = messageArguments(message);
        const names = list.map(({ name }) => name);
        const isMeant = list.some(({ name, fetch }) => /^arg_/.test(name) && /^(status|res\.)/.test(fetch));
        const missing = ['arg_uid', 'arg_status'].filter((name) => !names.includes(name));
        const line = message.settings.all('args').at(-1);
        if (!areKnown || !isMeant || missing.length === 0 || line === undefined) continue;
        yield { at: line, message: `the message ${quoted(message.name ?? '')} has no ${missing.join(' and no ')}` };
      }
    }),
  },
  {
    code: 'fetch-of-request',
    level: 'error',
    title: 'A message of an answer that asks for the request',
    why: 'When the answer comes the request is gone: path, url, query, base, cook and req.* have nothing to look at. HAProxy does not start: "some args extract information from …, none of which is available here".',
    mend: 'Remove it: the message of the request brought it already, and arg_uid joins both. Or keep it in a variable: "http-request set-var(txn.path) path", and var(txn.path).',
    reference: TRIED,
    example: {
      ...PRINTED,
      edits: [{ file: 'spoe', replace: 'arg_status=status', with: 'arg_status=status arg_target=url' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* (engine) {
      for (const { side, message } of sentMessages(engine)) {
        if (side !== 'response' || !message.header.isCertain) continue;
        for (const { fetch, statement } of messageArguments(message).list) {
          if (statement.isCertain && OF_REQUEST.test(fetch))
            yield {
              at: statement,
              message: `${quoted(fetch)} is of the request: a message of an answer cannot have it`,
            };
        }
      }
    }),
  },
  {
    code: 'condition-of-request',
    level: 'error',
    title: 'A condition of an answer that asks for the request',
    why: 'When the answer comes the request is gone: conditions with path, url or req.* are never true, and HAProxy says nothing. ("method" is still known.)',
    mend: 'Decide when the request comes: its event or rule has the condition, and answers follow those that the agent mirrors. Or keep it in a variable: "http-request set-var(txn.path) path".',
    reference: RUN,
    example: {
      setup: { answers: 'head' },
      edits: [
        {
          file: 'spoe',
          replace: 'event on-http-response if answer_wanted',
          with: 'event on-http-response if answer_wanted { path_beg /search }',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const answer of sentMessages(engine)) {
        if (answer.side !== 'response') continue;
        const lines = guardsOf(engine, answer);
        const found = isKnown(lines) ? fetchOfRequest(lines) : undefined;
        if (found === undefined) continue;
        const name = quoted(answer.message.name ?? '');
        yield {
          at: found.at,
          message: `${quoted(found.message)} is of the request: where ${name} depends on it, it is never sent`,
        };
      }
    }),
  },
  {
    code: 'answer-body-long',
    level: 'note',
    title: 'Bodies of answers that do not fit',
    why: 'A body that is longer than what the buffer has room for is cut, and a cut one is compared with nothing: it costs the transfer alone.',
    mend: 'Ask for the body of short answers: "res.hdr_val(content-length) 1:12000" with a usual buffer, and of the others for the head, in a message of its own.',
    reference: RUN,
    example: {
      ...PRINTED,
      edits: [{ file: 'spoe', replace: 'content-length) 1:12000', with: 'content-length) 1:60000' }],
    },
    find: perEngine(function* (engine, subject) {
      const frame = bufferFrame(subject);
      if (frame === undefined || !subject.configuration.hasHaproxy) return;
      const most = longestBody(frame + FOUR_BYTES);
      for (const answer of mirroredAnswers(engine)) {
        const lines = guardsOf(engine, answer);
        const argument = messageArguments(answer.message).list.find(({ fetch }) => /^res\.body(,|$)/.test(fetch));
        if (argument === undefined || !isKnown(lines)) continue;
        const longest = longestLength(lines);
        if (longest !== undefined && longest <= most) continue;
        const name = quoted(answer.message.name ?? '');
        const what = longest === undefined ? 'bodies of any length' : `bodies of up to ${longest} bytes`;
        yield {
          at: argument.statement,
          message: `${name} asks for ${what}: more than ${most} bytes may not fit beside the headers`,
        };
      }
    }),
  },
  {
    code: 'wait-for-body-unguarded',
    level: 'warning',
    title: 'wait-for-body for every answer',
    why: 'When the time of "http-response wait-for-body" is over the client gets a 504, not what has come: event streams, long polls and slow bodies break.',
    mend: 'Add a condition: "if { res.hdr_val(content-length) 1:12000 }".',
    reference: 'configuration manual, http-response wait-for-body; run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: '    default_backend be_servers\n',
          with: '    http-response wait-for-body time 1s\n    default_backend be_servers\n',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ proxy }) {
      for (const line of proxy?.settings.all('http-response') ?? []) {
        if (!line.isCertain || !waitsForBody(line, 'response')) continue;
        if (line.words.includes('if') || line.words.includes('unless') || line.unknown.size > 0) continue;
        yield { at: line, message: 'every answer is waited for: what is slower than that is a 504' };
      }
    }),
  },
  {
    code: 'wait-for-body-unannounced',
    level: 'warning',
    title: 'wait-for-body for answers whose length nobody knows',
    why: 'An event stream or a long poll has no Content-Length and no end: its client gets a 504 when the time is over, and nothing before.',
    mend: 'Add the length to the condition: "res.hdr_val(content-length) 1:12000".',
    reference: `configuration manual, http-response wait-for-body; ${RUN}`,
    example: {
      ...PRINTED_WAITING,
      edits: [
        {
          file: 'haproxy',
          replace: 'wait-for-body time 30s if answer_wanted answer_json answer_short',
          with: 'wait-for-body time 30s if answer_wanted answer_json',
        },
      ],
    },
    *find({ configuration }) {
      for (const proxy of configuration.sections.proxies) {
        for (const { line, condition } of waitingLines(proxy)) {
          if (!line.words.includes('if') && !line.words.includes('unless')) continue;
          // Who names paths, or asks for chunks, has thought of it.
          if (
            !isKnown(condition) ||
            /content-length|transfer-encoding|res\.body_size|path|capture\.req\.uri/.test(textOf(condition))
          )
            continue;
          yield { at: line, message: 'answers without a Content-Length are waited for, too: event streams are a 504' };
        }
      }
    },
  },
  {
    code: 'wait-for-body-short',
    level: 'warning',
    title: 'wait-for-body that gives up before the server does',
    why: 'When the time of "http-response wait-for-body" is over the client gets a 504, also where the rest of the body would have come: an answer that is slower than that breaks, and did not without the rule.',
    mend: 'Take the time of "timeout server" of the backend.',
    reference: `configuration manual, http-response wait-for-body; ${RUN}`,
    example: {
      ...PRINTED_WAITING,
      edits: [{ file: 'haproxy', replace: 'wait-for-body time 30s', with: 'wait-for-body time 1s' }],
    },
    *find({ configuration }) {
      for (const proxy of configuration.sections.proxies) {
        for (const { line } of waitingLines(proxy)) {
          const text = line.words[line.words.indexOf('time') + 1];
          const waited = parseTimeMs(text);
          const longest = Math.max(0, ...serverTimeouts(proxy, configuration.sections));
          // One that is for every answer is another rule's.
          if (waited === undefined || waited >= longest || !/ (if|unless) /.test(line.words.join(' '))) continue;
          yield {
            at: line,
            message: `a body that takes longer than ${text} is a 504, and "timeout server" would have allowed ${longest} ms`,
          };
        }
      }
    },
  },
  {
    code: 'filter-undeclared',
    level: 'error',
    title: 'Cache or compression without a filter line, beside another filter',
    why: 'A proxy with "filter spoe" has to say where its other filters stand, too. HAProxy does not start: "require an explicit filter declaration".',
    mend: 'Write "filter cache NAME" or "filter compression" behind the line of the SPOE filter.',
    reference: `configuration manual, 9 (filters); ${TRIED}`,
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: '    default_backend be_servers\n',
          with: '    compression algo gzip\n    default_backend be_servers\n',
        },
      ],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ proxy, filter }) {
      if (proxy === undefined || filter === undefined) return;
      for (const { filter: name, uses } of IMPLICIT_FILTERS) {
        const used = uses.flatMap((words) => proxy.own.filter((line) => beginsWith(line, words)));
        const [at] = used.filter(({ isCertain }) => isCertain);
        if (at === undefined || proxy.settings.all('filter', name).length > 0) continue;
        const message = `${at.words.slice(0, 2).join(' ')} needs a line "filter ${name}" beside "filter spoe"`;
        yield { at, message };
      }
    }),
  },
  {
    code: 'agent-answers',
    level: 'warning',
    title: 'Answers that the agent was not started for',
    why: 'Without --answers the agent asks for no answer, so none is sent where a condition on its variable says which; and one that comes all the same is acknowledged and forgotten. With it, and without messages of answers, it asks in vain.',
    mend: 'Start the agent with --answers head or --answers body, and let HAProxy send them: "spoe-logs config print --answers body".',
    reference: `docs/responses.md; ${RUN}`,
    example: {
      ...PRINTED,
      agentCommand: 'spoa-mirror -r0 -u http://mirror.example/ -m 16380',
      edits: [],
    },
    find: perEngine(function* (engine, { agent }) {
      if (agent === undefined || engine.scope === undefined) return;
      const [answer] = mirroredAnswers(engine);
      const isAsked = agent.answers !== undefined;
      if (answer !== undefined && !isAsked)
        yield { at: answer.by, message: 'the agent was started without --answers: it does not listen to them' };
      const mirrors = sentMessages(engine).some(({ side, message }) => side === 'request' && isMirroring(message));
      if (answer === undefined && isAsked && mirrors)
        yield {
          at: placeOf(engine),
          message: `the agent has --answers ${agent.answers}, and no message of an answer is sent`,
        };
    }),
  },
  {
    code: 'agent-answers-key',
    level: 'warning',
    title: 'Several agents that hash answers with a key of their own',
    why: 'Each agent makes a key when it starts. Of several behind one HAProxy, one gets the request and another one may get its answer: their hashes are of different keys, and such a pair is not compared.',
    mend: 'Give all of them one key: "--answers-key FILE", as "spoe-logs config print --answers body" prints it for two --agent.',
    reference: `docs/responses.md, several agents; ${RUN}`,
    example: {
      setup: { answers: 'body', agents: ['127.0.0.1:12345', '127.0.0.1:12346'] },
      haproxy: 'accepts',
      agentCommand: 'spoa-mirror -r0 -u http://mirror.example/ -m 16380 --answers body',
      edits: [],
    },
    find: perEngine(function* (engine, subject) {
      const { agent } = subject;
      if (agent?.answers === undefined || agent.hasAnswersKey || mirroredAnswers(engine).length === 0) return;
      const { backend } = backendOf(engine, subject) ?? {};
      const servers = (backend === undefined ? [] : serversOf(backend)).filter(
        // One that waits for the others to fail is none of several.
        ({ statement, isDisabled }) => isDisabled !== true && !statement.words.includes('backup'),
      );
      const isTemplate = servers.some(({ statement }) => statement.words[0] === 'server-template');
      const [first] = servers;
      if (first === undefined || (servers.length === 1 && !isTemplate)) return;
      const message = `${isTemplate ? 'several' : servers.length} agents, and each hashes answers with a key of its own: --answers-key is missing`;
      yield { at: first.statement, message };
    }),
  },
];

/** The variable of a condition that an agent sets to ask for an answer: `txn.mirror.answer`. */
function variableOf({ words }: Statement): string | undefined {
  return /\bvar\(((?:proc|sess|txn|req|res)\.[\w.]+\.answer)\b/.exec(words.join(' '))?.[1];
}
