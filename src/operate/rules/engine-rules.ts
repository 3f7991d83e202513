/** Filters, scopes and agents: does HAProxy find what belongs together? */
import { nearest } from '../../text/nearest.ts';
import { listNames, perEngine, quoted, type Rule } from '../rule.ts';

export const ENGINE_RULES: readonly Rule[] = [
  {
    code: 'syntax',
    level: 'error',
    title: 'A line, or a file, that HAProxy cannot read',
    why: 'A quote that does not end, \\x without two digits, .if and .endif that do not fit, a last line without line feed: HAProxy does not start.',
    mend: 'Close the quote, or protect it with a backslash; close the block; end the file with a line feed.',
    reference: 'configuration manual, 2.2; tried with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [{ file: 'haproxy', replace: '    mode http', with: '    mode "http' }],
      haproxy: 'refuses',
    },
    *find({ configuration }) {
      for (const { why, ...at } of configuration.refusals) yield { at, message: why };
    },
  },
  {
    code: 'filter-config',
    level: 'error',
    title: 'A filter without SPOE file',
    why: '"filter spoe" needs "config FILE". HAProxy does not start without.',
    mend: 'Write: filter spoe engine mirror config /etc/haproxy/spoe-mirror.conf',
    reference: `SPOE.txt, 2; tried with 2.6.12, 3.0.11 and 3.2.26`,
    example: {
      edits: [{ file: 'haproxy', replace: ' config spoe-mirror.conf', with: '' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ filter }) {
      if (filter !== undefined && filter.unknown.size === 0 && !filter.words.includes('config', 2))
        yield { at: filter, message: 'the filter names no SPOE file' };
    }),
  },
  {
    code: 'spoe-file-in-folder',
    level: 'warning',
    title: 'An SPOE file that haproxy -f FOLDER loads',
    why: 'Of a folder HAProxy loads all files that end in .cfg, an SPOE file too, and does not start: "unknown keyword \'spoe-agent\'".',
    mend: 'Give the SPOE file another ending, as .conf, or another folder.',
    reference: 'management manual, -f; tried with 2.6.12, 3.0.11 and 3.2.26',
    example: { named: '.', setup: { spoeFile: 'spoe-mirror.cfg' }, edits: [], haproxy: 'refuses' },
    *find({ configuration }) {
      for (const { path, scopes } of configuration.misplaced) {
        const at = [...scopes.values()][0]?.place ?? { file: path, line: 1 };
        yield { at, message: 'haproxy -f with this folder loads this file as well, as a haproxy.cfg' };
      }
    },
  },
  {
    code: 'engine-scope',
    level: 'error',
    title: 'The engine of the filter is not in the SPOE file',
    why: 'The name behind "engine" is the name in [brackets] of the SPOE file, letter by letter; a filter without "engine" takes a file without brackets. HAProxy says "No SPOE agent found" and does not start.',
    mend: 'Give both the same name.',
    reference: 'SPOE.txt, 2.1; tried with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [{ file: 'spoe', replace: '[mirror]', with: '[mirroring]' }],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ filter, file, scope, name, isNamed }) {
      if (filter === undefined || file === undefined || !filter.isCertain) return;
      if (scope !== undefined && (isNamed || scope.agents.length > 0)) return;
      const there = [...file.scopes.keys()].filter((each) => each !== '');
      const has = there.length === 0 ? 'it has no scope at all' : `it has ${listNames(there)}`;
      if (isNamed && name === undefined) return;
      if (!isNamed && there.length === 0) return;
      const meant = name === undefined ? undefined : nearest(name, there.slice(0, 50));
      const words = isNamed
        ? `the engine ${quoted(name ?? '')} is no scope of ${file.path}: ${has}`
        : `no engine is named, and ${file.path} has scopes: ${listNames(there)}`;
      yield { at: filter, message: meant === undefined ? words : `${words}; was ${quoted(meant)} meant?` };
    }),
  },
  {
    code: 'agent-count',
    level: 'error',
    title: 'A scope without exactly one spoe-agent',
    why: 'An engine is one agent. HAProxy does not start with none, nor with two.',
    mend: 'Leave one section spoe-agent in the scope.',
    reference: 'SPOE.txt, 2.1; tried with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [
        {
          file: 'spoe',
          replace: '    timeout processing 500ms\n',
          with: '    timeout processing 500ms\nspoe-agent second\n    use-backend mirroragents\n',
        },
      ],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope, isNamed }) {
      if (scope === undefined || scope.agents.length === 1) return;
      if (scope.agents.some(({ header }) => !header.isCertain)) return;
      const [, second] = scope.agents;
      if (second !== undefined) yield { at: second.header, message: 'a second spoe-agent in the same scope' };
      else if (isNamed) yield { at: scope.place, message: `the scope ${quoted(scope.name)} has no spoe-agent` };
    }),
  },
  {
    code: 'engine-twice',
    level: 'error',
    title: 'Two filters of a proxy with the same engine',
    why: 'An engine is one filter of a proxy. HAProxy does not start.',
    mend: 'Remove one, or give it a scope of its own.',
    reference: 'SPOE.txt, 2.1 ("must be unique for a proxy"); tried with 2.6.12, 3.0.11 and 3.2.26',
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: '    default_backend be_servers\n',
          with: '    filter spoe engine mirror config spoe-mirror.conf\n    default_backend be_servers\n',
        },
      ],
      haproxy: 'refuses',
    },
    *find({ configuration }) {
      const seen = new Map<unknown, Set<string>>();
      for (const { proxy, filter, name } of configuration.engines) {
        if (filter === undefined || name === undefined || !filter.isCertain) continue;
        const names = seen.get(proxy) ?? new Set();
        if (names.has(name)) yield { at: filter, message: `a second filter with the engine ${quoted(name)}` };
        seen.set(proxy, names.add(name));
      }
    },
  },
];
