import { type AgentArguments, fittedOptions, mutatingMethods } from '../agent-command.ts';
import { askAgent } from '../agent-hello.ts';
import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { OperateError } from '../operate-error.ts';
import { mirrorsAnyMethod } from '../rules/content-rules.ts';
import { parseRuntimeAddress, type RuntimeAddress } from '../runtime-api.ts';
import { seconds } from './resources.ts';
import type { Surroundings } from './surroundings.ts';

const MOST_SERVERS = 16;
const MOST_LINES = 5;

export async function lookAtAgent(surroundings: Surroundings): Promise<readonly Finding[]> {
  const findings: Finding[] = [lookAtProcess(surroundings), ...(await lookAtMethods(surroundings))];
  const named = surroundings.options.agents.map((address) => ({ address, isSecure: false }));
  const servers = named.length > 0 ? named : await serversOf(surroundings);
  if (servers.length === 0)
    findings.push(unknown('where the agent listens is not known', 'name it: --agent 127.0.0.1:12345'));
  for (const server of servers.slice(0, MOST_SERVERS))
    findings.push(await lookAtServer(server, surroundings.options.timeoutMs));
  if (servers.length > MOST_SERVERS)
    findings.push(unknown(`${servers.length - MOST_SERVERS} more servers are not asked`));
  for (const admin of surroundings.agentValues('admin'))
    findings.push(await lookAtAdmin(admin, surroundings.options.timeoutMs));
  return findings;
}

function lookAtProcess({ agents }: Surroundings): Finding {
  if (agents === undefined) return unknown('processes cannot be listed on this system');
  if (agents.length === 0)
    return unknown(
      'no agent is seen among the processes',
      'on this machine: systemctl status spoa-mirror; elsewhere its address says more',
    );
  const each = agents.map(({ pid, uid, upSeconds }) => `process ${pid} of uid ${uid}, for ${seconds(upSeconds)}`);
  return ok(`it runs: ${each.slice(0, MOST_LINES).join('; ')}`);
}

/** Once, whichever agent it is. */
async function lookAtMethods(surroundings: Surroundings): Promise<Finding[]> {
  const { engines } = await surroundings.configuration();
  // Where no configuration is known, requests of any method may come.
  if (engines.length > 0 && !engines.some(mirrorsAnyMethod)) return [];
  const commands = (await servingCommands(surroundings)).map(fittedOptions).filter((command) => command !== undefined);
  const methods = new Set(commands.flatMap(mutatingMethods));
  if (methods.size === 0) return [];
  return [
    warning(
      `${[...methods].join(', ')} are mirrored with the cookies and authorization of clients: what they change is changed twice`,
      'if the mirror shares anything with production: --methods GET,HEAD,OPTIONS of the agent, or --strip-header cookie,authorization',
    ),
  ];
}

interface Server {
  readonly address: string;
  /** HAProxy speaks TLS to it. */
  readonly isSecure: boolean;
}

/**
 * What the agents were given that listen where the engines have their servers: others on the same machine serve others. One
 * that was not told where it listens (systemd has) may be any of them.
 */
export async function servingCommands(surroundings: Surroundings): Promise<readonly AgentArguments[]> {
  const servers = (await serversOf(surroundings)).map(({ address }) => address);
  return surroundings.agentArguments.filter((given) => {
    const address = given.get('address')?.at(-1);
    const place = address?.startsWith('unix:') ? address.slice('unix:'.length) : given.get('port')?.at(-1);
    return servers.length === 0 || place === undefined || servers.some((server) => isAt(server, place));
  });
}

/** `127.0.0.1:12345`, `unix@/run/agent.sock`, `/run/agent.sock`. */
function isAt(server: string, place: string): boolean {
  return server === place || server.endsWith(`:${place}`) || server.endsWith(`@${place}`);
}

/** Of the backends that the engines use. */
async function serversOf(surroundings: Surroundings): Promise<Server[]> {
  const { engines, sections } = await surroundings.configuration();
  const names = engines.flatMap(({ agent }) => agent?.settings.last('use-backend').values[0] ?? []);
  const servers = [...new Set(names)]
    .flatMap((name) => sections.backends.get(name) ?? [])
    .flatMap(({ settings }) => [
      ...settings.all('server').map(({ words }) => [words[2], words] as const),
      ...settings.all('server-template').map(({ words }) => [words[3], words] as const),
    ]);
  const found = new Map<string, Server>();
  for (const [address = '', words] of servers)
    if (address !== '') found.set(address, { address, isSecure: words.includes('ssl') });
  return [...found.values()];
}

async function lookAtServer({ address: text, isSecure }: Server, timeoutMs: number): Promise<Finding> {
  if (isSecure)
    return unknown(`${text} is spoken to by TLS, which is not asked from here: see its server in the Runtime API`);
  try {
    const { version, maxFrameSize, capabilities } = await askAgent(addressOf(text), timeoutMs);
    const offers = capabilities.length === 0 ? 'no capabilities' : capabilities.join(', ');
    return ok(`${text} speaks SPOP ${version}: frames of ${maxFrameSize} bytes, ${offers}`);
  } catch (error) {
    if (!(error instanceof OperateError)) throw error;
    if (error.code === 'bad-address') return unknown(`${text}: this kind of address is not asked from here`);
    return fail(error.message, error.hint);
  }
}

/** A server line has names, too. @throws OperateError */
function addressOf(text: string): RuntimeAddress {
  const named = /^(?:ipv[46]@)?([\w.-]+):(\d{1,5})$/.exec(text);
  return named === null ? parseRuntimeAddress(text) : { host: named[1] as string, port: Number(named[2]) };
}

async function lookAtAdmin(admin: string, timeoutMs: number): Promise<Finding> {
  if (admin.startsWith('unix:'))
    return unknown(`--admin ${admin} is not asked: curl --unix-socket ${admin.slice(5)} http://localhost/readyz`);
  const url = `http://${/^\d+$/.test(admin) ? `127.0.0.1:${admin}` : admin.replace(/^(\*|0\.0\.0\.0):/, '127.0.0.1:')}/readyz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const lines = (await response.text()).trim().split('\n').slice(0, MOST_LINES).join('; ');
    return response.ok ? ok(`${url}: ready`) : warning(`${url}: ${lines}`);
  } catch (error) {
    return warning(`${url} does not answer: ${causeOf(error)}`, 'look at the log of the agent');
  }
}

/** What fetch hides behind "fetch failed". */
export function causeOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  return name === 'TimeoutError' ? 'it takes too long' : (cause?.code ?? cause?.message ?? String(error));
}
