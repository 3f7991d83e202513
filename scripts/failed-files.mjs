// @ts-check
/** A reporter of node:test: the files with a failed test, one a line, as often as one failed in them. */
import { fileURLToPath } from 'node:url';

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} events */
export default async function* failedFiles(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.file === undefined) continue;
    yield `${data.file.startsWith('file:') ? fileURLToPath(data.file) : data.file}\n`;
  }
}
