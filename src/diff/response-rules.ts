/**
 * What is known about differences of answers before any is counted: which are no news (rules, --additive-fine, what is
 * built in), and what an OpenAPI description says about them.
 */
import { DIFFERENCE_KINDS, type Difference } from '../answers/differences.ts';
import { isKnownToChange, KNOWN_CHANGES } from '../answers/known-changes.ts';
import type { Choices } from './choices.ts';
import { DiffError } from './errors.ts';
import type { Warning } from './model.ts';
import type { Declared, DifferenceContext, DifferenceRules, Suppression } from './responses/difference-rules.ts';
import { type FieldRule, parseFieldRule } from './responses/rules/field-rule.ts';
import { stepsOf } from './responses/rules/place-steps.ts';
import { type DeclaredAnswer, ResponseSchemas } from './responses/rules/response-schemas.ts';
import { RouteOverrides } from './route-overrides.ts';
import { pathOf } from './routes/path-segments.ts';

const ADDITIVE: Suppression = { by: 'rule', name: 'additive-fine' };
/** Each place that is met is held against all of them. */
const MAX_RULES = 1_000;
const FEWER_RULES = "one may cover many places: '$..request_id', '/_at$/'";
/** Places whose rules are known: few are many in a log, and any may be an attacker's. */
const MAX_PLACES = 4_096;

interface NamedRule extends FieldRule {
  readonly suppression: Suppression;
  /** The rule's path, in which `{…}` stands for anything; undefined where it has none. */
  readonly template: RouteOverrides | undefined;
}

export class ResponseRules implements DifferenceRules {
  readonly #rules: readonly NamedRule[];
  readonly #isAdditiveFine: boolean;
  /** By place. */
  readonly #builtIn: ReadonlyMap<string, Suppression>;
  readonly #schemas: ResponseSchemas | undefined;
  readonly #byPlace = new Map<string, readonly NamedRule[]>();

  /**
   * @param description an OpenAPI or Swagger description, parsed
   * @throws DiffError `bad-field-rule`, `bad-openapi`, `bad-route`
   */
  constructor(
    {
      ignoreField = [],
      additiveFine = false,
      withoutBuiltIn = false,
    }: Partial<Pick<Choices, 'ignoreField' | 'additiveFine' | 'withoutBuiltIn'>>,
    description?: unknown,
  ) {
    const texts = [...new Set(ignoreField.map((text) => text.trim()))];
    if (texts.length > MAX_RULES)
      throw new DiffError(
        'bad-field-rule',
        `--ignore-field has ${texts.length} rules: at most ${MAX_RULES}`,
        FEWER_RULES,
      );
    this.#rules = texts.map((text) => {
      const rule = parseFieldRule(text, DIFFERENCE_KINDS);
      const template = rule.path === undefined ? undefined : new RouteOverrides([rule.path]);
      return { ...rule, template, suppression: { by: 'rule', name: rule.text } };
    });
    this.#isAdditiveFine = additiveFine;
    this.#builtIn = withoutBuiltIn ? new Map() : builtInRules();
    this.#schemas = description === undefined ? undefined : new ResponseSchemas(description);
  }

  classify(difference: Difference, context: DifferenceContext): Suppression | undefined {
    const { place, kind } = difference;
    const rule = this.#rulesOf(place).find(
      (each) => (each.kind === undefined || each.kind === kind) && isOfRoute(each, context),
    );
    if (rule !== undefined) return rule.suppression;
    if (this.#isAdditiveFine && isAddition(difference) && this.declaredOf(difference, context) !== 'breaking')
      return ADDITIVE;
    return isKnownToChange(difference) ? this.#builtIn.get(place) : undefined;
  }

  declaredOf(difference: Difference, context: DifferenceContext): Declared | undefined {
    const schemas = this.#schemas;
    if (schemas === undefined) return undefined;
    const { method, target, status } = context;
    const { place, kind } = difference;
    if (kind === 'status') {
      const other = Number(endOf(difference));
      if (!(other >= 100) || !schemas.knows(method, target)) return undefined;
      return schemas.answer(method, target, other) === undefined ? 'undeclared' : undefined;
    }
    const answer = schemas.answer(method, target, status);
    if (answer === undefined) return undefined;
    if (kind === 'content-type') return answer.hasType(endOf(difference)) === false ? 'breaking' : undefined;
    if (place.startsWith(HEADER)) return declaredHeader(answer, difference);
    return declaredField(answer, difference);
  }

  unused(seen: Iterable<Suppression>): Warning | undefined {
    const used = new Set([...seen].map(({ name }) => name));
    const idle = this.#rules.filter(({ text }) => !used.has(text)).map(({ text }) => text);
    if (idle.length === 0) return undefined;
    const named = idle.slice(0, MAX_NAMED).map((text) => JSON.stringify(text));
    const rest = idle.length - named.length;
    const list = rest > 0 ? [...named, `${rest} more`] : named;
    return { code: 'unused-rules', message: `no difference was ever covered by --ignore-field ${list.join(', ')}` };
  }

  #rulesOf(place: string): readonly NamedRule[] {
    if (this.#rules.length === 0) return this.#rules;
    let rules = this.#byPlace.get(place);
    if (rules === undefined) {
      const steps = stepsOf(place);
      rules = this.#rules.filter(({ covers }) => covers(place, steps));
      if (this.#byPlace.size >= MAX_PLACES) this.#byPlace.clear();
      this.#byPlace.set(place, rules);
    }
    return rules;
  }
}

/** Names of more would be no warning but a list. */
const MAX_NAMED = 5;
const HEADER = 'header ';

function builtInRules() {
  return new Map(
    KNOWN_CHANGES.flatMap(({ headers, reason }) =>
      headers.map((header) => {
        const suppression: Suppression = { by: 'built-in', name: `${HEADER}${header} (${reason})` };
        return [HEADER + header, suppression] as const;
      }),
    ),
  );
}

/** As rules of --ignore are held against a request. */
function isOfRoute(rule: NamedRule, context: DifferenceContext): boolean {
  if (rule.method !== undefined && rule.method !== context.method) return false;
  return rule.template === undefined || rule.template.find(pathOf(context.target)) !== undefined;
}

function isAddition({ place, kind }: Difference): boolean {
  return kind === 'extra' && (place.startsWith('$') || place.startsWith(HEADER));
}

/** What stands on the mirror's side of a shape: `string` of `number → string`. */
function endOf({ shape = '' }: Difference): string {
  return shape.slice(shape.lastIndexOf(ARROW) + 1).trim();
}

const ARROW = '→';

function declaredHeader(answer: DeclaredAnswer, { place, kind }: Difference): Declared | undefined {
  // Nobody declares all headers: that one is not says nothing.
  const header = answer.header(place.slice(HEADER.length));
  if (header === undefined) return undefined;
  if (kind === 'extra') return 'additive';
  return kind === 'missing' && header.isRequired ? 'breaking' : undefined;
}

function declaredField(answer: DeclaredAnswer, difference: Difference): Declared | undefined {
  const { place, kind } = difference;
  const steps = stepsOf(place);
  const last = steps?.at(-1);
  if (steps === undefined) return undefined;
  if (last === undefined) return kind === 'type' ? declaredType(answer, steps, endOf(difference)) : undefined;
  const parent = answer.schemaAt(steps.slice(0, -1));
  if (parent === undefined) return undefined;
  const permission = parent.permits(last);
  if (kind === 'extra') {
    return permission === 'declared' ? 'additive' : permission === 'excluded' ? 'breaking' : 'undeclared';
  }
  if (kind === 'missing' && parent.requires(last)) return 'breaking';
  if (permission !== 'declared') return 'undeclared';
  return kind === 'type' ? declaredType(answer, steps, endOf(difference)) : undefined;
}

/** @param types of the mirror: `string`, or several with | or `or` between */
function declaredType(answer: DeclaredAnswer, steps: readonly string[], types: string): Declared | undefined {
  const allowed = answer.schemaAt(steps)?.types;
  // `other → JSON`: what a JSON is is not said.
  if (allowed === undefined || types === 'JSON') return undefined;
  const seen = types.split(/\s*(?:\||,|\bor\b)\s*/).filter((type) => type !== '');
  return seen.every((type) => allowed.has(type)) ? undefined : 'breaking';
}
