/** Sides that cannot be what they were given as: exchanged, or the same on both. */
import { statSync } from 'node:fs';
import { inputName, STDIN } from '../logs/input/read.ts';
import { pathArgument, quoteArgument } from '../report/diff/shell.ts';
import type { DiffArguments } from './diff-options.ts';
import { commandOf } from './diff-output.ts';
import type { InputContent, SideFacts } from './diff-reading.ts';
import { CliError } from './errors.ts';

/** Before anything is read. @throws CliError `same-input` */
export function refuseSameFile({ production = [], mirror = [] }: DiffArguments): void {
  const files = new Map(production.flatMap((path) => fileOf(path).map((file) => [file, path] as const)));
  for (const path of mirror) {
    const [other] = fileOf(path).flatMap((file) => files.get(file) ?? []);
    if (other !== undefined) throw sameInput(other, path);
  }
}

/** Of a regular file: its device and number. */
function fileOf(path: string): string[] {
  const stats = path === STDIN ? undefined : statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? [`${stats.dev} ${stats.ino}`] : [];
}

/** What was read tells what the inputs are, whatever they are called. @throws CliError `same-input`, `exchanged-sides` */
export function refuseSides(given: DiffArguments, facts: readonly SideFacts[]): void {
  const ofRole = (wanted: string) => facts.filter(({ inputs }) => inputs.some(({ role }) => role === wanted));
  refuseSameContent(ofRole('production'), ofRole('mirror'));
  const reason = exchangeOf(facts);
  if (reason !== undefined)
    throw new CliError('exchanged-sides', `the sides are exchanged: ${reason}`, exchanged(given));
}

function refuseSameContent(production: readonly SideFacts[], mirror: readonly SideFacts[]): void {
  const known = new Map(production.flatMap(({ contents }) => [...contents].flatMap(contentName)));
  for (const [path, content] of mirror.flatMap(({ contents }) => [...contents])) {
    const [same] = contentName([path, content]);
    const other = same && known.get(same[0]);
    if (other !== undefined) throw sameInput(other, path);
  }
}

/** Its lines as a name; nothing for an input without requests. */
function contentName([path, { requests, low, high }]: readonly [string, InputContent]): [string, string][] {
  return requests === 0 ? [] : [[`${requests} ${low} ${high}`, path]];
}

function sameInput(production: string, mirror: string): CliError {
  const both = production === mirror ? inputName(production) : `${inputName(production)} and ${inputName(mirror)}`;
  return new CliError(
    'same-input',
    `${both} ${production === mirror ? 'is' : 'hold the same lines:'} on both sides: a log compared with itself says nothing`,
    "--mirror takes the agent's record or the log of the mirrored server",
  );
}

/** Undefined when the sides may be what they are said to be. */
function exchangeOf(facts: readonly SideFacts[]): string | undefined {
  const inputs = facts.flatMap((side) => side.inputs);
  const record = inputs.find(({ role, format }) => role === 'production' && format === 'agent-jsonl');
  const isRecord = ({ role, format }: (typeof inputs)[number]) => role === 'mirror' && format === 'agent-jsonl';
  // Two records may well be compared: one of each version.
  if (record !== undefined && record.parsed > 0 && !inputs.some(isRecord)) {
    return `${inputName(record.path)} is the agent's record of what the mirror answered`;
  }
  const linesOf = (role: string) =>
    facts.reduce((sum, side) => sum + (side.inputs.some((input) => input.role === role) ? side.agentLines : 0), 0);
  if (linesOf('mirror') === 0 || linesOf('production') + linesOf('spoe') > 0) return undefined;
  const log = inputs.find(({ role }) => role === 'mirror');
  return log && `${inputName(log.path)} has the SPOE lines of the HAProxy that mirrors`;
}

/** The command as it should have been. */
function exchanged(given: DiffArguments): string {
  const command = commandOf({
    ...given,
    production: given.mirror,
    mirror: given.production,
    productionFormat: given.mirrorFormat,
    mirrorFormat: given.productionFormat,
    productionId: given.mirrorId,
    mirrorId: given.productionId,
    productionLatencyUnit: given.mirrorLatencyUnit,
    mirrorLatencyUnit: given.productionLatencyUnit,
  });
  const words = command.map((word) => quoteArgument(word.startsWith('--') ? word : pathArgument(word)));
  return words.includes(null) ? 'exchange --production and --mirror' : words.join(' ');
}
