import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeaderTime } from '../../src/logs/record.ts';
import { parseBsdTime, parseIsoTime, referenceFromFileName, TimeResolver } from '../../src/logs/time.ts';
import { parseZone, TimeZoneError, type Zone } from '../../src/logs/zone.ts';

const UTC: Zone = { offsetMinutes: 0 };

const iso = (text: string) => Date.parse(text);

function bsd(text: string): HeaderTime {
  return parseBsdTime(text) ?? assert.fail(text);
}

/** Resolves lines in order and shows them in UTC. */
function resolveAll(texts: readonly string[], reference: string, zone: Zone = UTC, year?: number): string[] {
  const resolver = new TimeResolver({ zone, referenceMs: iso(reference), ...(year !== undefined && { year }) });
  return texts.map((text) => new Date(resolver.resolve(parseIsoTime(text) ?? bsd(text))).toISOString());
}

test('ISO times are cut to milliseconds and have their own zone', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2026-11-22T07:20:40Z', '2026-11-22T07:20:40.000Z'],
    ['2026-11-22T07:20:40.9Z', '2026-11-22T07:20:40.900Z'],
    ['2026-11-22T07:20:40,999999999+05:30', '2026-11-22T01:50:40.999Z'],
    ['2026-11-22 07:20:40-0330', '2026-11-22T10:50:40.000Z'],
    ['2024-02-29T23:59:60Z', '2024-03-01T00:00:00.000Z'],
  ];
  for (const [text, moment] of cases) assert.deepEqual(parseIsoTime(text), { kind: 'absolute', epochMs: iso(moment) });
  for (const text of [
    '',
    '2026-11-22',
    '2026-13-22T07:20:40Z',
    '2026-11-22T07:20:40Zx',
    '2026-11-22T07:20Z',
    '1969-11-22T07:20:40Z',
  ]) {
    assert.equal(parseIsoTime(text), undefined, text);
  }
});

test('the first line without a year is in the latest one at most a day behind the reference', () => {
  const reference = '2026-11-22T07:00:00Z';
  assert.deepEqual(resolveAll(['Nov 22 07:20:40'], reference), ['2026-11-22T07:20:40.000Z']);
  assert.deepEqual(resolveAll(['Nov 23 07:00:00'], reference), ['2026-11-23T07:00:00.000Z']);
  assert.deepEqual(resolveAll(['Nov 23 07:00:01'], reference), ['2025-11-23T07:00:01.000Z']);
  assert.deepEqual(resolveAll(['Jan  1 00:00:00'], '2026-12-31T12:00:00Z'), ['2027-01-01T00:00:00.000Z']);
  assert.deepEqual(resolveAll(['Dec 31 23:59:59.5'], '2027-01-01T00:00:00Z'), ['2026-12-31T23:59:59.500Z']);
});

test('later lines are in the year nearest to the line before', () => {
  assert.deepEqual(
    resolveAll(['Dec 31 23:59:59', 'Jan  1 00:00:00', 'Dec 31 23:59:58', 'Jan  2 00:00:00'], '2027-01-05T00:00:00Z'),
    [
      ...[
        '2026-12-31T23:59:59.000Z',
        '2027-01-01T00:00:00.000Z',
        '2026-12-31T23:59:58.000Z',
        '2027-01-02T00:00:00.000Z',
      ],
    ],
  );
});

test('a log of several years keeps counting, and lines with a year count as the line before', () => {
  const months = ['Mar  1', 'Jul  1', 'Nov  1', 'Mar  1', 'Jul  1'].map((day) => `${day} 00:00:00`);
  const years = resolveAll(['2019-12-31T00:00:00Z', ...months], '2026-11-22T00:00:00Z').map((text) => text.slice(0, 4));
  assert.deepEqual(years, ['2019', '2020', '2020', '2020', '2021', '2021']);
});

test('a given year is the one of the first line', () => {
  assert.deepEqual(resolveAll(['Dec 31 23:00:00', 'Jan  1 01:00:00'], '2026-11-22T00:00:00Z', UTC, 2019), [
    ...['2019-12-31T23:00:00.000Z', '2020-01-01T01:00:00.000Z'],
  ]);
});

test('an input read from its middle goes on from the line before, and tells what its first time was taken for', () => {
  const resolver = new TimeResolver({
    zone: UTC,
    referenceMs: iso('2026-11-22T00:00:00Z'),
    previousMs: iso('2020-01-01T00:00:00Z'),
  });
  resolver.resolve(parseIsoTime('2020-01-01T00:00:01Z') ?? assert.fail());
  assert.equal(resolver.firstLocal, undefined);
  const first = bsd('Dec 31 23:59:59.25');
  const epochMs = iso('2019-12-31T23:59:59.25Z');
  assert.equal(resolver.peek(first), epochMs);
  assert.equal(resolver.previousMs, iso('2020-01-01T00:00:01Z'));
  resolver.resolve(bsd('Jan  1 00:00:02'));
  assert.deepEqual(resolver.firstLocal, { time: first, epochMs });
});

test('29 February is in a leap year', () => {
  assert.deepEqual(resolveAll(['Feb 29 12:00:00'], '2026-11-22T00:00:00Z'), ['2024-02-29T12:00:00.000Z']);
  assert.deepEqual(resolveAll(['Feb 29 12:00:00'], '2024-02-28T11:00:00Z'), ['2020-02-29T12:00:00.000Z']);
  assert.deepEqual(resolveAll(['Feb 29 12:00:00', 'Mar  1 00:00:00'], '2026-11-22T00:00:00Z', UTC, 2027), [
    ...['2028-02-29T12:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ]);
  assert.deepEqual(
    resolveAll(['2099-03-01T00:00:00Z', 'Feb 29 00:00:00'], '2026-11-22T00:00:00Z')[1],
    '2096-02-29T00:00:00.000Z',
  );
});

test('a time with a year and without a zone is in the zone asked for', () => {
  assert.deepEqual(
    resolveAll(['2021-05-05T12:00:00', 'May  5 12:00:01'], '2026-11-22T00:00:00Z', { offsetMinutes: 120 }),
    [...['2021-05-05T10:00:00.000Z', '2021-05-05T10:00:01.000Z']],
  );
});

test('offsets and named zones apply to times without a zone only', () => {
  assert.deepEqual(resolveAll(['Nov 22 07:20:40'], '2026-11-22T12:00:00Z', parseZone('-03:30')), [
    '2026-11-22T10:50:40.000Z',
  ]);
  assert.deepEqual(
    resolveAll(
      ['Jul  1 12:00:00', 'Nov 22 12:00:00', '2026-11-22T12:00:00Z'],
      '2026-11-23T00:00:00Z',
      parseZone('Europe/Paris'),
    ),
    [...['2026-07-01T10:00:00.000Z', '2026-11-22T11:00:00.000Z', '2026-11-22T12:00:00.000Z']],
  );
});

test('a named zone and Date agree on every quarter of an hour around clock changes', () => {
  const zones = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo'];
  const before = process.env.TZ;
  try {
    for (const name of zones) {
      process.env.TZ = name;
      const [named, here] = [parseZone(name), 'local' as const].map(
        (zone) => new TimeResolver({ zone, referenceMs: iso('2026-12-31T00:00:00Z') }),
      );
      for (const [month, day] of [
        [3, 8],
        [3, 29],
        [4, 5],
        [10, 4],
        [10, 25],
        [11, 1],
      ] as const) {
        for (let quarter = 0; quarter < 96; quarter += 1) {
          const time = {
            kind: 'local',
            month,
            day,
            hour: quarter >> 2,
            minute: (quarter & 3) * 15,
            second: 1,
            ms: 5,
          } as const;
          assert.equal(named?.resolve(time), here?.resolve(time), `${name} ${JSON.stringify(time)}`);
        }
      }
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test('lines of the same second differ in their milliseconds only', () => {
  assert.deepEqual(resolveAll(['Nov 22 07:20:40.9', 'Nov 22 07:20:40.1', 'Nov 22 07:20:40'], '2026-11-22T12:00:00Z'), [
    ...['2026-11-22T07:20:40.900Z', '2026-11-22T07:20:40.100Z', '2026-11-22T07:20:40.000Z'],
  ]);
});

test('zones are read in the usual notations, and nonsense is refused with a code', () => {
  assert.deepEqual(parseZone('UTC'), UTC);
  assert.deepEqual(parseZone('z'), UTC);
  assert.deepEqual(parseZone('+02:00'), { offsetMinutes: 120 });
  assert.deepEqual(parseZone('-0330'), { offsetMinutes: -210 });
  assert.deepEqual(parseZone('+14'), { offsetMinutes: 840 });
  assert.deepEqual(parseZone('europe/paris'), { name: 'Europe/Paris' });
  assert.equal(parseZone('local'), 'local');
  for (const text of ['', 'Mars/Olympus', '+2', '+15:00', '+01:60', '2', '+02:00x', 'Europe/Paris ; x']) {
    assert.throws(
      () => parseZone(text),
      (error) => error instanceof TimeZoneError && error.code === 'bad-time-zone',
      text,
    );
  }
});

test('a date in a file name is a reference: the end of that day', () => {
  const end = Date.UTC(2026, 10, 23);
  for (const name of [
    'lb-access-2026-11-22.log',
    '/var/log/2020-01-01/access.log-20261122',
    '20261122.gz',
    'haproxy.2026-11-22T07.log',
    'access.log-2026112207.gz',
    'lb_2026_11_22-1.log',
    'v20201399-20261122',
  ]) {
    assert.equal(referenceFromFileName(name), end, name);
  }
  for (const name of [
    'haproxy.log',
    'lb-20261322.log',
    'lb-20260230.log',
    '2026-11.log',
    '120261122.log',
    '202611221.log',
    '1795332040.log',
    '',
  ]) {
    assert.equal(referenceFromFileName(name), undefined, name);
  }
});

test('a clock that was not set does not lead to the years of what follows', () => {
  const today = '2026-11-26T12:00:00Z';
  assert.deepEqual(resolveAll(['Jan  1 00:00:04', 'Nov 26 10:00:00', 'Nov 26 10:00:01'], today), [
    ...['2026-01-01T00:00:04.000Z', '2026-11-26T10:00:00.000Z', '2026-11-26T10:00:01.000Z'],
  ]);
  assert.deepEqual(resolveAll(['1970-01-01T00:00:04Z', 'Nov 26 10:00:00'], today, UTC, 2026), [
    ...['1970-01-01T00:00:04.000Z', '2026-11-26T10:00:00.000Z'],
  ]);
  // Nor does one line of the future.
  assert.equal(
    resolveAll(['Nov 26 09:59:59', '2099-01-01T00:00:00Z', 'Nov 26 10:00:00'], today)[2],
    '2026-11-26T10:00:00.000Z',
  );
});

test('lines of a few minutes, or of last year before this one, still go back', () => {
  assert.equal(
    resolveAll(['Jan  1 00:00:10', 'Dec 31 23:59:59'], '2026-11-26T12:00:00Z')[1],
    '2025-12-31T23:59:59.000Z',
  );
  assert.equal(
    resolveAll(['Jan  5 00:00:00', 'Dec 20 00:00:00'], '2026-01-06T00:00:00Z')[1],
    '2025-12-20T00:00:00.000Z',
  );
});
