import { LineTally } from '../../../logs/tally.ts';
import { FILE, FLAG } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import { Aggregator } from '../../../stats/aggregator.ts';
import { MirrorRecordTally, type MirrorState } from '../../../stats/mirror-tally.ts';
import type { Notice, Summary } from '../../../stats/model.ts';
import { findDistinct, findDistinctRecords } from '../../../stats/overlap.ts';
import type { SavedState } from '../../../stats/state.ts';
import { defineCommand } from '../command.ts';
import { CliError, Exit } from '../errors.ts';
import { reportProblem, setExit } from '../report-problem.ts';
import { readState } from '../saved-states.ts';
import { readThresholds, SUMMARY_OPTIONS } from '../summary-options.ts';
import { exitOf, makeSummary, openOutput } from '../summary-output.ts';

const OPTIONS = optionTable({
  ...SUMMARY_OPTIONS,
  'keep-duplicates': {
    kind: FLAG,
    help: 'count an event in each state that holds it',
  },
});

type MergeArguments = Given<typeof OPTIONS> & { readonly states: readonly string[] };

export const command = defineCommand({
  options: OPTIONS,
  positionals: {
    states: { kind: FILE, repeatable: true, required: true, help: 'files that summarize --save wrote' },
  },
  examples: [
    ['$0 summarize --save lb1.json lb-access.log', 'on each host'],
    ['$0 merge lb*.json', 'one summary of the fleet, without moving logs'],
  ],
  run,
});

async function run(given: MergeArguments): Promise<void> {
  const render = await openOutput(given);
  const states = readStates(given.states).sort((a, b) => (a.aggregate.from ?? 0) - (b.aggregate.from ?? 0));
  const first = states[0];
  if (first === undefined) {
    setExit(Exit.unusable);
    return;
  }
  const by = [...first.aggregate.by];
  const windowMs = first.aggregate.series?.widthMs;
  const thresholds = readThresholds(given, by);
  const aggregator = new Aggregator({
    by,
    history: given.format === 'html',
    ...(windowMs !== undefined && { windowMs }),
  });
  const tally = new LineTally();
  for (const { aggregate, tally: lines } of states) {
    if (aggregate.by.join() !== by.join() || aggregate.series?.widthMs !== windowMs) {
      throw new CliError(
        'states-differ',
        'the states were saved with different --by or --window',
        'save them with the same options',
      );
    }
    tally.merge(lines);
  }
  const distinct = given.keepDuplicates ? { states, repeated: [], shared: [] } : findDistinct(states);
  for (const { aggregate } of distinct.states) aggregator.merge(aggregate);
  for (const state of distinct.repeated) aggregator.leaveOut(state.aggregate);
  const files = states.flatMap((state) => state.files);
  const problems = states.flatMap((state) => state.notices);
  const held = states.flatMap((state) => state.mirror ?? []);
  const { records, repeated } = given.keepDuplicates ? { records: held, repeated: [] } : findDistinctRecords(held);
  const mirror = mergeRecords(records, given.format === 'html');
  const inputNotices = [...problems, ...sharedNotices(distinct.shared), ...repeatedNotices(repeated)];
  const source = { files, aggregator, tally, thresholds, inputNotices, ...(mirror && { mirror }) };
  const summary = makeSummary(source, given);
  process.stdout.write(render(summary, source));
  reportInputs(summary, problems);
  setExit(exitOf(summary));
}

/** The sum of the records; undefined without any. */
function mergeRecords(records: readonly MirrorState[], history: boolean): MirrorRecordTally | undefined {
  if (records.length === 0) return undefined;
  const merged = new MirrorRecordTally({ history });
  for (const record of records) merged.merge(record);
  return merged;
}

function sharedNotices(shared: readonly string[]): Notice[] {
  const [first] = shared;
  if (first === undefined) return [];
  const others = shared.length === 1 ? '' : ` and of ${shared.length - 1} more`;
  const message = `events of ${first}${others} are in several of the states, and are counted more than once: save each log once`;
  return [{ code: 'states-overlap', message }];
}

function repeatedNotices(records: readonly MirrorState[]): Notice[] {
  if (records.length === 0) return [];
  const names = [...new Set(records.flatMap(({ files }) => files))].join(', ');
  return [{ code: 'record-repeated', message: `the record ${names} is in several of the states: it is counted once` }];
}

/** Reports the problems of the inputs when the states were saved. */
function reportInputs({ input, mirror }: Summary, notices: readonly Notice[]): void {
  for (const { code, message } of notices) reportProblem({ code, message, hint: 'it was so when the state was saved' });
  const ofMirror = mirror === undefined ? 0 : mirror.total.requests + mirror.filtered;
  const found = input.spoe + input.spoeOther + input.malformed + input.filtered + ofMirror;
  if (found === 0) reportProblem({ code: 'no-spoe-lines', message: 'no SPOE line in any of the states' });
  if (found === 0 || notices.length > 0) setExit(Exit.unusable);
}

/** Reads what can be read; the rest is reported and makes the exit code 2. */
function readStates(paths: readonly string[]): SavedState[] {
  const states: SavedState[] = [];
  for (const path of paths) {
    try {
      states.push(readState(path));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      reportProblem(error);
      setExit(Exit.unusable);
    }
  }
  return states;
}
