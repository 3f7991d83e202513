/** `npm run dashboards`: writes dashboards/spoe-logs.json from the list in scripts/dashboards/panels.ts. A test fails when it is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDashboard } from './dashboards/grafana.ts';
import { DASHBOARD } from './dashboards/panels.ts';
import { isMain, main, ROOT } from './project.mjs';

export const FILE = join(ROOT, 'dashboards', 'spoe-logs.json');

// Of import.meta the url alone stays that of this file in the bundle of a test.
if (isMain({ url: import.meta.url })) {
  await main(async () => {
    const wanted = renderDashboard(DASHBOARD);
    const isFresh = readText(FILE) === wanted;
    if (!isFresh) writeFileSync(FILE, wanted);
    console.log(isFresh ? 'dashboards/ is up to date' : 'wrote dashboards/spoe-logs.json');
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
