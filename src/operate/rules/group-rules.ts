/** Groups: are they there, and does a rule send them? */
import { type Engine, groupRules, mentions } from '../configuration/engines.ts';
import type { ProxySection } from '../configuration/sections.ts';
import { listNames, perEngine, quoted, type Rule } from '../rule.ts';
import { listed, undefinedMentions } from './mentioned.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';

/** Rules of the proxy that send the group; undefined where that cannot be known. */
function isSent({ proxy, name }: Engine, group: string): boolean | undefined {
  if (proxy === undefined || name === undefined) return undefined;
  const rules = groupRules(proxy);
  if (rules.some((rule) => rule.engine === undefined || rule.group === undefined)) return undefined;
  return rules.some((rule) => rule.engine === name && rule.group === group);
}

export const GROUP_RULES: readonly Rule[] = [
  {
    code: 'group-undefined',
    level: 'error',
    title: 'A group that is listed and not defined',
    why: 'What "groups" lists has to be a spoe-group of the same scope. HAProxy does not start.',
    mend: 'Write the name of the spoe-group into the list.',
    reference: `SPOE.txt, 2.2 (groups); ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: '    messages mirror\n', with: '    messages mirror\n    groups answers\n' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ agent, scope }) {
      if (agent !== undefined && scope !== undefined) yield* undefinedMentions(agent, 'groups', scope.groups);
    }),
  },
  {
    code: 'group-unlisted',
    level: 'warning',
    title: 'A group that the agent does not list',
    why: 'A spoe-group that "groups" of the agent does not list does not exist for rules: HAProxy does not start with a rule that sends it, and takes it without a word otherwise.',
    mend: 'List it in "groups" of the spoe-agent.',
    reference: `SPOE.txt, 2.2 (groups) and 2.4; ${TRIED}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: '    event on-frontend-http-request\n',
          with: '    event on-frontend-http-request\nspoe-group requests\n    messages mirror\n',
        },
      ],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ agent, scope }) {
      const names = agent && listed(agent, 'groups');
      if (names === undefined) return;
      for (const { name, header } of scope?.groups ?? []) {
        if (name === undefined || !header.isCertain || names.has(name)) continue;
        yield { at: header, message: `the agent does not list the group ${quoted(name)}: nothing can send it` };
      }
    }),
  },
  {
    code: 'group-never-sent',
    level: 'error',
    title: 'A group that no rule sends',
    why: 'Messages of a group go out where a rule says send-spoe-group, and only there: without one the agent is healthy and gets no traffic. The rule has to be in the proxy of the filter.',
    mend: 'Add "http-request send-spoe-group ENGINE GROUP" to the frontend with the filter, or give the message an event.',
    reference: `SPOE.txt, 2.4; ${TRIED}`,
    example: {
      setup: { group: 'requests' },
      edits: [{ file: 'haproxy', replace: '    http-request send-spoe-group mirror requests\n', with: '' }],
      haproxy: 'accepts',
    },
    find: perEngine(function* (engine) {
      const { agent, scope, name: engineName, proxy } = engine;
      if (agent === undefined) return;
      for (const mention of mentions(agent, 'groups')) {
        const group = scope?.findGroup(mention?.name);
        if (mention === undefined || group === undefined || isSent(engine, mention.name) !== false) continue;
        // A rule that names none of the groups meant one: that is what is wrong.
        if (
          groupRules(proxy as ProxySection).some((rule) => rule.engine === engineName && !scope?.findGroup(rule.group))
        )
          continue;
        const where = `no rule of ${proxy?.kind} ${quoted(proxy?.name ?? '')} sends it`;
        const say = `send-spoe-group ${engineName} ${mention.name}`;
        yield { at: mention.statement, message: `the group ${quoted(mention.name)} is never sent: ${where} (${say})` };
      }
    }),
  },
  {
    code: 'group-rule',
    level: 'error',
    title: 'A rule that sends what is not there',
    why: 'send-spoe-group takes the engine of a filter in the same proxy, and a group that its agent lists. HAProxy does not start otherwise.',
    mend: 'Name the engine of the filter and a group in "groups" of its agent; move the rule to the proxy of the filter.',
    reference: `configuration manual, send-spoe-group; ${TRIED}`,
    example: {
      setup: { group: 'requests' },
      edits: [
        {
          file: 'haproxy',
          replace: 'send-spoe-group mirror requests',
          with: 'send-spoe-group mirror request',
        },
      ],
      haproxy: 'refuses',
    },
    *find({ configuration }) {
      const enginesOf = new Map<ProxySection | undefined, Engine[]>();
      for (const engine of configuration.engines)
        enginesOf.set(engine.proxy, [...(enginesOf.get(engine.proxy) ?? []), engine]);
      for (const proxy of configuration.sections.proxies) {
        const engines = enginesOf.get(proxy) ?? [];
        for (const { engine: engineName, group, statement } of groupRules(proxy)) {
          if (engineName === undefined || !statement.isCertain) continue;
          const names = engines.map(({ name }) => name);
          const engine = engines.find(({ name }) => name === engineName);
          if (engine === undefined) {
            if (names.includes(undefined)) continue;
            const there = names.length === 0 ? 'has no filter spoe' : `has the engine ${listNames(names)}`;
            const message = `there is no engine ${quoted(engineName)} here: ${proxy.kind} ${quoted(proxy.name ?? '')} ${there}`;
            yield { at: statement, message };
            continue;
          }
          const groups = engine.agent && listed(engine.agent, 'groups');
          if (group === undefined || groups === undefined || groups.has(group)) continue;
          const there = groups.size === 0 ? 'it lists none' : `it lists ${listNames([...groups])}`;
          yield {
            at: statement,
            message: `the agent of ${quoted(engineName)} lists no group ${quoted(group)}: ${there}`,
          };
        }
      }
    },
  },
];
