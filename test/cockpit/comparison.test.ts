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
    const lines = diffLines(failReport(), { width, unicode, command: ['spoe-logs', 'diff', '--production', 'p.log'] });
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
});
