/** Messages, groups and events: is anything sent? */
import { nearest } from '../../text/nearest.ts';
import {
  type Engine,
  groupRules,
  mentions,
  messageArguments,
  type SpoeEntity,
  sentMessages,
} from '../configuration/engines.ts';
import { EVENTS } from '../configuration/grammar.ts';
import { modeOf, type ProxySection } from '../configuration/sections.ts';
import { beginsWith, knownWord, type Statement } from '../configuration/statements.ts';
import { perEngine, quoted, type Rule } from '../rule.ts';
import { listed, undefinedMentions } from './mentioned.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';

/** Those whose name an earlier one has. */
function* repeated<Named extends { readonly name: string | undefined }>(all: readonly Named[]): Generator<Named> {
  const seen = new Set<string>();
  for (const each of all) {
    if (each.name === undefined) continue;
    if (seen.has(each.name)) yield each;
    seen.add(each.name);
  }
}

/** Among more there is one in mode http. */
const MOST_BACKENDS = 100;

/** The proxies in whose sections an event is never triggered, or a proxy that has no HTTP. */
function whyNever(
  event: string,
  { proxy }: Engine,
  backends: readonly ProxySection[],
  isWhole: boolean,
): string | undefined {
  const known = EVENTS[event];
  if (known === undefined || proxy === undefined) return undefined;
  if (!known.in.includes(proxy.kind)) return `${event} is not triggered for a filter in a ${proxy.kind} section`;
  // A backend in mode http makes HTTP of what comes in mode tcp.
  if (event !== 'on-frontend-http-request' || [proxy, ...backends].some((each) => modeOf(each) !== 'tcp'))
    return undefined;
  // Without a word about modes a part of a configuration is one whose defaults stand elsewhere; a whole one is in mode tcp.
  const isSaid = proxy.settings.last('mode').statement !== undefined;
  if (!isSaid && !isWhole) return undefined;
  const canSwitch = proxy.settings.statements.some(({ words }) => words.includes('switch-mode'));
  if (canSwitch) return undefined;
  return `${event} is not triggered where all is in mode tcp${isSaid ? '' : ', and so it is: no line has a mode'}`;
}

/** The last `event` line of messages that the agent lists. */
function* listedEvents({ agent, scope }: Engine): Generator<{ message: SpoeEntity; event: Statement }> {
  if (agent === undefined || scope === undefined) return;
  for (const mention of mentions(agent, 'messages')) {
    const message = scope.findMessage(mention?.name);
    const event = message?.settings.last('event').statement;
    if (message !== undefined && event !== undefined) yield { message, event };
  }
}

export const MESSAGE_RULES: readonly Rule[] = [
  {
    code: 'message-undefined',
    level: 'error',
    title: 'A message that is listed and not defined',
    why: 'What "messages" lists has to be a spoe-message of the same scope. HAProxy does not start: "try to use undefined SPOE message". A message that was renamed, as to mirror-msg, has to be renamed in the list, too.',
    mend: 'Write the name of the spoe-message into the list.',
    reference: `SPOE.txt, 2.2 (messages) and 2.4; ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: 'spoe-message mirror', with: 'spoe-message mirror-msg' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ agent, scope }) {
      if (agent === undefined || scope === undefined) return;
      yield* undefinedMentions(agent, 'messages', scope.messages);
      for (const group of scope.groups) yield* undefinedMentions(group, 'messages', scope.messages);
    }),
  },
  {
    code: 'named-twice',
    level: 'error',
    title: 'Two sections, or two mentions, of the same name',
    why: 'A name stands for one spoe-message or spoe-group of its scope, and is listed once. HAProxy does not start otherwise.',
    mend: 'Rename one, or remove it.',
    reference: `SPOE.txt, 2.3 and 2.4; ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: '    messages mirror\n', with: '    messages mirror\n    messages mirror\n' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ agent, scope }) {
      for (const entities of [scope?.messages ?? [], scope?.groups ?? []]) {
        for (const { name, header } of repeated(entities.filter((entity) => entity.header.isCertain)))
          yield { at: header, message: `a second ${header.words[0]} ${quoted(name ?? '')} in this scope` };
      }
      if (agent === undefined) return;
      for (const keyword of ['messages', 'groups'] as const) {
        const all = mentions(agent, keyword).filter((mention) => mention?.statement.isCertain);
        for (const mention of repeated(all.filter((each) => each !== undefined)))
          yield { at: mention.statement, message: `${quoted(mention.name)} is listed twice` };
      }
    }),
  },
  {
    code: 'message-unlisted',
    level: 'warning',
    title: 'A message that nothing sends',
    why: 'A spoe-message that neither "messages" of the agent nor a group lists is never sent. HAProxy takes it without a word.',
    mend: 'List it in "messages" of the spoe-agent, or remove it.',
    reference: `SPOE.txt, 2.2; ${TRIED}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: '    event on-frontend-http-request\n',
          with: '    event on-frontend-http-request\nspoe-message mirror-msg\n    args arg_method=method\n    event on-frontend-http-request\n',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent, scope }) {
      if (agent === undefined || scope === undefined) return;
      const sets = [agent, ...scope.groups].map((entity) => listed(entity, 'messages'));
      if (sets.includes(undefined)) return;
      // Where a list names what is not there, or there is no list, that is what is wrong.
      const mentioned = sets.flatMap((names) => [...(names ?? [])]);
      if (mentioned.length === 0 || mentioned.some((name) => scope.findMessage(name) === undefined)) return;
      for (const { name, header } of scope.messages) {
        if (name === undefined || !header.isCertain || sets.some((names) => names?.has(name))) continue;
        yield { at: header, message: `the message ${quoted(name)} is listed nowhere: it is never sent` };
      }
    }),
  },
  {
    code: 'nothing-listed',
    level: 'error',
    title: 'An agent without messages and groups',
    why: 'Nothing is ever sent: HAProxy says so ("No message/group used") and starts all the same, the agent is healthy, and there is no traffic.',
    mend: 'List the message in "messages".',
    reference: `SPOE.txt, 2.2; ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: '    messages mirror\n', with: '' }],
      haproxy: 'warns',
    },
    find: perEngine(function* ({ agent }) {
      if (agent === undefined) return;
      const lists = [...agent.settings.all('messages'), ...agent.settings.all('groups')];
      if (lists.length === 0) yield { at: agent.header, message: 'the agent lists neither messages nor groups' };
    }),
  },
  {
    code: 'message-without-event',
    level: 'error',
    title: 'A listed message without event',
    why: 'HAProxy ignores it ("Ignore SPOE message … without event") and starts: it is never sent.',
    mend: 'Add "event on-frontend-http-request", or send it in a group.',
    reference: `SPOE.txt, 2.3 (event); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: '    event on-frontend-http-request\n', with: '' }],
      haproxy: 'warns',
    },
    find: perEngine(function* ({ agent, scope }) {
      if (agent === undefined || scope === undefined) return;
      for (const mention of mentions(agent, 'messages')) {
        const message = scope.findMessage(mention?.name);
        if (message === undefined || message.settings.all('event').length > 0) continue;
        // A group sends it; HAProxy warns of the list all the same.
        if (scope.groups.some((group) => listed(group, 'messages')?.has(message.name ?? '') !== false)) continue;

        yield {
          at: message.header,
          message: `the message ${quoted(message.name ?? '')} has no event: it is never sent`,
        };
      }
    }),
  },
  {
    code: 'event-repeated',
    level: 'warning',
    title: 'Several event lines in one message',
    why: 'A message has one event. Of several lines the last one counts, without a word.',
    mend: 'Leave one; a message for two events is written twice, with two names.',
    reference: `SPOE.txt, 2.3 ("only the last one is considered"); ${TRIED}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: '    event on-frontend-http-request\n',
          with: '    event on-frontend-http-request if { path_beg /a }\n    event on-frontend-http-request if { path_beg /b }\n',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ scope }) {
      for (const { settings } of scope?.messages ?? []) {
        const events = settings.all('event').filter(({ isCertain }) => isCertain);
        const last = events.at(-1);
        for (const at of events.slice(0, -1))
          yield { at, message: `this event does not count: line ${last?.line} has another one` };
      }
    }),
  },
  {
    code: 'event-unknown',
    level: 'error',
    title: 'An event that HAProxy does not know',
    why: 'HAProxy does not start with it.',
    mend: 'To mirror requests: "event on-frontend-http-request".',
    reference: `SPOE.txt, 2.3 (event); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: 'event on-frontend-http-request', with: 'event on-http-request' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope }) {
      for (const { settings } of scope?.messages ?? []) {
        for (const event of settings.all('event').filter(({ isCertain }) => isCertain)) {
          const name = knownWord(event, 1);
          if (name === undefined || EVENTS[name] !== undefined) continue;
          const meant = nearest(name, Object.keys(EVENTS));
          const hint = meant === undefined ? '' : `; was ${quoted(meant)} meant?`;
          yield { at: event, message: `there is no event ${quoted(name)}${hint}` };
        }
      }
    }),
  },
  {
    code: 'event-never',
    level: 'error',
    title: 'An event that is not triggered where the filter stands',
    why: 'Events of the frontend are for filters in frontend and listen: HAProxy warns. HTTP events need a mode http on the way: HAProxy says nothing. Nothing is sent.',
    mend: 'Move the filter into the frontend, or take the event that fits.',
    reference: 'SPOE.txt, 3.3; run with 2.6.12 and 3.2.26',
    example: {
      edits: [
        { file: 'haproxy', replace: '    filter spoe engine mirror config spoe-mirror.conf\n', with: '' },
        {
          file: 'haproxy',
          replace: '\nbackend be_servers\n',
          with: '\nbackend be_servers\n    option http-buffer-request\n    filter spoe engine mirror config spoe-mirror.conf\n',
        },
      ],
      haproxy: 'warns',
    },
    find: perEngine(function* (engine, { configuration }) {
      const backends = [...configuration.sections.backends.values()].flat().slice(0, MOST_BACKENDS);
      for (const { event } of listedEvents(engine)) {
        const name = knownWord(event, 1);
        const why =
          name === undefined || !event.isCertain
            ? undefined
            : whyNever(name, engine, backends, configuration.sections.hasGlobal);
        if (why !== undefined) yield { at: event, message: why };
      }
    }),
  },
  {
    code: 'switch-joined',
    level: 'warning',
    title: 'A switch that another line of its ACL goes round',
    why: 'HAProxy joins acl lines of one name by OR. Where one of them looks into the map of a switch, the others stay true when the map says off: their requests are mirrored on.',
    mend: 'Give the other line a name of its own, and write both behind "if", which joins by AND.',
    reference: `configuration manual, 7.1 (acl lines of one name); ${TRIED}`,
    example: {
      setup: { map: 'mirroring.map' },
      edits: [
        {
          file: 'spoe',
          replace: '    event on-frontend-http-request',
          with: '    acl mirroring_on path_beg /search\n    event on-frontend-http-request',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      for (const { message, by } of sentMessages(engine)) {
        const acls = by.words[0] === 'event' ? message.settings.all('acl') : (engine.proxy?.settings.all('acl') ?? []);
        const mentioned = new Set(by.words);
        const used = acls.filter((acl) => mentioned.has(knownWord(acl, 1) ?? '') && knownWord(acl, 2) !== undefined);
        const switches = new Map(used.filter(isSwitch).map((acl) => [acl.words[1], acl]));
        for (const at of used) {
          const { file, line } = switches.get(at.words[1]) ?? {};
          if (line === undefined || !at.isCertain || isSwitch(at)) continue;
          yield {
            at,
            message: `the ACL ${quoted(at.words[1] ?? '')} is true by this line, too, when ${file}:${line} is off`,
          };
        }
      }
    }),
  },
  {
    code: 'sample-off-by-one',
    level: 'note',
    title: 'A sample that is one part larger than it looks',
    why: 'rand(100) is 0 to 99, so "le 10" is true for eleven of a hundred requests.',
    mend: 'Write lt: { rand(100) lt 10 } is 10 %.',
    reference: 'configuration manual, rand ("starting at zero")',
    example: {
      setup: { sample: 0.1 },
      edits: [{ file: 'spoe', replace: 'rand(100) lt 10', with: 'rand(100) le 10' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ scope, proxy }) {
      const inMessages = (scope?.messages ?? []).flatMap(({ settings }) => settings.statements);
      const inRules = proxy === undefined ? [] : groupRules(proxy).map(({ statement }) => statement);
      for (const at of [...inMessages, ...inRules]) {
        const match = /\brand\((\d+)\) le (\d+)/.exec(at.words.join(' '));
        const [range, limit] = [Number(match?.[1]), Number(match?.[2])];
        if (match === null || limit + 1 > range) continue;
        const share = (part: number) => `${Math.round((part / range) * 1e6) / 1e4} %`;
        yield { at, message: `${match[0]} is ${share(limit + 1)}, not ${share(limit)}` };
      }
    }),
  },
];

/** An ACL of a key that is written there: nothing of the request decides, so it is a switch. */
function isSwitch({ words, isCertain }: Statement): boolean {
  return isCertain && /^str\([^()]*\),map(_\w+)?\(/.test(words[2] ?? '');
}

/** Whether a message asks for the body of the request. */
export function wantsBody(message: SpoeEntity): boolean {
  return messageArguments(message).list.some(({ fetch }) => /^req\.body/.test(fetch));
}

/** Whether it is a message that the agent can make a request of. */
export function isMirroring(message: SpoeEntity): boolean {
  const names = messageArguments(message).list.map(({ name }) => name);
  return names.includes('arg_path') || names.includes('arg_method');
}

/** Lines `http-request wait-for-body` and the like. */
export function waitsForBody(statement: Statement, side: 'request' | 'response'): boolean {
  return beginsWith(statement, [`http-${side}`, 'wait-for-body']);
}
