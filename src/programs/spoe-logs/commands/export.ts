/** `spoe-logs export`. A bundle of its own (scripts/build.mjs): no other command loads OpenTelemetry. */
import packageJson from '../../../../package.json' with { type: 'json' };
import { Inputs, type ReadTurns, timesFor } from '../../../logs/inputs.ts';
import type { Names } from '../../../logs/names.ts';
import { STDIN } from '../../../logs/read.ts';
import { RenewingScanner } from '../../../logs/renewing-scanner.ts';
import { Int, type RowBatch, timeOf } from '../../../logs/row.ts';
import { SeenEvents } from '../../../logs/seen-events.ts';
import { LineTally } from '../../../logs/tally.ts';
import { FILE } from '../../../options/kinds.ts';
import type { DeliveryStop } from '../../../otel/delivery.ts';
import { Exporter, type ExporterOptions } from '../../../otel/exporter.ts';
import { renderSpans } from '../../../report/spans.ts';
import { NumberedFilter } from '../../../stats/filter.ts';
import { defineCommand } from '../command.ts';
import { CliError, Exit } from '../errors.ts';
import { EXPORT_OPTIONS, type ExportArguments } from '../export-options.ts';
import { showExportProgress } from '../export-progress.ts';
import { reportExport } from '../export-report.ts';
import { type FilterOptions, toFilter } from '../filter-options.ts';
import { catchInterrupts, HURRY_MS, type Interruption } from '../interrupt.ts';
import { type LogOptions, readLogOptions } from '../log-options.ts';
import { inputPaths } from '../paths.ts';
import { reportProblem, setExit } from '../report-problem.ts';
import { reportAwaited, reportGivenUp, reportReading, reportUnread } from '../report-reading.ts';

/** The bytes between two waits for the collector: lines become ten times as many bytes of spans. */
const TURN_BYTES = 256 * 1024;
/** The interval of flushes; the default of OTEL_BSP_SCHEDULE_DELAY. */
const FLUSH_MS = 5000;

export const command = defineCommand({
  options: EXPORT_OPTIONS,
  positionals: {
    files: { kind: FILE, repeatable: true, help: 'log files, gzip or not; none or - is standard input' },
  },
  examples: [
    ['$0 export access.log --endpoint http://127.0.0.1:4318', 'a trace for each SPOE event'],
    ['$0 export --follow --metrics --spans compact lb-access.log', 'a running pipeline'],
  ],
  run,
});

async function run(given: ExportArguments): Promise<void> {
  const paths = inputPaths(given.files, given.follow);
  const options = readLogOptions(given, Date.now());
  const settings = readExporterOptions(given, options);
  const interruption = catchInterrupts();
  try {
    await exportAll(given, paths, options, settings, interruption);
  } finally {
    interruption.release();
  }
}

type FixedOptions = Omit<ExporterOptions, 'onStop' | 'onFault' | 'onPreview'>;

/** Reads the options of the exporter. Throws CliError. */
function readExporterOptions(given: ExportArguments, { filter }: LogOptions): FixedOptions {
  if (given.spans === 'none' && !given.metrics)
    throw new CliError('usage', '--spans none without --metrics leaves nothing to export', 'add --metrics');
  const accepts = rowFilter(filter);
  return {
    given: { ...given, headers: given.header },
    env: process.env,
    version: packageJson.version,
    detail: given.spans,
    metrics: given.metrics,
    temporality: given.temporality,
    sample: given.sample,
    toCollector: given.endpoint !== undefined || given.otlpFile === undefined,
    otlpFile: given.otlpFile,
    retryForMs: given.retryFor,
    onUntimed: reportUntimed,
    ...(!given.keepDuplicates && { seen: new SeenEvents() }),
    ...(accepts && { accepts }),
    ...(given.time === 'arrival' && { arrivalMs: Date.now }),
  };
}

async function exportAll(
  given: ExportArguments,
  paths: readonly string[],
  options: LogOptions,
  settings: FixedOptions,
  interruption: Interruption,
): Promise<void> {
  let fault: unknown;
  const exporter = new Exporter({
    ...settings,
    onStop: (stop) => {
      reportStop(stop);
      interruption.stop();
    },
    onFault: (error) => {
      fault = error;
      interruption.stop();
    },
    ...(given.dryRun && { onPreview: (request) => preview(request, interruption) }),
  });
  const { pipeline } = exporter;
  const tally = new LineTally();
  const take = (batch: RowBatch) => pipeline.take(batch);
  const inputs = new Inputs(new RenewingScanner(tally, timesFor(STDIN, options), take), tally, options);
  const progress = showExportProgress(paths, tally, pipeline);
  interruption.signal.addEventListener('abort', () => {
    if (!interruption.interrupted()) return;
    if (pipeline.isBusy) reportProblem({ message: 'delivering what was read; a second Ctrl-C ends at once' });
    exporter.hurry(HURRY_MS);
  });
  const turns: ReadTurns = {
    signal: interruption.signal,
    onTurn: () => pipeline.turn(),
    turnBytes: TURN_BYTES,
    onEnter: (_path, isAnew) => isAnew && pipeline.beginInput(),
    onAwaited: reportAwaited,
    onGivenUp: reportGivenUp,
  };
  const flushing = setInterval(() => pipeline.flush(), flushMs()).unref();
  try {
    await inputs.readAll(paths, given.follow, turns);
    await exporter.finish();
  } finally {
    clearInterval(flushing);
    progress.stop();
  }
  if (fault !== undefined) throw fault;
  const { report } = exporter;
  if (!given.dryRun) reportExport(report);
  if (report.untimed > 0) setExit(Exit.unusable);
  if (inputs.unread !== undefined && report.events > 0) reportUnread(inputs.unread);
  reportReading(paths, inputs, report.events + tally.other + tally.malformed, interruption);
}

function flushMs(): number {
  const ms = Number(process.env.OTEL_BSP_SCHEDULE_DELAY ?? '');
  return Number.isInteger(ms) && ms > 0 ? ms : FLUSH_MS;
}

function preview(request: Uint8Array, interruption: Interruption): void {
  process.stdout.write(renderSpans(JSON.parse(Buffer.from(request).toString('utf8'))));
  interruption.stop();
}

function reportUntimed(): void {
  reportProblem({
    code: 'no-time',
    message: 'an event line without a time is not exported, nor are others like it',
    hint: 'log with a time (HAProxy: format rfc3164, or timed), or give such lines the present one: --time arrival',
  });
}

/** Reports the collector's answer and its address. A collector that was only unavailable is no error of the command. */
function reportStop({ code, endpoint, reason, hint }: DeliveryStop): void {
  reportProblem({ code, message: `${endpoint}: ${reason}`, hint });
  setExit(code === 'collector-unavailable' ? Exit.crossed : Exit.unusable);
}

/** The filter options for single rows; undefined when nothing is left out. */
function rowFilter(
  options: FilterOptions,
): ((ints: Int32Array, floats: Float64Array, int: number, names: Names) => boolean) | undefined {
  const filter = toFilter(options);
  if (filter === undefined) return undefined;
  let known: { readonly names: Names; readonly numbered: NumberedFilter } | undefined;
  return (ints, floats, int, names) => {
    // The numbers of names are those of one table.
    if (known?.names !== names) known = { names, numbered: new NumberedFilter(filter, names) };
    const { numbered } = known;
    return (
      numbered.acceptsSource(
        ints[int + Int.key] as number,
        ints[int + Int.origin] as number,
        timeOf(floats, int >> 1),
      ) && numbered.acceptsStatus((ints[int + Int.status] as number) >>> 0)
    );
  };
}
