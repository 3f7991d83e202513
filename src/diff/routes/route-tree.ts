/**
 * Paths as a tree of segments. What stands for one of many at a place becomes one, `{…}`, once all paths are in. The
 * outcome does not depend on the order of the paths.
 */
import { compareTexts } from '../transitions.ts';
import { valueForm, WILDCARD } from './identifiers.ts';
import { isFile, type PlaceView, Values } from './place-values.ts';

const NO_CHILDREN: ReadonlyMap<string, Node> = new Map();

class Node implements PlaceView {
  readonly parent: Node | undefined;
  readonly segment: string;
  /** Most places have none: a map of their own for each of a million would take most of the memory. */
  children = NO_CHILDREN as Map<string, Node>;
  /** Requests of this node and of all below. */
  count = 0;
  /** Different names that became this wildcard; 0 for what is one by its look alone. */
  values = 0;
  /** Requests that end here, of values that are called like a file. */
  files = 0;
  /** Names that come later are values, too. */
  isOpen = false;
  /** It stands for all that is below as well. */
  isRest = false;
  mergedInto: Node | undefined;

  constructor(parent: Node | undefined, segment: string) {
    this.parent = parent;
    this.segment = segment;
  }
}

/** A place in the tree, which may move when paths become one. */
export type RouteNode = Node;

/** More places than this are not told. */
const MAX_GENERALIZED = 50;

/** A place that became `{…}` because of its many values. */
export interface Generalized {
  /** The path it is: `/users/{…}`. */
  readonly route: string;
  /** How many different ones there were. */
  readonly values: number;
}

export class RouteTree {
  readonly #root = new Node(undefined, '');

  /** @param count how many requests have this path */
  add(segments: readonly string[], count: number): RouteNode {
    let node = this.#root;
    node.count += count;
    for (const segment of segments) {
      if (node.isRest) break;
      node = childOf(node, placeFor(node, segment));
      node.count += count;
    }
    return node;
  }

  /** The place of a path if adding it would make no new one. */
  find(segments: readonly string[]): RouteNode | undefined {
    let node = this.#root;
    for (const segment of segments) {
      if (node.isRest) return node;
      const child = node.children.get(placeFor(node, segment));
      if (child === undefined) return undefined;
      node = child;
    }
    return node;
  }

  /** After `finish`: where a path fits that was not there before. What fits nowhere is `{…}` with all below it. */
  assign(segments: readonly string[]): RouteNode {
    let node = this.#root;
    for (const segment of segments) {
      if (node.isRest) break;
      const child = node.children.get(placeFor(node, segment)) ?? node.children.get(WILDCARD);
      node = child ?? childOf(node, WILDCARD);
      if (child === undefined) node.isRest = true;
    }
    return node;
  }

  /** After `finish`: what a path is called; names that were not there before stay as they are. */
  nameOf(segments: readonly string[]): string {
    let node = this.#root;
    for (const [i, segment] of segments.entries()) {
      if (node.isRest) break;
      const child = node.children.get(placeFor(node, segment));
      if (child === undefined) return asPath([...segmentsTo(node), ...segments.slice(i)]);
      node = child;
    }
    return this.pathOf(node);
  }

  /** Nodes there are. Walks over all of them. */
  get size(): number {
    return sizeOf(this.#root);
  }

  /** Another tree with the same paths, and where each place of this one is in it: to be finished while this one grows. */
  copy(): { readonly tree: RouteTree; readonly placeOf: (place: RouteNode) => RouteNode } {
    const tree = new RouteTree();
    const copies = new Map<Node, Node>();
    copyInto(this.#root, tree.#root, copies);
    return { tree, placeOf: (place) => copies.get(resolve(place)) as Node };
  }

  /** What stands for one of many becomes one. To be called when all paths are in, or there is no more room for them. */
  finish(): void {
    generalize(this.#root, new Values());
  }

  /** `/orders/{…}`. Final only after `finish`. */
  pathOf(place: RouteNode): string {
    return asPath(segmentsTo(place));
  }

  /** Places that became one because of their values, those with the most first. */
  generalized(): Generalized[] {
    const found: Generalized[] = [];
    const visit = (node: Node): void => {
      if (node.values > 0) found.push({ route: this.pathOf(node), values: node.values });
      for (const child of node.children.values()) visit(child);
    };
    visit(this.#root);
    return found.sort((a, b) => b.values - a.values || compareTexts(a.route, b.route)).slice(0, MAX_GENERALIZED);
  }
}

/** Where a place is now: the same one for all places that became one. */
export function resolve(node: Node): Node {
  let final = node;
  while (final.mergedInto !== undefined) final = final.mergedInto;
  return final;
}

/** From the root to a place. */
export function segmentsTo(place: RouteNode): string[] {
  const segments: string[] = [];
  for (let node: Node | undefined = resolve(place); node?.parent !== undefined; node = resolve(node.parent)) {
    segments.push(node.segment);
  }
  return segments.reverse();
}

function asPath(segments: readonly string[]): string {
  const path = segments.join('/');
  return path === '*' ? path : `/${path}`;
}

function sizeOf({ children }: Node): number {
  let size = 1;
  for (const child of children.values()) size += sizeOf(child);
  return size;
}

function copyInto(from: Node, into: Node, copies: Map<Node, Node>): void {
  copies.set(from, into);
  into.count = from.count;
  into.values = from.values;
  into.files = from.files;
  into.isOpen = from.isOpen;
  into.isRest = from.isRest;
  for (const child of from.children.values()) copyInto(child, childOf(into, child.segment), copies);
}

function childOf(node: Node, segment: string): Node {
  let child = node.children.get(segment);
  if (child === undefined) {
    child = new Node(node, segment);
    if (node.children === NO_CHILDREN) node.children = new Map();
    node.children.set(segment, child);
  }
  return child;
}

/** The name of the child that a segment belongs to. */
function placeFor({ isOpen, children }: Node, segment: string): string {
  if (!isOpen || segment === '' || children.has(segment)) return segment;
  const form = valueForm(segment);
  return children.has(form) ? form : WILDCARD;
}

function generalize(node: Node, values: Values): void {
  if (node.isRest) return;
  if (node.parent !== undefined && values.anyDepth(node)) {
    absorb(node, values);
    return;
  }
  const keepsExtensions = isPlaceOfCode(node);
  for (const child of values.of(node, node.parent === undefined)) {
    const place = keepsExtensions && child.children.size === 0 ? valueForm(child.segment) : WILDCARD;
    node.isOpen = true;
    node.children.delete(child.segment);
    const into = childOf(node, place);
    into.values += Math.max(1, child.values);
    merge(child as Node, into, values);
  }
  for (const child of node.children.values()) generalize(child, values);
  if (node.parent !== undefined && isChainOfValues(node)) absorb(node, values);
}

/** `{…}`, `{…}/{…}`, `{…}/{…}/{…}`: folders that are not many, or not deep, and still go on to any depth. */
function isChainOfValues(node: Node): boolean {
  let depths = 0;
  let files = 0;
  let ends = 0;
  let place = node.children.get(WILDCARD);
  for (; place !== undefined && place.values > 0; place = place.children.get(WILDCARD)) {
    const own = endsAt(place);
    if (own >= 0.03 * node.count) depths++;
    ends += own;
    files += Math.min(own, place.files);
  }
  return ends >= 0.8 * node.count && (depths >= 4 || (depths >= 3 && 2 * files >= ends));
}

/** Not where something else is called like a file now and then: repositories, `socket.js`. */
function isPlaceOfCode({ children }: Node): boolean {
  const all = [...children.values()];
  const files = all.filter(({ segment, children }) => children.size === 0 && valueForm(segment) !== WILDCARD);
  return files.length >= 0.3 * all.length;
}

function merge(from: Node, into: Node, values: Values): void {
  values.forget(into);
  from.mergedInto = into;
  into.count += from.count;
  into.files += isFile(from.segment) ? endsAt(from) : from.files;
  into.isOpen ||= from.isOpen;
  if (from.isRest && !into.isRest) absorb(into, values);
  for (const child of from.children.values()) {
    if (into.isRest) sink(child, into);
    else {
      const target = childOf(into, placeFor(into, child.segment));
      if (child.segment === target.segment) target.values += child.values;
      else target.values += Math.max(1, child.values);
      merge(child, target, values);
    }
  }
  from.children = NO_CHILDREN as Map<string, Node>;
}

/** All below a node becomes one place. */
function absorb(node: Node, values: Values): void {
  const rest = new Node(node, WILDCARD);
  rest.isRest = true;
  rest.values = countEnds(node) - (endsAt(node) > 0 ? 1 : 0);
  // The folder itself stays apart: `/bucket/`.
  const folder = node.children.get('');
  for (const child of node.children.values()) {
    if (child === folder) continue;
    rest.count += child.count;
    sink(child, rest);
  }
  node.isOpen = true;
  node.children = new Map([[WILDCARD, rest]]);
  if (folder !== undefined) node.children.set('', folder);
  values.forget(node);
}

function sink(node: Node, into: Node): void {
  node.mergedInto = into;
  for (const child of node.children.values()) sink(child, into);
  node.children = NO_CHILDREN as Map<string, Node>;
}

function endsAt({ count, children }: Node): number {
  let below = 0;
  for (const child of children.values()) below += child.count;
  return count - below;
}

/** Different paths that end at a node or below it. */
function countEnds(node: Node): number {
  let ends = endsAt(node) > 0 ? 1 : 0;
  for (const child of node.children.values()) ends += countEnds(child);
  return ends;
}
