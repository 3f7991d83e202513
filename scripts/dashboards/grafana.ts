/** Panels as the list has them, and as Grafana (10 and newer) reads them. */

/** Units of Grafana. */
export type Unit = 'short' | 'reqps' | 'cps' | 's' | 'percentunit' | 'bytes' | 'Bps' | 'dateTimeFromNow';

export interface Target {
  readonly expr: string;
  /** `{{label}}` stands for the value of a label. */
  readonly legend: string;
}

/** From this value on it has this colour. */
export interface Step {
  readonly from: number;
  readonly color: 'green' | 'yellow' | 'orange' | 'red' | 'blue';
}

export interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries' | 'heatmap' | 'state-timeline' | 'table';
  /** What it shows, and what is good. */
  readonly description: string;
  readonly unit: Unit;
  readonly targets: readonly Target[];
  /** Columns of 24, and rows. */
  readonly width: number;
  readonly height: number;
  readonly steps?: readonly Step[];
  /** Values as words. */
  readonly words?: readonly { readonly value: number; readonly text: string; readonly color: Step['color'] }[];
  readonly max?: number;
  readonly isStacked?: boolean;
  /** In a stat: the name of the series beside its value. */
  readonly isNamed?: boolean;
  /** What stands there without data. */
  readonly noData?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Closed when the dashboard opens: for what not everybody has. */
  readonly isCollapsed?: boolean;
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** A query of Grafana, as `label_values(up, job)`. */
  readonly query: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** A query with all chosen in each variable, and rates over this time. */
export function allChosen(expr: string, rateInterval: string): string {
  return expr.replaceAll('$__rate_interval', rateInterval).replace(/\$[a-z_]+\b/g, '.*');
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;
const COLUMNS = 24;
/** That of Grafana 10.0; a newer one brings it up to its own. */
const SCHEMA_VERSION = 38;

export function renderDashboard({ uid, title, description, tags, variables, rows }: Dashboard): string {
  const layout = new Layout();
  const panels = rows.flatMap((row) => layout.row(row));
  const model = {
    uid,
    title,
    description,
    tags,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    annotations: { list: [] },
    links: [],
    templating: { list: [datasourceVariable(), ...variables.map(queryVariable)] },
    panels,
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** Gives panels their numbers and places, from left to right, row by row. */
class Layout {
  #id = 0;
  #y = 0;

  row({ title, panels, isCollapsed = false }: Row): object[] {
    const head = { id: ++this.#id, type: 'row', title, collapsed: isCollapsed, gridPos: this.#place(COLUMNS, 1, 0) };
    const top = ++this.#y;
    let x = 0;
    let tallest = 0;
    const placed = panels.map((panel) => {
      if (x + panel.width > COLUMNS) {
        this.#y += tallest;
        x = 0;
        tallest = 0;
      }
      const gridPos = this.#place(panel.width, panel.height, x);
      x += panel.width;
      tallest = Math.max(tallest, panel.height);
      return { id: ++this.#id, gridPos, ...renderPanel(panel) };
    });
    this.#y = isCollapsed ? top : this.#y + tallest;
    // A closed row holds its panels, an open one is followed by them.
    return isCollapsed ? [{ ...head, panels: placed }] : [{ ...head, panels: [] }, ...placed];
  }

  #place(w: number, h: number, x: number): object {
    return { x, y: this.#y, w, h };
  }
}

function renderPanel(panel: Panel): object {
  const { title, description, kind, unit, targets, noData = 'no data', max } = panel;
  const isNow = kind === 'stat' || kind === 'table';
  return {
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: {
        unit,
        noValue: noData,
        min: 0,
        ...(max !== undefined && { max }),
        color: { mode: panel.steps === undefined && panel.words === undefined ? 'palette-classic' : colourOf(kind) },
        thresholds: { mode: 'absolute', steps: stepsOf(panel.steps) },
        mappings: mappingsOf(panel.words),
        ...(kind === 'timeseries' && { custom: lines(panel) }),
        ...(kind === 'state-timeline' && { custom: { fillOpacity: 70, lineWidth: 0 } }),
      },
      overrides: [],
    },
    options: optionsOf(panel),
    targets: targets.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      editorMode: 'code',
      expr,
      legendFormat: legend,
      ...(isNow ? { instant: true, range: false } : { instant: false, range: true }),
      format: kind === 'heatmap' ? 'heatmap' : kind === 'table' ? 'table' : 'time_series',
    })),
  };
}

function colourOf(kind: Panel['kind']): string {
  return kind === 'timeseries' ? 'palette-classic' : 'thresholds';
}

function stepsOf(steps: readonly Step[] = []): object[] {
  return [{ color: 'green', value: null }, ...steps.map(({ from, color }) => ({ color, value: from }))];
}

function mappingsOf(words: Panel['words']): object[] {
  if (words === undefined) return [];
  const options = Object.fromEntries(
    words.map(({ value, text, color }, index) => [String(value), { text, color, index }]),
  );
  return [{ type: 'value', options }];
}

function lines({ isStacked = false, steps }: Panel): object {
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: isStacked ? 30 : 10,
    showPoints: 'never',
    // A gap is a time of which nothing is known: it is not drawn over.
    spanNulls: false,
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: steps === undefined ? 'off' : 'line' },
  };
}

function optionsOf({ kind, isNamed = false, unit }: Panel): object {
  if (kind === 'stat')
    return {
      colorMode: 'background',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: isNamed ? 'value_and_name' : 'value',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    };
  if (kind === 'timeseries')
    return {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  if (kind === 'heatmap')
    return {
      calculate: false,
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5, fill: 'dark-orange' },
      yAxis: { unit, axisPlacement: 'left' },
      cellGap: 1,
      tooltip: { show: true, yHistogram: false },
      legend: { show: true },
    };
  if (kind === 'state-timeline')
    return {
      mergeValues: true,
      showValue: 'auto',
      rowHeight: 0.8,
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'single', sort: 'none' },
    };
  return {
    showHeader: true,
    cellHeight: 'sm',
    footer: { show: false, reducer: ['sum'], countRows: false, fields: '' },
  };
}

function datasourceVariable(): object {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
  };
}

function queryVariable({ name, label, query }: Variable): object {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: `variable-${name}` },
    definition: query,
    current: { selected: true, text: ['All'], value: ['$__all'] },
    hide: 0,
    includeAll: true,
    allValue: '.*',
    multi: true,
    options: [],
    refresh: 2,
    regex: '',
    sort: 1,
  };
}
