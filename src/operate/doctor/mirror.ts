import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { shownUrl } from '../../text/shown-url.ts';
import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { ask, causeOf } from './asking.ts';
import type { Surroundings } from './surroundings.ts';
import { type Trust, trustOfAgent } from './trust.ts';

const MOST_MIRRORS = 16;

/** Where requests go, and how the agent that sends them there speaks TLS. */
interface Mirror {
  readonly url: string;
  readonly trust?: Trust;
}

export async function lookAtMirror(surroundings: Surroundings): Promise<readonly Finding[]> {
  const { mirrors, request, timeoutMs } = surroundings.options;
  const found = mirrors.length > 0 ? mirrors.map((url) => ({ url })) : mirrorsOf(surroundings);
  if (found.length === 0)
    return [
      unknown('where requests go is not known', 'name it as -u of the agent does: --mirror http://mirror.mysite.com/'),
    ];
  const proxy = surroundings.agentValues('proxy-url')[0];
  if (proxy !== undefined && mirrors.length === 0)
    return [
      unknown(
        `requests go through the proxy ${shownUrl(proxy)}: spoa-mirror --check --check-request HEAD asks that way`,
      ),
    ];
  const all = await Promise.all(found.slice(0, MOST_MIRRORS).map((each) => lookAtUrl(each, request, timeoutMs)));
  const left = found.length - MOST_MIRRORS;
  return [...all.flat(), ...(left > 0 ? [unknown(`${left} more mirrors are not asked`)] : [])];
}

function mirrorsOf({ agentProcesses, options }: Surroundings): Mirror[] {
  const found = new Map<string, Mirror>();
  for (const { given, agent } of agentProcesses) {
    for (const url of given.get('mirror-url') ?? [])
      found.set(url, { url, ...(/^https:/i.test(url) && { trust: trustOfAgent(given, agent, options.uid) }) });
  }
  return [...found.values()];
}

async function lookAtUrl(
  { url: text, trust }: Mirror,
  method: string | undefined,
  timeoutMs: number,
): Promise<Finding[]> {
  const shown = shownUrl(text);
  if (trust !== undefined && 'why' in trust)
    return [
      unknown(
        `${shown}: of the certificates that the agent has for it ${trust.why}`,
        'spoa-mirror --check --check-request HEAD asks with them',
      ),
    ];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return [fail(`${shown} is no http:// or https:// URL`)];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  try {
    await within(lookup(host), timeoutMs);
  } catch (error) {
    return [
      fail(
        `${shown}: its name does not resolve here (${(error as NodeJS.ErrnoException).code})`,
        'mend the name, or DNS',
      ),
    ];
  }
  const tls = url.protocol === 'https:' ? { ...trust?.tls } : undefined;
  const reached = await reach(tls, host, port, timeoutMs);
  if (reached !== undefined) return [fail(`${shown}: ${reached}`, 'look at firewall, port and certificate on the way')];
  const findings = [ok(`${shown} can be reached from here${tls === undefined ? '' : saidOf(tls)}`)];
  if (method === undefined) return findings;
  try {
    const { status } = await ask(url, { method, timeoutMs, ...(tls !== undefined && { tls }) });
    const said = `${method} ${shown} is answered with ${status}`;
    findings.push(status >= 500 ? warning(said, 'look at the log of the mirrored service') : ok(said));
  } catch (error) {
    findings.push(fail(`${method} ${shown} is not answered: ${causeOf(error)}`, 'is it a web server?'));
  }
  return findings;
}

function saidOf({ rejectUnauthorized }: ConnectionOptions): string {
  return rejectUnauthorized === false ? ', its certificate is not looked at' : ', its certificate is trusted';
}

/** @throws with the code ETIMEDOUT */
function within<Result>(look: Promise<Result>, timeoutMs: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error('it takes too long'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, timeoutMs);
    look.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Undefined when a connection is made, else why not. */
function reach(
  tls: ConnectionOptions | undefined,
  host: string,
  port: number,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket =
      tls === undefined
        ? connect({ host, port })
        : connectTls({ ...tls, host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host });
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(timeoutMs, () => end('no connection in time'));
    socket.on(tls !== undefined ? 'secureConnect' : 'connect', () => end(undefined));
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' ? 'nobody listens there' : (code ?? message)),
    );
  });
}
