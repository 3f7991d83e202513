/**
 * Which names at a place of the tree are values: one of many that a person would write as `{…}`. It shows in how many
 * there are for the requests they have, in how they are written, in what stands before them, and in whether the same
 * follows after each.
 */
import { valueForm, WILDCARD } from './identifiers.ts';
import {
  hasVerb,
  isApi,
  isCollection,
  isCommon,
  isFileFolder,
  isLocale,
  isMediaFile,
  isMediaFolder,
  isName,
  isVersion,
} from './route-words.ts';

/** What is known of a place. */
export interface PlaceView {
  readonly segment: string;
  readonly count: number;
  readonly values: number;
  readonly children: ReadonlyMap<string, PlaceView>;
}

/** Names of methods are told apart up to so many. */
const MAX_METHODS = 1_000;
/** More children than this are values, whatever they look like. */
const MAX_NAMES = 50;
/** Below the root, what so many of all ask for stays a name: scanners ask for thousands of paths that do not exist. */
const ROOT_SHARE = 0.01;

export class Values {
  readonly #known = new Map<PlaceView, ReadonlySet<PlaceView>>();
  readonly #depths = new Map<PlaceView, boolean>();

  /** The children that are values. */
  of(place: PlaceView, isRoot: boolean): ReadonlySet<PlaceView> {
    let values = this.#known.get(place);
    if (values === undefined) {
      values = this.#find(place, isRoot);
      this.#known.set(place, values);
    }
    return values;
  }

  /** What was found out about a place that changes. */
  forget(place: PlaceView): void {
    this.#known.delete(place);
    this.#depths.delete(place);
  }

  /** Folders and files that go on to any depth are one place: `/contents/{…}`. */
  anyDepth(place: PlaceView): boolean {
    if (place.children.size < 2) return false;
    let result = this.#depths.get(place);
    if (result === undefined) {
      result = anyDepth(place);
      this.#depths.set(place, result);
    }
    return result;
  }

  #find(place: PlaceView, isRoot: boolean): ReadonlySet<PlaceView> {
    const values = valuesByName(place, isRoot);
    const candidates = candidatesOf(place);
    const linked = this.#linked(candidates, isRoot);
    for (const child of linked) values.add(child);
    for (const child of this.#likeValues(place, isRoot, candidates, values)) values.add(child);
    // Where most are one of many, the rest of them are, too.
    const isPlaceOfValues = linked.size > 0 && sumOf([...linked]) >= 0.5 * sumOf(candidates);
    for (const child of linked.size > 0 ? candidates : []) {
      const isRare = child.count < ROOT_SHARE * place.count || child.count <= 2;
      if (isRare || (!isRoot && isPlaceOfValues)) values.add(child);
    }
    if (!isRoot && !isApi(place.segment) && 2 * sumOf([...values]) >= place.count) {
      for (const child of place.children.values()) if (isLast(child) && isVersion(child.segment)) values.add(child);
    }
    return values;
  }

  /** Those that have the same names below them, at the next place or at the one after. */
  #linked(candidates: readonly PlaceView[], isRoot: boolean): Set<PlaceView> {
    const linked = new Set<PlaceView>();
    if (candidates.length < 3) return linked;
    const inner = candidates.filter((child) => !isLast(child) && !isResource(child));
    // A few at the root are parts of the site, whatever they share at once: `orders/help` and `users/help`.
    const isFew = isRoot && candidates.length < FEWEST_AT_ROOT;
    for (const depths of isFew ? [[2]] : [[1], [2], [1, 2]]) {
      const names = inner.map((child) => [child, this.#namesAt(child, depths)] as const);
      for (const child of linkedBy(new Map(names))) linked.add(child);
    }
    const trees = candidates.filter((child) => this.anyDepth(child));
    if (trees.length >= 3) trees.push(...candidates.filter((child) => !this.anyDepth(child) && isSmallTree(child)));
    for (const alike of [trees.length >= 3 ? trees : [], this.#sections(candidates)]) {
      if (alike.length >= 4 && sumOf(alike) >= 0.6 * sumOf(candidates)) for (const child of alike) linked.add(child);
    }
    return linked;
  }

  /** Nothing but titles below them: `/news/sports/the-final`. */
  #sections(candidates: readonly PlaceView[]): PlaceView[] {
    const sections = candidates.filter((child) => {
      const { size } = child.children;
      if (isLast(child) || (size === 1 && child.count > 2)) return false;
      const values = this.of(child, false);
      return [...child.children.values()].every(
        (title) => isLast(title) && !isGeneral(title) && (values.has(title) || child.count <= 10),
      );
    });
    return sections.filter(({ segment }) => isCollection(segment)).length <= 0.6 * sections.length ? sections : [];
  }

  /** Those that have the same below them as what is a value already: `docs/latest/intro` and `docs/2.1/intro`. */
  #likeValues(
    place: PlaceView,
    isRoot: boolean,
    candidates: readonly PlaceView[],
    values: ReadonlySet<PlaceView>,
  ): PlaceView[] {
    const known = [...place.children.values()].filter((child) => isGeneral(child) || values.has(child));
    const others = candidates.filter((child) => !values.has(child) && !isLast(child));
    if (isRoot || known.length === 0 || others.length === 0) return [];
    const names = new Set(known.flatMap((child) => [...this.#namesAt(child, [1]).keys()]));
    return others.filter((child) => {
      const below = [...this.#namesAt(child, [1])];
      if (below.length === 0) return this.#isOnlyValues(child) && known.some((value) => this.#isOnlyValues(value));
      const shared = below.filter(([name]) => names.has(name));
      const [all, common] = [below, shared].map((list) => list.reduce((sum, [, count]) => sum + count, 0)) as [
        number,
        number,
      ];
      return (
        common >= 0.7 * all &&
        (shared.length >= 2 || (shared.length === 1 && hasGeneral(child) && known.some(hasGeneral)))
      );
    });
  }

  /** At the next place, and something follows them. */
  #isOnlyValues(place: PlaceView): boolean {
    const values = this.of(place, false);
    return depthOf(place) >= 2 && [...place.children.values()].every((child) => isGeneral(child) || values.has(child));
  }

  #namesAt(place: PlaceView, depths: readonly number[]): Map<string, number> {
    const names = new Map<string, number>();
    for (const depth of depths) this.#addNames(place, depth, `${depths.length > 1 ? depth : ''}`, names);
    return names;
  }

  /** With their requests; what is a value, or what any resource has below it, says nothing. */
  #addNames(place: PlaceView, depth: number, prefix: string, names: Map<string, number>): void {
    if (depth > 1) {
      for (const child of place.children.values()) this.#addNames(child, depth - 1, prefix, names);
      return;
    }
    if (place.children.size === 0 || this.anyDepth(place)) return;
    const values = this.of(place, false);
    for (const child of place.children.values()) {
      const { segment } = child;
      if (segment === '' || isGeneral(child) || values.has(child) || isCommon(segment) || isMethod(child)) continue;
      const name = `${prefix}/${segment}`;
      names.set(name, (names.get(name) ?? 0) + child.count);
    }
  }
}

function linkedBy(names: ReadonlyMap<PlaceView, ReadonlyMap<string, number>>): PlaceView[] {
  const spread = new Map<string, number>();
  let withNames = 0;
  for (const below of names.values()) {
    if (below.size > 0) withNames++;
    for (const name of below.keys()) spread.set(name, (spread.get(name) ?? 0) + 1);
  }
  const enough = Math.max(2, 0.2 * withNames);
  const shared = new Set([...spread].filter(([, count]) => count >= enough).map(([name]) => name));
  let strength = 0;
  for (const name of shared) strength += (spread.get(name) as number) - 1;
  const linked: PlaceView[] = [];
  let shares = 0;
  for (const [child, below] of names) {
    const all = [...below.values()].reduce((sum, count) => sum + count, 0);
    const common = [...below].reduce((sum, [name, count]) => sum + (shared.has(name) ? count : 0), 0);
    if (common === 0) continue;
    linked.push(child);
    shares += common / all;
  }
  const isEnough = shared.size >= 2 ? linked.length >= 3 && strength >= 4 : linked.length >= 8;
  return isEnough && shares >= 0.5 * linked.length ? linked : [];
}

const isGeneral = ({ segment }: PlaceView) => segment.startsWith(WILDCARD);
const sumOf = (places: readonly PlaceView[]) => places.reduce((sum, { count }) => sum + count, 0);

function depthOf({ children }: PlaceView): number {
  let depth = 0;
  for (const child of children.values()) if (child.segment !== '') depth = Math.max(depth, 1 + depthOf(child));
  return depth;
}

/** Nothing follows but perhaps a slash. */
function isLast({ children }: PlaceView): boolean {
  return children.size === 0 || (children.size === 1 && children.has(''));
}

/** `orders` with `orders/{…}`: resources may have the same below them and are still many. */
function isResource(place: PlaceView): boolean {
  return isCollection(place.segment) && hasGeneral(place);
}

const hasGeneral = (place: PlaceView) => [...place.children.values()].some(isGeneral);

function candidatesOf(place: PlaceView): PlaceView[] {
  return [...place.children.values()].filter((child) => !isGeneral(child) && !isName(child.segment, isLast(child)));
}

type Style = 'word' | 'slug' | 'code' | 'locale' | 'media' | 'file' | 'other';

function styleOf(segment: string): Style | `code:${string}` | `numbered:${string}` {
  const form = valueForm(segment);
  if (form !== WILDCARD) return `code:${form}`;
  if (isLocale(segment)) return 'locale';
  if (/^[a-z]+$/.test(segment)) return 'word';
  if (/^[A-Z]{2,6}$/.test(segment) || (/^[A-Z0-9-]{2,12}$/.test(segment) && /\d/.test(segment))) return 'code';
  if (/^[A-Za-z]*\d+[A-Za-z]*$/.test(segment)) return `numbered:${segment.replace(/\d+/, '#')}`;
  if (/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(segment)) return 'slug';
  const stem = segment.slice(0, Math.max(0, segment.lastIndexOf('.')));
  if (isLocale(stem)) return 'locale';
  if (isMediaFile(segment)) return 'media';
  return /\.[A-Za-z][A-Za-z0-9]{0,4}$/.test(segment) ? 'file' : 'other';
}

/** How many different ones there have to be, and which part of them asked for once, to be values. */
const OPEN = {
  word: { fewest: 10, once: 0.35, most: 25 },
  resource: { fewest: 10, once: 0.35, most: 200 },
  slug: { fewest: 5, once: 0.2, most: 20 },
  media: { fewest: 4, once: 0.25, most: 12 },
  file: { fewest: 5, once: 0.3, most: 15 },
  build: { fewest: 6, once: 0.3, most: 15 },
  other: { fewest: 5, once: 0.25, most: 20 },
} as const;

/** At the root a few of anything are parts of the site. */
const FEWEST_AT_ROOT = 10;

function isOpen(
  places: readonly PlaceView[],
  { fewest, once, most }: (typeof OPEN)[keyof typeof OPEN],
  isRoot: boolean,
): boolean {
  if (places.length > most) return true;
  if (places.length < (isRoot ? Math.max(fewest, FEWEST_AT_ROOT) : fewest)) return false;
  const single = places.filter(({ count }) => count === 1).length;
  return single >= once * places.length;
}

function valuesByName(place: PlaceView, isRoot: boolean): Set<PlaceView> {
  const candidates = candidatesOf(place);
  if (candidates.length < 2) return new Set();
  const methods = new Set(methodsAmong(candidates));
  const names = methods.size > MAX_METHODS ? candidates : candidates.filter((child) => !methods.has(child));
  const styles = new Map<string, PlaceView[]>();
  for (const child of names) {
    const style = styleOf(child.segment);
    const group = styles.get(style);
    if (group === undefined) styles.set(style, [child]);
    else group.push(child);
  }
  const values = new Set<PlaceView>();
  const isOther = ofAnotherKind(place);
  const isContainer = isRoot || isApi(place.segment);
  const add = (group: readonly PlaceView[]) => {
    for (const child of group) if (!(isContainer || isManyOfOne) || !isOther(child)) values.add(child);
  };
  const general = [...place.children.values()].filter(isGeneral).reduce((sum, { count }) => sum + count, 0);
  const plain = names.filter(({ segment }) => !styleOf(segment).startsWith('code:'));
  const isPlaceOfIds = general >= 0.3 * place.count;
  const isManyOfOne = !isRoot && isCollection(place.segment) && plain.length >= 3 && !isPlaceOfIds;
  const isMixed = (styles.get('word')?.length ?? 0) < 0.7 * plain.length;
  if (
    isManyOfOne ||
    (!isRoot && ((plain.length > MAX_NAMES && !isContainer) || (isMixed && isOpen(plain, OPEN.other, isRoot))))
  )
    add(plain);
  for (const [style, group] of styles) {
    if (
      isPlaceOfIds &&
      general >= 0.5 * place.count &&
      (style === 'other' || style === 'code' || style.startsWith('numbered:'))
    ) {
      add(group);
    } else if (style === 'code' || style === 'locale' || style.startsWith('numbered:')) {
      const fewest = style === 'locale' ? (isRoot ? 3 : 2) : isRoot ? FEWEST_AT_ROOT : 3;
      if (group.length >= fewest) add(group);
    } else if (style === 'media' && isMediaFolder(place.segment)) {
      if (group.length >= 3) add(group);
    } else if (style === 'word') {
      if (isOpen(group, isContainer && !isRoot ? OPEN.resource : OPEN.word, isRoot)) {
        add(isRoot ? group.filter(({ count }) => count < ROOT_SHARE * place.count) : group);
      }
    } else if (isOpen(group, style.startsWith('code:') ? OPEN.build : OPEN[style as keyof typeof OPEN], isRoot)) {
      add(isRoot && style === 'file' ? group.filter(({ count }) => count < ROOT_SHARE * place.count) : group);
    }
  }
  return values;
}

/** What many ask for, and has names below it that no sibling has: `wp-content` among the titles of a blog. */
function ofAnotherKind(place: PlaceView): (child: PlaceView) => boolean {
  const spread = new Map<string, number>();
  for (const child of place.children.values()) {
    for (const name of child.children.keys()) spread.set(name, (spread.get(name) ?? 0) + 1);
  }
  return (child) => {
    if (isLast(child) || child.count < Math.max(10, ROOT_SHARE * place.count)) return false;
    const names = [...child.children.values()].filter(({ segment }) => segment !== '');
    const shared = names.filter(({ segment }) => (spread.get(segment) as number) > 1);
    return names.length > 0 && !names.every(isLast) && 2 * sumOf(shared) < sumOf(names);
  };
}

/** Names of methods: each is a route of its own, however many there are. */
function methodsAmong(candidates: readonly PlaceView[]): readonly PlaceView[] {
  const leaves = candidates.filter(isLast);
  const written = leaves.map((child) => ({ child, parts: partsOf(child.segment) }));
  const verbal = written.filter(({ parts }) => parts.length > 1 && hasVerb(parts));
  const humped = written.filter(({ child: { segment } }) => /^[A-Za-z]*[a-z][A-Z][A-Za-z]*\d*$/.test(segment));
  const methods = verbal.length >= humped.length ? verbal : [...new Set([...humped, ...verbal])];
  if (methods.length < 3) return [];
  const isTable = isGrid(written.map(({ parts }) => parts));
  if (isTable || methods.length >= 0.7 * leaves.length) return leaves;
  return methods.length >= 0.5 * leaves.length ? methods.map(({ child }) => child) : [];
}

function isMethod(place: PlaceView): boolean {
  const parts = partsOf(place.segment);
  return isLast(place) && parts.length > 1 && hasVerb(parts);
}

/** Some verbs times some things. */
function isGrid(names: readonly (readonly string[])[]): boolean {
  const longer = names.filter((parts) => parts.length > 1);
  if (longer.length < 12 || longer.length < 0.8 * names.length) return false;
  const verbs = longer.filter((parts) => hasVerb(parts)).length;
  const [first, last] = [0, -1].map((at) => new Set(longer.map((parts) => parts.at(at))).size) as [number, number];
  return verbs >= 0.25 * longer.length && Math.min(first, last) <= longer.length / 3;
}

/** `getOrder`, `get-order`, `orders.get` → get, order. */
function partsOf(segment: string): string[] {
  if (!/^[A-Za-z][A-Za-z._-]*\d*$/.test(segment)) return [segment];
  return segment
    .replace(/\d+$/, '')
    .split(/[._-]|(?<=[a-z])(?=[A-Z])/)
    .filter((part) => part !== '');
}

function anyDepth(place: PlaceView): boolean {
  const { children } = place;
  const isFolder = isFileFolder(place.segment);
  if (children.size < (isFolder ? 2 : 4)) return false;
  // How many different ones there are, first here, then one further.
  const isWide = spreadOf(countsOf([...children.values()])) >= 6;
  if (!isWide && !isFolder) return false;
  const depths = new Map<number, number>();
  const files = countEnds(place, 0, depths);
  const all = [...depths.values()].reduce((sum, count) => sum + count, 0);
  if (files < 0.4 * all) return false;
  const depth = spreadOf([...depths.values()]);
  if (depth < 2.2) return false;
  if (isFolder && depths.size >= 3) return true;
  const next = new Map<string, number>();
  for (const child of children.values()) addNames(child, next);
  return isWide && spreadOf([...next.values()]) >= 6;
}

/** As far as can be told from few requests. */
function isSmallTree(place: PlaceView): boolean {
  if (place.count > 50 || place.children.size < Math.min(4, place.count / 2)) return false;
  const depths = new Map<number, number>();
  const files = countEnds(place, 0, depths);
  return depths.size >= 2 && files >= 0.4 * place.count;
}

/** Ids count as many different ones. */
function countsOf(places: readonly PlaceView[]): number[] {
  return places.flatMap((place) => {
    const parts = isGeneral(place) ? Math.min(10, place.count) : 1;
    return new Array<number>(parts).fill(place.count / parts);
  });
}

function addNames({ children }: PlaceView, names: Map<string, number>): void {
  for (const child of children.values()) {
    countsOf([child]).forEach((count, i) => {
      const name = `${child.segment}/${i}`;
      names.set(name, (names.get(name) ?? 0) + count);
    });
  }
}

export function isFile(segment: string): boolean {
  return /.\.[A-Za-z][A-Za-z0-9]{0,6}$/.test(segment);
}

/** By depth, how many requests end there; how many of them end at a file. */
function countEnds(place: PlaceView, depth: number, depths: Map<number, number>): number {
  let ends = place.count;
  let files = 0;
  for (const child of place.children.values()) {
    ends -= child.count;
    files += countEnds(child, depth + 1, depths);
  }
  if (depth > 0 && ends > 0) depths.set(depth, (depths.get(depth) ?? 0) + ends);
  return depth > 0 && ends > 0 && isFile(place.segment) ? files + ends : files;
}

/** How many there are in effect: e to the entropy. */
function spreadOf(counts: readonly number[]): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / all) * Math.log(count / all);
  return Math.exp(entropy);
}
