/** The queries of the dashboard, and what Grafana makes of them before it asks. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allChosen } from '../../scripts/dashboards/grafana.ts';

export const FOLDER = fileURLToPath(new URL('../../dashboards/', import.meta.url));

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface ShownPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: GridPos;
  readonly collapsed?: boolean;
  readonly panels?: readonly ShownPanel[];
  readonly datasource?: { readonly uid: string; readonly type: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string; readonly noValue: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
}

export interface ShownDashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly ShownPanel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string | { query: string };
    }[];
  };
}

export function readDashboard(): ShownDashboard {
  return JSON.parse(readFileSync(`${FOLDER}spoe-logs.json`, 'utf8'));
}

/** All panels but rows, those of closed rows among them. */
export function panelsOf({ panels }: ShownDashboard): ShownPanel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? [...(panel.panels ?? [])] : [panel]));
}

/** With all chosen in each variable. */
export function asAsked(expr: string): string {
  return allChosen(expr, '20s');
}
