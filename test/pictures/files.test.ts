/** The pictures of the documents as they lie in docs/pictures/: all there, small, and harmless wherever they are shown. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SCHEMES } from '../../scripts/pictures/palette.ts';

const ROOT = new URL('../../', import.meta.url);
const FOLDER = new URL('docs/pictures/', ROOT);

/** Each picture, the document that shows it, and how large it may be. */
const PICTURES = [
  { name: 'terminal', extension: 'svg', document: 'README.md', mostBytes: 60_000 },
  { name: 'cockpit', extension: 'svg', document: 'docs/cockpit.md', mostBytes: 20_000 },
  { name: 'report', extension: 'webp', document: 'docs/pages.md', mostBytes: 120_000 },
  { name: 'dashboard', extension: 'svg', document: 'docs/alerts.md', mostBytes: 40_000 },
] as const;

const FILES = PICTURES.flatMap((picture) =>
  SCHEMES.map((scheme) => ({ ...picture, scheme, file: `${picture.name}-${scheme}.${picture.extension}` })),
);

test('there is each picture, dark and light, and nothing else', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), FILES.map(({ file }) => file).sort());
});

for (const { file, mostBytes, document, scheme, extension } of FILES) {
  test(`${file} is small, and its document shows it`, () => {
    const bytes = readFileSync(new URL(file, FOLDER));
    assert.ok(bytes.length < mostBytes, `${bytes.length} bytes`);
    if (extension === 'webp') assert.match(bytes.toString('latin1', 0, 12), /^RIFF[\s\S]{4}WEBP$/);
    const text = readFileSync(new URL(document, ROOT), 'utf8');
    const path = `${document.startsWith('docs/') ? '' : 'docs/'}pictures/${file}`;
    // Who cannot choose by scheme gets the light one.
    const shown =
      scheme === 'dark' ? `<source media="(prefers-color-scheme: dark)" srcset="${path}">` : `src="${path}"`;
    assert.ok(text.includes(shown), shown);
  });
}

for (const { file } of FILES.filter(({ extension }) => extension === 'svg')) {
  test(`${file} loads nothing, runs nothing and names no machine`, () => {
    const svg = readFileSync(new URL(file, FOLDER), 'utf8');
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*role="img"><title>[^<]+<\/title>/);
    assert.doesNotMatch(
      svg,
      /<(?:script|image|use|a|foreignObject|animate|set)\b|\son\w+=|href|url\(|@import|@font-face/i,
    );
    assert.doesNotMatch(svg, /NaN|undefined|\/tmp\/|\/home\/|\/root\//);
    const addresses = [...svg.matchAll(/https?:\/\/([^/"<\s:]+)/g)].map(([, host]) => host);
    assert.deepEqual(
      [...new Set(addresses)].filter((host) => host !== 'www.w3.org' && host !== '127.0.0.1'),
      [],
    );
  });
}

test('every picture of a document says in words what there is to see', () => {
  for (const document of new Set(PICTURES.map((picture) => picture.document))) {
    const pictures = [...readFileSync(new URL(document, ROOT), 'utf8').matchAll(/<picture>([\s\S]*?)<\/picture>/g)];
    assert.equal(pictures.length, 1, document);
    assert.match(pictures[0]?.[1] ?? '', /<img alt="[^"]{40,}" src="/, document);
  }
});
