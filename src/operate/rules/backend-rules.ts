/** The backend with the agents, and how long clients wait for one. */
import { formatDuration } from '../../text/numbers.ts';
import type { Truth } from '../configuration/condition.ts';
import type { Engine } from '../configuration/engines.ts';
import { parseTimeMs } from '../configuration/quantity.ts';
import { modeOf, type ProxySection } from '../configuration/sections.ts';
import { beginsWith, type Statement } from '../configuration/statements.ts';
import { isMultiplexed, perEngine, quoted, type Rule, type Subject } from '../rule.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';

/** `use-backend` of the agent and the proxy of that name, where both are known. */
export function backendOf(
  { agent }: Engine,
  { configuration }: Subject,
): { backend: ProxySection; use: Statement } | undefined {
  const use = agent?.settings.last('use-backend');
  const name = use?.values[0];
  if (use?.statement === undefined || !use.isKnown || name === undefined) return undefined;
  const found = configuration.sections.backends.get(name) ?? [];
  const backend = found.length === 1 ? found[0] : undefined;
  return backend && { backend, use: use.statement };
}

interface Server {
  readonly statement: Statement;
  /** Undefined where it cannot be known. */
  readonly isChecked: Truth;
  readonly closesSessions: boolean;
  readonly isDisabled: Truth;
}

/** Options of a backend that say how its servers are checked; the last one counts. */
const CHECKS =
  /^(httpchk|spop-check|tcp-check|external-check|ssl-hello-chk|smtpchk|mysql-check|pgsql-check|redis-check|ldap-check)$/;

/** The line of the check that counts, where that can be known. */
function checkOf({ settings }: ProxySection): Statement | undefined {
  const lines = settings.statements.filter(({ words }) => {
    const at = words.indexOf('option');
    return at >= 0 && at < 2 && CHECKS.test(words[at + 1] ?? '');
  });
  const last = lines.at(-1);
  const isKnown = lines.every(({ words, isCertain }) => isCertain && words[0] === 'option');
  return isKnown ? last : undefined;
}

/** Whether servers are checked elsewhere than where the agents listen. */
function isCheckedElsewhere({ settings }: ProxySection): boolean {
  const isElsewhere = ({ words, unknown }: Statement) =>
    /^(server|server-template|default-server)$/.test(words[0] as string) &&
    (unknown.size > 0 ||
      words.some((word) => /^(port|addr|check-proto|check-via-socks4|agent-check|track)$/.test(word)));
  return settings.all('http-check', 'connect').length > 0 || settings.statements.some(isElsewhere);
}

/** Its `server` lines with what `default-server` lines before them say. */
export function serversOf({ settings }: ProxySection): Server[] {
  const servers: Server[] = [];
  let usual: Truth = false;
  let usuallyCloses = false;
  let usuallyDisabled: Truth = false;
  for (const statement of settings.statements) {
    const { words, unknown, isCertain } = statement;
    const isServer = words[0] === 'server' || words[0] === 'server-template';
    if (!isServer && words[0] !== 'default-server') continue;
    const options = words.slice(isServer ? 3 : 1);
    const last = options.lastIndexOf('check');
    const off = options.lastIndexOf('no-check');
    // Another check, or the check of another server, tells as well.
    const isTold = options.includes('track') || options.includes('agent-check') || options.includes('disabled');
    const own: Truth = isTold || (last < 0 && off < 0 ? usual : last > off);
    const isChecked: Truth = unknown.size > 0 || !isCertain ? undefined : own;
    const closesSessions: boolean = usuallyCloses || words.includes('shutdown-sessions');
    const disables = options.lastIndexOf('disabled');
    const enables = options.lastIndexOf('enabled');
    const isOff: Truth = disables < 0 && enables < 0 ? usuallyDisabled : disables > enables;
    const isDisabled: Truth = unknown.size > 0 || !isCertain ? undefined : isOff;
    if (isServer) servers.push({ statement, isChecked, closesSessions, isDisabled });
    else {
      usual = isChecked;
      usuallyDisabled = isDisabled;
      usuallyCloses = closesSessions;
    }
  }
  return servers;
}

function perBackend(
  find: (
    found: { backend: ProxySection; use: Statement; engine: Engine },
    subject: Subject,
  ) => Iterable<{ at: Statement; message: string }>,
): Rule['find'] {
  return perEngine(function* (engine, subject) {
    const found = backendOf(engine, subject);
    if (found !== undefined) yield* find({ ...found, engine }, subject);
  });
}

export const BACKEND_RULES: readonly Rule[] = [
  {
    code: 'backend-missing',
    level: 'error',
    title: 'The backend of the agents is not there',
    why: '"use-backend" names a backend or listen section of haproxy.cfg. HAProxy does not start without.',
    mend: 'Add the backend, or write its name behind use-backend.',
    reference: `SPOE.txt, 2.2 (use-backend); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: 'use-backend mirroragents', with: 'use-backend mirror-agents' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ agent }, { configuration }) {
      if (agent === undefined) return;
      const use = agent.settings.last('use-backend');
      if (use.statement === undefined) {
        if (use.isKnown) yield { at: agent.header, message: 'the agent has no use-backend' };
        return;
      }
      const [name] = use.values;
      const { proxies, backends } = configuration.sections;
      if (!configuration.hasHaproxy || !use.isKnown || name === undefined) return;
      if (backends.has(name) || backends.has(undefined)) return;
      const isFrontend = proxies.some((proxy) => proxy.name === name);
      const what = isFrontend ? `${quoted(name)} is a frontend, not a backend` : `there is no backend ${quoted(name)}`;
      yield { at: use.statement, message: what };
    }),
  },
  {
    code: 'backend-mode',
    level: 'error',
    title: 'A backend of the agents in a mode that is not theirs',
    why: 'Agents speak SPOP, not HTTP: up to 3.0 the mode is tcp, since 3.1 tcp or spop. Where "defaults" says http the backend has to say otherwise. HAProxy does not start.',
    mend: 'Write "mode tcp" into the backend; "mode spop" is for 3.1 and later.',
    reference: `configuration manual, mode; ${TRIED}`,
    example: { edits: [{ file: 'haproxy', replace: '    mode tcp\n', with: '' }], haproxy: 'refuses' },
    find: perBackend(function* ({ backend, engine }, subject) {
      const mode = modeOf(backend);
      const isNew = isMultiplexed(subject);
      if (mode === undefined || mode === 'tcp' || !backend.header.isCertain) return;
      if (mode === 'spop' && isNew !== false) return;
      const at = backend.settings.last('mode').statement ?? backend.header;
      const from = backend.own.includes(at) ? '' : ', from defaults';
      const why = mode === 'spop' ? ', which HAProxy knows since 3.1' : '';
      const message = `backend ${quoted(backend.name ?? '')} of the agent ${quoted(engine.agent?.name ?? '')} has mode ${mode}${why}${from}`;
      yield { at: backend.own.includes(at) ? at : backend.header, message };
    }),
  },
  {
    code: 'backend-empty',
    level: 'warning',
    title: 'A backend of the agents without a server',
    why: 'There is nobody to send to, unless servers are added at run time.',
    mend: 'Add "server agent1 127.0.0.1:12345 check".',
    reference: TRIED,
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: '    server agent1 127.0.0.1:12345 check on-marked-down shutdown-sessions\n',
          with: '',
        },
      ],
      haproxy: 'accepts',
    },
    find: perBackend(function* ({ backend }) {
      if (serversOf(backend).length === 0 && backend.header.isCertain)
        yield { at: backend.header, message: `backend ${quoted(backend.name ?? '')} has no server` };
    }),
  },
  {
    code: 'agents-disabled',
    level: 'error',
    title: 'Agents that are all disabled',
    why: 'A server with "disabled" gets nothing until somebody enables it at run time: no request is mirrored (st=2, since 3.1 st=257).',
    mend: 'Remove "disabled", or enable a server: "enable server BACKEND/SERVER" through the Runtime API.',
    reference: 'configuration manual, 5.2 (disabled); run with 2.6.12 and 3.2.26',
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: 'server agent1 127.0.0.1:12345 check',
          with: 'server agent1 127.0.0.1:12345 disabled check',
        },
      ],
      haproxy: 'accepts',
    },
    find: perBackend(function* ({ backend }) {
      const servers = serversOf(backend);
      const [first] = servers;
      if (first === undefined || !servers.every(({ isDisabled }) => isDisabled === true)) return;
      yield { at: first.statement, message: `every server of backend ${quoted(backend.name ?? '')} is disabled` };
    }),
  },
  {
    code: 'check-http',
    level: 'error',
    title: 'A health check that speaks HTTP to the agents',
    why: 'Agents speak SPOP: none answers "option httpchk", all are DOWN, and no request is mirrored (st=2, since 3.1 st=257).',
    mend: 'Write "option spop-check" in its place.',
    reference: 'configuration manual, option httpchk and option spop-check; run with 2.6.12 and 3.2.26',
    example: {
      edits: [{ file: 'haproxy', replace: '    option spop-check\n', with: '    option httpchk\n' }],
      haproxy: 'accepts',
    },
    find: perBackend(function* ({ backend }) {
      const check = checkOf(backend);
      if (check === undefined || !beginsWith(check, ['option', 'httpchk']) || isCheckedElsewhere(backend)) return;
      if (!serversOf(backend).some(({ isChecked }) => isChecked === true)) return;
      const from = backend.own.includes(check) ? '' : ', from defaults';
      const message = `backend ${quoted(backend.name ?? '')} checks its agents with "option httpchk"${from}`;
      yield { at: backend.own.includes(check) ? check : backend.header, message };
    }),
  },
  {
    code: 'agent-unchecked',
    level: 'warning',
    title: 'An agent without health check',
    why: 'While an unchecked agent is down, or a firewall swallows it, every client request waits for the whole timeout processing. One that a check has marked DOWN costs nothing.',
    mend: 'Write "check" behind the server, and "option spop-check" into the backend.',
    reference: 'docs/STATUS-CODES.md, "What a failing agent costs clients"; run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [{ file: 'haproxy', replace: ' check on-marked-down shutdown-sessions', with: '' }],
      haproxy: 'accepts',
    },
    find: perBackend(function* ({ backend }) {
      for (const { statement, isChecked } of serversOf(backend)) {
        if (isChecked === false)
          yield { at: statement, message: `server ${quoted(statement.words[1] ?? '')} has no check` };
      }
    }),
  },
  {
    code: 'check-not-spop',
    level: 'note',
    title: 'A health check that asks for a connection only',
    why: 'Without "option spop-check" an agent that accepts connections and answers nothing is up, and every request waits for timeout processing.',
    mend: 'Write "option spop-check" into the backend.',
    reference: 'configuration manual, option spop-check',
    example: { edits: [{ file: 'haproxy', replace: '    option spop-check\n', with: '' }], haproxy: 'accepts' },
    find: perBackend(function* ({ backend }) {
      const { settings } = backend;
      const [first] = serversOf(backend).filter(({ isChecked }) => isChecked === true);
      if (first === undefined || settings.option('spop-check').isSet !== false) return;
      const check = checkOf(backend);
      if (check !== undefined && beginsWith(check, ['option', 'httpchk'])) return;
      // Whoever writes another check knows what it does.
      if (settings.all('tcp-check').length > 0 || settings.all('external-check').length > 0) return;
      const message = `backend ${quoted(backend.name ?? '')} checks its agents without "option spop-check"`;
      yield { at: backend.header, message };
    }),
  },
  {
    code: 'backend-timeout',
    level: 'warning',
    title: 'A backend of the agents without timeouts',
    why: 'Connections to an agent that is gone stay for ever; HAProxy up to 3.0 warns of it.',
    mend: 'Write "timeout connect" and "timeout server" into the backend, or into defaults.',
    reference: `configuration manual, timeout connect; ${TRIED}`,
    example: {
      version: '3.0',
      edits: [
        {
          file: 'haproxy',
          replace: '    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n',
          with: '    timeout client 30s\n    timeout server 30s\n',
        },
        {
          file: 'haproxy',
          replace: '    balance roundrobin\n    timeout connect 5s\n',
          with: '    balance roundrobin\n',
        },
        { file: 'haproxy', replace: '    server app1', with: '    timeout connect 5s\n    server app1' },
      ],
      haproxy: 'warns',
    },
    find: perBackend(function* ({ backend }) {
      const missing = ['connect', 'server'].filter((name) => {
        const { statement, isKnown, values } = backend.settings.last('timeout', name);
        return isKnown && (statement === undefined || parseTimeMs(values[0]) === 0);
      });
      if (missing.length === 0 || !backend.header.isCertain) return;
      const names = missing.map((name) => `timeout ${name}`).join(' and ');
      yield { at: backend.header, message: `backend ${quoted(backend.name ?? '')} has no ${names}` };
    }),
  },
  {
    code: 'stalled-agent-kept',
    level: 'note',
    title: 'Connections to an agent that hangs are used on (up to 3.0)',
    why: 'Up to 3.0 the engine goes on using connections of an agent that a check has marked DOWN: every request waits for timeout processing for as long as the agent hangs. 3.2.26 does not.',
    mend: 'Write "on-marked-down shutdown-sessions" behind the server.',
    reference: 'run with 2.6.12, 3.0.11 and 3.2.26: an agent stopped by SIGSTOP for 6 s',
    example: {
      version: '3.0',
      edits: [{ file: 'haproxy', replace: ' on-marked-down shutdown-sessions', with: '' }],
      haproxy: 'accepts',
    },
    find: perBackend(function* ({ backend }, subject) {
      if (isMultiplexed(subject) !== false) return;
      for (const { statement, isChecked, closesSessions } of serversOf(backend)) {
        if (isChecked !== true || closesSessions) continue;
        yield {
          at: statement,
          message: `server ${quoted(statement.words[1] ?? '')} has no "on-marked-down shutdown-sessions"`,
        };
      }
    }),
  },
  {
    code: 'processing-missing',
    level: 'error',
    title: 'No timeout processing',
    why: 'A client waits for an agent that hangs for as long as the agent hangs. HAProxy warns of it, and starts.',
    mend: 'Write "timeout processing 500ms" into the spoe-agent.',
    reference: `SPOE.txt, 3.5; ${TRIED}`,
    example: { edits: [{ file: 'spoe', replace: '    timeout processing 500ms\n', with: '' }], haproxy: 'warns' },
    find: perEngine(function* ({ agent }) {
      if (agent === undefined) return;
      const { statement, values, isKnown } = agent.settings.last('timeout', 'processing');
      if (!isKnown) return;
      if (statement === undefined) yield { at: agent.header, message: 'the agent has no timeout processing' };
      else if (parseTimeMs(values[0]) === 0) yield { at: statement, message: 'timeout processing 0 is none' };
    }),
  },
  {
    code: 'processing-long',
    level: 'warning',
    title: 'A timeout processing above what a client may lose',
    why: 'An agent that hangs, or is down and not checked, adds all of it to every client request. An agent that mirrors acknowledges within milliseconds, whatever the mirror does.',
    mend: 'Write "timeout processing 500ms"; or allow for more with --max-delay.',
    reference: 'docs/STATUS-CODES.md, "What a failing agent costs clients"; run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [{ file: 'spoe', replace: 'timeout processing 500ms', with: 'timeout processing 5s' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent }, { maxDelayMs }) {
      const processing = agent?.settings.last('timeout', 'processing');
      const ms = processing?.isKnown ? parseTimeMs(processing.values[0]) : undefined;
      if (processing?.statement === undefined || ms === undefined || ms <= maxDelayMs) return;
      const words = `an agent that hangs adds ${formatDuration(ms)} to each request; --max-delay is ${formatDuration(maxDelayMs)}`;
      yield { at: processing.statement, message: words };
    }),
  },
  {
    code: 'hello-idle-missing',
    level: 'warning',
    title: 'No timeout hello or idle (up to 3.0)',
    why: 'Up to 3.0 a connection on which an agent answers nothing is kept for ever, and HAProxy warns of it. 3.1 and later need neither.',
    mend: 'Write "timeout hello 500ms" and "timeout idle 5s" into the spoe-agent.',
    reference: `SPOE.txt of 3.0, 2.2; ${TRIED}; github.com/haproxy/haproxy/issues/3173`,
    example: {
      version: '3.0',
      edits: [{ file: 'spoe', replace: '    timeout idle 5s\n', with: '' }],
      haproxy: 'warns',
    },
    find: perEngine(function* ({ agent }, subject) {
      if (agent === undefined || isMultiplexed(subject) !== false) return;
      const missing = ['hello', 'idle'].filter((name) => {
        const { statement, isKnown, values } = agent.settings.last('timeout', name);
        return isKnown && (statement === undefined || parseTimeMs(values[0]) === 0);
      });
      if (missing.length > 0)
        yield {
          at: agent.header,
          message: `the agent has no ${missing.map((name) => `timeout ${name}`).join(' and ')}`,
        };
    }),
  },
];
