/** The help: a line for each key of the table. */
import { bindingsOf, type Mode } from './keys.ts';

const KEY_COLUMNS = 22;

export function helpLines(mode: Mode): string[] {
  return bindingsOf(mode).map(({ keys, help }) => `  ${keys.join(', ').padEnd(KEY_COLUMNS)}  ${help}`);
}
