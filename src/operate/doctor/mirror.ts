import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { shownUrl } from '../../text/shown-url.ts';
import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { causeOf } from './agent.ts';
import type { Surroundings } from './surroundings.ts';

const MOST_MIRRORS = 16;
/** Options by which an agent trusts what this program does not know. */
const OWN_TLS = ['insecure', 'ca', 'cert'];

export async function lookAtMirror(surroundings: Surroundings): Promise<readonly Finding[]> {
  const { mirrors, request, timeoutMs } = surroundings.options;
  const urls = mirrors.length > 0 ? mirrors : surroundings.agentValues('mirror-url');
  if (urls.length === 0)
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
  const all = await Promise.all(
    urls.slice(0, MOST_MIRRORS).map(async (url) => {
      const isOwn =
        mirrors.length === 0 &&
        /^https:/i.test(url) &&
        surroundings.agentArguments.some((given) => OWN_TLS.some((name) => given.has(name)));
      return isOwn
        ? [
            unknown(
              `${shownUrl(url)}: the agent has certificates of its own for it; spoa-mirror --check --check-request HEAD asks with them`,
            ),
          ]
        : await lookAtUrl(url, request, timeoutMs);
    }),
  );
  const left = urls.length - MOST_MIRRORS;
  return [...all.flat(), ...(left > 0 ? [unknown(`${left} more mirrors are not asked`)] : [])];
}

async function lookAtUrl(text: string, method: string | undefined, timeoutMs: number): Promise<Finding[]> {
  const shown = shownUrl(text);
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
  const reached = await reach(url.protocol === 'https:', host, port, timeoutMs);
  if (reached !== undefined) return [fail(`${shown}: ${reached}`, 'look at firewall, port and certificate on the way')];
  const findings = [
    ok(`${shown} can be reached from here${url.protocol === 'https:' ? ', its certificate is trusted' : ''}`),
  ];
  if (method === undefined) return findings;
  try {
    const response = await fetch(url, { method, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    const said = `${method} ${shown} is answered with ${response.status}`;
    findings.push(response.status >= 500 ? warning(said, 'look at the log of the mirrored service') : ok(said));
  } catch (error) {
    findings.push(fail(`${method} ${shown} is not answered: ${causeOf(error)}`, 'is it a web server?'));
  }
  return findings;
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
function reach(isSecure: boolean, host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = isSecure
      ? connectTls({ host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host })
      : connect({ host, port });
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(timeoutMs, () => end('no connection in time'));
    socket.on(isSecure ? 'secureConnect' : 'connect', () => end(undefined));
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' ? 'nobody listens there' : (code ?? message)),
    );
  });
}
