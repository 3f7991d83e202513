/** Examples of rules as files, and what is said of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fittedOptions, splitAgentCommand } from '../../src/operate/agent-command.ts';
import { checkConfiguration, type Finding } from '../../src/operate/check.ts';
import { readConfiguration } from '../../src/operate/configuration.ts';
import type { Example } from '../../src/operate/rule.ts';
import { DEFAULT_SETUP, makeSetup, SETUP_FILES, type SetupChoices } from '../../src/operate/setup.ts';
import { parseVersion } from '../../src/operate/version.ts';
import { readAgentArguments } from '../../src/programs/spoa-mirror/option-table.ts';

/** Names of files with their text. */
export type Files = { readonly [name: string]: string };

export function printed(setup: Partial<SetupChoices> = {}): Files {
  const files = makeSetup({ ...DEFAULT_SETUP, spoeFile: SETUP_FILES.spoe, ...setup });
  return Object.fromEntries(files.map(({ name, text }) => [name, text]));
}

/** What is printed, with the edits of an example. */
export function exampleFiles({ setup, edits }: Example): Files {
  const files: { [name: string]: string } = { ...printed(setup) };
  for (const { file, replace, with: text } of edits) {
    const name = SETUP_FILES[file];
    const before = files[name] ?? '';
    if (!before.includes(replace)) throw new Error(`${name} has no ${JSON.stringify(replace)}`);
    files[name] = before.replace(replace, () => text);
  }
  return files;
}

export interface CheckOptions {
  readonly version?: string | undefined;
  readonly from?: string | undefined;
  readonly agentCommand?: string | undefined;
  readonly variables?: { readonly [name: string]: string };
  /** Which of the files are named; haproxy.cfg without it. */
  readonly named?: readonly string[];
  readonly maxDelayMs?: number;
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'spoe-logs-config-'));

  constructor(files: Files) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string | Uint8Array): void {
    writeFileSync(join(this.path, name), text);
  }

  read(options: CheckOptions = {}) {
    const { version, variables = {}, named = [SETUP_FILES.haproxy] } = options;
    const parsed = version === undefined ? undefined : parseVersion(version);
    return readConfiguration({ files: named, cwd: this.path, variables, version: parsed });
  }

  check(options: CheckOptions = {}): readonly Finding[] {
    const { version, from, agentCommand, maxDelayMs = 1000 } = options;
    return checkConfiguration({
      configuration: this.read(options),
      version: version === undefined ? undefined : parseVersion(version),
      from: from === undefined ? undefined : parseVersion(from),
      maxDelayMs,
      agent:
        agentCommand === undefined ? undefined : fittedOptions(readAgentArguments(splitAgentCommand(agentCommand))),
    }).findings;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Files in a folder of their own → findings. */
export function checkFiles(files: Files, options: CheckOptions = {}): readonly Finding[] {
  const folder = new Folder(files);
  try {
    return folder.check(options);
  } finally {
    folder.remove();
  }
}

/** `file:line code`, in short. */
export function inShort(findings: readonly Finding[]): string[] {
  return findings.map(({ file, line, code }) => `${file}:${line} ${code}`);
}
