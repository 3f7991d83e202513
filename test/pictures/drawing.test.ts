/** How screens and panels are drawn: what stands where, at what time, and that texts of others stay texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Panel } from '../../scripts/dashboards/grafana.ts';
import { drawDashboard } from '../../scripts/pictures/dashboard-svg.ts';
import type { AskedSeries } from '../../scripts/pictures/scraped-scene.ts';
import { drawTerminal, type Shot } from '../../scripts/pictures/terminal-svg.ts';
import { VtScreen } from '../../scripts/terminal/vt-screen.ts';

/** What a terminal of 20 columns and 3 rows shows after this. */
function shot(written: string, story = ''): Shot {
  const screen = new VtScreen(20, 3);
  screen.write(written);
  return { rows: screen.runs, story, seconds: 1 };
}

const RECORDING = { columns: 20, rows: 3, command: 'spoe-logs summarize', title: 'a title' };

test('a screen gives its rows in runs of one style each, without the empty end of a row', () => {
  assert.deepEqual(shot('plain \x1b[31mred\x1b[0m\x1b[K\r\n\x1b[7;1m all \x1b[0m').rows, [
    [
      { text: 'plain ', style: '' },
      { text: 'red', style: '31' },
    ],
    [{ text: ' all ', style: '7;1' }],
    [],
  ]);
});

test('what is cleared, scrolled away or written over has lost its style', () => {
  const { rows } = shot('\x1b[31mone\x1b[0m\r\n\x1b[32mtwo\x1b[0m\r\nthree\r\nfour\x1b[1;1H\x1b[K\x1b[2;2Hh');
  assert.deepEqual(rows, [[], [{ text: 'three', style: '' }], [{ text: 'four', style: '' }]]);
});

test('a still has no motion; its colours are classes, its text is text', () => {
  const svg = drawTerminal({ ...RECORDING, shots: [shot('\x1b[31mred\x1b[0m <b>&')] }, 'dark');
  assert.doesNotMatch(svg, /animation|keyframes/);
  assert.match(svg, /<text [^>]*textLength="64"><tspan class="r">red<\/tspan> &lt;b&gt;&amp;<\/text>/);
});

test('a recording writes a row once for the whole time it stays, and rests on its last screen', () => {
  const shots = [shot('same\r\none'), shot('same\r\ntwo'), shot('same\r\ntwo\r\nlast', 'the end')];
  const svg = drawTerminal({ ...RECORDING, shots }, 'light');
  assert.equal(svg.match(/>same</g)?.length, 1);
  assert.equal(svg.match(/>two</g)?.length, 1);
  const [, rest = ''] = /^<style>.*?\}([^{}]*)\{visibility:hidden\}@media/m.exec(svg) ?? [];
  assert.equal(rest, '.s0-1');
  assert.match(svg, /@media \(prefers-reduced-motion:no-preference\)\{g\{animation:3s step-end infinite\}/);
  assert.match(svg, /@keyframes s0-1\{0%\{visibility:visible\}33\.33%\{visibility:hidden\}to\{visibility:hidden\}\}/);
  assert.match(svg, /@keyframes s1-3\{0%\{visibility:hidden\}33\.33%\{visibility:visible\}to\{visibility:visible\}\}/);
  assert.match(svg, /<g class="s2-3">.*>last<.*>the end</);
});

const PANEL = { description: '', width: 8, height: 8 } as const;
const series = (labels: AskedSeries['metric'], values: readonly string[], from = 100): AskedSeries => ({
  metric: labels,
  values: values.map((value, i) => [from + i, value]),
});

function drawn(panel: Panel, answers: readonly (readonly AskedSeries[])[]): string {
  const shown = { title: 'a title', rows: [{ title: 'a row', panels: [panel] }], answers: new Map([[panel, answers]]) };
  return drawDashboard({ ...shown, from: 100, until: 104 }, 'dark');
}

test('a stat is the last value that is known, in its unit or its word', () => {
  const panel: Panel = {
    ...PANEL,
    kind: 'stat',
    title: 'share',
    unit: 'percentunit',
    targets: [{ expr: 'x', legend: '' }],
  };
  assert.match(drawn(panel, [[series({}, ['0.5', '0.25', 'NaN'])]]), /class="big"[^>]*>25 %</);
  assert.match(drawn({ ...panel, noData: 'no log' }, [[]]), /class="big"[^>]*>no log</);
  const words = [{ value: 2, text: 'FAILING', color: 'red' as const }];
  assert.match(drawn({ ...panel, words }, [[series({}, ['2'])]]), /fill:#ff8e86">FAILING</);
});

test('curves have the names of their labels as text, a gap where nothing is known, and stand on each other where they are stacked', () => {
  const panel: Panel = {
    ...PANEL,
    kind: 'timeseries',
    title: 'rate',
    unit: 'reqps',
    targets: [{ expr: 'x', legend: '{{class}} of <all>' }],
  };
  const one = series({ class: '2xx' }, ['10', '10', 'NaN', '5']);
  assert.match(drawn(panel, [[one]]), /<path class="line c0" d="M0 0H2M3 50H4"\/>/);
  assert.match(drawn(panel, [[one]]), />2xx of &lt;all&gt;</);
  const stacked = drawn({ ...panel, isStacked: true }, [[one, series({ class: '5xx' }, ['10', '0', '0', '0'])]]);
  assert.match(stacked, /<path class="c1" d="M0 50V0h1V50z"\/>/);
  assert.match(drawn({ ...panel, noData: 'none' }, [[]]), />none</);
});

test('a map of latencies has what is in a bucket, not what is below its bound, and the endless one on top', () => {
  const panel: Panel = {
    ...PANEL,
    kind: 'heatmap',
    title: 'all',
    unit: 's',
    targets: [{ expr: 'x', legend: '{{le}}' }],
  };
  const svg = drawn(panel, [
    [series({ le: '+Inf' }, ['3']), series({ le: '0.1' }, ['1']), series({ le: '0.01' }, ['1'])],
  ]);
  // One within 10 ms, none up to 100 ms, two above.
  const cells = [...svg.matchAll(/class="heat h\d" d="([^"]*)"/g)].map(([, path]) => path).join('');
  assert.deepEqual(cells.match(/M0 [\d.]+/g)?.sort(), ['M0 0', 'M0 66.67']);
  assert.match(svg, />\+Inf</);
  assert.match(svg, />10 ms</);
});
