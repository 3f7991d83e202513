/** Sides that cannot be what they were given as: exchanged, or the same on both. */
import { statSync } from 'node:fs';
import { describeSame, exchangeOf, SAME_HINT, SAME_NOISE_HINT, sameContent } from '../../diff/side-refusals.ts';
import type { SideFacts } from '../../diff/sides.ts';
import { STDIN } from '../../logs/read.ts';
import { pathArgument, quoteArgument } from '../../report/shell.ts';
import type { DiffArguments } from './diff-options.ts';
import { commandOf } from './diff-output.ts';
import { CliError } from './errors.ts';

/** Refuses a file that is on two sides, before anything is read. @throws CliError `same-input` */
export function refuseSameFile({ production = [], mirror = [], mirrorNoise = [] }: DiffArguments): void {
  refuseCommon(production, mirror, SAME_HINT);
  refuseCommon(mirror, mirrorNoise, SAME_NOISE_HINT);
}

function refuseCommon(ones: readonly string[], others: readonly string[], hint: string): void {
  const files = new Map(ones.flatMap((path) => fileOf(path).map((file) => [file, path] as const)));
  for (const path of others) {
    const [other] = fileOf(path).flatMap((file) => files.get(file) ?? []);
    if (other !== undefined) throw sameInput(other, path, hint);
  }
}

/** The device and number of a regular file. */
function fileOf(path: string): string[] {
  const stats = path === STDIN ? undefined : statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? [`${stats.dev} ${stats.ino}`] : [];
}

/** Refuses sides by what was read, whatever the inputs are called. @throws CliError `same-input`, `exchanged-sides` */
export function refuseSides(given: DiffArguments, facts: readonly SideFacts[]): void {
  const same = sameContent(facts);
  if (same !== undefined) throw sameInput(same.first, same.second, same.hint);
  const reason = exchangeOf(facts);
  if (reason !== undefined)
    throw new CliError('exchanged-sides', `the sides are exchanged: ${reason}`, exchanged(given));
}

function sameInput(first: string, second: string, hint: string): CliError {
  return new CliError('same-input', describeSame(first, second), hint);
}

/** The command with its sides exchanged, as it should have been. */
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
