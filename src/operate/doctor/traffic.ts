import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { MirroringSwitch, PAGE_PLACE } from '../mirroring-switch.ts';
import { OperateError } from '../operate-error.ts';
import type { RuntimeApi, Worker } from '../runtime-api.ts';
import type { Surroundings } from './surroundings.ts';

export async function lookAtTraffic(surroundings: Surroundings): Promise<readonly Finding[]> {
  const api = await surroundings.runtimeApi().catch(() => undefined);
  if (api === undefined) return [unknown('without a Runtime API it is not known whether requests reach the agent')];
  try {
    const [worker] = await api.workers();
    if (worker === undefined) return [unknown(`${api.where} has no worker`)];
    const placed = await lookAtSwitch(api, surroundings);
    // Nothing is handed over while the switch says so.
    const isOff = placed.some(({ mark }) => mark === 'warning');
    return [...(await lookAtBackends(api, worker, surroundings, isOff)), ...placed];
  } catch (error) {
    if (!(error instanceof OperateError)) throw error;
    return [unknown(`the Runtime API cannot be asked: ${error.message}`, error.hint)];
  }
}

interface Row {
  readonly [column: string]: string | undefined;
}

/** Sessions of a backend are of streams that HAProxy handed over: health checks are not among them. */
async function lookAtBackends(
  api: RuntimeApi,
  worker: Worker,
  surroundings: Surroundings,
  isOff: boolean,
): Promise<readonly Finding[]> {
  const rows = readTable(await api.ask('show stat', worker));
  const { engines } = await surroundings.configuration();
  const findings: Finding[] = [];
  for (const engine of engines) {
    const name = engine.agent?.settings.last('use-backend').values[0];
    const backend = rows.find(({ '# pxname': proxy, svname }) => proxy === name && svname === 'BACKEND');
    if (name === undefined || backend === undefined) continue;
    const frontend = rows.find(
      ({ '# pxname': proxy, svname }) => proxy === engine.proxy?.name && svname === 'FRONTEND',
    );
    const [sessions, requests] = [Number(backend.stot), Number(frontend?.req_tot ?? Number.NaN)];
    if (backend.status !== undefined && !backend.status.startsWith('UP'))
      findings.push(
        fail(`backend ${name} is ${backend.status}: no server of it answers health checks`, 'see the agent above'),
      );
    if (sessions > 0) findings.push(ok(`backend ${name} has had ${sessions} sessions besides health checks`));
    else if (Number.isNaN(requests))
      findings.push(unknown(`backend ${name} has had no session; how many requests came is not known here`));
    else if (isOff) findings.push(unknown(`backend ${name} has had no session yet: the switch is off`));
    else if (requests > 0 && backend.status?.startsWith('UP') === true)
      findings.push(
        fail(
          `backend ${name} has had no session besides health checks, ${requests} requests came to ${frontend?.['# pxname']}`,
          'nothing is handed to the agent: look at filter, event and ACL (spoe-logs config check), and at the switch',
        ),
      );
    else findings.push(warning(`backend ${name} has had no session, and no request came`, 'send one'));
  }
  return findings.length > 0 ? findings : [unknown('no backend of an SPOE engine is known to the Runtime API')];
}

function readTable(text: string): Row[] {
  const [head = '', ...lines] = text.split('\n');
  const columns = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [columns[i], value])));
}

/** `str(KEY),map(FILE)` of an ACL: where the configuration has its switch. */
const LOOKED_UP = /\bstr\(([^()]+)\),map(?:_str)?\(([^(),]+)/;

async function lookAtSwitch(api: RuntimeApi, surroundings: Surroundings): Promise<readonly Finding[]> {
  const { engines } = await surroundings.configuration();
  const lines = engines.flatMap(({ scope }) => scope?.messages.flatMap(({ settings }) => settings.statements) ?? []);
  const [, key, map] = lines.flatMap(({ words }) => LOOKED_UP.exec(words.join(' ')) ?? []);
  const place = new MirroringSwitch(api, {
    ...PAGE_PLACE,
    ...(key !== undefined && map !== undefined && { key, map }),
  });
  try {
    const { current } = await place.read();
    const { mirroring } = current;
    if (mirroring.kind === 'on') return [ok(`the switch is on: ${place.map}`)];
    if (mirroring.kind === 'sample')
      return [ok(`the switch mirrors a sample, ${mirroring.rate} of ${PAGE_PLACE.sampleOf} requests: ${place.map}`)];
    const value = mirroring.kind === 'off' ? 'off' : `neither on nor off, but ${JSON.stringify(mirroring.value)}`;
    const { note } = current;
    // Who holds it off for a while switches it on again.
    const hint =
      note === undefined
        ? `spoe-logs mirroring on --socket ${api.where}`
        : `${note.by === 'guard' ? 'a guard' : '--for'} holds it (process ${note.pid} on ${note.host}): spoe-logs mirroring status`;
    return [warning(`the switch is ${value}: ${place.map}`, hint)];
  } catch (error) {
    if (!(error instanceof OperateError)) throw error;
    // Most configurations have none.
    if (error.code === 'no-map' || error.code === 'no-key') return [];
    return [unknown(`the switch cannot be read: ${error.message}`, error.hint)];
  }
}
