/** Lines of the engine: are they written, once, and those of successes too? And can a request be found in them again? */
import { messageArguments, sentMessages } from '../configuration/engines.ts';
import { type LogTarget, logTargets } from '../configuration/log-targets.ts';
import { parseSizeBytes } from '../configuration/quantity.ts';
import { isSaidSomewhere, type ProxySection } from '../configuration/sections.ts';
import type { Statement } from '../configuration/statements.ts';
import { perEngine, quoted, type Rule } from '../rule.ts';
import { isMirroring } from './message-rules.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';

/** HAProxy's `tune.http.logurilen`. */
const USUAL_URI_LENGTH = 1024;
/** What of a line is neither URL nor id: header, addresses, names, timers, counters. */
const REST_OF_LINE = 512;

const ID = /%(\{[^}]*\})?ID\b|unique-id/;
/** What a client makes long: the request line, its parts, captured headers. */
const LONG = /%(\{[^}]*\})?(r|HU|HP|HPO|HQ|hr|hs)\b|\b(path|pathq|url|capture|req\.|res\.)/;

/** The format of a proxy's access lines; undefined where it is not known. */
function accessFormat({ settings }: ProxySection): { text: string; statement: Statement } | undefined {
  let found: { text: string; statement: Statement } | undefined;
  for (const statement of settings.statements) {
    const { words, unknown, isCertain } = statement;
    const isFormat = words[0] === 'log-format';
    const isOption = words[0] === 'option' && /^(httplog|tcplog|httpslog)$/.test(words[1] ?? '');
    if (!isFormat && !isOption) continue;
    if (!isCertain || unknown.size > 0) return undefined;
    found = { text: isFormat ? words.slice(1).join(' ') : '', statement };
  }
  return found;
}

/** Format and targets of the proxy of a filter, where its access lines are written and known. */
function accessLog(proxy: ProxySection | undefined, global: Parameters<typeof logTargets>[1]) {
  if (proxy === undefined || proxy.kind === 'backend') return undefined;
  const targets = logTargets(proxy.settings, global);
  if (targets === undefined || targets.length === 0 || targets.some(({ hasProfile }) => hasProfile)) return undefined;
  const format = accessFormat(proxy);
  const hasFormat = proxy.settings.all('log-format').length > 0 || format !== undefined;
  return hasFormat && format === undefined ? undefined : { format, targets };
}

/** In a captured header, in structured data, in a format of another kind. */
function carriesIdElsewhere({ words }: Statement): boolean {
  if (/^(log-format-sd|error-log-format)$/.test(words[0] as string)) return ID.test(words.slice(1).join(' '));
  return words.includes('capture') && words.some((word) => /^unique-id\b/.test(word));
}

function usesUniqueId(fetch: string): boolean {
  return /^unique-id\b/.test(fetch);
}

export const LOG_RULES: readonly Rule[] = [
  {
    code: 'agent-not-logged',
    level: 'warning',
    title: 'An agent without log',
    why: 'Without a "log" line in the spoe-agent HAProxy writes nothing of what it mirrors: no SPOE line, nothing for spoe-logs to read, and st= of a failure is seen nowhere.',
    mend: 'Write "log global" into the spoe-agent.',
    reference: `SPOE.txt, 2.2 (log) and 4; ${TRIED}`,
    example: { edits: [{ file: 'spoe', replace: '    log global\n', with: '' }], haproxy: 'accepts' },
    find: perEngine(function* ({ agent }) {
      const logs = agent?.settings.logs;
      if (agent !== undefined && logs?.isKnown && logs.lines.length === 0)
        yield { at: agent.header, message: `the agent ${quoted(agent.name ?? '')} has no log: it writes no SPOE line` };
    }),
  },
  {
    code: 'log-nowhere',
    level: 'warning',
    title: 'log global, and no target in global',
    why: '"log global" stands for the "log" lines of section global. Without one nothing is written.',
    mend: 'Add a target to section global: "log 127.0.0.1:514 len 8192 local0".',
    reference: `configuration manual, log; ${TRIED}`,
    example: {
      edits: [{ file: 'haproxy', replace: '    log 127.0.0.1:514 len 8192 format rfc3164 local0\n', with: '' }],
      haproxy: 'warns',
    },
    find: perEngine(function* ({ agent }, { configuration: { sections } }) {
      const [line] = agent?.settings.logs.lines.filter(({ words }) => words[1] === 'global') ?? [];
      if (line === undefined || !sections.hasGlobal || agent?.settings.logs.lines.length !== 1) return;
      const { lines, isKnown } = sections.global.logs;
      if (isKnown && lines.length === 0)
        yield { at: line, message: 'section global has no log line: nothing is written' };
    }),
  },
  {
    code: 'successes-not-logged',
    level: 'note',
    title: 'Only failures are logged',
    why: 'With "option dontlog-normal" lines with st=0 are not written: how many requests were mirrored, an error rate and latencies cannot be told from the log.',
    mend: "Remove the option, or read the agent's record instead.",
    reference: `SPOE.txt, 2.2 (option dontlog-normal); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: '    log global\n', with: '    log global\n    option dontlog-normal\n' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent }) {
      const option = agent?.settings.option('dontlog-normal');
      if (option?.isSet === true && option.statement !== undefined)
        yield { at: option.statement, message: 'lines with st=0 are not written' };
    }),
  },
  {
    code: 'notices-not-logged',
    level: 'warning',
    title: 'A target that takes no notices',
    why: 'SPOE lines are written at level notice where nothing failed, and warning otherwise. A target with a maximum above notice, as "local0 err", takes only some or none.',
    mend: 'Leave the level out, or write notice.',
    reference: 'SPOE.txt, 4; fixtures/logs/corpus',
    example: {
      edits: [{ file: 'haproxy', replace: 'format rfc3164 local0', with: 'format rfc3164 local0 warning' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent }, { configuration: { sections } }) {
      const targets = agent && logTargets(agent.settings, sections.global);
      const [first] = targets ?? [];
      if (first !== undefined && targets?.every(({ takesNotices }) => !takesNotices))
        yield {
          at: first.statement,
          message: `${first.address} takes no line of level notice: no SPOE line with st=0`,
        };
    }),
  },
  {
    code: 'logged-twice',
    level: 'warning',
    title: 'Two targets that write each SPOE line twice',
    why: 'Stock configurations have "local0" and "local1 notice" of the same daemon: access lines (info) are written once, SPOE lines (notice) twice. Whoever counts lines counts double; spoe-logs counts an event once and says so.',
    mend: 'Remove the second target, or give the agent a "log" line of its own instead of "log global".',
    reference: 'SPOE.txt, 4; docs/LOGS.md, "Events that are written twice"',
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: 'format rfc3164 local0\n',
          with: 'format rfc3164 local0\n    log 127.0.0.1:514 len 8192 format rfc3164 local1 notice\n',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent }, { configuration: { sections } }) {
      const targets = agent && logTargets(agent.settings, sections.global);
      const seen = new Map<string, LogTarget>();
      for (const target of targets ?? []) {
        if (!target.takesNotices || target.isSampled) continue;
        const first = seen.get(target.place);
        if (first === undefined) seen.set(target.place, target);
        else {
          const { file, line } = first.statement;
          yield { at: target.statement, message: `${target.address} gets each SPOE line twice, see ${file}:${line}` };
        }
      }
    }),
  },
  {
    code: 'uid-missing',
    level: 'note',
    title: 'A mirrored request without an id',
    why: 'With "arg_uid=unique-id" the agent sends the request\'s id as X-Unique-ID and records it, so that "spoe-logs diff" finds the answer of production. From HAProxy 3.1 on nothing else joins both: SPOP stream ids are no longer those of the log.',
    mend: 'Add arg_uid=unique-id to args, and unique-id-format and %ID to the frontend: "spoe-logs config print --uid".',
    reference: 'docs/diff.md; run with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      setup: { uid: true },
      edits: [{ file: 'spoe', replace: ' arg_uid=unique-id', with: '' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { message } of sentMessages(engine)) {
        const { list, isKnown } = messageArguments(message);
        if (!isKnown || !isMirroring(message)) continue;
        if (list.some(({ name, fetch }) => /^arg_(uid|sid)$/.test(name) || usesUniqueId(fetch))) continue;
        const at = list[0]?.statement ?? message.header;
        yield { at, message: `the message ${quoted(message.name ?? '')} carries no id of the request` };
      }
    }),
  },
  {
    code: 'id-format-missing',
    level: 'warning',
    title: 'An id without unique-id-format',
    why: 'unique-id is made by "unique-id-format" of the frontend. Without one HAProxy starts, and the id of every request is empty.',
    mend: 'Write unique-id-format into the frontend: "spoe-logs config print --uid" has one.',
    reference: `configuration manual, unique-id-format; ${TRIED}`,
    example: {
      setup: { uid: true },
      edits: [{ file: 'haproxy', replace: '    unique-id-format', with: '    #' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, { configuration: { sections } }) {
      const { proxy } = engine;
      if (proxy === undefined) return;
      const { statement, isKnown } = proxy.settings.last('unique-id-format');
      if (statement !== undefined || !isKnown) return;
      // The id of a request comes from its frontend.
      if (proxy.kind === 'backend' && isSaidSomewhere(sections, 'unique-id-format')) return;
      for (const { message } of sentMessages(engine)) {
        const argument = messageArguments(message).list.find(({ fetch }) => usesUniqueId(fetch));
        if (argument === undefined) continue;
        const where = `${proxy.kind} ${quoted(proxy.name ?? '')}`;
        yield { at: argument.statement, message: `unique-id is empty: ${where} has no unique-id-format` };
      }
    }),
  },
  {
    code: 'id-not-logged',
    level: 'note',
    title: 'An id that is not in the access log',
    why: 'The mirrored request carries its id, but the access line of production does not: "spoe-logs diff" cannot join them by it.',
    mend: 'Add %ID to log-format; option httplog does not have it.',
    reference: 'configuration manual, 8.2.6; docs/diff.md',
    example: {
      setup: { uid: true },
      edits: [{ file: 'haproxy', replace: ' %ID %rt"', with: ' %rt"' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine, { configuration: { sections } }) {
      const log = accessLog(engine.proxy, sections.global);
      if (
        log === undefined ||
        ID.test(log.format?.text ?? '') ||
        engine.proxy?.settings.statements.some(carriesIdElsewhere)
      )
        return;
      const carriesId = sentMessages(engine).some(
        ({ message }) =>
          isMirroring(message) && messageArguments(message).list.some(({ fetch }) => usesUniqueId(fetch)),
      );
      if (!carriesId || engine.proxy === undefined) return;
      const at = log.format?.statement ?? engine.proxy.header;
      yield { at, message: `access lines of ${quoted(engine.proxy.name ?? '')} have no %ID` };
    }),
  },
  {
    code: 'id-cut',
    level: 'warning',
    title: 'An id that long URLs cut off',
    why: 'A line is cut after 1024 bytes unless "len" says otherwise, and HAProxy logs up to 1024 bytes of a URL: what stands behind it is lost, and with it the pair.',
    mend: 'Write "len 8192" into the log line, or put %ID before the request.',
    reference: `configuration manual, log (len) and tune.http.logurilen; ${TRIED}`,
    example: { setup: { uid: true }, edits: [{ file: 'haproxy', replace: ' len 8192', with: '' }], haproxy: 'accepts' },
    find: perEngine(function* (engine, { configuration: { sections } }) {
      const log = accessLog(engine.proxy, sections.global);
      if (!sentMessages(engine).some(({ message }) => isMirroring(message))) return;
      const text = log?.format?.text ?? '';
      const at = text.search(ID);
      if (log === undefined || at < 0 || !LONG.test(text.slice(0, at))) return;
      const { values, isKnown } = sections.global.last('tune.http.logurilen');
      const uri = values[0] === undefined ? USUAL_URI_LENGTH : parseSizeBytes(values[0]);
      if (!isKnown || uri === undefined) return;
      for (const { length, statement } of log.targets) {
        if (length >= uri + REST_OF_LINE) continue;
        const message = `lines are cut after ${length} bytes, URLs after ${uri}: %ID behind a long one is lost`;
        yield { at: statement, message };
      }
    }),
  },
];
