/** SPOE files, and the engines that `filter spoe` lines make of their scopes. */
import { EVENTS } from './grammar.ts';
import type { ProxySection } from './sections.ts';
import { Settings } from './settings.ts';
import { beginsWith, knownWord, type Place, type Statement, type Statements } from './statements.ts';

/** `spoe-agent`, `spoe-message` or `spoe-group`. */
export interface SpoeEntity {
  /** Undefined where it is not known. */
  readonly name: string | undefined;
  readonly header: Statement;
  readonly settings: Settings;
}

export interface Scope {
  /** Empty for the lines of a file without scopes. */
  readonly name: string;
  readonly place: Place;
  readonly agents: readonly SpoeEntity[];
  readonly messages: readonly SpoeEntity[];
  readonly groups: readonly SpoeEntity[];
  readonly findMessage: (name: string | undefined) => SpoeEntity | undefined;
  readonly findGroup: (name: string | undefined) => SpoeEntity | undefined;
}

export interface SpoeFile {
  readonly path: string;
  readonly scopes: ReadonlyMap<string, Scope>;
}

/** A name in a list, with the line that has it. */
export interface Mention {
  readonly name: string;
  readonly statement: Statement;
}

export interface Engine {
  /** Undefined for a scope that no filter is given for: haproxy.cfg was not read. */
  readonly proxy: ProxySection | undefined;
  /** The `filter spoe` line. */
  readonly filter: Statement | undefined;
  /** What it is called in `send-spoe-group`; undefined where that is not known. */
  readonly name: string | undefined;
  /** Whether the filter names it; otherwise it has the agent's name. */
  readonly isNamed: boolean;
  readonly file: SpoeFile | undefined;
  readonly scope: Scope | undefined;
  /** The only one of its scope. */
  readonly agent: SpoeEntity | undefined;
}

export function readSpoeFile(path: string, { statements, scopes }: Statements): SpoeFile {
  const byScope = new Map<string, Statement[]>();
  for (const name of scopes.keys()) byScope.set(name, []);
  for (const statement of statements) {
    const name = statement.scope ?? '';
    const lines = byScope.get(name);
    if (lines === undefined) byScope.set(name, [statement]);
    else lines.push(statement);
  }
  const made = [...byScope].map(([name, lines]) => {
    const place = scopes.get(name) ?? lines[0] ?? { file: path, line: 1 };
    const entities = splitEntities(lines);
    const of = (kind: string) => entities.filter(({ header }) => header.words[0] === kind);
    const [messages, groups] = [of('spoe-message'), of('spoe-group')];
    const scope: Scope = {
      name,
      place,
      agents: of('spoe-agent'),
      messages,
      groups,
      findMessage: finder(messages),
      findGroup: finder(groups),
    };
    return [name, scope] as const;
  });
  return { path, scopes: new Map(made) };
}

function finder(entities: readonly SpoeEntity[]): (name: string | undefined) => SpoeEntity | undefined {
  const byName = new Map(entities.map((entity) => [entity.name, entity]));
  return (name) => (name === undefined ? undefined : byName.get(name));
}

function splitEntities(lines: readonly Statement[]): SpoeEntity[] {
  const found: { header: Statement; statements: Statement[] }[] = [];
  for (const line of lines) {
    if (/^spoe-(agent|message|group)$/.test(line.words[0] as string)) found.push({ header: line, statements: [] });
    else found.at(-1)?.statements.push(line);
  }
  return found.map(({ header, statements }) => {
    const own = header.isCertain ? statements : statements.map((line) => ({ ...line, isCertain: false }));
    return { name: knownWord(header, 1), header, settings: new Settings(own) };
  });
}

/** Whether it is an SPOE file rather than a haproxy.cfg. */
export function isSpoe({ statements, scopes }: Statements): boolean {
  const first = statements[0];
  if (first === undefined) return scopes.size > 0;
  return /^spoe-(agent|message|group)$/.test(first.words[0] as string);
}

/** Of a `filter spoe [engine NAME] config FILE` line; what is not known is undefined. */
export function readFilter(filter: Statement): { hasEngine: boolean; engine?: string; config?: string } {
  const after = (word: string) => {
    const at = filter.words.indexOf(word, 2);
    return at < 0 ? undefined : knownWord(filter, at + 1);
  };
  const engine = after('engine');
  const config = after('config');
  return {
    hasEngine: filter.words.includes('engine', 2),
    ...(engine !== undefined && { engine }),
    ...(config !== undefined && { config }),
  };
}

export function makeEngine(proxy: ProxySection, filter: Statement, file: SpoeFile | undefined): Engine {
  const { hasEngine, engine } = readFilter(filter);
  const scope = hasEngine && engine === undefined ? undefined : file?.scopes.get(engine ?? '');
  const agent = scope?.agents.length === 1 ? scope.agents[0] : undefined;
  return { proxy, filter, name: hasEngine ? engine : agent?.name, isNamed: hasEngine, file, scope, agent };
}

/** An engine of each scope of a file that is read alone. */
export function makeLooseEngines(file: SpoeFile): Engine[] {
  return [...file.scopes.values()].map((scope) => {
    const agent = scope.agents.length === 1 ? scope.agents[0] : undefined;
    const name = scope.name === '' ? agent?.name : scope.name;
    return { proxy: undefined, filter: undefined, name, isNamed: scope.name !== '', file, scope, agent };
  });
}

/** HAProxy takes 64 words a line, and nobody has ten lines. */
const MOST_MENTIONS = 1000;

/** The names of all lines `messages A B` or `groups A B`, with an undefined one for each that is not known. */
export function mentions(entity: SpoeEntity, keyword: 'messages' | 'groups'): (Mention | undefined)[] {
  const all = entity.settings.all(keyword).flatMap((statement) =>
    statement.words.slice(1).map((_, i) => {
      const name = knownWord(statement, i + 1);
      return name === undefined ? undefined : { name, statement };
    }),
  );
  // What is past the bound may be any name.
  return all.length > MOST_MENTIONS ? [...all.slice(0, MOST_MENTIONS), undefined] : all;
}

/** A `send-spoe-group ENGINE GROUP` of a proxy, in its own rules or those of its defaults. */
export interface GroupRule {
  readonly engine: string | undefined;
  readonly group: string | undefined;
  readonly statement: Statement;
}

export function groupRules({ inherited, own }: ProxySection): readonly GroupRule[] {
  return [...rulesIn(inherited), ...rulesIn(own)];
}

/** Every engine of a proxy asks for them, and every proxy for those of its defaults. */
const rulesOf = new WeakMap<readonly Statement[], readonly GroupRule[]>();

function rulesIn(statements: readonly Statement[]): readonly GroupRule[] {
  const known = rulesOf.get(statements);
  if (known !== undefined) return known;
  const rules = statements.flatMap((statement) => {
    const at = statement.words.indexOf('send-spoe-group');
    if (at < 1 || !/^(http|tcp)-/.test(statement.words[0] as string)) return [];
    return [{ engine: knownWord(statement, at + 1), group: knownWord(statement, at + 2), statement }];
  });
  rulesOf.set(statements, rules);
  return rules;
}

/** A message that is sent: what sends it, and when. */
export interface SentMessage {
  readonly message: SpoeEntity;
  readonly side: 'request' | 'response';
  /** The last `event` line, or the rule that sends its group. */
  readonly by: Statement;
  readonly event: string | undefined;
}

/** Messages that are sent by an event, or by a rule that sends their group. */
export function sentMessages(engine: Engine): readonly SentMessage[] {
  const known = sentBy.get(engine);
  if (known !== undefined) return known;
  const sent = findSent(engine);
  sentBy.set(engine, sent);
  return sent;
}

/** Most rules ask for them. */
const sentBy = new WeakMap<Engine, readonly SentMessage[]>();

function findSent({ proxy, name, agent, scope }: Engine): SentMessage[] {
  if (agent === undefined || scope === undefined) return [];
  const byEvent = mentions(agent, 'messages').flatMap((mention): SentMessage[] => {
    const message = scope.findMessage(mention?.name);
    const event = message?.settings.last('event');
    if (message === undefined || event?.statement === undefined) return [];
    const [eventName] = event.values;
    const side = (eventName !== undefined && EVENTS[eventName]?.side) || 'request';
    return [{ message, side, by: event.statement, event: eventName }];
  });
  const rules = proxy === undefined ? [] : groupRules(proxy);
  const byGroup = mentions(agent, 'groups').flatMap((mention) => {
    const group = scope.findGroup(mention?.name);
    const rule = rules.find((each) => each.engine === name && each.group === mention?.name);
    if (group === undefined || rule === undefined) return [];
    const side = /-(response|after-response)$/.test(rule.statement.words[0] as string) ? 'response' : 'request';
    return mentions(group, 'messages').flatMap((each): SentMessage[] => {
      const message = scope.findMessage(each?.name);
      return message === undefined ? [] : [{ message, side, by: rule.statement, event: undefined }];
    });
  });
  return [...byEvent, ...byGroup];
}

/** The fetches of all `args` lines that end in force: `arg_body=req.body` is named and read. */
export interface Argument {
  readonly name: string;
  readonly fetch: string;
  readonly statement: Statement;
}

export function messageArguments(message: SpoeEntity): { readonly list: Argument[]; readonly isKnown: boolean } {
  const lines = message.settings.all('args');
  const list = lines.flatMap((statement) =>
    statement.words.slice(1).map((word) => {
      const at = word.search(/[=(,]/);
      const isNamed = at > 0 && word[at] === '=';
      return { name: isNamed ? word.slice(0, at) : '', fetch: isNamed ? word.slice(at + 1) : word, statement };
    }),
  );
  return { list, isKnown: lines.every((line) => line.isCertain && line.unknown.size === 0) };
}

export function isFilter(statement: Statement): boolean {
  return beginsWith(statement, ['filter', 'spoe']);
}
