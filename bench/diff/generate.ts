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
import { messageOf } from '../measure.ts';
import { Random } from '../random.ts';
import { accessLine, noticeLine, spoeLine } from './haproxy-lines.ts';
import { FileSink, LogWriter, type Sink } from './log-writer.ts';
import { type Exchange, mirrorLine, strangeLine } from './mirror-lines.ts';
import { type DataSettings, DEFAULTS, readMirrorFormat, readSpoePlace, settle } from './settings.ts';
import { hex, Site } from './site.ts';
import { type Request, type Stray, Traffic } from './traffic.ts';
import { Traps } from './traps.ts';
import { type InputTruth, Truth, type TruthResult } from './truth.ts';

const START_MS = Date.UTC(2026, 10, 20, 6, 0, 0);

/** Where the lines go. Without a sink for SPOE lines these go to production's, or nowhere. */
interface Sinks {
  readonly production: Sink;
  readonly mirror: Sink;
  readonly spoe: Sink | undefined;
}

interface Writers {
  readonly production: LogWriter;
  readonly mirror: LogWriter;
  /** May be that of production. */
  readonly spoe: LogWriter | undefined;
}

/** The files of a data set. */
export interface Paths {
  readonly production: string;
  readonly mirror: string;
  readonly spoe: string | undefined;
}

class Generator {
  readonly #settings: DataSettings;
  readonly #random: Random;
  readonly #site: Site;
  readonly #traffic: Traffic;
  readonly #traps: Traps;
  readonly #truth: Truth;
  readonly #writers: Writers;
  #serial = 0;

  constructor(settings: DataSettings, sinks: Sinks) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
    this.#site = new Site(settings.traps);
    this.#traffic = new Traffic(settings, this.#site, this.#random);
    this.#traps = new Traps(settings, this.#traffic, this.#random);
    this.#truth = new Truth(settings);
    const writer = (sink: Sink, offset: number) =>
      new LogWriter(sink, { startMs: START_MS, seed: settings.seed + offset, withOverlaps: settings.traps });
    const production = writer(sinks.production, 1);
    const separate = sinks.spoe && writer(sinks.spoe, 3);
    const spoe = settings.spoe === 'inline' ? production : separate;
    this.#writers = { production, mirror: writer(sinks.mirror, 2), spoe };
  }

  run(): TruthResult {
    const { requests, rate } = this.#settings;
    const { production, mirror, spoe } = this.#writers;
    const writers = new Set([production, mirror, ...(spoe === undefined ? [] : [spoe])]);
    let clockMs = START_MS;
    for (let index = 0; index < requests; index++) {
      clockMs += this.#random.exponential() * (1000 / rate);
      for (const writer of writers) writer.advance(Math.floor(clockMs));
      this.#one(index, clockMs);
    }
    for (const writer of writers) writer.end();
    const isSeparate = spoe !== undefined && spoe !== production;
    const inputs = {
      production: counted(production),
      mirror: counted(mirror),
      spoe: isSeparate ? counted(spoe) : null,
    };
    return this.#truth.result(inputs, this.#settings.traps ? this.#site.collisions() : {});
  }

  #one(index: number, clockMs: number): void {
    const { fate, form, isIpv6 = false } = this.#traps.draw(index);
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

  #writeProduction(request: Request): void {
    const { process, acceptMs, timers } = request;
    const { production, spoe } = this.#writers;
    const end = acceptMs + Math.max(timers.Ta, 0);
    for (const event of request.spoe) {
      if (spoe === undefined) break;
      const at = event.event === 'on-http-response' ? end : Math.min(acceptMs + event.took, end);
      spoe.push(at, 'spoe', () => spoeLine(request, event, at));
    }
    production.push(end, 'access', accessLine(request));
    for (let i = 0; i < request.twins; i++) {
      const other = this.#site.otherProcess(process);
      production.push(end + 1, 'access', accessLine(request, other, other.nextSid()));
    }
    if (request.notice) production.push(end, 'notice', noticeLine(process, end, ++this.#serial));
  }

  #writeMirror(request: Request): void {
    const { mirror } = this.#writers;
    const format = this.#settings.mirror;
    for (const answer of request.answers) {
      const comesAt = request.acceptMs + answer.delayMs;
      answer.atMs = comesAt + this.#skew(comesAt);
      mirror.push(
        comesAt + answer.total + answer.lateMs,
        'access',
        mirrorLine(this.#exchange(request, answer), format),
      );
    }
    for (const kind of request.strays) this.#stray(request, kind);
  }

  /** What the mirror wrote about an answer. */
  #exchange(
    { method, mirrorTarget, bytes }: Request,
    answer: Omit<Exchange, 'method' | 'target' | 'bytes' | 'serial'>,
  ): Exchange {
    return { ...answer, method, target: mirrorTarget, bytes, serial: ++this.#serial };
  }

  /** A line of the mirror besides: of a health check, of a request from before the log, or none of its format. */
  #stray(request: Request, kind: Stray): void {
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
    const probe = { ...exchange, target: `/?probe=${exchange.serial}`, id: strayId(request, kind, exchange.serial) };
    const isStrange = kind === 'unparsed';
    const line = isStrange ? strangeLine(probe, this.#settings.mirror) : mirrorLine(probe, this.#settings.mirror);
    const strange = this.#settings.mirror === 'haproxy-httplog' ? 'notice' : 'unparsed';
    this.#writers.mirror.push(at + 5, isStrange ? strange : 'access', line);
  }

  #skew(atMs: number): number {
    const { skewMs, driftPpm } = this.#settings;
    return skewMs + (atMs - START_MS) * driftPpm * 1e-6;
  }
}

function strayId(request: Request, kind: Stray, serial: number): string {
  if (kind === 'unknown-id') return `C0A80003:1F90_CB00710A:0050_6AFFFFFF_${hex(serial)}:0FC8`;
  if (kind !== 'same-sid') return '';
  // The same process and stream as the request beside it, and another client: an older log of the same pid.
  const client = request.process.pid === 576 ? 'C0A80001' : 'C0A80002';
  return request.id.replace(/^[^:]*:[^_]*/, `${client}:${hex(serial % 65_536)}`);
}

/** As an input of the report states it: duplicates are among what was parsed. */
function counted({ lines, duplicates }: LogWriter): InputTruth {
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

/** Where the files of such a set are. */
export function pathsOf(folder: string, spoe: DataSettings['spoe']): Paths {
  return {
    production: join(folder, 'production.log'),
    mirror: join(folder, 'mirror.log'),
    spoe: spoe === 'separate' ? join(folder, 'spoe.log') : undefined,
  };
}

/** A set of any size as files of a folder; gives the truth, which is in truth.json too. */
export function generateFiles(folder: string, given: Partial<DataSettings> = {}): TruthResult {
  const settings = settle(given);
  mkdirSync(folder, { recursive: true });
  const { production, mirror, spoe } = pathsOf(folder, settings.spoe);
  const sinks = {
    production: new FileSink(production),
    mirror: new FileSink(mirror),
    spoe: spoe === undefined ? undefined : new FileSink(spoe),
  };
  const truth = new Generator(settings, sinks).run();
  writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
  return truth;
}

function readOptions(): { readonly folder: string; readonly given: DataSettings } {
  const text = (value: number | string) => ({ type: 'string', default: String(value) }) as const;
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      seed: text(DEFAULTS.seed),
      requests: text(DEFAULTS.requests),
      traps: { type: 'boolean', default: DEFAULTS.traps },
      mirror: text(DEFAULTS.mirror),
      broken: { type: 'string' },
      'broken-rate': text(DEFAULTS.brokenRate),
      spoe: text(DEFAULTS.spoe),
      'latency-ratio': text(DEFAULTS.latencyRatio),
      'skew-ms': text(DEFAULTS.skewMs),
      'drift-ppm': text(DEFAULTS.driftPpm),
      rate: text(DEFAULTS.rate),
    },
  });
  if (values.out === undefined) throw new Error('name a folder: --out DIR');
  const given = {
    seed: Number(values.seed),
    requests: Number(values.requests),
    traps: values.traps,
    mirror: readMirrorFormat(values.mirror),
    broken: values.broken,
    brokenRate: Number(values['broken-rate']),
    spoe: readSpoePlace(values.spoe),
    latencyRatio: Number(values['latency-ratio']),
    skewMs: Number(values['skew-ms']),
    driftPpm: Number(values['drift-ppm']),
    rate: Number(values.rate),
  };
  return { folder: values.out, given };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { folder, given } = readOptions();
    generateFiles(folder, given);
  } catch (error) {
    console.error(`generate: ${messageOf(error)}`);
    process.exitCode = 2;
  }
}
