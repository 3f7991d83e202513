/** Lines, names and files that HAProxy does not find when it reads both files. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { nearest } from '../../text/nearest.ts';
import type { SpoeEntity } from '../configuration/engines.ts';
import { SPOE_KEYWORDS, SPOE_SECTIONS, type SpoeSection } from '../configuration/grammar.ts';
import { knownWord, type Statement } from '../configuration/statements.ts';
import { type Found, perEngine, quoted, type Rule, type Subject } from '../rule.ts';
import { namedAcls } from './argument-rules.ts';

const TRIED = 'tried with 2.6.12, 3.0.11 and 3.2.26';
const EVENT = '    event on-frontend-http-request\n';

/** The keyword of a line that its section does not have. */
function unknownKeyword(statement: Statement, section: SpoeSection): string | undefined {
  const at = knownWord(statement, 0) === 'no' ? 1 : 0;
  const first = knownWord(statement, at);
  const second = knownWord(statement, at + 1);
  if (first === undefined || SPOE_SECTIONS.some((each) => each === first)) return undefined;
  const known = SPOE_KEYWORDS[section].filter(({ words }) => words[0] === first);
  if (known.length === 0) return first;
  if (second === undefined || known.some(({ words }) => words.length === 1 || words[1] === second)) return undefined;
  return `${first} ${second}`;
}

function* unknownKeywords(entities: readonly SpoeEntity[], section: SpoeSection): Generator<Found> {
  const all = SPOE_KEYWORDS[section].map(({ words }) => words.join(' '));
  for (const at of entities.flatMap(({ settings }) => settings.statements)) {
    const unknown = at.isCertain ? unknownKeyword(at, section) : undefined;
    if (unknown === undefined) continue;
    const meant = nearest(unknown, all);
    const hint = meant === undefined ? '' : `; was ${quoted(meant)} meant?`;
    yield { at, message: `${section} has no ${quoted(unknown)}${hint}` };
  }
}

/** Maps that a line looks into; those of 3.0 and later that need no file are not among them. */
function mapsOf({ words, unknown }: Statement): string[] {
  if (unknown.size > 0) return [];
  const found = words.join(' ').matchAll(/\bmap(?:_[a-z_]+)?\(([^(),]+)/g);
  return [...found].map(([, file = '']) => file.replace(/^file@/, '')).filter((file) => !file.includes('@'));
}

/** Files are looked for on the machine that HAProxy runs on: on another one their folders are not there. */
function* missingMaps(lines: readonly Statement[], { configuration }: Subject): Generator<Found> {
  for (const at of lines) {
    for (const file of at.isCertain ? mapsOf(at) : []) {
      const places = configuration.placesOf(file, at);
      if (places.some((place) => existsSync(place)) || !places.some((place) => existsSync(path.dirname(place))))
        continue;
      yield { at, message: `the map ${quoted(file)} is not there` };
    }
  }
}

export const GRAMMAR_RULES: readonly Rule[] = [
  {
    code: 'spoe-keyword',
    level: 'error',
    title: 'A keyword that spoe-agent or spoe-group does not have',
    why: 'HAProxy does not start: "unknown keyword".',
    mend: 'Write it as the manual has it, or remove the line.',
    reference: `SPOE.txt, 2.2 and 2.4; ${TRIED}`,
    example: {
      edits: [
        { file: 'spoe', replace: '    messages mirror\n', with: '    messages mirror\n    max-frame-sise 1000\n' },
      ],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope }) {
      if (scope === undefined) return;
      yield* unknownKeywords(scope.agents, 'spoe-agent');
      yield* unknownKeywords(scope.groups, 'spoe-group');
    }),
  },
  {
    code: 'message-keyword',
    level: 'error',
    title: 'A line of a message that HAProxy passes over',
    why: 'A keyword that spoe-message does not have is no error: HAProxy takes the line without a word and does nothing with it, so what it was to add is not sent.',
    mend: 'Write args, acl or event; a message has nothing else.',
    reference: `SPOE.txt, 2.3; ${TRIED}`,
    example: {
      edits: [{ file: 'spoe', replace: EVENT, with: `    arg arg_ip=src\n${EVENT}` }],
      haproxy: 'accepts',
    },
    find: perEngine(function* ({ scope }) {
      yield* unknownKeywords(scope?.messages ?? [], 'spoe-message');
    }),
  },
  {
    code: 'acl-behind-event',
    level: 'error',
    title: 'An ACL behind the event that it decides about',
    why: 'The condition of an event knows only the "acl" lines above it. HAProxy does not start: "no such ACL".',
    mend: 'Move the "acl" line above the "event" line.',
    reference: `SPOE.txt, 2.3 (acl, event); ${TRIED}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: EVENT,
          with: '    event on-frontend-http-request if is_search\n    acl is_search path_beg /search\n',
        },
      ],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope }) {
      for (const { settings } of scope?.messages ?? []) {
        const later = new Set(settings.all('acl').map((acl) => knownWord(acl, 1)));
        for (const line of settings.statements) {
          if (line.words[0] === 'acl') later.delete(knownWord(line, 1));
          if (line.words[0] !== 'event' || !line.isCertain) continue;
          const name = [...namedAcls(line)].find((each) => later.has(each));
          if (name !== undefined) yield { at: line, message: `the acl ${quoted(name)} stands behind it` };
        }
      }
    }),
  },
  {
    code: 'map-missing',
    level: 'error',
    title: 'A map that is not there',
    why: 'HAProxy does not start: "failed to open pattern file". Looked for where HAProxy would, on the machine of this check, where the folder is there.',
    mend: 'Make the file, empty if need be, or mend its name.',
    reference: `configuration manual, 7.3.1 (map); ${TRIED}`,
    example: {
      edits: [
        {
          file: 'spoe',
          replace: EVENT,
          with: '    acl mirroring_on str(mirroring),map(nowhere.map) -m str on\n    event on-frontend-http-request if mirroring_on\n',
        },
      ],
      haproxy: 'refuses',
    },
    find: perEngine(function* ({ scope, proxy }, subject) {
      yield* missingMaps(scope?.messages.flatMap(({ settings }) => settings.statements) ?? [], subject);
      yield* missingMaps(proxy?.own ?? [], subject);
    }),
  },
  {
    code: 'proxy-twice',
    level: 'error',
    title: 'Two sections of one kind and name',
    why: 'HAProxy does not start: "has the same name as".',
    mend: 'Give one of them another name, or join them.',
    reference: `configuration manual, 4; ${TRIED}`,
    example: {
      edits: [
        {
          file: 'haproxy',
          replace: 'backend be_servers\n',
          with: 'backend be_servers\n    server app0 127.0.0.1:8079\n\nbackend be_servers\n',
        },
      ],
      haproxy: 'refuses',
    },
    *find({ configuration }) {
      const seen = new Map<string, Statement>();
      for (const { kind, name, header } of configuration.sections.proxies) {
        if (name === undefined || !header.isCertain) continue;
        const key = `${kind} ${name}`;
        const first = seen.get(key);
        if (first === undefined) seen.set(key, header);
        else yield { at: header, message: `a second ${kind} ${quoted(name)}, as in ${first.file}:${first.line}` };
      }
    },
  },
  {
    code: 'defaults-missing',
    level: 'error',
    title: 'A section "from" defaults that are not there',
    why: 'The defaults that a section names stand above it. HAProxy does not start: "defaults section not found".',
    mend: 'Mend the name, or move "defaults NAME" above it.',
    reference: `configuration manual, 4 (from); ${TRIED}`,
    example: {
      edits: [{ file: 'haproxy', replace: 'frontend fe_main\n', with: 'frontend fe_main from nowhere\n' }],
      haproxy: 'refuses',
    },
    *find({ configuration: { sections } }) {
      // A part of a configuration may have them in another file.
      if (!sections.hasGlobal) return;
      for (const { header, name } of sections.withoutDefaults)
        if (header.isCertain) yield { at: header, message: `no defaults ${quoted(name)} above it` };
    },
  },
];
