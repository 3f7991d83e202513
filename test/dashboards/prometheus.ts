/** A real Prometheus that scrapes what a test has started, and is asked over its API. SPOE_LOGS_PROMETHEUS names its folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../child.ts';
import { reservePort } from '../ports.ts';
import { until } from '../until.ts';

const { SPOE_LOGS_PROMETHEUS: programs } = process.env;
/** For `skip` of a test: false, or what to do about it. */
export const skip = programs === undefined && 'SPOE_LOGS_PROMETHEUS names no programs (scripts/install-prometheus.sh)';

export function programOf(name: 'prometheus' | 'promtool' | 'node_exporter'): string {
  return join(programs ?? '', name);
}

/** A job and where it is scraped. */
export interface Job {
  readonly name: string;
  readonly port: number;
}

export interface Series {
  readonly metric: { readonly [label: string]: string };
  /** Time and value. */
  readonly value: readonly [number, string];
}

export class Prometheus {
  readonly #url: string;
  readonly #child: Child;

  /** Scrapes each second. */
  static async start(folder: string, jobs: readonly Job[], ruleFiles: readonly string[]): Promise<Prometheus> {
    mkdirSync(folder);
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ruleFiles,
      scrape_configs: jobs.map(({ name, port }) => ({
        job_name: name,
        static_configs: [{ targets: [`127.0.0.1:${port}`] }],
      })),
    };
    const file = join(folder, 'prometheus.yml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config));
    const port = await reservePort();
    const child = new Child(
      programOf('prometheus'),
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, child);
    await until('Prometheus is ready', async () => {
      if (child.isOver) throw new Error(child.said);
      return (await fetch(`${prometheus.#url}/-/ready`)).ok;
    });
    return prometheus;
  }

  private constructor(url: string, child: Child) {
    this.#url = url;
    this.#child = child;
  }

  /** @throws Error with Prometheus' own words where it does not take the expression */
  async query(expr: string): Promise<readonly Series[]> {
    const { resultType, result } = (await this.#ask('query', { query: expr })) as {
      readonly resultType: string;
      readonly result: readonly Series[];
    };
    if (resultType !== 'vector') throw new Error(`${expr} is a ${resultType}`);
    return result;
  }

  async targets(): Promise<readonly { readonly labels: { readonly job: string }; readonly lastError: string }[]> {
    const { activeTargets } = (await this.#ask('targets', {})) as { activeTargets: [] };
    return activeTargets;
  }

  async rules(): Promise<readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]> {
    const { groups } = (await this.#ask('rules', {})) as { groups: { rules: [] }[] };
    return groups.flatMap(({ rules }) => rules);
  }

  /** Types as they were scraped, by the name of the family. */
  async types(): Promise<ReadonlyMap<string, string>> {
    const families = (await this.#ask('metadata', {})) as { readonly [name: string]: readonly { type: string }[] };
    return new Map(Object.entries(families).map(([name, [first]]) => [name, first?.type ?? '']));
  }

  async stop(): Promise<void> {
    await this.#child.end();
  }

  async #ask(path: string, parameters: { readonly [name: string]: string }): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`${parameters.query ?? path}: ${answer.error}`);
    return answer.data;
  }
}
