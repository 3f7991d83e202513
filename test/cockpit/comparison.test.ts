/** The full screen of a comparison as a function of what was counted, a state and a size. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ComparisonMoment, comparisonPicture, RequestWatch } from '../../src/cockpit/comparison-picture.ts';
import { makeScreen, type Screen } from '../../src/cockpit/screen.ts';
import { type CockpitState, initialState, press } from '../../src/cockpit/state.ts';
import type { RequestLine } from '../../src/diff/request-line.ts';
import { renderRequest } from '../../src/report/diff-ndjson.ts';
import { diffLines } from '../../src/report/diff-table.ts';
import { screenStyle } from '../../src/report/screen.ts';
import { failReport } from '../report/diff/reports.ts';

function request(number: number, values: Partial<RequestLine> = {}): RequestLine {
  return {
    id: `${number}-6f1b4f2e-8e0a-4b6a-9b0e-2f3c4d5e6f70`,
    bucket: 'paired',
    kind: 'new_error',
    route: 'GET /orders/{…}',
    time: '2026-11-27T12:00:00.000Z',
    production: {
      ...{ status: 200, method: 'GET', target: `/orders/${number}` },
      ...{ termination: '----', first_byte_ms: 3, total_ms: 4 },
    },
    mirror: { status: 500, error: null, first_byte_ms: 3, total_ms: 5 },
    traceId: null,
    spoe_status: null,
    ...values,
  };
}

/** Of two lines and more. */
const COMMAND = ['spoe-logs', 'diff', '--production', '/var/log/lb-access.log', '--mirror', '/var/log/mirror.jsonl'];

/** A user before the screen. */
class User {
  state: CockpitState = initialState('comparison');
  readonly watch = new RequestWatch();
  readonly #size: { readonly width: number; readonly height: number; readonly unicode: boolean };

  constructor(width = 80, height = 60, unicode = true) {
    this.#size = { width, height, unicode };
  }

  press(...names: string[]): this {
    for (const name of names) this.state = press(this.state, { name }, this.#look().seen).state;
    return this;
  }

  get text(): string {
    const rows = this.#look().rows.map((spans) => spans.map(({ text }) => text).join(''));
    return rows.map((row) => row.trimEnd()).join('\n');
  }

  #look(): Screen {
    const { width, height, unicode } = this.#size;
    const lines = diffLines(failReport(), { width, unicode, command: COMMAND });
    const moment: ComparisonMoment = { lines, verdict: 'FAIL', lineMs: 300, watch: this.watch };
    const picture = comparisonPicture(moment, this.state, this.#size, renderRequest);
    const screen = makeScreen(picture, this.state, { width, height }, screenStyle(width, unicode), undefined);
    this.state = screen.state;
    return screen;
  }
}

describe('the screen of a comparison', () => {
  test('counts on while requests are looked at', () => {
    const user = new User();
    for (let i = 0; i < 300; i++) user.watch.add(request(i));
    user.press('v');
    assert.match(user.text, /LINES of requests: new_error\n200 lines, newest first — the latest of 300$/m);
    for (let i = 300; i < 500; i++) user.watch.add(request(i));
    assert.match(user.text, /\n200 lines, newest first — the latest of 500$/m);
  });

  test('of a request the kind, both statuses and the target are seen in 80 columns, and all else to the right', () => {
    const user = new User();
    const none = { status: null, error: 'timeout', first_byte_ms: null, total_ms: 9 };
    user.watch.add(request(17));
    user.watch.add(request(18, { mirror: none }));
    user.watch.add(request(19, { kind: null, bucket: 'missing', mirror: null }));
    user.press('v');
    assert.match(user.text, /^new_error {4}200 → timeout {2}GET \/orders\/18 {2}\{"id":/m);
    assert.match(user.text, /^new_error {4}200 → 500 {2}GET \/orders\/17 {2}\{"id":"17-/m);
    for (let i = 0; i < 4; i++) user.press('l');
    assert.match(user.text, /"bucket":"paired"/);
    user.press('esc', 'j', 'v');
    assert.match(user.text, /^missing {6}200 → - {4}GET \/orders\/19 {2}\{/m);
    const ascii = new User(80, 24, false);
    ascii.watch.add(request(17));
    assert.match(ascii.press('v').text, /^new_error {4}200 -> 500 {2}GET \/orders\/17/m);
  });

  test('what a client sent stays text in its line', () => {
    const user = new User();
    const production = { ...request(1).production, method: 'GET\u001b[2J', target: '/\u202e\n\u001b]0;x\u0007' };
    user.watch.add(request(1, { production }));
    const { text } = user.press('v');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
    assert.match(text, /^new_error {4}200 → 500 {2}GET\\/m);
  });

  test('a filter keeps what belongs together, below its heading, and says so', () => {
    const user = new User(80, 60).press('/', ...'only');
    assert.match(user.text, /\/only_ {3}what stands here with this text: enter, or esc$/);
    const { text } = user.press('enter');
    // The head of the screen, and its last row, are no part of the list.
    const rows = text.split('\n').filter((row) => row !== '');
    const next = rows.indexOf('NEXT');
    assert.ok(next > 0, text);
    assert.match(rows[next + 1] ?? '', /^ {2}the requests with a new error/);
    assert.match(rows[next + 2] ?? '', /^ {4}spoe-logs diff --production \S+ \\$/);
    assert.match(rows[next + 3] ?? '', /^ {6}--mirror \S+ .*--only new_error/);
    assert.doesNotMatch(text, /GATES|COVERAGE/);
    assert.match(text, /^only what has "only" in it; esc shows all$/m);
    assert.match(user.press('esc').text, /GATES/);
    assert.match(user.press('/', ...'p95-ratio', 'enter').text, /^GATES .*\n {2}WARN .*p95-ratio/m);
  });

  test('its help and its notes are of a report, not of groups', () => {
    const user = new User();
    assert.match(user.press('enter').text, /nothing to open here; v shows the kinds of requests that differ$/);
    assert.doesNotMatch(user.press('?').text, /group/);
  });
});
