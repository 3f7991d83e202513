#!/usr/bin/env node
/**
 * Seeded logs of production and of its mirror, with the truth that `spoe-logs diff` must find. The same options give
 * the same bytes, and production.log does not depend on --mirror.
 *
 * usage: node --import tsx bench/diff/generate.ts --out DIR [options]
 *   --seed 1
 *   --requests 10000
 *   --traps                  what real logs hold besides ordinary requests (traps.ts)
 *   --mirror agent-jsonl     agent-jsonl, haproxy-httplog or combined: the format of mirror.log
 *   --broken ROUTE           'GET /orders/{id}': the mirror answers it with 500, at --broken-rate 0.3
 *   --spoe inline            inline (in production.log), separate (in spoe.log), none
 *   --latency-ratio 1.2      how much slower the mirror is
 *   --skew-ms 2500           how far the mirror's clock is ahead
 *   --drift-ppm 400          and how much it gains
 *   --rate 2000              requests a second of log time
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../random.ts';
import { accessLine, noticeLine, spoeLine } from './haproxy-lines.ts';
import { FileSink, LogWriter, TextSink } from './log-writer.ts';
import { MIRROR_FORMATS, mirrorLine, strangeLine } from './mirror-lines.ts';
import { hex, Site } from './site.ts';
import { Traffic } from './traffic.ts';
import { Traps } from './traps.ts';
import { Truth } from './truth.ts';

const START_MS = Date.UTC(2026, 10, 20, 6, 0, 0);
const SPOE_PLACES = ['inline', 'separate', 'none'];

const DEFAULTS = {
  seed: 1,
  requests: 10_000,
  traps: false,
  mirror: 'agent-jsonl',
  broken: undefined,
  brokenRate: 0.3,
  spoe: 'inline',
  latencyRatio: 1.2,
  skewMs: 2500,
  driftPpm: 400,
  rate: 2000,
};

function settle(given) {
  const settings = { ...DEFAULTS, ...given };
  if (!MIRROR_FORMATS.includes(settings.mirror))
    throw new Error(`no format ${settings.mirror}: ${MIRROR_FORMATS.join(', ')}`);
  if (!SPOE_PLACES.includes(settings.spoe)) throw new Error(`no place ${settings.spoe}: ${SPOE_PLACES.join(', ')}`);
  for (const name of ['seed', 'requests', 'brokenRate', 'latencyRatio', 'skewMs', 'driftPpm', 'rate']) {
    if (!Number.isFinite(settings[name])) throw new Error(`${name} is no number: ${settings[name]}`);
  }
  return settings;
}

class Generator {
  #settings;
  #random;
  #site;
  #traffic;
  #traps;
  #truth;
  #writers;
  #serial = 0;

  constructor(settings, sinks) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
    this.#site = new Site(settings.traps);
    this.#traffic = new Traffic(settings, this.#site, this.#random);
    this.#traps = new Traps(settings, this.#traffic, this.#random);
    this.#truth = new Truth(settings);
    const writer = (sink, offset) =>
      new LogWriter(sink, { startMs: START_MS, seed: settings.seed + offset, withOverlaps: settings.traps });
    const production = writer(sinks.production, 1);
    const spoe = { inline: production, separate: sinks.spoe && writer(sinks.spoe, 3), none: undefined }[settings.spoe];
    this.#writers = { production, mirror: writer(sinks.mirror, 2), spoe };
  }

  run() {
    const { requests, rate } = this.#settings;
    const { production, mirror, spoe } = this.#writers;
    const writers = new Set([production, mirror, spoe].filter(Boolean));
    let clockMs = START_MS;
    for (let index = 0; index < requests; index++) {
      clockMs += this.#random.exponential() * (1000 / rate);
      for (const writer of writers) writer.advance(Math.floor(clockMs));
      this.#one(index, clockMs);
    }
    for (const writer of writers) writer.end();
    const inputs = { production: counted(production), mirror: counted(mirror), spoe: null };
    if (spoe !== undefined && spoe !== production) inputs.spoe = counted(spoe);
    return this.#truth.result(inputs, this.#settings.traps ? this.#site.collisions() : {});
  }

  #one(index, clockMs) {
    const { fate, form, isIpv6 } = this.#traps.draw(index);
    const request = this.#traffic.request(index, clockMs);
    if (isIpv6) {
      request.client = request.process.client(this.#random, 6);
      this.#truth.trap('ipv6-client');
    }
    for (const trap of [fate, form]) if (trap !== undefined) this.#truth.trap(trap[0]);
    if (form !== undefined) this.#traps.apply(form, request);
    this.#traffic.exchange(request, fate === undefined);
    if (fate !== undefined) this.#traps.apply(fate, request);
    this.#traffic.finish(request);
    this.#writeProduction(request);
    this.#writeMirror(request);
    this.#truth.request(request);
  }

  #writeProduction(request) {
    const { process, acceptMs, timers } = request;
    const { production, spoe } = this.#writers;
    const end = acceptMs + Math.max(timers.Ta, 0);
    for (const event of spoe === undefined ? [] : request.spoe) {
      const at = event.event === 'on-http-response' ? end : Math.min(acceptMs + event.took, end);
      spoe.push(at, 'spoe', () => spoeLine(request, event, at));
    }
    production.push(end, 'access', accessLine(request));
    const other = request.twins > 0 ? this.#site.otherProcess(process) : undefined;
    for (let i = 0; i < request.twins; i++)
      production.push(end + 1, 'access', accessLine(request, other, other.nextSid()));
    if (request.notice) production.push(end, 'notice', noticeLine(process, end, ++this.#serial));
  }

  #writeMirror(request) {
    const { mirror } = this.#writers;
    const format = this.#settings.mirror;
    for (const answer of request.answers) {
      const comesAt = request.acceptMs + answer.delayMs;
      answer.atMs = comesAt + this.#skew(comesAt);
      mirror.push(
        comesAt + answer.total + (answer.lateMs ?? 0),
        'access',
        mirrorLine(this.#exchange(request, answer), format),
      );
    }
    for (const kind of request.strays) this.#stray(request, kind);
  }

  /** What the mirror wrote about an answer. */
  #exchange({ method, mirrorTarget, bytes }, answer) {
    return { ...answer, method, target: mirrorTarget, bytes, serial: ++this.#serial };
  }

  /** A line of the mirror besides: of a health check, of a request from before the log, or none of its format. */
  #stray(request, kind) {
    this.#truth.stray(kind);
    const at = request.acceptMs;
    const exchange = this.#exchange(request, {
      id: '',
      status: 200,
      error: null,
      ttfb: 4,
      total: 5,
      atMs: at + this.#skew(at),
    });
    exchange.target = `/?probe=${exchange.serial}`;
    // The same process and stream as the request beside it, and another client: an older log of the same pid.
    const client = request.process.pid === 576 ? 'C0A80001' : 'C0A80002';
    if (kind === 'same-sid')
      exchange.id = request.id.replace(/^[^:]*:[^_]*/, `${client}:${hex(exchange.serial % 65_536)}`);
    if (kind === 'unknown-id') exchange.id = `C0A80003:1F90_CB00710A:0050_6AFFFFFF_${hex(exchange.serial)}:0FC8`;
    const isStrange = kind === 'unparsed';
    const line = isStrange ? strangeLine(exchange, this.#settings.mirror) : mirrorLine(exchange, this.#settings.mirror);
    const strange = this.#settings.mirror === 'haproxy-httplog' ? 'notice' : 'unparsed';
    this.#writers.mirror.push(at + 5, isStrange ? strange : 'access', line);
  }

  #skew(atMs) {
    const { skewMs, driftPpm } = this.#settings;
    return skewMs + (atMs - START_MS) * driftPpm * 1e-6;
  }
}

/** As an input of the report states it: duplicates are among what was parsed. */
function counted({ lines, duplicates }) {
  const parsed = lines.access + lines.spoe;
  return {
    lines: parsed + lines.unparsed + lines.notice,
    parsed,
    unparsed: lines.unparsed,
    notices: lines.notice,
    duplicateLines: duplicates.access + duplicates.spoe,
    accessLines: lines.access,
    spoeLines: lines.spoe,
    duplicateAccessLines: duplicates.access,
    duplicateSpoeLines: duplicates.spoe,
  };
}

/** A small set as text: `{ production, mirror, spoe, truth }`. Every trap is in it from 400 requests on. */
export function generate(given = {}) {
  const sinks = { production: new TextSink(), mirror: new TextSink(), spoe: new TextSink() };
  const truth = new Generator(settle(given), sinks).run();
  const [production, mirror, spoe] = [sinks.production, sinks.mirror, sinks.spoe].map(String);
  return { production, mirror, spoe, truth };
}

/** A set of any size as files of a folder; gives their paths and the truth, which is in truth.json too. */
export function generateFiles(folder, given = {}) {
  const settings = settle(given);
  mkdirSync(folder, { recursive: true });
  const paths = { production: join(folder, 'production.log'), mirror: join(folder, 'mirror.log') };
  if (settings.spoe === 'separate') paths.spoe = join(folder, 'spoe.log');
  const sinks = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, new FileSink(path)]));
  const truth = new Generator(settings, sinks).run();
  writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
  return { paths, truth };
}

/** Options of the command line by name, `brokenRate` as `--broken-rate`. */
function readOptions() {
  const flag = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const entries = Object.entries(DEFAULTS);
  const type = (value) => (typeof value === 'boolean' ? 'boolean' : 'string');
  const options = Object.fromEntries(entries.map(([name, value]) => [flag(name), { type: type(value) }]));
  const { values } = parseArgs({ options: { ...options, out: { type: 'string' } } });
  if (values.out === undefined) throw new Error('name a folder: --out DIR');
  const given = entries
    .filter(([name]) => values[flag(name)] !== undefined)
    .map(([name, value]) => [name, typeof value === 'number' ? Number(values[flag(name)]) : values[flag(name)]]);
  return { folder: values.out, given: Object.fromEntries(given) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { folder, given } = readOptions();
    generateFiles(folder, given);
  } catch (error) {
    console.error(`generate: ${error.message}`);
    process.exitCode = 2;
  }
}
