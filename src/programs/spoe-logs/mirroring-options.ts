/** What `spoe-logs mirroring` takes, and which of it belongs to which action. */
import { API_VERSIONS } from '../../operate/data-plane.ts';
import { checkWord, PAGE_PLACE, type SwitchPlace } from '../../operate/mirroring-switch.ts';
import { parseRuntimeAddress, RuntimeApi } from '../../operate/runtime-api.ts';
import { choice, count, duration, FILE, FLAG, RATIO, text } from '../../options/kinds.ts';
import { camelCase, type Given, optionTable } from '../../options/option.ts';
import { nearest } from '../../text/nearest.ts';
import { CliError } from './errors.ts';

const SWITCH = 'The switch (Runtime API):';
const GUARD = 'guard:';
const FILTER = 'filter (Data Plane API):';
/** What a timer of Node can wait. */
const TIME = duration({ least: 1, most: 2 ** 31 - 1, examples: '30s or 10m' });

export const MIRRORING_OPTIONS = optionTable({
  socket: { kind: text('ADDRESS'), group: SWITCH, help: "HAProxy's stats socket or master CLI: a path, or HOST:PORT" },
  map: {
    kind: text('MAP'),
    group: SWITCH,
    help: 'the map file as the configuration names it, or #ID',
    otherwise: 'mirroring.map',
  },
  key: { kind: text('KEY'), group: SWITCH, help: 'the key of the switch', otherwise: PAGE_PLACE.key },
  'sample-key': { kind: text('KEY'), group: SWITCH, help: 'the key of the sample', otherwise: PAGE_PLACE.sampleKey },
  'sample-of': {
    kind: count('N', { least: 2, most: 1e9 }),
    group: SWITCH,
    help: 'what rand() is given in the configuration',
    otherwise: '100',
  },
  values: { kind: text('ON,OFF'), group: SWITCH, help: 'the two values', otherwise: 'on,off' },
  'map-file': {
    kind: FILE,
    group: SWITCH,
    help: 'where the map file is on this machine, if elsewhere than HAProxy says',
  },
  timeout: {
    kind: TIME,
    group: SWITCH,
    help: 'how long one answer may take',
    otherwise: '2s; 10s of the Data Plane API',
  },
  for: { kind: TIME, group: SWITCH, help: 'switches back by itself after this time: 30m' },
  save: { kind: FLAG, group: SWITCH, help: 'also writes the map file, so that it stays after a reload' },
  format: { kind: choice('FORMAT', ['text', 'json']), help: 'how it is told', otherwise: 'text' },
  'max-p99': { kind: TIME, group: GUARD, help: 'the budget: 99 % of the events take no longer: 50ms' },
  'max-error-rate': { kind: RATIO, group: GUARD, help: 'the budget: no more events than this fail: 5%' },
  agent: { kind: text('AGENT'), group: GUARD, help: 'the spoe-agent that mirrors', otherwise: 'mirror' },
  window: { kind: TIME, group: GUARD, help: 'what is held against the budget: the last', otherwise: '10s' },
  'min-events': {
    kind: count('N', { least: 3, most: 60_000 }),
    group: GUARD,
    help: 'fewer events decide nothing, unless three in a row are beyond',
    otherwise: '20',
  },
  pause: {
    kind: TIME,
    group: GUARD,
    help: 'how long mirroring stays off before a probe; doubles',
    otherwise: '30s',
  },
  'max-pause': { kind: TIME, group: GUARD, help: 'up to this', otherwise: '10m' },
  probe: { kind: RATIO, group: GUARD, help: 'the sample of a probe', otherwise: '5%' },
  'probe-time': { kind: TIME, group: GUARD, help: 'a probe takes at least this long', otherwise: '10s' },
  retries: {
    kind: count('N', { least: 1, most: 1e6 }),
    group: GUARD,
    help: 'attempts to switch off until it gives up',
    otherwise: '10',
  },
  'on-exit': {
    kind: choice('WHAT', ['leave', 'restore']),
    group: GUARD,
    help: 'what becomes of the switch',
    otherwise: 'leave',
  },
  listen: { kind: text('HOST:PORT'), group: GUARD, help: 'serves /metrics: 127.0.0.1:9101' },
  api: { kind: text('URL'), group: FILTER, help: 'the Data Plane API: http://127.0.0.1:5555' },
  'api-version': {
    kind: choice('VERSION', API_VERSIONS),
    group: FILTER,
    help: 'of the API',
    otherwise: 'found out',
  },
  credentials: {
    kind: FILE,
    group: FILTER,
    help: 'user:password',
    otherwise: 'DATAPLANEAPI_USER and DATAPLANEAPI_PASSWORD',
  },
  ca: { kind: FILE, group: FILTER, help: "PEM file of the API's authority" },
  frontend: { kind: text('NAME'), group: FILTER, help: 'whose filters: fe_main' },
  engine: { kind: text('NAME'), group: FILTER, help: 'the SPOE engine', otherwise: 'mirror' },
  'spoe-config': {
    kind: text('FILE'),
    group: FILTER,
    help: 'its file on the HAProxy machine: /etc/haproxy/spoe.cfg',
  },
  index: { kind: count('N', { most: 9999 }), group: FILTER, help: 'where the filter stands, from 0' },
});

export type MirroringArguments = Given<typeof MIRRORING_OPTIONS>;

const SWITCH_PLACE = ['socket', 'map', 'key', 'sample-key', 'sample-of', 'values', 'map-file', 'timeout', 'format'];
const SWITCHING = [...SWITCH_PLACE, 'for', 'save'];
const API = ['api', 'api-version', 'credentials', 'ca', 'frontend', 'timeout', 'format'];

/** The options of each action. */
const ACTIONS: { readonly [action: string]: readonly string[] } = {
  status: SWITCH_PLACE,
  on: SWITCHING,
  off: SWITCHING,
  sample: SWITCHING,
  guard: [
    ...SWITCH_PLACE,
    ...['max-p99', 'max-error-rate', 'agent', 'window', 'min-events', 'pause', 'max-pause'],
    ...['probe', 'probe-time', 'retries', 'on-exit', 'listen'],
  ],
  'filter list': API,
  'filter add': [...API, 'engine', 'spoe-config', 'index'],
  'filter remove': [...API, 'engine', 'index'],
};

/** What is to be done, and with what. Throws CliError. */
export function readAction(
  words: readonly string[],
  given: MirroringArguments,
): { action: string; rest: readonly string[] } {
  const [first, second = ''] = words;
  if (first === undefined)
    throw new CliError('usage', 'mirroring needs an action', `write one of ${Object.keys(ACTIONS).join(', ')}`);
  const isFilter = first === 'filter';
  const action = isFilter ? `${first} ${second}`.trim() : first;
  const allowed = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (allowed === undefined) {
    const meant = nearest(action, Object.keys(ACTIONS));
    const hint = meant === undefined ? `write one of ${Object.keys(ACTIONS).join(', ')}` : `did you mean ${meant}?`;
    throw new CliError('usage', `mirroring cannot ${JSON.stringify(action)}`, hint);
  }
  for (const name of Object.keys(MIRRORING_OPTIONS)) {
    const value = (given as { readonly [name: string]: unknown })[camelCase(name)];
    if (value === undefined || value === false || allowed.includes(name)) continue;
    const owners = Object.keys(ACTIONS).filter((each) => ACTIONS[each]?.includes(name));
    throw new CliError('usage', `--${name} is not for mirroring ${action}`, `it is for ${owners.join(', ')}`);
  }
  return { action, rest: words.slice(isFilter ? 2 : 1) };
}

/** The Runtime API and the names of the switch. Throws CliError, OperateError. */
export function readSwitch(given: MirroringArguments): { api: RuntimeApi; place: SwitchPlace } {
  if (given.socket === undefined)
    throw new CliError(
      'usage',
      '--socket is missing',
      'name the stats socket of HAProxy: --socket /run/haproxy/admin.sock',
    );
  const address = parseRuntimeAddress(given.socket);
  const [on = '', off = '', ...more] = (given.values ?? `${PAGE_PLACE.on},${PAGE_PLACE.off}`).split(',');
  if (on === '' || off === '' || more.length > 0 || on === off)
    throw new CliError(
      'bad-map',
      `cannot read --values ${JSON.stringify(given.values)}`,
      'write the value for on, then the one for off: on,off',
    );
  const place: SwitchPlace = {
    map: given.map,
    key: checkWord('--key', given.key ?? PAGE_PLACE.key),
    sampleKey: checkWord('--sample-key', given.sampleKey ?? PAGE_PLACE.sampleKey),
    on: checkWord('--values', on),
    off: checkWord('--values', off),
    sampleOf: given.sampleOf ?? PAGE_PLACE.sampleOf,
  };
  return { api: new RuntimeApi(address, given.timeout === undefined ? {} : { timeoutMs: given.timeout }), place };
}

/** `10%` as a share. Throws CliError. */
export function readSample(given: string): number {
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(given.trim())?.[1];
  if (percent !== undefined && Number(percent) <= 100) return Number(`${percent}e-2`);
  throw new CliError(
    'bad-sample',
    `cannot read sample ${JSON.stringify(given)}`,
    `write percent: ${/^\d{1,2}$/.test(given) ? given : '10'}%`,
  );
}

/** A share as how many of `of`. Throws CliError. */
export function readRate(name: string, share: number, of: number): number {
  const rate = Number((share * of).toFixed(6));
  if (Number.isInteger(rate) && rate >= 1) return rate;
  if (share === 0)
    throw new CliError(
      'bad-sample',
      `${name} 0% mirrors nothing`,
      name === 'sample' ? 'write mirroring off' : `write a share of more: 1%`,
    );
  throw new CliError(
    'bad-sample',
    `${name} ${Number((share * 100).toFixed(6))}% is no whole part of ${of}, which is what rand() is given`,
    `write ${Math.max(1, Math.round(rate)) * (100 / of)}%, or draw of more: rand(10000) and --sample-of 10000`,
  );
}
