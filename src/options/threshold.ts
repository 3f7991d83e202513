/**
 * The language of `--fail-on` and `--warn-on`, and what it can be about in each command:
 *
 *     [SCOPE:]NAME OPERATOR LIMIT[UNIT]     error-rate>1%   mirror:p99>=50ms   coverage<80%
 *     NAME                                  regression
 *     field:PLACE                           field:$.items[*].price   field:header x-cache
 */
import { nearest } from '../text/nearest.ts';

export type Operator = '<' | '<=' | '>' | '>=';

/** `%` and `pp` are hundredths; a time without a unit is milliseconds. */
type Unit = '' | '%' | 'pp' | 'us' | 'ms' | 's';

interface Metric {
  /** What its limit may be in; none where it has no limit. */
  readonly units: readonly Unit[];
  readonly examples: readonly string[];
  /** Between 0 and 1, so that some limits decide nothing. */
  readonly isRate?: true;
  /** It says something without a limit, too. */
  readonly standsAlone?: true;
}

const RATE = { units: ['%', ''], examples: ['>1%'], isRate: true } as const;
const TIME = { units: ['ms', 'us', 's', ''], examples: ['>50ms'] } as const;
const COUNT_OR_SHARE = { units: ['', '%'], examples: ['>5', '>1%'] } as const;
const SHARE = { units: ['%'], examples: ['>1%'] } as const;
const LEAST_SHARE = { units: ['%'], examples: ['<80%'] } as const;
const ALONE = { units: [], examples: [], standsAlone: true } as const;

/** By command, those of `diff` in the order in which they are told. */
const METRICS = {
  summarize: {
    'error-rate': RATE,
    'mirror-error-rate': RATE,
    'mirror-refused': RATE,
    dropped: RATE,
    p50: TIME,
    p90: TIME,
    p95: TIME,
    p99: TIME,
    'p99.9': TIME,
    p999: TIME,
    max: TIME,
    'mirror-p50': TIME,
    'mirror-p90': TIME,
    'mirror-p95': TIME,
    'mirror-p99': TIME,
    'mirror-p99.9': TIME,
    'mirror-p999': TIME,
    'mirror-max': TIME,
  },
  diff: {
    regression: ALONE,
    'route-regression': ALONE,
    'status-regression': ALONE,
    'route-status-regression': ALONE,
    'body-regression': ALONE,
    'header-regression': ALONE,
    field: { units: [], examples: [':$.items[*].price', ':header x-cache'] },
    pairs: { units: [''], examples: ['<200'] },
    delivered: { units: ['%'], examples: ['<99%'], standsAlone: true },
    'lost-routes': ALONE,
    latency: ALONE,
    'route-latency': ALONE,
    'content-type': ALONE,
    'new-errors': COUNT_OR_SHARE,
    'error-rate': RATE,
    'error-rate-delta': { units: ['pp'], examples: ['>0.5pp'] },
    'new-4xx': COUNT_OR_SHARE,
    'p95-ratio': { units: [''], examples: ['>1.2'] },
    'size-ratio': { units: [''], examples: ['>1.5'] },
    coverage: LEAST_SHARE,
    'spoe-errors': SHARE,
    unparsed: SHARE,
  },
} as const satisfies { readonly [command: string]: { readonly [name: string]: Metric } };

type Command = keyof typeof METRICS;
export type MetricName<In extends Command> = Extract<keyof (typeof METRICS)[In], string>;

/** All names of a command. */
export function metricNames<In extends Command>(command: In): readonly MetricName<In>[] {
  return Object.keys(METRICS[command]) as MetricName<In>[];
}

export interface Condition<Name extends string> {
  /** As given, without spaces around it. */
  readonly expression: string;
  readonly scope: string | undefined;
  readonly name: Name;
  /** Undefined, as its limit is, for a name that stands alone. */
  readonly operator: Operator | undefined;
  /** A ratio for `%` and `pp`, milliseconds for times, otherwise the number itself. */
  readonly limit: number | undefined;
  readonly unit: Unit;
}

/** Why an expression is none. */
export interface Refusal {
  readonly problem: string;
  readonly hint: string;
  /** It is all there but for the limit, which an unquoted `>` gives to the shell. */
  readonly lacksLimit?: true;
}

const EXPRESSION = /^(?:(.+):)?\s*([a-z0-9.-]+?)\s*(?:(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*(%|pp|us|ms|s)?)?$/;
/** Whatever stands behind it: a path may have any character. */
const PLACE = /^field:\s*(.+)$/s;
/** More digits are no limit that anybody means. */
const MAX_DIGITS = 15;
/** Powers of ten, in the text of the number: 0.7 / 100 is less than 0.007, which 7 of 1000 are. */
const EXPONENTS: { readonly [unit in Unit]: string } = { '': '', '%': 'e-2', pp: 'e-2', us: 'e-3', ms: '', s: 'e3' };

/** @param option whose value it is, for the words of a refusal: `--fail-on` */
export function readCondition<In extends Command>(
  command: In,
  option: string,
  text: string,
): Condition<MetricName<In>> | Refusal {
  const expression = text.trim();
  const place = command === 'diff' ? PLACE.exec(expression)?.[1] : undefined;
  if (place !== undefined)
    return {
      expression,
      scope: place,
      name: 'field' as MetricName<In>,
      operator: undefined,
      limit: undefined,
      unit: '',
    };
  const [matched, scope, name = '', operator, digits = '', unit = ''] = EXPRESSION.exec(expression) ?? [];
  const metric = metricOf(command, name);
  const refused = `cannot read ${option} ${JSON.stringify(text)}`;
  if (matched === undefined) return { problem: refused, hint: `write ${shownExamples(command)}` };
  if (metric === undefined) return unknownName(command, refused, expression, name);
  const hint = `write ${examplesOf(name, metric, command === 'diff' ? undefined : scope).join(' or ')}`;
  if (scope !== undefined && command === 'diff')
    return { problem: `${refused}: it is about the whole comparison, not about ${JSON.stringify(scope)}`, hint };
  if (operator === undefined && metric.standsAlone !== true)
    return { problem: `${refused}: it has no limit`, hint: `${hint}, in quotes`, lacksLimit: true };
  const isLimit = metric.units.includes(unit as Unit) && digits.length <= MAX_DIGITS;
  if (operator !== undefined && !isLimit) return { problem: refused, hint };
  const limit = operator === undefined ? undefined : Number(`${digits}${EXPONENTS[unit as Unit]}`);
  const found = { expression, scope, name, operator, limit, unit } as Condition<MetricName<In>>;
  return (metric.isRate === true ? futility(found, digits, option) : undefined) ?? found;
}

export function isRefusal(read: Condition<string> | Refusal): read is Refusal {
  return 'problem' in read;
}

/** Whether what was observed is on the side of the limit that an expression names. */
export function isCrossed(observed: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return observed < limit;
    case '<=':
      return observed <= limit;
    case '>':
      return observed > limit;
    case '>=':
      return observed >= limit;
  }
}

function metricOf(command: Command, name: string): Metric | undefined {
  const metrics: { readonly [name: string]: Metric } = METRICS[command];
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}

function unknownName(command: Command, refused: string, expression: string, name: string): Refusal {
  const names = metricNames(command);
  const known = nearest(name, names);
  const meant = known === undefined ? '' : `did you mean '${expression.replace(name, known)}'? `;
  const other = (Object.keys(METRICS) as Command[]).find((each) => metricOf(each, name) !== undefined);
  return {
    problem: `${refused}: there is no ${name}${other === undefined ? '' : `, but in ${other}`}`,
    hint: `${meant}${command} knows ${names.join(', ')}`,
  };
}

function examplesOf(name: string, { examples, standsAlone }: Metric, scope?: string): string[] {
  const about = scope === undefined ? '' : `${scope}:`;
  return [...(standsAlone ? [`${name} alone`] : []), ...examples.map((limit) => `'${about}${name}${limit}'`)];
}

function shownExamples(command: Command): string {
  return command === 'diff'
    ? "regression, 'error-rate>1%', 'new-errors>5', 'p95-ratio>1.2' or 'coverage<80%'"
    : "'error-rate>1%', 'p99>50ms', 'mirror:p99>50ms', 'mirror-refused>10%', 'mirror-p99>1s' or 'dropped>0.1%'";
}

/** A limit that no rate, or every one, is beyond. */
function futility({ expression, operator = '>', limit = 0 }: Condition<string>, digits: string, option: string) {
  const isUpper = operator.startsWith('>');
  const isNever = isUpper ? limit > 1 || (limit === 1 && operator === '>') : limit === 0 && operator === '<';
  const isAlways = !isUpper && limit > 1;
  if (!isNever && !isAlways) return undefined;
  const number = !isUpper && isNever ? '1' : Number(digits) >= 100 ? '1' : digits;
  const meant = expression.replace(/[<>].*$/s, `${operator}${number}%`);
  return {
    problem: `${option} ${JSON.stringify(expression)} is ${isNever ? 'never' : 'always'} crossed: a rate is 0 to 1, or 0% to 100%`,
    hint: `write '${meant}'`,
  };
}
