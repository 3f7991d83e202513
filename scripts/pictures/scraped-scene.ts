/** A real Prometheus that scrapes the scene each second, and what it answers to a panel. SPOE_LOGS_PROMETHEUS is its folder. */

import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { allChosen } from '../dashboards/grafana.ts';
import type { Cleanup } from '../demo/cleanup.ts';
import type { Ending } from '../demo/ending.ts';
import { portOf } from '../port.ts';
import { ROOT, ScriptError } from '../project.mjs';

const RATE_INTERVAL = '5s';

/** Labels, and times in seconds with their values. */
export interface AskedSeries {
  readonly metric: { readonly [label: string]: string };
  readonly values: readonly (readonly [time: number, value: string])[];
}

export class ScrapedScene {
  readonly #url: string;
  readonly #ending: Ending;

  /** @param targets ports by the name of their job */
  static async start(
    programs: string,
    folder: string,
    targets: { readonly [job: string]: number },
    cleanup: Cleanup,
    ending: Ending,
  ): Promise<ScrapedScene> {
    const home = join(folder, 'prometheus');
    mkdirSync(home);
    const file = join(home, 'prometheus.yml');
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [join(ROOT, 'dashboards/spoe-logs.rules.yaml')],
      scrape_configs: Object.entries(targets).map(([job, port]) => ({
        job_name: job,
        static_configs: [{ targets: [`127.0.0.1:${port}`] }],
      })),
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config));
    const port = await freePort();
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(home, 'data')}`];
    const child = cleanup.start(join(programs, 'prometheus'), [...args, `--web.listen-address=127.0.0.1:${port}`], {
      stdio: 'ignore',
    });
    child.once('close', (code) => ending.fail(new ScriptError(`Prometheus ended with ${code} (prometheus-ended)`)));
    const scene = new ScrapedScene(`http://127.0.0.1:${port}`, ending);
    await ending.untilTrue(() => scene.#isReady());
    return scene;
  }

  private constructor(url: string, ending: Ending) {
    this.#url = url;
    this.#ending = ending;
  }

  /** What a query of the dashboard gives from one time to the other, second by second. */
  async ask(expr: string, fromSeconds: number, untilSeconds: number): Promise<readonly AskedSeries[]> {
    const query = new URLSearchParams({
      query: allChosen(expr, RATE_INTERVAL),
      start: String(fromSeconds),
      end: String(untilSeconds),
      step: '1',
    });
    const response = await this.#ending.until(fetch(`${this.#url}/api/v1/query_range?${query}`));
    const answer = (await response.json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data: { readonly result: readonly AskedSeries[] };
    };
    if (answer.status !== 'success') throw new ScriptError(`${expr}: ${answer.error} (query-refused)`);
    return answer.data.result;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#url}/-/ready`)).ok;
    } catch {
      return false; // It does not listen yet; when it ends, Ending says so.
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  await once(server.close(), 'close');
  return port;
}
