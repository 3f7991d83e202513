/**
 * As much of Argo Rollouts' analysis as gates/argo-rollouts.yaml uses: the web provider, its conditions, and what becomes of
 * a metric's measurements. What the file says beyond that is refused, so that nothing is tested that is not what Argo does.
 * After metricproviders/webmetric/webmetric.go, utils/evaluate/evaluate.go and analysis/analysis.go of Argo Rollouts 1.9.
 */
import assert from 'node:assert/strict';

export type Phase = 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

export interface Metric {
  readonly name: string;
  readonly initialDelay?: string;
  readonly interval?: string;
  readonly count?: number;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly consecutiveSuccessLimit?: number;
  readonly failureLimit?: number;
  readonly inconclusiveLimit?: number;
  readonly consecutiveErrorLimit?: number;
  readonly provider: { readonly web?: WebProvider; readonly job?: JobProvider };
}

interface WebProvider {
  readonly url: string;
  readonly timeoutSeconds?: number;
  readonly headers?: readonly { readonly key: string; readonly value: string }[];
  readonly jsonPath?: string;
}

export interface JobProvider {
  readonly spec: {
    readonly activeDeadlineSeconds: number;
    readonly backoffLimit: number;
    readonly podFailurePolicy: {
      readonly rules: readonly {
        readonly action: string;
        readonly onExitCodes: { readonly operator: string; readonly values: readonly number[] };
      }[];
    };
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly {
          readonly env: readonly { readonly name: string; readonly value: string }[];
          readonly command: readonly [string, ...string[]];
          readonly args: readonly string[];
        }[];
      };
    };
  };
}

const KNOWN = [
  ...['name', 'initialDelay', 'interval', 'count', 'successCondition', 'failureCondition', 'consecutiveSuccessLimit'],
  ...['failureLimit', 'inconclusiveLimit', 'consecutiveErrorLimit', 'provider'],
];
const KNOWN_WEB = ['url', 'timeoutSeconds', 'headers', 'jsonPath'];

/** The measurements of a metric, one after the other, and what they make of it. */
export class Analysis {
  readonly measurements: Exclude<Phase, 'Running'>[] = [];
  readonly #metric: Metric;
  readonly #args: { readonly [name: string]: string };

  constructor(metric: Metric, args: { readonly [name: string]: string }) {
    for (const key of Object.keys(metric)) assert.ok(KNOWN.includes(key), `${key} is not known here`);
    for (const key of Object.keys(metric.provider.web ?? {})) assert.ok(KNOWN_WEB.includes(key), `${key} is not known`);
    this.#metric = metric;
    this.#args = args;
  }

  /** Asks once; returns what the metric is afterwards. */
  async measure(): Promise<Phase> {
    assert.equal(this.phase, 'Running', 'a metric that has ended is not measured any more');
    this.measurements.push(await this.#ask());
    return this.phase;
  }

  async #ask(): Promise<Exclude<Phase, 'Running'>> {
    const web = this.#metric.provider.web;
    assert.ok(web);
    const headers = Object.fromEntries((web.headers ?? []).map(({ key, value }) => [key, this.#fill(value)]));
    try {
      const response = await fetch(this.#fill(web.url), {
        headers,
        signal: AbortSignal.timeout((web.timeoutSeconds ?? 10) * 1000),
      });
      const text = await response.text();
      if (!response.ok) return 'Error';
      return this.#evaluate(valueAt(JSON.parse(text), web.jsonPath ?? '{$}'));
    } catch {
      return 'Error';
    }
  }

  #fill(text: string): string {
    return text.replaceAll(/\{\{ ?args\.([\w-]+) ?\}\}/g, (_, name: string) => {
      const value = this.#args[name];
      assert.ok(value !== undefined, `the argument ${name} has no value`);
      return value;
    });
  }

  #evaluate(result: unknown): Exclude<Phase, 'Running' | 'Error'> {
    const { successCondition, failureCondition } = this.#metric;
    const isSuccess = successCondition === undefined ? undefined : holds(successCondition, result);
    const isFailure = failureCondition === undefined ? undefined : holds(failureCondition, result);
    // With one condition what does not meet it is the opposite: there is no third outcome.
    if (isFailure ?? isSuccess === false) return 'Failed';
    return (isSuccess ?? isFailure === false) ? 'Successful' : 'Inconclusive';
  }

  get phase(): Phase {
    const { count, interval, consecutiveSuccessLimit = 0 } = this.#metric;
    const { failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4 } = this.#metric;
    const of = (phase: Phase) => this.measurements.filter((each) => each === phase).length;
    const inARow = (phase: Phase) => {
      const last = this.measurements.findLastIndex((each) => each !== phase);
      return this.measurements.length - 1 - last;
    };
    if (this.measurements.length === 0) return 'Running';
    if (inARow('Error') > consecutiveErrorLimit) return 'Error';
    if (of('Inconclusive') > inconclusiveLimit) return 'Inconclusive';
    if (of('Failed') > failureLimit) return 'Failed';
    if (consecutiveSuccessLimit > 0 && inARow('Successful') >= consecutiveSuccessLimit) return 'Successful';
    const effective = count ?? (interval === undefined ? 1 : undefined);
    if (effective === undefined || this.measurements.length - of('Error') < effective) return 'Running';
    return consecutiveSuccessLimit > 0 ? 'Inconclusive' : 'Successful';
  }
}

/** `{$.verdict}` of a document. */
function valueAt(document: unknown, path: string): unknown {
  const [, members] = /^\{\$((?:\.\w+)*)\}$/.exec(path) ?? [];
  assert.ok(members !== undefined, `${path} is not read here`);
  let value = document;
  for (const name of members.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) throw new Error(`no ${name}`);
    value = (value as { readonly [name: string]: unknown })[name];
  }
  return value;
}

/** `result == "pass"` of a value. */
function holds(condition: string, result: unknown): boolean {
  const [, word] = /^result == "(\w+)"$/.exec(condition) ?? [];
  assert.ok(word !== undefined, `${condition} is not read here`);
  return result === word;
}

/** What a blue-green rollout does once its analysis before the promotion has ended (rollout/analysis.go). */
export const ROLLOUT = { Successful: 'promoted', Failed: 'aborted', Error: 'aborted', Inconclusive: 'paused' } as const;
