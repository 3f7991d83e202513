/** `spoe-logs config print` and `spoe-logs config check`. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../../../package.json' with { type: 'json' };
import { checkConfiguration, USUAL_MAX_DELAY_MS } from '../../../operate/check.ts';
import { readConfiguration } from '../../../operate/configuration.ts';
import { LEVELS } from '../../../operate/rule.ts';
import { makeSetup, type SetupFile, setupText } from '../../../operate/setup.ts';
import { versionText } from '../../../operate/version.ts';
import { FILE } from '../../../options/kinds.ts';
import { renderCheck } from '../../../report/config-check.ts';
import { defineCommand } from '../command.ts';
import {
  CONFIG_OPTIONS,
  type ConfigArguments,
  readAgentCommand,
  readSetup,
  readVersion,
  refuseForeign,
} from '../config-options.ts';
import { CliError, Exit } from '../errors.ts';
import { STDIN_PATH } from '../paths.ts';
import { reportProblem, setExit } from '../report-problem.ts';

export const command = defineCommand({
  options: CONFIG_OPTIONS,
  positionals: {
    what: { kind: FILE, repeatable: true, value: 'WHAT', help: 'print, or check and haproxy.cfg, SPOE files, folders' },
  },
  examples: [
    ['$0 config print --path /search --sample 10% --for 3.2 --out mirroring/', 'a configuration to begin with'],
    ['$0 config check haproxy.cfg', 'what is wrong with one, and with the SPOE files it names'],
    ['$0 config check -f /etc/haproxy/ --from 2.6 --for 3.2', 'what an upgrade changes'],
  ],
  run,
});

type Arguments = ConfigArguments & { readonly what?: readonly string[] | undefined };

function run(given: Arguments): void {
  const [action, ...files] = given.what ?? [];
  if (action === 'print') {
    refuseForeign('print', given);
    if (files.length > 0)
      throw new CliError('usage', `config print takes no file: ${files[0]}`, 'did you mean config check?');
    print(given);
  } else if (action === 'check') {
    refuseForeign('check', given);
    check([...(given.file ?? []), ...files], given);
  } else {
    const what = action === undefined ? 'config does nothing by itself' : `config has no ${JSON.stringify(action)}`;
    throw new CliError('usage', what, 'write config print, or config check haproxy.cfg');
  }
}

function print(given: ConfigArguments): void {
  const { out } = given;
  const files = makeSetup(readSetup(given));
  const names = files.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new CliError(
      'same-name',
      `two of the files would be ${twice}`,
      'give --map and --spoe-file names of their own',
    );
  if (out === undefined) process.stdout.write(setupText(files));
  else writeFiles(out, files);
}

/** Nothing is written over: a configuration that somebody has edited is worth more. */
function writeFiles(folder: string, files: readonly SetupFile[]): void {
  const there = files.map(({ name }) => join(folder, name)).find((path) => existsSync(path));
  if (there !== undefined) throw new CliError('exists', `${there} is there already`, 'name an empty folder');
  for (const { name, text } of files) {
    const path = join(folder, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, text, { flag: 'wx', mode: name.endsWith('.sh') ? 0o755 : 0o644 });
    } catch (error) {
      throw new CliError(
        'cannot-write',
        `cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`,
        'check the folder',
      );
    }
    process.stdout.write(`${path}\n`);
  }
}

function check(named: readonly string[], given: ConfigArguments): void {
  if (named.length === 0) throw new CliError('no-input', 'config check needs a file', 'name haproxy.cfg');
  const version = readVersion('--for', given.for);
  const from = readVersion('--from', given.from);
  if (from !== undefined && version === undefined)
    throw new CliError('usage', '--from needs the version it goes to', 'add --for 3.2');
  const { maxDelay: maxDelayMs = USUAL_MAX_DELAY_MS } = given;
  const agent = readAgentCommand(given.agentCommand);
  const configuration = readConfiguration({
    files: named.map((path) => (path === STDIN_PATH ? '/dev/stdin' : path)),
    cwd: process.cwd(),
    variables: process.env,
    version,
  });
  const { problems, engines, files, undecided, refusals } = configuration;
  for (const problem of problems) reportProblem(problem);
  if (problems.length > 0) setExit(Exit.unusable);
  if (files.length === 0) return;
  if (engines.length === 0 && refusals.length === 0) {
    const hint = 'name the haproxy.cfg that has it';
    reportProblem({ code: 'no-engine', message: `no "filter spoe" and no spoe-agent in ${files.join(', ')}`, hint });
    setExit(Exit.unusable);
    return;
  }
  const result = checkConfiguration({ configuration, version, from, maxDelayMs, agent });
  const report = {
    ...result,
    files,
    engines: engines.length,
    unread: engines.filter(({ file }) => file === undefined).length,
    version: version && versionText(version),
    undecided,
  };
  process.stdout.write(renderCheck(report, given.format ?? 'text', packageJson.version));
  const worst = given.failLevel ?? 'error';
  const failing = worst === 'never' ? [] : LEVELS.slice(0, LEVELS.indexOf(worst) + 1);
  if (result.findings.some(({ level }) => failing.includes(level))) setExit(Exit.crossed);
}
