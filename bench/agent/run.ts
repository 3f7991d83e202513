#!/usr/bin/env node
/**
 * npm run bench:agent [-- SECTION… OPTIONS]: spoa-mirror under load, beside the C agent where its program is given.
 * `--help` lists sections and options.
 *
 * The C agent: git clone https://github.com/haproxytech/spoa-mirror; with autoconf, automake, pkg-config, libev-dev and
 * libcurl4-openssl-dev: ./scripts/bootstrap && ./configure && make; then --peer src/spoa-mirror.
 */
import { parseArgs } from 'node:util';
import { describeLoad, describeMachine, findProgram, messageOf, requireBuilt } from '../measure.ts';
import { benchAnswers } from './answers.ts';
import { startCollector } from './collector-process.ts';
import { type AgentContender, ownAgent, peerAgent, tracingAgent } from './contenders.ts';
import { benchHaproxy } from './haproxy.ts';
import { benchIdle } from './idle.ts';
import { type Figures, measureRun, summarizeRuns } from './measured-run.ts';
import { freePort } from './processes.ts';
import { NOTES, type Result, renderDetails, renderFigures } from './report.ts';
import { closedLoop, NEVER_ANSWERS, PACED_RATES, paced, type Scenario } from './scenarios.ts';

const SECTIONS = ['paced', 'closed', 'idle', 'never', 'otel', 'answers', 'haproxy'] as const;
type Section = (typeof SECTIONS)[number];
const HELP = `usage: npm run bench:agent [-- SECTION… OPTIONS]

Sections, all of them when none is named (haproxy only with --haproxy):
  paced        1000, 2000, 4000 and 8000 requests a second
  closed       closed loop: always as many on their way as fit
  idle         connections that nothing comes from: wake-ups, CPU, memory
  never        a mirror that never answers, 1000 a second
  answers      the agent without --answers, with head, with body: production's answers are sent as well
  otel         the agent without --otel, and with it: a collector that answers, is down, hangs
  haproxy      a real HAProxy in front, clients with and without mirroring

  --peer PATH          the C agent's program, to be measured beside ours
  --haproxy PATH       the HAProxy for the section haproxy
  --spopload PATH      another load generator, with the options of spopload
  --seconds 25         measured time of a run
  --warm-up 5          seconds before that, in which the code gets compiled
  --rounds 3           runs of each, in turn; medians are printed
  --rates 1000,2000    the rates of the section paced
  --connections 4      of the load generator
  --depth 20           requests on their way on each of them, at most
  --delay MS           how long the mirror thinks
  --client-rounds 5    rounds of the section haproxy
  --client-seconds 10  measured time of each of its runs
  --throughput         section haproxy: also 50 clients without pause
`;

type Options = ReturnType<typeof readOptions>;

function readOptions() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      peer: { type: 'string' },
      haproxy: { type: 'string' },
      spopload: { type: 'string' },
      seconds: text('25'),
      'warm-up': text('5'),
      rounds: text('3'),
      rates: text(PACED_RATES.join(',')),
      connections: text('4'),
      depth: text('20'),
      delay: text('0'),
      'client-rounds': text('5'),
      'client-seconds': text('10'),
      throughput: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) throw new Error(`no section ${unknown}: choose from ${SECTIONS.join(', ')}`);
  const standard = SECTIONS.filter((section) => section !== 'haproxy' || values.haproxy !== undefined);
  return {
    help: values.help,
    sections: positionals.length > 0 ? SECTIONS.filter((section) => positionals.includes(section)) : standard,
    peer: program('peer', values.peer),
    haproxy: program('haproxy', values.haproxy),
    spopload: program('spopload', values.spopload),
    seconds: positive('seconds', values.seconds),
    warmUpSeconds: positive('warm-up', values['warm-up']),
    rounds: positive('rounds', values.rounds),
    rates: values.rates.split(',').map((rate) => positive('rates', rate)),
    connections: positive('connections', values.connections),
    depth: positive('depth', values.depth),
    delayMs: Number(values.delay),
    clientRounds: positive('client-rounds', values['client-rounds']),
    clientSeconds: positive('client-seconds', values['client-seconds']),
    throughput: values.throughput,
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} ${text} is not a number above 0`);
  return number;
}

function program(name: string, path: string | undefined): string | undefined {
  const found = path === undefined ? undefined : findProgram(path);
  if (path !== undefined && found === undefined) throw new Error(`--${name}: there is no program ${path}`);
  return found;
}

function scenariosOf(section: Section, options: Options): readonly Scenario[] {
  if (section === 'paced' || section === 'otel') return options.rates.map(paced);
  if (section === 'closed') return [closedLoop(options)];
  return [NEVER_ANSWERS];
}

async function contendersOf(section: Section, { peer }: Options): Promise<readonly AgentContender[]> {
  if (section === 'otel') return await tracingContenders();
  return [ownAgent(), ...(peer === undefined ? [] : [peerAgent(peer)])];
}

async function tracingContenders(): Promise<readonly AgentContender[]> {
  const [collector, hanging, closed] = await Promise.all([
    startCollector(),
    startCollector({ hangs: true }),
    freePort(),
  ]);
  return [
    ownAgent('without --otel'),
    tracingAgent('collector answers', collector.url),
    tracingAgent('collector is down', `http://127.0.0.1:${closed}`),
    tracingAgent('collector hangs', hanging.url),
  ];
}

/** Our own agent must not end; that of others may crash, which ends its run alone. */
async function measureOrSay(
  contender: AgentContender,
  scenario: Scenario,
  options: Options,
): Promise<Figures | undefined> {
  try {
    const figures = await measureRun(contender, scenario, options);
    if (contender.own || !figures.died) return figures;
    console.error(`  ${contender.name} died: this run is left out`);
  } catch (error) {
    if (contender.own) throw error;
    console.error(`  ${contender.name} died, or does not answer: this run is left out (${messageOf(error)})`);
  }
  return undefined;
}

/** Every contender in turn, A B A B …, so that whatever else the machine does meets both. */
async function runSection(section: Section, options: Options): Promise<readonly Result[]> {
  const contenders = await contendersOf(section, options);
  const results: Result[] = [];
  for (const scenario of scenariosOf(section, options)) {
    const measured = contenders.map((contender) => ({ contender, runs: [] as Figures[], crashes: 0 }));
    for (let round = 1; round <= options.rounds; round++) {
      for (const each of measured) {
        const { contender, runs } = each;
        console.error(`${section}: ${scenario.name}, round ${round} of ${options.rounds}, ${contender.name} …`);
        const figures = await measureOrSay(contender, scenario, options);
        if (figures === undefined) each.crashes += 1;
        else runs.push(figures);
      }
    }
    const summaries = measured.map(({ contender, runs, crashes }) => ({
      contender,
      runs,
      figures: runs.length === 0 ? undefined : summarizeRuns(runs),
      crashes,
    }));
    const peer = summaries.find(({ contender }) => !contender.own)?.figures;
    results.push(...summaries.map((summary) => ({ scenario, ...summary, peer })));
  }
  return results;
}

async function main() {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  requireBuilt();
  const { haproxy } = options;
  if (options.sections.includes('haproxy') && haproxy === undefined)
    throw new Error('the section haproxy needs --haproxy PATH');
  console.log(`${describeMachine()}, ${describeLoad()} before\n`);
  for (const section of options.sections) {
    if (section === 'haproxy' && haproxy !== undefined) await benchHaproxy({ ...options, haproxy });
    else if (section === 'idle') await benchIdle(await contendersOf(section, options), options);
    else if (section === 'answers') await benchAnswers(options.rates.map(paced), options);
    else {
      const results = await runSection(section, options);
      console.log(`${section}: ${options.seconds} s a run, medians of ${options.rounds} rounds in turn\n`);
      console.log(`${renderFigures(results)}\n\n${renderDetails(results)}\n`);
    }
  }
  if (options.sections.some((section) => section !== 'haproxy')) console.log(NOTES);
  if (options.peer === undefined)
    console.log('Without --peer there is nothing to compare with; see the head of bench/agent/run.ts.');
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(`bench:agent: ${messageOf(error)}`);
    process.exit(1);
  },
);
