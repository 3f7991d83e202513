/** What every format says of answers that differ: where, how, how often, and what was not judged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiffReport, FieldDifference } from '../../../src/diff/model.ts';
import { fieldPhrase } from '../../../src/report/diff/answer-reading.ts';
import { renderDiffHtml } from '../../../src/report/diff-html.ts';
import { renderDiffJunit } from '../../../src/report/diff-junit.ts';
import { renderDiffMarkdown } from '../../../src/report/diff-markdown.ts';
import { renderDiffTable } from '../../../src/report/diff-table.ts';
import { type Element, readMarkup } from './markup-reader.ts';
import {
  answers,
  contentReport,
  field,
  fieldReport,
  passReport,
  sameAnswersReport,
  unknownNoiseReport,
} from './reports.ts';

/** A block of the screen, by the heading with which it begins. */
function block(heading: string, report: DiffReport, width = 100): string | undefined {
  return renderDiffTable(report, { width })
    .split('\n\n')
    .find((each) => each.startsWith(heading));
}

test('the screen has the fields worst first, with counts of both sides, the interval and an id to look up', () => {
  assert.equal(
    block('FIELDS', fieldReport()),
    `FIELDS, worst first
      field                route          how it differs           pairs  differ  A/A  95 % interval
worse $.items[*].price     GET /items/{…} number → string in 100 %   820     820    0    [99.5, 100]
      e.g. C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9 · q <0.001
worse header cache-control 4 routes       missing in 100 %           900     900    0    [99.6, 100]
      e.g. C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9 · q <0.001
worse $.stock.count        GET /items/{…} missing in 5.12 %          820      42    0   [3.81, 6.85]
      e.g. C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9 · q <0.001
hint  $['display name']    GET /users/{…} missing in 2.50 %           80       2    0   [0.69, 8.66]
      e.g. C0A80001:C5D9_0A000001:0050_6740D2A9_0021:2C9
      $.rating             GET /items/{…} another value in 31.7 %    820     260  255   [28.6, 35.0]
  differ = pairs in which the mirror's answer is another one there than production's
  A/A = pairs in which two answers of production's version differ there
  hint = too few to decide: look at one of them
  noise of destination http://127.0.0.1:8082/: 898 pairs of the same requests`,
  );
});

test('a narrow screen keeps the names, how they differ and both counts', () => {
  const [, head, first] = block('FIELDS', fieldReport(), 80)?.split('\n') ?? [];
  assert.equal(head, '      field                route           how it differs            differ  A/A');
  assert.equal(first, 'worse $.items[*].price     GET /items/{…}  number → string in 100 %     820    0');
});

test('each field that is worse or a hint has an example, and below it what has no room beside it', () => {
  const { responses } = fieldReport();
  const [first] = responses?.fields ?? [];
  assert.ok(responses !== undefined && first !== undefined);
  const place = `header x-${'long-name-'.repeat(6)}end`;
  const fields = Array.from({ length: 9 }, (_, i) => ({ ...first, place: `$.f${i}`, examples: [`ID-${i}`] }));
  const given = {
    ...responses,
    fields: [{ ...first, place, declared: 'breaking' as const, examples: ['ID-9'] }, ...fields],
  };
  const text = block('FIELDS', { ...fieldReport(), responses: given }) ?? '';
  for (let i = 0; i < 10; i++)
    assert.match(text, new RegExp(`^ {6}e\\.g\\. ID-${i} · q <0\\.001 · 95 % \\[99\\.5, 100\\]`, 'm'));
  assert.ok(text.replaceAll(/\s+/g, ' ').includes(`e.g. ID-9 · q <0.001 · 95 % [99.5, 100] · ${place}`), text);
});

test('the first lines say of how many pairs bodies were compared, what is a hint and what was not judged', () => {
  assert.match(
    renderDiffTable(fieldReport()),
    /^ +statuses and times, headers of 900 pairs, the bodies of 812 of 1000 pairs \(81\.2 %\)\n/m,
  );
  const [first = ''] = renderDiffTable(fieldReport()).split('\nGATES');
  assert.match(
    first,
    /^hint {10}\$\['display name'\] of GET \/users\/\{…\}: missing in 2\.50 % \(2 of 80, never in A\/A\), too\n +few to decide$/m,
  );
  assert.match(
    first,
    /^not judged {4}1 field by rules \(820 differences\)\n +4 fields known to change \(900 differences\)$/m,
  );
  assert.match(first, /^ +14 fields in the noise as often \(1203 differences\)$/m);
});

test('without an A/A run the report says that the noise is unknown, and what is not tested then', () => {
  const screen = renderDiffTable(unknownNoiseReport());
  const unknown = 'without an A/A run only status, missing and extra fields and their types are tested';
  const words = screen.replaceAll(/\s+/g, ' ');
  assert.ok(words.includes(` not known how much two answers of one version differ: ${unknown} `));
  assert.ok(words.includes(` noise unknown: ${unknown} `));
  assert.doesNotMatch(block('FIELDS', unknownNoiseReport()) ?? '', /A\/A =|never in A\/A/);
});

test('noise that was given as a report, or as a file without answers, says what to give', () => {
  const blind = unknownNoiseReport();
  const words = (changes: Partial<typeof blind>) => renderDiffTable({ ...blind, ...changes }).replaceAll(/\s+/g, ' ');
  const report = words({ settings: { ...blind.settings, noiseBaseline: 'aa.json' } });
  assert.ok(report.includes('of statuses and times only what exceeds the noise of aa.json counts'), report);
  assert.match(
    report,
    /types are tested; a report has no answers: give the record that it was made of, --mirror-noise FILE/,
  );
  const [input] = blind.inputs;
  assert.ok(input !== undefined);
  const record = words({ inputs: [...blind.inputs, { ...input, role: 'baseline', path: '/var/log/aa.log' }] });
  assert.match(
    record,
    /types are tested; \/var\/log\/aa\.log has no answers that could be compared \(its agent needs --answers\)/,
  );
});

test('what a PASS may have missed in the answers stands beside the errors that it may have missed', () => {
  assert.match(
    renderDiffTable(unknownNoiseReport()),
    /^may miss .*\n +a header that is missing or new in less than 2\.00 % of the answers\n/m,
  );
  assert.doesNotMatch(renderDiffTable(fieldReport()), /may miss/, 'a FAIL has found something');
});

test('routes of whose bodies none was compared are named, and what would get them', () => {
  const uncompared = [
    { route: 'GET /large', pairs: 90, state: 'unasked' },
    { route: 'GET /late', pairs: 40, state: 'later' },
    { route: 'GET /text', pairs: 30, state: 'unasked' },
  ];
  const report: DiffReport = { ...unknownNoiseReport(), responses: answers({ uncompared }) };
  const unasked =
    'bodies of GET /large, GET /text (120 pairs): not asked for (for longer JSON with a Content-Length: config print --bufsize)';
  const screen = renderDiffTable(report).replaceAll(/\s+/g, ' ');
  assert.equal(screen.split(unasked).length - 1, 2, 'above and in ANSWERS');
  assert.ok(screen.includes('bodies of GET /late (40 pairs): not there in time (config print --bodies wait'));
  assert.ok(screen.includes(' whatever is in the bodies of GET /large, GET /late, GET /text '));
});

test('what was not tested is counted beside what was not judged, and is not said to be by chance', () => {
  const value = field({ noise: null, p: null, q: null, regressed: false, mirrorOnly: 0 });
  const responses = answers({
    noise: { source: 'none', pairs: 0 },
    fields: Array.from({ length: 14 }, (_, i) => ({ ...value, place: `$.f${i}` })),
    suppressed: [{ by: 'untested', name: 'value', fields: 14, differences: 574 }],
  });
  const screen = renderDiffTable({ ...passReport(), responses });
  assert.match(screen, /^not judged {4}14 fields that could not be tested \(574 differences\)$/m);
  assert.match(screen, /and 2 more fields, 2 of them not tested \(/m);
  assert.match(screen, /^not tested {2}value +14 +574$/m);
});

test('an A/A run that is shorter than the comparison is said to be', () => {
  const few = (noise: Partial<NonNullable<DiffReport['responses']>['noise']>) =>
    renderDiffTable({
      ...fieldReport(),
      responses: answers({
        noise: { source: 'destination', name: 'http://b', pairs: 600, sameRequests: true, ...noise },
      }),
    }).replaceAll(/\s+/g, ' ');
  assert.ok(few({}).includes("production's version differ there, reckoned for as many pairs (it has 600)"));
  assert.ok(
    few({ pairs: 39, sameRequests: false }).includes('of as many pairs (the run is of other requests, or of few'),
  );
});

test('why bodies were not compared is said in words, the most frequent state first', () => {
  assert.equal(
    block('ANSWERS', fieldReport()),
    `ANSWERS
  both answers are known of 900 pairs; compared were the bodies of 812 of 1000 pairs (81.2 %)
  bodies of production: whole 820, not there in time 70, too long 10
  bodies of the mirror: whole 888, without a body 12
NOT JUDGED       which                               fields  differences
known to change  date                                     4          900
noise            fields that differ as often in A/A      14         1203
a rule           $.generated_at                           1          820`,
  );
  assert.match(
    block('ANSWERS', unknownNoiseReport()) ?? '',
    /40 pairs hashed with different keys: not comparable\n {2}28 answers met no other one of the same request$/,
  );
});

test('answers that do not differ are said to be so', () => {
  assert.equal(
    block('FIELDS', sameAnswersReport()),
    'FIELDS  none differs\n  noise of file aa.jsonl: 5000 pairs of other requests, or of few of these',
  );
  assert.match(renderDiffHtml(sameAnswersReport()), /<h2>Fields<\/h2><p>No field and no header differs\.<\/p>/);
  assert.match(renderDiffMarkdown(sameAnswersReport()), /^### Fields: none differs$/m);
});

test('a report without answers has no word of fields, in any format', () => {
  for (const render of [renderDiffTable, renderDiffMarkdown, renderDiffHtml, renderDiffJunit]) {
    assert.doesNotMatch(render(passReport()), /\bfields?\b|A\/A|NOT JUDGED/i);
  }
});

test('a difference is told by its shape where there is one, else by its kind', () => {
  const told = (fields: Partial<FieldDifference>) => fieldPhrase(field({ share: 0.051, ...fields }));
  assert.equal(told({ kind: 'type', shape: 'number → string', share: 1 }), 'number → string in 100 %');
  assert.equal(told({ kind: 'missing' }), 'missing in 5.10 %');
  assert.equal(told({ kind: 'extra' }), 'only on the mirror in 5.10 %');
  assert.equal(told({ kind: 'order' }), 'another order in 5.10 %');
});

test('Markdown and HTML have the same figures, and ids to look up', () => {
  const markdown = renderDiffMarkdown(fieldReport());
  assert.match(
    markdown,
    /^\| \*\*worse\*\* \| `\$\.items\[\*\]\.price` \| `GET \/items\/\{…\}` \| number → string in 100 % \| 820 \| 820 \| 0 \| \[99\.5, 100\] \| &lt;0\.001 \| `C0A80001:C5D2_0A000001:0050_6740D2A4_0011:2C9` \|$/m,
  );
  const { text } = readMarkup(renderDiffHtml(fieldReport()), ['meta', 'br']);
  for (const part of ['$.items[*].price', 'number → string in 100 %', 'missing in 5.12 %', '[3.81, 6.85]', 'hint']) {
    assert.ok(text.includes(part), part);
  }
  for (const id of fieldReport().responses?.fields[0]?.examples ?? []) assert.ok(text.includes(id), id);
});

const casesOf = (report: DiffReport): Element[] =>
  readMarkup(renderDiffJunit(report)).elements.filter(
    ({ name, attributes }) => name === 'testcase' && attributes.get('classname') === 'spoe-logs.diff.fields',
  );

test('JUnit has a case for each field that stands out, which fails where a gate asks for it', () => {
  const names = casesOf(fieldReport()).map(({ attributes }) => attributes.get('name'));
  assert.deepEqual(names, [
    '$.items[*].price type of GET /items/{…}',
    'header cache-control missing of 4 routes',
    '$.stock.count missing of GET /items/{…}',
    "$['display name'] missing of GET /users/{…}",
  ]);
  const junit = renderDiffJunit(fieldReport());
  assert.match(
    junit,
    /<failure type="fail" message="missing in 5\.12 %, n 820, differ 42, A\/A 0, 95 % interval \[3\.81, 6\.85\], q &lt;0\.001, for example C0A80001/,
  );
});

test('JUnit stays green where a worse field is not asked for', () => {
  const report: DiffReport = { ...passReport(), responses: answers() };
  const junit = renderDiffJunit(report);
  assert.match(junit, /<testsuites name="spoe-logs diff" tests="\d+" failures="0"/);
  assert.match(junit, /<system-out>worse, but no gate asks for it: number → string in 100 %/);
});

test('a gate about one place fails that place alone', () => {
  const report = fieldReport();
  const gates = [
    {
      gate: 'field',
      place: '$.stock',
      expression: 'field:$.stock',
      status: 'fail' as const,
      observed: 11,
      title: '11 more differences beyond the noise',
    },
  ];
  const junit = renderDiffJunit({ ...report, verdict: { ...report.verdict, gates } });
  const failed = [...junit.matchAll(/<testcase name="([^"]*)" classname="spoe-logs\.diff\.fields"[^>]*>\s*<failure/g)];
  assert.deepEqual(
    failed.map(([, name]) => name),
    ['$.stock.count missing of GET /items/{…}'],
  );
});

test('what both logs say of size and media type is shown, worst first', () => {
  assert.equal(
    block('SIZE', contentReport()),
    `SIZE AND MEDIA TYPE
  media type known of 900 pairs, another one in 120
  size of the body alone, mirror / production of the typical pair: 1.01 [0.99, 1.02] (880 pairs)
  7 changes of the media type not judged, by rules
       route            media type                    pairs  changed   size  95 % interval
worse  GET /orders/{…}  application/json → text/html    120      120  4.20x   [3.90, 4.60]
       POST /orders                                       -        -  0.40x   [0.30, 0.50]`,
  );
  assert.match(
    renderDiffTable(contentReport()),
    /^ +statuses and times, sizes and media types; bodies and headers need --answers$/m,
  );
  assert.match(
    renderDiffMarkdown(contentReport()),
    /^\| \*\*worse\*\* \| `GET \/orders\/\{…\}` \| application\/json → text\/html \| 120 \| 120 \| 4\.20x \|/m,
  );
  assert.match(renderDiffHtml(contentReport()), /<h2>Size and media type<\/h2>/);
});

test('a field that is worse comes with the command that lists its requests', () => {
  assert.match(
    renderDiffTable(fieldReport()),
    /^next {10}the requests whose answers differ, on one route:\n.*\n {6}--route 'GET \/items\/\{…\}'$/m,
  );
});
