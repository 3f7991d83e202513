/** The manual pages: that they are roff, and say what the tables say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FILE, text } from '../../src/options/kinds.ts';
import { type ManPage, renderManPage } from '../../src/options/man-page.ts';
import { MAN_PAGE } from '../../src/programs/spoa-mirror/manual.ts';
import { manPages } from '../../src/programs/spoe-logs/manual.ts';

const BUILT = fileURLToPath(new URL('../../dist/man/', import.meta.url));

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

const GROFF = isInstalled('groff') ? false : 'groff is not installed';
const MANDOC = isInstalled('mandoc') ? false : 'mandoc is not installed';

/** As a terminal shows it, without bold and underlined. */
function render(page: string): string {
  const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-Kutf8', '-ww', '-rLL=200n', '-P-cbou'], {
    input: page,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout;
}

const PAGES = [...(await manPages()), MAN_PAGE];

test('there is a page for each program and command, and the build writes it', () => {
  const names = PAGES.map(({ name, section }) => `${name}.${section}`);
  assert.deepEqual(readdirSync(BUILT).sort(), [...names].sort());
  for (const page of PAGES)
    assert.equal(readFileSync(`${BUILT}${page.name}.${page.section}`, 'utf8'), renderManPage(page));
});

for (const page of PAGES) {
  const label = `${page.name}(${page.section})`;

  test(`${label} has the sections of a page, and all options with their defaults`, () => {
    const roff = renderManPage(page);
    for (const heading of ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO'])
      assert.ok(roff.includes(`\n.SH ${heading}\n`), heading);
    for (const [name, { hidden }] of page.options.flatMap(({ options }) => Object.entries(options)))
      assert.equal(roff.includes(`\\fB\\-\\-${name.replaceAll('-', '\\-')}\\fR`), hidden !== true, name);
  });

  test(`groff has nothing to say of ${label}`, { skip: GROFF }, () => {
    const shown = render(renderManPage(page));
    assert.match(shown, /^ {7}\S/m);
    assert.doesNotMatch(shown, /\\|�/);
  });

  test(`mandoc finds no error in ${label}`, { skip: MANDOC }, () => {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'error'], {
      input: renderManPage(page),
      encoding: 'utf8',
    });
    assert.deepEqual([stdout, status], ['', 0]);
  });
}

test('spoa-mirror(8) tells signals and files', () => {
  const roff = renderManPage(MAN_PAGE);
  for (const part of ['.SH SIGNALS', 'SIGHUP', 'SIGUSR1', 'SIGTERM', '.SH FILES', '.SH ENVIRONMENT'])
    assert.ok(roff.includes(part), part);
  assert.match(
    roff,
    /\\fB\\-p\\fR \\fIVALUE\\fR, \\fB\\-\\-port\\fR=\\fIVALUE\\fR\nPort to listen on\. Default: 12345\.\n/,
  );
});

/** Whatever roff or its macros would take for their own. */
const HOSTILE = [
  '.so /etc/passwd',
  "'br quoted",
  '\\fBbold\\fR \\n[.fp] \\*[x] \\!.sy true',
  '"double" `back` ^up ~home -- --',
  'a\n.sy true\n.\\" b',
  'tab\tand … é\u0007',
];

test('nothing in a text is a request or an escape of roff', () => {
  const page: ManPage = {
    name: 'x',
    section: 1,
    source: 'x "1"',
    summary: HOSTILE.join(' '),
    synopsis: ['.x FILE'],
    description: HOSTILE,
    options: [
      {
        heading: HOSTILE[3] ?? '',
        options: Object.fromEntries(HOSTILE.map((help, i) => [`o${i}`, { kind: i % 2 ? FILE : text('A\\B'), help }])),
      },
    ],
    sections: [{ heading: "'S", entries: HOSTILE.map((entry) => [entry, entry] as const) }],
    examples: HOSTILE.map((line) => [line, line] as const),
    seeAlso: [['y', 1]],
  };
  const roff = renderManPage(page);
  const requests = new Set([...roff.matchAll(/^[.'] *(\S*)/gm)].map(([, name]) => name));
  const known = ['\\"', 'TH', 'nh', 'ad', 'SH', 'SS', 'TP', 'PP', 'nf', 'fi', 'RS', 'RE', 'EX', 'EE'];
  assert.deepEqual(
    [...requests].filter((name) => !known.includes(name ?? '')),
    [],
  );
  if (GROFF !== false) return;
  const shown = render(roff);
  for (const line of HOSTILE) {
    const expected = line.replace(/\s+/g, ' ').replaceAll('\u0007', '');
    assert.ok(shown.includes(expected), `${expected}\n${shown}`);
  }
});
