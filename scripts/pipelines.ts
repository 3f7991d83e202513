/**
 * `npm run pipelines`: writes the expression of pipelines/spoe-event.re into the files of pipelines/ that have it, each in the words of
 * its program. test/pipelines fails when one is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, main, ROOT } from './project.mjs';

const FOLDER = join(ROOT, 'pipelines');

/** The one expression, in RE2's syntax: it is in spoe-event.re alone, and all others are made of it. */
export const EXPRESSION = readFileSync(join(FOLDER, 'spoe-event.re'), 'utf8').trimEnd();

/** Groups as Oniguruma, PCRE and JavaScript have them. */
export const NAMED = EXPRESSION.replaceAll('(?P<', '(?<');

/** Where the header ends and the message begins. A header need not be there. */
const MESSAGE = ')? *SPOE: ';

/** Of lnav: every line has a time, and its names of fields that all formats have. */
const LNAV_NAMES = { time: 'timestamp', host: 'log_hostname', process: 'log_procname', pid: 'log_pid' } as const;

/** The two patterns of lnav's format: events, and whatever else has a header, so that no line fits both. */
function lnavPatterns(): { readonly event: string; readonly other: string } {
  const at = NAMED.indexOf(MESSAGE);
  let head = `${NAMED.slice(0, at)})`;
  for (const [name, theirs] of Object.entries(LNAV_NAMES)) head = head.replace(`(?<${name}>`, `(?<${theirs}>`);
  const event = head + NAMED.slice(at + MESSAGE.indexOf(' '));
  return { event, other: `^(?!${event.slice(1).replace(/\(\?<\w+>/g, '(?:')})${head.slice(1)}(?<body>.*)$` };
}

/** An expression as it stands in a file, an older one too: from its first words to the end of its last group. */
const WRITTEN = /\^\(\?:\[1-9\]\[0-9\]\{0,9\} \).*?\)\*\$|@@/;

/** The files that hold the expression, and how it is written in each. */
const WRITERS: { readonly [file: string]: (text: string) => string } = {
  'opentelemetry-collector.yaml': (text) => text.replace(WRITTEN, () => EXPRESSION),
  'vector.yaml': (text) => text.replace(WRITTEN, () => EXPRESSION),
  'fluent-bit.yaml': (text) => text.replace(WRITTEN, () => NAMED),
  'logstash.conf': (text) => text.replace(WRITTEN, () => NAMED),
  'haproxy_spoe_log.json': (text) => {
    const patterns = lnavPatterns();
    return text.replace(
      /("(event|other)": \{\s*"pattern": )"[^\n]*"/g,
      (_, before: string, name: 'event' | 'other') => before + JSON.stringify(patterns[name]),
    );
  },
};

/** The files of pipelines/ that hold the expression, as they are and as they have to be. */
export function pipelines(): { readonly name: string; readonly text: string; readonly wanted: string }[] {
  return Object.entries(WRITERS).map(([name, write]) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    return { name, text, wanted: write(text) };
  });
}

// Of import.meta the url alone stays that of this file in the bundle of a test.
if (isMain({ url: import.meta.url })) {
  await main(async () => {
    const stale = pipelines().filter(({ text, wanted }) => text !== wanted);
    for (const { name, wanted } of stale) writeFileSync(join(FOLDER, name), wanted);
    console.log(stale.length === 0 ? 'pipelines/ is up to date' : `wrote ${stale.map(({ name }) => name).join(', ')}`);
  });
}
