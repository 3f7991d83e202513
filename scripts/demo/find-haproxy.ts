/** Which HAProxy the demo uses: the one on PATH, the one that HAPROXY names, or none of them with HAPROXY=none. */
import { run } from '../child.mjs';
import { ScriptError } from '../project.mjs';

const VERSION = /^HA-?Proxy version (\d+\.\d+[^\s-]*)/m;

export interface FoundHaproxy {
  /** Without it the built-in client plays HAProxy's part. */
  readonly command?: string;
  readonly sentence: string;
  /** HAPROXY names it. */
  readonly asked?: boolean;
}

/**
 * @throws ScriptError when the program that HAPROXY names is no HAProxy
 */
export async function findHaproxy(): Promise<FoundHaproxy> {
  const { HAPROXY: asked = '' } = process.env;
  if (asked === 'none') return { sentence: 'HAPROXY=none: a built-in SPOP client plays its part' };
  const command = asked === '' ? 'haproxy' : asked;
  const { code, output } = await run(command, ['-v'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const version = VERSION.exec(output)?.[1];
  if (code === 0 && version !== undefined) {
    return { command, sentence: `with HAProxy ${version} from ${asked === '' ? 'PATH' : asked}`, asked: asked !== '' };
  }
  if (asked !== '') throw new ScriptError(`HAPROXY=${asked} is no HAProxy that runs here (no-haproxy)`);
  return { sentence: 'no haproxy on PATH: a built-in SPOP client plays its part' };
}
