/** Names that lines `messages` and `groups` list, held against what the scope has. */
import { nearest } from '../../text/nearest.ts';
import { mentions, type SpoeEntity } from '../configuration/engines.ts';
import { quoted } from '../rule.ts';

/** Undefined where a name in the list is not known, so that nothing can be said to be missing from it. */
export function listed(entity: SpoeEntity, keyword: 'messages' | 'groups'): Set<string> | undefined {
  const names = mentions(entity, keyword).map((mention) => mention?.name);
  return names.includes(undefined) ? undefined : new Set(names.filter((name) => name !== undefined));
}

/** Mentions of what the scope does not have. */
export function* undefinedMentions(entity: SpoeEntity, keyword: 'messages' | 'groups', there: readonly SpoeEntity[]) {
  const names = new Set(there.map(({ name }) => name));
  if (names.has(undefined)) return;
  const kind = keyword === 'messages' ? 'spoe-message' : 'spoe-group';
  for (const mention of mentions(entity, keyword)) {
    if (mention === undefined || !mention.statement.isCertain || names.has(mention.name)) continue;
    const few = [...names].slice(0, MOST_MEANT).filter((name) => name !== undefined);
    const meant = nearest(mention.name, few) ?? (names.size === 1 ? few[0] : undefined);
    const hint = meant === undefined ? '' : `; it has ${kind} ${quoted(meant)}`;
    yield { at: mention.statement, message: `there is no ${kind} ${quoted(mention.name)} in this scope${hint}` };
  }
}

/** Of how many names the one that was meant is looked for: each costs as much as it is long. */
const MOST_MEANT = 50;
