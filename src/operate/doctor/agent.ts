import { cutText } from '../../text/cut.ts';
import { type AgentArguments, fittedOptions, mutatingMethods } from '../agent-command.ts';
import { askAgent } from '../agent-hello.ts';
import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { OperateError } from '../operate-error.ts';
import { mirrorsAnyMethod } from '../rules/content-rules.ts';
import { parseRuntimeAddress, type RuntimeAddress } from '../runtime-api.ts';
import { ask, causeOf } from './asking.ts';
import { seconds } from './resources.ts';
import type { Surroundings } from './surroundings.ts';
import { type Trust, trustOfServer } from './trust.ts';

const MOST_SERVERS = 16;
const MOST_LINES = 5;
const LONGEST_ANSWER = 1000;

export async function lookAtAgent(surroundings: Surroundings): Promise<readonly Finding[]> {
  const findings: Finding[] = [lookAtProcess(surroundings), ...(await lookAtMethods(surroundings))];
  const named = surroundings.options.agents.map((address) => ({ address }));
  const servers: readonly Server[] = named.length > 0 ? named : await serversOf(surroundings);
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
      'if the mirror shares anything with production: --methods GET,HEAD,OPTIONS of the agent, --strip-header cookie,authorization, or --mark and a mirror that heeds it',
    ),
  ];
}

interface Server {
  readonly address: string;
  /** HAProxy speaks TLS to it. */
  readonly trust?: Trust;
}

/**
 * What the agents were given that listen where the engines have their servers: others on the same machine serve others. One
 * that was not told where it listens (systemd has) may be any of them.
 */
export async function servingCommands(surroundings: Surroundings): Promise<readonly AgentArguments[]> {
  const servers = (await serversOf(surroundings)).map(({ address }) => address);
  const all = surroundings.agentProcesses.map(({ given }) => given);
  return all.filter((given) => {
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
    if (address !== '') found.set(address, { address, ...(words.includes('ssl') && { trust: trustOfServer(words) }) });
  return [...found.values()];
}

async function lookAtServer({ address: text, trust }: Server, timeoutMs: number): Promise<Finding> {
  if (trust !== undefined && 'why' in trust) return unknown(`${text} is spoken to by TLS, and ${trust.why}`);
  try {
    const { version, maxFrameSize, capabilities } = await askAgent(addressOf(text), timeoutMs, trust?.tls);
    const offers = capabilities.length === 0 ? 'no capabilities' : capabilities.join(', ');
    return ok(
      `${text} speaks SPOP ${version}${trust === undefined ? '' : ' by TLS'}: frames of ${maxFrameSize} bytes, ${offers}`,
    );
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
  const socketPath = admin.startsWith('unix:') ? admin.slice('unix:'.length) : undefined;
  const address = /^\d+$/.test(admin) ? `127.0.0.1:${admin}` : admin.replace(/^(\*|0\.0\.0\.0):/, '127.0.0.1:');
  const url = `http://${socketPath === undefined ? address : 'localhost'}/readyz`;
  const shown = socketPath === undefined ? url : `${admin} /readyz`;
  try {
    if (!URL.canParse(url)) return unknown(`--admin ${admin} is no address`);
    const { status, body } = await ask(new URL(url), { timeoutMs, ...(socketPath !== undefined && { socketPath }) });
    if (status >= 200 && status < 300) return ok(`${shown}: ready`);
    return warning(`${shown}: ${cutText(body.trim().split('\n').slice(0, MOST_LINES).join('; '), LONGEST_ANSWER)}`);
  } catch (error) {
    return isForbidden(error)
      ? unknown(`${shown} may not be asked`, 'run as root, or as a user of its group')
      : warning(`${shown} does not answer: ${causeOf(error)}`, 'look at the log of the agent');
  }
}

function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}
