import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { isSince, parseVersion, versionText } from '../version.ts';
import { seconds } from './resources.ts';
import type { Surroundings } from './surroundings.ts';

/** Traffic mirroring came with it. */
const FIRST = '1.9';

export async function lookAtHaproxy(surroundings: Surroundings): Promise<readonly Finding[]> {
  return [
    ...(await lookAtBuild(surroundings)),
    ...lookAtProcesses(surroundings),
    ...(await lookAtRunning(surroundings)),
  ];
}

async function lookAtBuild(surroundings: Surroundings): Promise<readonly Finding[]> {
  const text = await surroundings.build();
  if (text === undefined)
    return [unknown('no program haproxy or hapee-lb is found here', 'name it: --haproxy /opt/hapee-3.0/sbin/hapee-lb')];
  const version = await surroundings.version();
  const name = `${surroundings.program}`;
  if (version === undefined) return [unknown(`${name} does not say its version`)];
  const found = `${name} is version ${versionText(version)}`;
  if (!isSince(version, FIRST)) return [fail(`${found}: mirroring came with ${FIRST}`, 'upgrade HAProxy')];
  if (!/\[\s*SPOE\s*\]/.test(text))
    return [fail(`${found}, built without SPOE`, 'use a build that has the filter SPOE')];
  return [ok(`${found}, with SPOE`)];
}

function lookAtProcesses({ haproxies, foreign, runningConfigurations, options }: Surroundings): readonly Finding[] {
  if (haproxies === undefined) return [unknown('processes cannot be listed on this system')];
  const aside = foreign.map(({ pid, uid }) =>
    unknown(
      `process ${pid} of uid ${uid} calls itself haproxy, and others could have put its program there: not looked at`,
    ),
  );
  if (haproxies.length === 0 && aside.length > 0) return aside;
  if (haproxies.length === 0)
    return [
      warning(
        options.config.length > 0
          ? `no HAProxy is seen that runs ${options.config.join(', ')}`
          : 'no HAProxy is seen among the processes',
        'start it; one in another container is not seen from here',
      ),
    ];
  const [first] = haproxies;
  const pids = haproxies.map(({ pid }) => pid).join(', ');
  const findings = first === undefined ? [] : [ok(`it runs: process ${pids}, for ${seconds(first.upSeconds)}`)];
  if (runningConfigurations.length > 1 && options.config.length === 0) {
    const [looked, other] = runningConfigurations;
    const text = `several HAProxies run here: that of ${looked?.join(', ')} is looked at`;
    findings.push(warning(text, `--config ${other?.[0]} looks at another one`));
  }
  return [...findings, ...aside];
}

/** What runs may be older than what is installed. */
async function lookAtRunning(surroundings: Surroundings): Promise<readonly Finding[]> {
  const api = await surroundings.runtimeApi();
  if (api === undefined)
    return [
      unknown(
        'there is no Runtime API to ask',
        'add "stats socket /run/haproxy/admin.sock mode 660 level admin" to global',
      ),
    ];
  try {
    const [worker] = await api.workers();
    const info = await api.ask('show info', worker);
    const running = /^Version: (\S+)/m.exec(info)?.[1];
    const installed = await surroundings.version();
    const findings = [ok(`the Runtime API answers at ${api.where}: version ${running}`)];
    const now = running === undefined ? undefined : parseVersion(running);
    if (now !== undefined && installed !== undefined && versionText(now) !== versionText(installed))
      findings.push(warning(`version ${running} runs, ${versionText(installed)} is installed`, 'restart HAProxy'));
    return findings;
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    return [unknown(`the Runtime API cannot be asked: ${message}`, hint)];
  }
}
