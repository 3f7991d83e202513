/** The options of `config print` and `config check`. yargs sees one command: what belongs to the other one is refused here. */
import { basename, isAbsolute, join, resolve } from 'node:path';
import { fittedOptions, splitAgentCommand } from '../../operate/agent-command.ts';
import { type AgentCommand, LEVELS } from '../../operate/rule.ts';
import { DEFAULT_SETUP, PRINTED_NAMES, SETUP_FILES, type SetupChoices, USUAL_PROCESSING } from '../../operate/setup.ts';
import { parseVersion, type Version } from '../../operate/version.ts';
import { choice, duration, FILE, FLAG, RATIO, text } from '../../options/kinds.ts';
import { camelCase, type Given, optionTable } from '../../options/option.ts';
import { CHECK_FORMATS } from '../../report/config-check.ts';
import { readAgentArguments } from '../spoa-mirror/option-table.ts';
import { answerOptions, readAnswers } from './answer-options.ts';
import { CliError } from './errors.ts';

const PRINT = 'Of config print:';
const CHECK = 'Of config check:';

const SHARED_OPTIONS = optionTable({
  for: { kind: text('VERSION', ['2.6', '3.0', '3.2']), help: 'the version of HAProxy: 2.6, 3.0.11, 3.2' },
});

const PRINT_OPTIONS = optionTable({
  path: { kind: text('PATH'), repeatable: true, group: PRINT, help: 'only paths that begin so: /search (repeatable)' },
  acl: { kind: text('NAME'), group: PRINT, help: 'a named ACL for them: is_search' },
  sample: { kind: RATIO, group: PRINT, help: 'only this share of the requests: 10%' },
  map: { kind: FILE, group: PRINT, help: 'a map file that switches mirroring on and off' },
  'map-key': { kind: text('KEY'), group: PRINT, help: 'its key', otherwise: DEFAULT_SETUP.mapKey },
  uid: { kind: FLAG, group: PRINT, help: 'an id that joins both logs; it is there without this, too' },
  'without-uid': { kind: FLAG, group: PRINT, help: 'no such id' },
  ...answerOptions(PRINT),
  message: { kind: text('NAME'), group: PRINT, help: 'name of the message', otherwise: DEFAULT_SETUP.message },
  engine: { kind: text('NAME'), group: PRINT, help: 'name of engine and agent', otherwise: DEFAULT_SETUP.engine },
  group: { kind: text('NAME'), group: PRINT, help: 'sends the message in a group of this name, by a rule' },
  frontend: { kind: text('NAME'), group: PRINT, help: 'name of the frontend', otherwise: DEFAULT_SETUP.frontend },
  backend: { kind: text('NAME'), group: PRINT, help: "name of the agents' backend", otherwise: DEFAULT_SETUP.backend },
  agent: {
    kind: text('ADDRESS'),
    repeatable: true,
    group: PRINT,
    help: 'where an agent listens, also unix@/run/agent.sock (repeatable)',
    otherwise: DEFAULT_SETUP.agents.join(','),
  },
  processing: {
    kind: text('TIME'),
    group: PRINT,
    help: 'what an agent that hangs may cost a client',
    otherwise: `${USUAL_PROCESSING.requests}, with --answers ${USUAL_PROCESSING.answers}`,
  },
  bufsize: { kind: text('BYTES'), group: PRINT, help: 'tune.bufsize in bytes, for larger bodies' },
  url: {
    kind: text('URL'),
    repeatable: true,
    group: PRINT,
    help: "of the mirror, and of one that runs production's version (repeatable)",
    otherwise: DEFAULT_SETUP.urls.join(','),
  },
  'spoe-file': {
    kind: FILE,
    group: PRINT,
    help: 'path of the SPOE file, as HAProxy has to find it',
    otherwise: DEFAULT_SETUP.spoeFile,
  },
  out: { kind: FILE, group: PRINT, help: 'a folder for the files, instead of standard output' },
});

const CHECK_OPTIONS = optionTable({
  file: {
    kind: FILE,
    short: 'f',
    repeatable: true,
    group: CHECK,
    help: 'a configuration or a folder, as haproxy -f has it (repeatable)',
  },
  from: {
    kind: text('VERSION', ['2.6', '3.0', '3.2']),
    group: CHECK,
    help: 'the version it comes from: what an upgrade changes',
  },
  'max-delay': {
    kind: duration({ examples: '500ms or 1s' }),
    group: CHECK,
    help: 'what an agent that hangs may cost a client',
    otherwise: '1s',
  },
  'agent-command': {
    kind: text('COMMAND'),
    group: CHECK,
    help: "the agent's command line, which has to fit: 'spoa-mirror -r0 -m 65532'",
  },
  format: { kind: choice('FORMAT', CHECK_FORMATS), group: CHECK, help: 'how it is written', otherwise: 'text' },
  'fail-level': {
    kind: choice('LEVEL', [...LEVELS, 'never']),
    group: CHECK,
    help: 'exit code 1 from this level on',
    otherwise: 'error',
  },
});

export const CONFIG_OPTIONS = optionTable({ ...SHARED_OPTIONS, ...PRINT_OPTIONS, ...CHECK_OPTIONS });
export type ConfigArguments = Given<typeof CONFIG_OPTIONS>;

const FOREIGN = { print: Object.keys(CHECK_OPTIONS), check: Object.keys(PRINT_OPTIONS) } as const;

/** @throws CliError */
export function refuseForeign(action: keyof typeof FOREIGN, given: ConfigArguments): void {
  const other = action === 'print' ? 'check' : 'print';
  const values = given as { readonly [name: string]: unknown };
  const name = FOREIGN[action].find((each) => ![undefined, false].includes(values[camelCase(each)] as undefined));
  if (name !== undefined)
    throw new CliError('usage', `--${name} is an option of config ${other}`, 'see spoe-logs config --help');
}

/** @throws CliError */
export function readVersion(option: '--for' | '--from', text: string | undefined): Version | undefined {
  if (text === undefined) return undefined;
  const version = parseVersion(text);
  if (version === undefined)
    throw new CliError('bad-version', `cannot read ${option} ${JSON.stringify(text)}`, 'write 2.6, 3.0.11 or 3.2');
  return version;
}

/** @throws CliError */
export function readAgentCommand(text: string | undefined): AgentCommand | undefined {
  if (text === undefined) return undefined;
  const command = fittedOptions(readAgentArguments(splitAgentCommand(text)));
  if (command === undefined)
    throw new CliError('bad-agent-command', '-m in --agent-command has no number', 'write -m 16384');
  return command;
}

/** What HAProxy takes for a name; words of a condition are none. */
const NAME = /^[A-Za-z0-9_.:-]{1,64}$/;
const NO_NAMES = ['if', 'unless', 'or', 'from'];
const PLAIN_PATH = /^[\w@%+:./-]+$/;
const ADDRESS = /^(unix@\/\S+|\[[0-9a-fA-F:.]+\]:\d{1,5}|[\w.-]+:\d{1,5})$/;
const LARGEST_PORT = 65_535;
/** `tune.bufsize`: HTTP/2 needs 16384; above a megabyte it costs that for every stream. */
const BUFFERS = { smallest: 16_384, largest: 1_048_576 } as const;

/** @throws CliError */
export function readSetup(given: ConfigArguments): SetupChoices {
  const { sample = 1, out } = given;
  if (sample < 1e-6) throw new CliError('bad-sample', '--sample 0% mirrors nothing', 'write 1%, or 0.0001%');
  if (given.acl !== undefined && given.path === undefined)
    throw new CliError('usage', '--acl names a condition, and there is none', 'add --path /search');
  if (given.mapKey !== undefined && given.map === undefined)
    throw new CliError('usage', '--map-key is of --map', 'add --map FILE');
  if (given.uid && given.withoutUid)
    throw new CliError('usage', '--uid and --without-uid exclude each other', 'give one');
  const answers = readAnswers(given);
  if (answers.answers !== undefined && given.withoutUid)
    throw new CliError('usage', 'without an id no answer finds its request', 'leave --without-uid out');
  const frontend = readOwnName('--frontend', given.frontend, PRINTED_NAMES.proxies) ?? DEFAULT_SETUP.frontend;
  const backend = readOwnName('--backend', given.backend, PRINTED_NAMES.proxies) ?? DEFAULT_SETUP.backend;
  if (frontend === backend)
    throw new CliError(
      'bad-name',
      `--frontend and --backend are both ${frontend}`,
      'HAProxy 3.3 refuses that: take two',
    );
  return {
    engine: readName('--engine', given.engine) ?? DEFAULT_SETUP.engine,
    ...answers,
    message: readOwnName('--message', given.message, PRINTED_NAMES.messages) ?? DEFAULT_SETUP.message,
    group: readOwnName('--group', given.group, PRINTED_NAMES.messages),
    frontend,
    backend,
    acl: readOwnName('--acl', given.acl, PRINTED_NAMES.acls),
    mapKey: readName('--map-key', given.mapKey) ?? DEFAULT_SETUP.mapKey,
    agents: (given.agent ?? DEFAULT_SETUP.agents).map(readAddress),
    paths: (given.path ?? []).map(readPath),
    sample,
    map: given.map === undefined ? undefined : placeFile('--map', given.map, out),
    uid: !given.withoutUid,
    processing: readProcessing(given.processing),
    bufsize: readBufsize(given.bufsize),
    urls: (given.url ?? DEFAULT_SETUP.urls).map(readUrl),
    spoeFile: placeFile(
      '--spoe-file',
      given.spoeFile ?? (out === undefined ? DEFAULT_SETUP.spoeFile : SETUP_FILES.spoe),
      out,
    ),
    version: readVersion('--for', given.for),
  };
}

function readName(option: string, name: string | undefined): string | undefined {
  if (name === undefined || (NAME.test(name) && !NO_NAMES.includes(name))) return name;
  throw new CliError(
    'bad-name',
    `${option} ${JSON.stringify(name)} is no name for HAProxy`,
    'letters, digits and _ - . : make one',
  );
}

/** @param taken what `config print` itself calls something so */
function readOwnName(option: string, name: string | undefined, taken: readonly string[]): string | undefined {
  if (name === undefined || !taken.includes(name)) return readName(option, name);
  throw new CliError('bad-name', `${option} ${name} is a name that config print uses itself`, 'take another');
}

function readAddress(address: string): string {
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? 1);
  if (ADDRESS.test(address) && port >= 1 && port <= LARGEST_PORT) return address;
  throw new CliError(
    'bad-address',
    `cannot read --agent ${JSON.stringify(address)}`,
    'write 127.0.0.1:12345 or unix@/run/agent.sock',
  );
}

function readPath(path: string): string {
  if (path.startsWith('/') && !/[\p{Cc}\p{Cf}]/u.test(path)) return path;
  throw new CliError('bad-path', `--path ${JSON.stringify(path)} is no path`, 'write /search');
}

/** A relative name is of a file in the folder of --out, with its path: HAProxy looks for those where it was started. */
function placeFile(option: string, file: string, out: string | undefined): string {
  const named = readPlainPath(option, file);
  if (/(^|\/)\.{0,2}$/.test(named))
    throw new CliError('bad-path', `${option} ${JSON.stringify(named)} is no name of a file`, 'name a file');
  if (out === undefined || isAbsolute(named)) return named;
  return join(readPlainPath('--out', resolve(out)), basename(named));
}

/** Behind `map(` a comma or bracket would have to be quoted twice. */
function readPlainPath(option: string, path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  throw new CliError(
    'bad-path',
    `${option} ${JSON.stringify(path)} has characters that HAProxy reads as something else`,
    'take a plain path',
  );
}

function readProcessing(text: string | undefined): string | undefined {
  if (text === undefined || /^[1-9]\d{0,8}(ms|s|m)$/.test(text)) return text;
  throw new CliError(
    'bad-duration',
    `cannot read --processing ${JSON.stringify(text)}`,
    'write 500ms or 1s, without fraction',
  );
}

function readBufsize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (bytes >= BUFFERS.smallest && bytes <= BUFFERS.largest && bytes % 16 === 0) return bytes;
  const hint = `write a multiple of 16 from ${BUFFERS.smallest} to ${BUFFERS.largest}`;
  throw new CliError('bad-bufsize', `cannot use --bufsize ${JSON.stringify(text)}`, hint);
}

function readUrl(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^\s@]+$/.test(text)) return text;
  throw new CliError(
    'bad-url',
    `cannot use --url ${JSON.stringify(text)}`,
    'write http://mirror.example/, without a password',
  );
}
