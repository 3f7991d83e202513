/** The dashboard as a file: made by the script, and such that Grafana 10 and newer take it; its queries are about metrics that there are. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderDashboard } from '../../scripts/dashboards/grafana.ts';
import { DASHBOARD } from '../../scripts/dashboards/panels.ts';
import { FILE } from '../../scripts/dashboards.ts';
import { FOLDER, type GridPos, panelsOf, readDashboard } from './expressions.ts';

const dashboard = readDashboard();
const panels = panelsOf(dashboard);
const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

test('it is what npm run dashboards makes', () => {
  assert.equal(readFileSync(FILE, 'utf8'), renderDashboard(DASHBOARD));
});

test('panels have numbers of their own, a title, a description, and what to say without data', () => {
  const all = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  for (const { title, description = '', fieldConfig, targets = [] } of panels) {
    assert.notEqual(title, '');
    assert.match(description, /\.$/, title);
    assert.notEqual(fieldConfig?.defaults.noValue, '', title);
    assert.notEqual(fieldConfig?.defaults.unit, '', title);
    assert.ok(targets.length > 0, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    for (const { refId } of targets) assert.match(refId, /^[A-Z]$/, title);
  }
});

function overlaps(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test('no panel lies on another one, or beside the grid of 24 columns', () => {
  // A closed row takes one line of the grid; what is in it has places of its own.
  for (const level of [dashboard.panels, ...dashboard.panels.map(({ panels: inside = [] }) => inside)]) {
    for (const [i, { title, gridPos }] of level.entries()) {
      assert.ok(gridPos.x >= 0 && gridPos.w > 0 && gridPos.h > 0 && gridPos.x + gridPos.w <= 24, title);
      for (const other of level.slice(i + 1)) assert.ok(!overlaps(gridPos, other.gridPos), `${title}, ${other.title}`);
    }
  }
});

test('all ask the data source that is chosen, with variables that there are', () => {
  const names = dashboard.templating.list.map(({ name }) => name);
  assert.deepEqual(names, ['datasource', 'job', 'instance', 'destination', 'logs', 'agent']);
  for (const { title, datasource, targets = [] } of panels) {
    for (const each of [datasource, ...targets.map((target) => target.datasource)])
      assert.equal(each?.uid, '$datasource', title);
  }
  const queries = dashboard.templating.list.map(({ query }) => (typeof query === 'string' ? query : query.query));
  for (const text of [...exprs, ...queries]) {
    for (const [, name = ''] of text.matchAll(/\$([a-z_]+)/g))
      assert.ok([...names, '__rate_interval'].includes(name), text);
  }
});

test('a legend names labels that its query leaves', () => {
  for (const { title, targets = [] } of panels) {
    for (const { expr, legendFormat } of targets) {
      const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
      if (kept.length === 0) continue;
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(kept.includes(label), `${title}: ${label}`);
    }
  }
});

test('a description that names a section of the documents names one that is there', () => {
  const named = panels.flatMap(({ description = '' }) => [...description.matchAll(/(docs\/\w+\.md)#([a-z-]+)/g)]);
  assert.ok(named.length > 5);
  for (const [whole, file = '', anchor] of named) {
    const path = join(FOLDER, '..', file);
    assert.ok(existsSync(path), whole);
    const anchors = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    assert.ok(anchors.includes(anchor as string), whole);
  }
});
