/** Places of a document, `$.items[*].price`, and the JSONPath (RFC 9535) that selects them, as steps. */
import { ELEMENT, parseSelectors, QUOTED_NAME, type Selector, unquotedName } from '../../../answers/paths.ts';

/** A step of a place: `.name` for a member, `[*]` for any element, `{…}` for a member whose name is an id. */
export type Step = string;

export const ID_MEMBER = '{…}';

/** A member as a step. */
function memberStep(name: string): Step {
  return `.${name}`;
}

interface PathStep {
  /** Undefined is any. */
  readonly step: Step | undefined;
  /** Behind `..`: here or anywhere below. */
  readonly isDeep: boolean;
}

/** Whatever stands between dots and brackets is a name: a place is text of an answer. */
const PLACE_STEP = new RegExp(String.raw`\.(?:(\{\u2026\})|([^.[]+))|\[(?:(\*)|(${QUOTED_NAME}))\]`, 'suy');

/** Longer than any place of an answer is. */
const MAX_PLACE = 1_000;

/** The steps of a place; undefined for one that is none in a document. */
export function stepsOf(place: string): Step[] | undefined {
  if (!place.startsWith('$') || place.length > MAX_PLACE) return undefined;
  const steps: Step[] = [];
  for (let at = 1; at < place.length; at = PLACE_STEP.lastIndex) {
    PLACE_STEP.lastIndex = at;
    const match = PLACE_STEP.exec(place);
    if (match === null) return undefined;
    const [, id, name, element, quoted] = match;
    if (id !== undefined) steps.push(ID_MEMBER);
    else if (element !== undefined) steps.push(ELEMENT);
    else steps.push(memberStep(name ?? unquotedName(quoted as string)));
  }
  return steps;
}

/** A JSONPath of names and wildcards: no index, slice, filter or list, which a place cannot be told by. */
export class JsonPath {
  readonly #steps: readonly PathStep[];

  private constructor(steps: readonly PathStep[]) {
    this.#steps = steps;
  }

  /** Undefined for what is none. */
  static parse(text: string): JsonPath | undefined {
    const selectors = parseSelectors(text);
    return selectors && new JsonPath(selectors.map((each) => ({ step: stepOf(each), isDeep: each.isDeep })));
  }

  /** Whether it selects the place or what holds it. Takes as many turns as the place has steps times its own. */
  covers(place: readonly Step[]): boolean {
    let states = new Set([0]);
    for (const step of place) {
      const next = new Set<number>();
      for (const state of states) {
        const wanted = this.#steps[state];
        if (wanted === undefined) return true;
        if (wanted.isDeep) next.add(state);
        if (wanted.step === undefined || wanted.step === step) next.add(state + 1);
      }
      states = next;
    }
    return states.has(this.#steps.length);
  }
}

function stepOf({ kind, name }: Selector): Step | undefined {
  if (kind === 'id') return ID_MEMBER;
  return kind === 'member' ? memberStep(name) : undefined;
}
