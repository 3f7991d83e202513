import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DiffReport } from '../../../src/diff/model.ts';
import { renderDiffHtml } from '../../../src/report/diff-html.ts';
import { fuzz } from '../../attack/fuzzing.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import type { Document } from './markup-reader.ts';
import { readMarkup } from './markup-reader.ts';
import {
  emptyReport,
  failReport,
  HOSTILE,
  hostileReport,
  hugeReport,
  inconclusiveReport,
  REPORTS,
  statusReport,
  unmatchedReport,
} from './reports.ts';

const read = (report: DiffReport): Document => readMarkup(renderDiffHtml(report), ['meta', 'br']);

const PAGES = REPORTS.map(([what, report]) => [what, read(report)] as const);

const ELEMENTS =
  'html head meta title style body main header h1 h2 div span p ul li dl dt dd section table caption thead tbody tr th td code pre b br details summary footer svg line circle path rect text'.split(
    ' ',
  );
const ATTRIBUTES =
  'id lang charset http-equiv content name class scope open role tabindex aria-label data-label viewBox width height x y x1 x2 y1 y2 cx cy r d text-anchor'.split(
    ' ',
  );

test('HTML is made of elements and attributes that load and run nothing', () => {
  for (const [what, { elements }] of PAGES) {
    for (const { name, attributes } of elements) {
      assert.ok(ELEMENTS.includes(name), `${what}: <${name}>`);
      for (const attribute of attributes.keys()) assert.ok(ATTRIBUTES.includes(attribute), `${what}: ${attribute}`);
    }
  }
});

test('HTML forbids itself the network and every script', () => {
  const html = renderDiffHtml(failReport());
  const policy = read(failReport()).elements.find(({ attributes }) => attributes.has('http-equiv'));
  assert.equal(policy?.attributes.get('http-equiv'), 'Content-Security-Policy');
  assert.match(
    policy?.attributes.get('content') ?? '',
    /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'$/,
  );
  assert.doesNotMatch(html, /url\(|@import|https?:|<script/i);
  assert.match(html, /^<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv/);
});

test('no text of a log changes the page around it', () => {
  const expected = read(hostileReport('x')).structure;
  fuzz(
    fc.property(
      fc.oneof(fc.string({ unit: CODE_POINT }), fc.constantFrom(HOSTILE, '-->', ']]>', '</style>')),
      (text) => {
        assert.equal(read(hostileReport(`x${text}`)).structure, expected);
      },
    ),
    40,
  );
});

test('hostile text is shown, every character of it', () => {
  const { text } = read(hostileReport());
  assert.ok(text.includes('\\x1b[31m\\x07\\u202eevil\\u200b|`<script>alert(1)</script><img src=x onerror=1>'));
  assert.doesNotMatch(renderDiffHtml(hostileReport()), /<img|<script|onerror=1>/);
});

test('every figure has a name, and every table headings and a caption', () => {
  for (const [what, { elements, structure }] of PAGES) {
    for (const { name, attributes } of elements) {
      if (name !== 'svg') continue;
      assert.equal(attributes.get('role'), 'img', what);
      assert.ok((attributes.get('aria-label') ?? '').length > 5, what);
    }
    const count = (pattern: RegExp): number => [...structure.matchAll(pattern)].length;
    assert.equal(count(/^table\(/gm), count(/^caption\(/gm), what);
    assert.equal(count(/^svg\(.*\)\ntitle\(/gm), count(/^svg\(/gm), what);
    assert.equal(count(/^th\(scope/gm), count(/^th\(/gm), what);
    assert.equal(count(/^h1\(/gm), 1, what);
  }
});

test('coordinates are numbers', () => {
  for (const [what, { elements }] of PAGES) {
    for (const { attributes } of elements) {
      for (const name of ['x', 'y', 'x1', 'x2', 'cx', 'cy', 'width', 'height']) {
        const value = attributes.get(name);
        if (value !== undefined) assert.match(value, /^-?\d+(\.\d)?$/, `${what}: ${name}`);
      }
    }
  }
});

test('the page says the verdict first, and how weak it is', () => {
  assert.match(
    read(failReport()).text,
    /^\s*FAIL: mirrored release against production\s+FAIL GET \/orders\/\{…\} regressed: /,
  );
  assert.match(read(inconclusiveReport()).text, /INCONCLUSIVE 57 pairs are fewer than 200/);
  assert.match(read(unmatchedReport()).text, /Weak evidenceno id joins the two logs/);
  assert.match(read(emptyReport()).text, /INCONCLUSIVE nothing was compared, so nothing is known about the mirror/);
});

test('much of anything is folded, and counted', () => {
  const { text } = read(hugeReport());
  assert.match(text, /185 more routes, 185 of them worse/);
  assert.match(text, /185 more gates/);
  assert.match(text, /and 184 more reasons/);
  assert.match(text, /270 rarer ones are not shown/);
});

test('a gate has its question and what it found in columns of their own', () => {
  const { text } = read(failReport());
  assert.match(text, /What it asks\s*Gate\s*Observed and limit\s*What it found/);
  assert.match(
    text,
    /more errors, route by route: GET \/orders\/\{…\}\s*route-regression[\s\S]*?212 new errors, 0 fixed/,
  );
});

test('a route that is worse says by what', () => {
  assert.match(read(failReport()).text, /worse by errors/);
  assert.match(read(statusReport()).text, /worse by status/);
});

test('each cell has the name of its column with it, for screens that have no room for columns', () => {
  const html = renderDiffHtml(failReport());
  const [, head = '', rows = ''] =
    /id="gates"[\s\S]*?<thead>([\s\S]*?)<\/thead>\s*<tbody>([\s\S]*?)<\/tbody>/.exec(html) ?? [];
  const names = [...head.matchAll(/<th[^>]*>([^<]*)/g)].map(([, name]) => name);
  const [first = ''] = /<tr[\s\S]*?<\/tr>/.exec(rows) ?? [];
  assert.deepEqual(
    [...first.matchAll(/data-label="([^"]*)"/g)].map(([, name]) => name),
    names,
  );
  // The heading of the interval is drawn; its name is not.
  assert.match(html, /data-label="95 % interval"/);
});
