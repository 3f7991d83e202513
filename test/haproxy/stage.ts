/** Production, mirror, agent and HAProxy of one test, put together; at its end everything is read back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { reservePort } from '../ports.ts';
import { until } from '../until.ts';
import { AgentProcess } from './agent.ts';
import { frontConfiguration, spoeConfiguration, type Variation } from './configuration.ts';
import { countAccesses, type Evidence, readEvidence } from './evidence.ts';
import { Haproxy, type Series } from './haproxy.ts';
import { HaproxyLog } from './haproxy-log.ts';
import { RecordingServer } from './recorder.ts';

export interface StageOptions {
  /** What differs from the documented configuration. */
  readonly haproxy?: Variation | ((places: { readonly folder: string; readonly logPort: number }) => Variation);
  /** Arguments of the agent besides its address, -u and --record. */
  readonly agent?: readonly string[];
  /** Where -u points; to the mirror of the stage unless a test has its own. */
  readonly mirrorPort?: number;
  /** The path of -u. */
  readonly prefix?: string;
  /** Between HAProxy and the agent, in the place of a TCP port. */
  readonly unixSocket?: boolean;
  readonly reloadable?: boolean;
}

const folders = new Set<string>();
// As with the programs: when the run is cut short no hook of a test is asked.
process.on('exit', () => folders.forEach(removeFolder));

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'spoe-logs-haproxy-'));
  readonly production: RecordingServer;
  readonly mirror: RecordingServer;
  readonly log: HaproxyLog;
  haproxy!: Haproxy;
  agent!: AgentProcess;
  #agentArgs: readonly string[] = [];
  readonly #programs: (AgentProcess | Haproxy)[] = [];
  #cleared = false;

  static async set(t: TestContext, series: Series, options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(await RecordingServer.start(t), await RecordingServer.start(t), await HaproxyLog.open(t));
    t.after(() => stage.#clear());
    const agentPort = await reservePort();
    const agentSocket = join(stage.folder, 'agent.sock');
    const listen = options.unixSocket ? ['-a', `unix:${agentSocket}`] : ['-a', '127.0.0.1', '-p', `${agentPort}`];
    const mirror = `http://127.0.0.1:${options.mirrorPort ?? stage.mirror.port}${options.prefix ?? '/'}`;
    stage.#agentArgs = [...listen, '-u', mirror, ...(options.agent ?? [])];
    await stage.startAgent();
    const places = {
      folder: stage.folder,
      frontPort: await reservePort(),
      http2Port: await reservePort(),
      productionPort: stage.production.port,
      logPort: stage.log.port,
      agentAddress: options.unixSocket ? `unix@${agentSocket}` : `127.0.0.1:${agentPort}`,
    };
    const variation = typeof options.haproxy === 'function' ? options.haproxy(places) : (options.haproxy ?? {});
    const texts = { haproxy: frontConfiguration(places, variation), spoe: spoeConfiguration(variation) };
    stage.haproxy = new Haproxy(series, places, texts, options.reloadable === true);
    stage.#programs.push(stage.haproxy);
    await stage.haproxy.ready();
    return stage;
  }

  private constructor(production: RecordingServer, mirror: RecordingServer, log: HaproxyLog) {
    this.production = production;
    this.mirror = mirror;
    this.log = log;
    folders.add(this.folder);
  }

  /** Another one, in the place of an agent that has ended. */
  async startAgent(): Promise<void> {
    // A test that has run out of time may still be on its way here.
    if (this.#cleared) throw new Error('the test is over');
    this.agent = new AgentProcess(this.folder, this.#agentArgs);
    this.#programs.push(this.agent);
    await this.agent.ready();
  }

  /** Ends agent and HAProxy once HAProxy has written so many access lines, and reads what they have left. */
  async end(accesses: number): Promise<Evidence> {
    await until(`${accesses} access lines`, () => countAccesses(this.log) >= accesses);
    await this.agent.stop();
    await this.haproxy.stop();
    return await readEvidence(this.folder, this.log);
  }

  async #clear(): Promise<void> {
    this.#cleared = true;
    await Promise.all(this.#programs.map((program) => program.stop()));
    removeFolder(this.folder);
  }
}
