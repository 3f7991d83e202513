/** The full screen as a function of a moment, a state and a size. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Frame, paintRow } from '../../src/cockpit/frame.ts';
import type { Key } from '../../src/cockpit/key-decoder.ts';
import { makeScreen, type Screen } from '../../src/cockpit/screen.ts';
import { type CockpitState, initialState, press } from '../../src/cockpit/state.ts';
import { type SummaryMoment, summaryPicture } from '../../src/cockpit/summary-picture.ts';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { streamTimes } from '../../src/logs/time.ts';
import { screenStyle } from '../../src/report/screen.ts';
import { displayWidth } from '../../src/report/width.ts';
import { LiveDetail } from '../../src/stats/live-detail.ts';
import { LogCount } from '../../src/stats/log-count.ts';
import { MIRROR_KINDS, mirrorKindOf } from '../../src/stats/mirror-history.ts';
import { MirrorLines } from '../../src/stats/mirror-lines.ts';
import { MirrorRecord } from '../../src/stats/mirror-record.ts';
import { summarize } from '../../src/stats/summary.ts';
import { TimeCells } from '../../src/stats/time-cells.ts';

const NOON = Date.UTC(2026, 10, 27, 12);
const BY = ['agent', 'event'] as const;

function line(sid: number, { st = 0, host = 'lb1', agent = 'mirror', ms = sid * 100, pT = 3 } = {}): string {
  const time = new Date(NOON + ms).toISOString().replace('Z', '+00:00');
  return `${time} ${host} haproxy[7]: SPOE: [${agent}] <EVENT:on-frontend-http-request> sid=${sid} st=${st} 0/1/1/0/${pT} 1/9 0/0 0/${sid + 1}`;
}

interface Mirrored {
  readonly destination?: string;
  readonly status?: number;
  readonly error?: string;
  readonly path?: string;
}

/** A line of the agent's record. */
function recordLine(number: number, { destination, status, error, path = `/orders/${number}` }: Mirrored = {}): string {
  return JSON.stringify({
    ...{ ts: new Date(NOON + number * 100).toISOString(), message: 'mirror', destination },
    ...{ engine_id: 'f9799bf3-31cc-47fc-bb40-29fb5d30f4af', stream_id: number, frame_id: 1, unique_id: `id-${number}` },
    ...{ method: 'GET', path, status: error === undefined ? (status ?? 200) : null, ttfb_ms: 3, latency_ms: 5 },
    ...{ request_bytes: 0, response_bytes: 3, truncated: false, attempts: 1, error: error ?? null },
  });
}

/** The same moment with a record beside its log, or instead of it. */
function withRecord(lines: readonly string[], record: readonly string[], now = NOON + 60_000): SummaryMoment {
  const [kept, cells] = [new MirrorLines(), new TimeCells()];
  const mirror = new MirrorRecord(
    {},
    {
      watch: (request, destination, text) => {
        kept.add(request, destination, text);
        cells.add(request.timeMs, mirrorKindOf(request), request.totalMs, 1);
      },
    },
  );
  const times = streamTimes({ tz: 'UTC' });
  const feed = new LineFeed(mirror.scanner, new LineTally(), times);
  mirror.begin('mirror.jsonl', true);
  feed.push(Buffer.from(record.map((each) => `${each}\n`).join('')));
  feed.end();
  mirror.note();
  const { tally: ofRecord } = mirror;
  ofRecord.files.push('mirror.jsonl');
  const { detail, aggregator, tally } = countOf(lines, now);
  const files = lines.length === 0 ? [] : ['lb.log'];
  const summary = summarize({ files, aggregator, tally, minEvents: 1, mirror: ofRecord });
  const view = detail.view();
  return {
    ...{ summary, ages: { eventMs: 1200, lineMs: 300 }, mirror: { cells, ahead: 0, lines: kept.view() } },
    detail: { ...view, edgeMs: view.edgeMs ?? now },
  };
}

function momentOf(lines: readonly string[], now = NOON + 60_000): SummaryMoment {
  const { detail, aggregator, tally } = countOf(lines, now);
  const summary = summarize({ files: ['lb.log'], aggregator, tally, thresholds: undefined, minEvents: 1 });
  return { summary, ages: { eventMs: 1200, lineMs: 300 }, detail: detail.view() };
}

function countOf(lines: readonly string[], now: number) {
  const times = streamTimes({ tz: 'UTC' });
  const detail = new LiveDetail(() => now);
  const count = new LogCount({ by: BY, keepDuplicates: false, times, watcher: detail });
  const feed = new LineFeed(count.scanner, count.tally, times);
  feed.push(Buffer.from(lines.map((each) => `${each}\n`).join('')));
  return { detail, aggregator: count.aggregator, tally: count.tally };
}

/** A user before the screen. */
class User {
  state: CockpitState = initialState('summary');
  screen: Screen;
  moment: SummaryMoment;
  readonly #size: { readonly width: number; readonly height: number; readonly unicode: boolean };

  constructor(moment: SummaryMoment, width = 80, height = 24, unicode = true) {
    this.moment = moment;
    this.#size = { width, height, unicode };
    this.screen = this.#look();
  }

  press(...names: (string | Key)[]): this {
    for (const name of names) {
      const key = typeof name === 'string' ? { name } : name;
      this.state = press(this.state, key, this.screen.seen).state;
      this.screen = this.#look();
    }
    return this;
  }

  get lines(): string[] {
    return this.screen.rows.map((spans) =>
      spans
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    );
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** The row under the cursor. */
  get chosen(): string | undefined {
    return this.screen.rows.flatMap((spans) =>
      spans.filter(({ chosen }) => chosen === true).map(({ text }) => text.trim()),
    )[0];
  }

  #look(): Screen {
    const { width, height, unicode } = this.#size;
    const picture = summaryPicture(this.moment, this.state, { by: BY, ...this.#size });
    const screen = makeScreen(picture, this.state, { width, height }, screenStyle(width, unicode), undefined);
    this.state = screen.state;
    return screen;
  }
}

const SOME = Array.from({ length: 300 }, (_, i) =>
  line(i, {
    host: `lb${i % 2}`,
    agent: i % 10 === 0 ? 'audit' : 'mirror',
    st: i % 60 === 59 ? 264 : 0,
    pT: 3 + (i % 5),
  }),
);

/** Two destinations: of blue a third is refused, of green a tenth is 503. */
const RECORD = Array.from({ length: 300 }, (_, i) =>
  i % 2 === 0
    ? recordLine(i, { destination: 'http://blue:8080', ...(i % 3 === 0 && { error: 'connect-refused' }) })
    : recordLine(i, { destination: 'http://green:8080', status: i % 20 === 1 ? 503 : 200 }),
);

describe('the mirror on the screen', () => {
  test('a destination opens to what it answered, and that to its lines, the newest first', () => {
    const user = new User(withRecord(SOME, RECORD), 100, 40).press('tab', 'tab');
    assert.match(user.chosen ?? '', /^\+ http:\/\/blue:8080 +150 +50 +33 /);
    assert.match(user.text, /MIRROR by errors +requests +errors +err %/);
    assert.match(user.text, /^\+ the mirror +300 +65 /m);
    user.press('enter');
    assert.match(user.text, /^- http:\/\/blue:8080.*\n {4}200 +100 +0 .*\n {4}connect-refused: nobody \S+.* +50 +50 /m);
    user.press('j', 'j', 'enter');
    assert.match(
      user.text,
      /LINES of http:\/\/blue:8080, connect-refused: nobody listens at the mirror\n50 lines, newest/,
    );
    // A line that is too long begins where its fields do.
    const [first = '', second = ''] = user.lines.slice(user.lines.findIndex((each) => /^50 lines/.test(each)) + 1);
    assert.match(first, /^‹"method":"GET","path":"\/orders\/294","status":null/);
    assert.match(second, /orders\/288/);
    assert.ok(!user.text.includes('orders/296'), 'an answer of another kind');
    user.press('/', ...'orders/12', 'enter');
    assert.match(user.text, /3 lines with "orders\/12", newest first/);
    user.press('esc', 'esc', 'left');
    assert.match(user.chosen ?? '', /^- http:\/\/blue/);
    assert.doesNotMatch(user.press('left').text, /connect-refused: nobody/);
  });

  test('lines of a destination, and of all, are those of the record as they stand', () => {
    const user = new User(withRecord([], RECORD), 1000, 40).press('v');
    assert.match(user.text, /LINES of http:\/\/blue:8080\n150 lines, newest first/);
    assert.ok(user.lines.includes(RECORD[298] ?? ''));
    assert.ok(!user.lines.includes(RECORD[299] ?? ''));
    user.press('v', 'j', 'j', 'v');
    assert.match(user.text, /LINES of the mirror\n300 lines, newest first/);
    assert.ok(user.lines.includes(RECORD[299] ?? ''));
  });

  test('destinations are sorted and filtered as groups are; the mirror as a whole stays', () => {
    const user = new User(withRecord(SOME, RECORD), 100, 40).press('s', 's', 's', 's');
    assert.match(user.text, /MIRROR by name/);
    user.press('/', ...'GREEN', 'enter');
    assert.doesNotMatch(user.text, /^\+ http:\/\/blue/m);
    assert.match(user.text, /^\+ http:\/\/green.*\n\+ the mirror +300 /m);
  });

  test('a record alone has no groups of nothing, and a mirror without a name opens as well', () => {
    const lone = Array.from({ length: 20 }, (_, i) => recordLine(i, i < 5 ? { error: 'timeout' } : {}));
    const user = new User(withRecord([], lone));
    assert.doesNotMatch(user.text, /GROUPS|CODES/);
    assert.match(user.press('enter').text, /^- the mirror +20 +5 .*\n {4}200 +15 +0 .*\n {4}timeout: no whole answer/m);
    assert.match(user.press('j', 'j', 'v').text, /LINES of the mirror, timeout: no whole answer in time\n5 lines/);
  });

  test('failures are kept when a flood of answers has washed them away, and it is said how many there were', () => {
    const flood = [
      ...Array.from({ length: 600 }, (_, i) => recordLine(i, { error: 'timeout' })),
      ...Array.from({ length: 20_000 }, (_, i) => recordLine(600 + i)),
    ];
    const user = new User(withRecord([], flood, NOON + 3_600_000)).press('enter', 'j', 'j', 'v');
    assert.match(
      user.text,
      /LINES of the mirror, timeout.*\n512 lines, newest first — of 600 requests: the others are/,
    );
    assert.match(user.text, /orders\/599/);
    user.press('v', 'k', 'v');
    assert.match(user.text, /LINES of the mirror, 200\n1000 lines, newest first — the newest 1000 of 20000 requests/);
  });

  test('what another program writes is bounded and escaped, and its rows still open', () => {
    const odd = Array.from({ length: 200 }, (_, i) =>
      recordLine(i, { destination: `http://d${i % 70}`, error: i % 70 === 0 ? `odd ${i} \u001b[31m` : `e${i}` }),
    );
    const user = new User(withRecord([], odd), 100, 90).press('/', ...'(other)', 'enter', 'enter', 'j', 'v');
    assert.match(user.text, /LINES of \(other\), e\d+\n1 line, newest first/);
    const one = new User(withRecord([], [recordLine(1, { error: 'a\u001b[31mb' })]), 300).press('enter', 'j', 'v');
    assert.match(one.text, /LINES of the mirror, a\\x1b\[31mb/);
  });

  test('rows of charts stand below each other, whatever their names are', () => {
    const record = [
      ...RECORD,
      recordLine(300, { error: 'dropped-queue-full' }),
      recordLine(301, { error: 'dropped-max-rate' }),
    ];
    const { charts } = summaryPicture(withRecord([], record), initialState('summary'), {
      ...{ by: BY, width: 120, height: 50, unicode: true },
    });
    const labels = charts?.rows.map(({ label }) => label) ?? [];
    assert.equal(labels.length, 6, labels.join());
    for (const label of [...labels, ...MIRROR_KINDS]) assert.ok(label.length <= 10, label);
  });
});

describe('the screen', () => {
  test('of a column or two has the verdict, and no row of marks for what is cut', () => {
    for (const [width, rows] of [
      [1, ['D', 'l', 't']],
      [2, ['DE', 'la', 'to']],
    ] as const)
      for (const keys of [[], ['?'], ['v'], ['/', 'x']])
        assert.deepEqual(
          new User(momentOf(SOME), width).press(...keys).lines,
          [...rows, ...Array(21).fill('')],
          `${width} ${keys}`,
        );
    assert.deepEqual(new User(momentOf(SOME), 1, 1).press('v', '?').lines, ['D']);
  });

  test('of 80 columns and 24 rows has verdict, age, charts, groups, codes and keys', () => {
    assert.deepEqual(new User(momentOf(SOME)).lines.slice(0, 2), [
      'DEGRADED since 2026-11-27 12:00:05Z — 1.7 % of 300 events   last event 1.2 s ago',
      '  failed',
    ]);
    const { text } = new User(momentOf(SOME));
    for (const part of [
      /^events\/s +\S+ +[▁-█]/m,
      /^errors\/s/m,
      /^pT p99 ms +- +█/m,
      /GROUPS by errors +events +errors +err %/,
      /^\+ mirror EVENT:\S+ +270 +5 +1.9/m,
      /^CODES/m,
      /\? help {2}q quit/,
    ])
      assert.match(text, part);
  });

  test('has as many rows as the terminal and none wider, whatever its size and whatever is open', () => {
    const hostile = [
      line(1, { host: '主机é\u0301', agent: `\u202e${'x'.repeat(5000)}`, st: 264 }),
      line(2, { agent: 'a\u001b[31mb', host: 'z'.repeat(60_000), st: 2 }),
    ];
    const record = [
      ...RECORD,
      recordLine(1000, { destination: `http://\u202e${'x'.repeat(5000)}`, error: `\u001b[31m${'主'.repeat(3000)}` }),
    ];
    const moment = momentOf([...SOME, ...hostile]);
    const [beside, alone] = [withRecord([...SOME, ...hostile], record), withRecord([], record)];
    for (const [width, height] of [
      [1, 1],
      [2, 3],
      [7, 2],
      [29, 40],
      [30, 6],
      [39, 9],
      [79, 23],
      [80, 24],
      [149, 30],
      [150, 24],
      [300, 90],
    ] as const)
      for (const unicode of [true, false])
        for (const keys of [
          [],
          ['enter', 'j', 'enter'],
          ['G'],
          ['v'],
          ['v', 'l', 'l', 'l'],
          ['?'],
          ['?', 'j', 'G'],
          ['/', 'x', 'y'],
          ['tab', 'tab'],
          ['tab', 'tab', 'enter', 'j', 'j', 'v', 'l'],
        ]) {
          for (const shown of [30, 80, 150].includes(width) ? [moment, beside, alone] : [moment]) {
            const user = new User(shown, width, height, unicode).press(...keys);
            assert.equal(user.screen.rows.length, height, `${width}x${height} ${keys}`);
            for (const row of user.screen.rows) {
              const painted = paintRow(row, width, false);
              // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is sent
              const text = painted.replaceAll(/\u001b\[[\d;]*[mK]/g, '');
              assert.ok(displayWidth(text) <= width, `${width}x${height} ${keys}: ${text}`);
              assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
            }
            assert.match(user.lines[0] ?? '', /^[DF]/);
          }
        }
  });

  test('of a thousand groups shows the worst first, and the cursor stays on its group when they are sorted anew', () => {
    const many = Array.from({ length: 1000 }, (_, i) =>
      line(i, { agent: `agent-${String(i).padStart(4, '0')}`, st: i === 777 ? 264 : 0 }),
    );
    const user = new User(momentOf(many));
    assert.match(user.chosen ?? '', /agent-0777/);
    user.press('j', 'j');
    const { chosen } = user;
    user.press('s', 's', 's', 's');
    assert.match(user.text, /groups by name/);
    assert.equal(user.chosen?.slice(0, 14), chosen?.slice(0, 14));
    assert.match(user.press('G').text, /LOG {2}lines 1000/);
    assert.match(user.press('g').text, /agent-0000/);
  });

  test('a filter names what it lets through, and escape ends it', () => {
    const user = new User(momentOf(SOME)).press('/', 'a', 'U', 'd', 'enter');
    assert.match(user.text, /1 of 2 groups with "aUd" in its name, host or process; esc shows all/);
    assert.doesNotMatch(user.text, /\+ mirror/);
    assert.match(user.press('esc').text, /\+ mirror/);
    assert.match(new User(momentOf(SOME)).press('/', { pasted: 'audit\nq\u001b' }).text, /^\/audit_/m);
  });

  test('a filter for a host counts and shows that host alone, also its lines', () => {
    const user = new User(momentOf(SOME)).press('/', 'l', 'b', '1', 'enter');
    assert.match(user.text, /1 of 2 groups, counted where host or process has "lb1"; esc shows all/);
    // Of lb1 are all errors and 150 of the mirror's 270 events; the audit's are all of lb0.
    assert.match(user.text, /^- mirror EVENT:\S+ +150 +5 /m);
    assert.match(user.text, /^ {2}\+ lb1 +150 +5 /m);
    assert.doesNotMatch(user.text, /lb0/);
    user.press('v');
    assert.match(user.text, /LINES of mirror EVENT:\S+ \(only "lb1"\)\n150 lines/);
    assert.doesNotMatch(user.text, / lb0 /);
    user.press('esc', 'enter');
    assert.match(user.text, /^\+ mirror EVENT:\S+ +150/m);
    assert.match(user.press('esc').text, /^\+ mirror EVENT:\S+ +270/m);
  });

  test('a filter for a process opens the hosts above it', () => {
    const user = new User(momentOf(SOME)).press('/', ...'haproxy[7]', 'enter');
    assert.match(user.text, /^ {2}- lb0 +\d+.*\n {4}\+ haproxy\[7\]/m);
  });

  test('lines are scrolled sideways, and marks say what is cut', () => {
    const user = new User(momentOf(SOME)).press('v');
    assert.match(user.text, /LINES of mirror EVENT/);
    // The fields are what one looks for: they are seen at first, to their end.
    assert.match(user.text, /^‹.* sid=299 st=264 0\/1\/1\/0\/7 1\/9 0\/0 0\/300$/m);
    user.press('h', 'h', 'h', 'h', 'h');
    assert.match(user.text, /^2026-11-27T12:00:29.*…$/m);
    user.press('l');
    assert.match(user.text, /^‹/m);
    for (let i = 0; i < 20; i++) user.press('l');
    assert.match(user.text, /from column 337 on/);
    assert.match(user.press('esc').text, /GROUPS/);
  });

  test('while lines are looked at, the count of all goes on; also of a code, and since the start', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => line(i, { st: i % 2 === 0 ? 264 : 0 }));
    const user = new User(momentOf(many(2400))).press('v');
    assert.match(user.text, /\n1000 lines, newest first — the newest 1000 of 2400 events; /);
    user.moment = momentOf(many(2600));
    assert.match(user.press('j').text, /\n1000 lines, newest first — the newest 1000 of 2600 events; /);
    user.press('esc', 'tab', 'j', 'v');
    assert.match(user.text, /LINES of st=264 .*\n1000 lines, newest first — the newest 1000 of 1300 events; /);
    user.moment = { ...momentOf(many(2800)), resetMs: NOON };
    assert.match(user.press('j').text, /the newest 1000 of 1400 events since the start; /);
  });

  test('what a filter of lines has found is seen, wherever it is in the line', () => {
    const long = line(7, { agent: `${'x'.repeat(3000)}-needle-${'y'.repeat(3000)}` });
    for (const [text, found] of [
      ['needle', /x-needle-y/],
      ['12:00:00', /^.?2026-11-27T12:00:00/m],
      ['sid=7', / sid=7 st=0 /],
    ] as const) {
      const user = new User(momentOf([long])).press('v', '/', ...text, 'enter');
      assert.match(user.text, found, text);
    }
  });

  test('the verdict keeps its rows, and the facts the name of the log', () => {
    const user = new User(momentOf(SOME));
    const at = user.lines.findIndex((each) => each.startsWith('GROUPS'));
    user.moment = momentOf(SOME.filter((each) => !each.includes('st=264')));
    user.press('j');
    assert.match(user.lines[0] ?? '', /^HEALTHY/);
    assert.equal(user.lines[1], '');
    assert.match(user.lines[2] ?? '', / lb\.log$/);
    assert.ok(at > 0);
    for (const width of [80, 100, 120]) {
      const narrow = new User({ ...momentOf(SOME), resetMs: NOON }, width);
      assert.ok(
        narrow.lines.some((each) => each.endsWith(' lb.log') && displayWidth(each) <= width),
        `${width}`,
      );
    }
  });

  test('lines say that they are also from before the counts began anew', () => {
    assert.match(
      new User({ ...momentOf(SOME), resetMs: NOON }).press('v').text,
      /also those before the counts began anew/,
    );
  });

  test('one latency has one value in charts and groups', () => {
    const { text } = new User(
      momentOf(Array.from({ length: 50 }, (_, i) => line(i, { pT: 1000, ms: 59_000 }))),
      120,
      50,
    );
    assert.match(text, /highest +~1000/);
    assert.doesNotMatch(text, /99[12]/);
  });

  test('a key that is none is named, and does nothing', () => {
    const user = new User(momentOf(SOME)).press('z');
    assert.match(user.text, /z is no key here/);
    assert.doesNotMatch(user.press('j').text, /no key here/);
  });

  test('only rows that changed are written', () => {
    const frame = new Frame();
    assert.equal(frame.draw(['a', 'b']), '\u001b[1;1Ha\u001b[2;1Hb');
    assert.equal(frame.draw(['a', 'c']), '\u001b[2;1Hc');
    assert.equal(frame.draw(['a', 'c']), '');
    frame.forget();
    assert.equal(frame.draw(['a', 'c']), '\u001b[1;1Ha\u001b[2;1Hc');
  });

  test('without a host that is known an agent has no rate that nobody knows', () => {
    const failures = [line(1, { st: 264 }), line(2, { st: 264 })].map((each) => each.replace(/ 0\/\d+$/, ' 2/900'));
    assert.match(new User(momentOf(failures)).text, /^\+ mirror EVENT:\S+ +2 +2 +-/m);
  });
});
