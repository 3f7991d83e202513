/** `spoe-logs mirroring filter`: the filter line of a frontend, by the Data Plane API. */
import { readFileSync } from 'node:fs';
import { type Committed, DataPlane, type FilterLine } from '../../operate/data-plane.ts';
import { escapeJson } from '../../text/json.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { CliError } from './errors.ts';
import type { MirroringArguments } from './mirroring-options.ts';
import { reportProblem } from './report-problem.ts';

export async function runFilter(action: 'list' | 'add' | 'remove', given: MirroringArguments): Promise<void> {
  const { frontend, engine = 'mirror', index } = given;
  if (frontend === undefined)
    throw new CliError('usage', '--frontend is missing', 'name the frontend of haproxy.cfg: --frontend fe_main');
  checkName('--frontend', frontend);
  checkName('--engine', engine);
  const config = given.spoeConfig;
  if (action === 'add' && config === undefined)
    throw new CliError(
      'usage',
      '--spoe-config is missing',
      'name the file of the engine on the HAProxy machine: --spoe-config /etc/haproxy/spoe.cfg',
    );
  if (config !== undefined) checkName('--spoe-config', config);
  const api = new DataPlane(readApi(given));
  try {
    if (action === 'list') {
      const { filters, version } = await api.list(frontend);
      process.stdout.write(
        given.format === 'json' ? renderListJson(frontend, filters, version) : renderList(frontend, filters, version),
      );
    } else {
      const committed =
        action === 'add'
          ? await api.add(frontend, engine, config ?? '', index)
          : await api.remove(frontend, engine, index);
      process.stdout.write(
        given.format === 'json'
          ? renderCommittedJson(frontend, action, committed)
          : renderCommitted(frontend, action, committed),
      );
    }
  } finally {
    await api.close();
  }
}

/** As the OpenAPI document has it, and no white space, which a line of haproxy.cfg would end at. */
function checkName(option: string, name: string): void {
  if (/^[^\s<>*;$#&{}"\p{Cc}]{1,255}$/u.test(name)) return;
  throw new CliError('usage', `cannot use ${option} ${JSON.stringify(name)}`, 'write it as it stands in haproxy.cfg');
}

function readApi(given: MirroringArguments) {
  if (given.api === undefined)
    throw new CliError('usage', '--api is missing', 'write where the Data Plane API is: --api http://127.0.0.1:5555');
  const url = URL.canParse(given.api) ? new URL(given.api) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new CliError(
      'usage',
      `cannot read --api ${JSON.stringify(given.api.replace(/\/\/[^/]*@/, '//***@'))}`,
      'write http://127.0.0.1:5555',
    );
  if (url.username !== '' || url.password !== '')
    throw new CliError(
      'bad-credentials',
      '--api holds a password, which everybody on this machine can see',
      'use --credentials FILE, or the environment',
    );
  if (/^\/v\d+\/?$/.test(url.pathname))
    throw new CliError('usage', '--api holds a version', 'write it without, and --api-version v2');
  const ca = given.ca === undefined ? undefined : readText('--ca', given.ca);
  const { user, password } = readCredentials(given.credentials);
  if (url.protocol === 'http:' && !/^(127\.[\d.]+|localhost|\[::1\])$/.test(url.hostname))
    reportProblem({ message: `user and password go to ${url.host} unencrypted`, hint: 'use https://' });
  return {
    url,
    version: given.apiVersion,
    user,
    password,
    ...(ca !== undefined && { ca }),
    timeoutMs: given.timeout ?? 10_000,
  };
}

function readCredentials(file: string | undefined): { user: string; password: string } {
  if (file === undefined) {
    const { DATAPLANEAPI_USER: user = '', DATAPLANEAPI_PASSWORD: password = '' } = process.env;
    if (user !== '') return { user, password };
    throw new CliError(
      'bad-credentials',
      'there are no credentials for the Data Plane API',
      'set DATAPLANEAPI_USER and DATAPLANEAPI_PASSWORD, or give --credentials FILE with user:password',
    );
  }
  const [, user, password = ''] = /^([^:\r\n]+):([^\r\n]*)\r?\n?$/.exec(readText('--credentials', file)) ?? [];
  if (user === undefined)
    throw new CliError(
      'bad-credentials',
      `${file} does not hold user:password in one line`,
      'write it so, readable by its owner alone',
    );
  return { user, password };
}

function readText(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(
      'cannot-read',
      `cannot read ${option} ${file}: ${(error as NodeJS.ErrnoException).code}`,
      'check the path',
    );
  }
}

function renderList(frontend: string, filters: readonly FilterLine[], version: number): string {
  const rows = filters.map(({ index, type, engine, config }) => [`${index}`, type, engine ?? '', config ?? '']);
  const table = [['index', 'type', 'engine', 'config'], ...rows].map((row) => row.map((cell) => escapeTerminal(cell)));
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${escapeTerminal(`filters of ${frontend}, configuration version ${version}`)}\n${filters.length === 0 ? 'none' : lines.join('\n')}\n`;
}

function renderListJson(frontend: string, filters: readonly FilterLine[], version: number): string {
  return `${escapeJson(JSON.stringify({ schema: 'spoe-logs/mirroring-filters/1', frontend, version, filters }))}\n`;
}

function renderCommitted(frontend: string, action: 'add' | 'remove', { filter, version, reloadId }: Committed): string {
  const what = `filter ${filter.index} (spoe engine ${filter.engine}, config ${filter.config})`;
  const done = action === 'add' ? `added ${what} to ${frontend}` : `removed ${what} from ${frontend}`;
  const reload =
    reloadId === undefined
      ? 'the API names no reload: whether HAProxy runs with it is not known'
      : `HAProxy will be reloaded for it (${reloadId})`;
  return `${escapeTerminal(`${done}, a change to configuration version ${version}; ${reload}`)}\n`;
}

function renderCommittedJson(frontend: string, action: string, committed: Committed): string {
  return `${escapeJson(JSON.stringify({ schema: 'spoe-logs/mirroring-filter/1', action, frontend, ...committed }))}\n`;
}
