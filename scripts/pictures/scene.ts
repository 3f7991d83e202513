/**
 * What the pictures show: the demo's loop with a real HAProxy, in which the mirror falls ill, then the agent is stopped, then all is
 * well again. HAProxy's log and the agent's record are files, as on a load balancer; whoever watches reads those.
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Agent, findFreePorts } from '../demo/agent.ts';
import type { Cleanup } from '../demo/cleanup.ts';
import type { Ending } from '../demo/ending.ts';
import { findHaproxy } from '../demo/find-haproxy.ts';
import { LiveLog } from '../demo/live-log.ts';
import { MirrorServer } from '../demo/mirror-server.ts';
import { RealHaproxy } from '../demo/real-haproxy.ts';
import { Traffic } from '../demo/traffic.ts';
import { ScriptError } from '../project.mjs';

const REQUESTS_PER_SECOND = 120;

export interface Act {
  readonly story: string;
  readonly seconds: number;
  readonly begin: (scene: Scene) => Promise<void> | void;
}

/** A minute and some seconds, of which charts of the last minute show all that is to be seen. */
export const ACTS: readonly Act[] = [
  { story: 'all is well', seconds: 26, begin: () => {} },
  {
    story: 'the mirror is ill',
    seconds: 14,
    begin: ({ mirror }) => {
      mirror.isIll = true;
    },
  },
  {
    story: 'the agent is stopped',
    seconds: 8,
    begin: async ({ agent, mirror }) => {
      await agent.stop();
      mirror.isIll = false;
    },
  },
  { story: 'the agent runs again', seconds: 22, begin: ({ agent }) => agent.start() },
];

export class Scene {
  /** All files are in it, and are named without it. */
  readonly folder: string;
  readonly log = 'lb-access.log';
  readonly record = 'record.jsonl';
  readonly adminPort: number;
  readonly agent: Agent;
  readonly mirror: MirrorServer;
  readonly haproxy: RealHaproxy;
  /** Which HAProxy it is. */
  readonly sentence: string;
  readonly #ending: Ending;
  readonly #traffic: Traffic;

  static async set(cleanup: Cleanup, ending: Ending): Promise<Scene> {
    const { command, sentence } = await findHaproxy();
    if (command === undefined)
      throw new ScriptError('pictures are of a real HAProxy: put one on PATH, or name it with HAPROXY=… (no-haproxy)');
    const folder = cleanup.makeFolder();
    const mirror = await MirrorServer.start(cleanup);
    const ports = await findFreePorts();
    const agent = new Agent({ folder, ports, mirrorUrl: mirror.url, cleanup, ending });
    await agent.start();
    const log = new LiveLog();
    const file = createWriteStream(join(folder, 'lb-access.log'));
    cleanup.add(() => file.destroy());
    log.sendTo(file);
    const options = { folder, agentAddress: agent.address, checkMs: 1000, log, cleanup, ending };
    const started = await RealHaproxy.start(command, options);
    if ('refusal' in started) throw new ScriptError(`${command} does not start: ${started.refusal} (no-haproxy)`);
    return new Scene(
      { folder, agent, mirror, haproxy: started.haproxy, sentence, adminPort: ports.admin },
      cleanup,
      ending,
    );
  }

  private constructor(
    parts: Pick<Scene, 'folder' | 'agent' | 'mirror' | 'haproxy' | 'sentence' | 'adminPort'>,
    cleanup: Cleanup,
    ending: Ending,
  ) {
    this.folder = parts.folder;
    this.agent = parts.agent;
    this.mirror = parts.mirror;
    this.haproxy = parts.haproxy;
    this.sentence = parts.sentence;
    this.adminPort = parts.adminPort;
    this.#ending = ending;
    this.#traffic = new Traffic(REQUESTS_PER_SECOND, (request) => this.haproxy.handle(request), cleanup);
  }

  /** Plays the acts; `watch` is told each second what the time is, in seconds from the start, and which act it is. */
  async play(watch: (second: number, act: Act) => Promise<void> | void): Promise<void> {
    let second = 0;
    const fromMs = Date.now();
    for (const act of ACTS) {
      await act.begin(this);
      for (let i = 0; i < act.seconds; i++) {
        second += 1;
        await this.#ending.sleep(Math.max(0, fromMs + second * 1000 - Date.now()));
        await watch(second, act);
      }
    }
    this.#traffic.stop();
    await this.haproxy.settle();
    await this.agent.settledStats();
  }
}
