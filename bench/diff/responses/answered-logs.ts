/** The logs of a simulated site, with the prints of answers as the agent makes them: what `spoe-logs diff` reads. */
import { Fingerprinter, type RawAnswer } from '../../../src/answers/fingerprint.ts';
import { Random } from '../../random.ts';
import type { Plants, Server, SimulatedAnswer, Site } from './simulated-answer.ts';
import { dataSeed } from './simulation.ts';

export interface AnsweredLogsOptions {
  readonly site: Site;
  readonly plants?: Plants;
  readonly pairs: number;
  readonly seed?: number;
  /** Of the pairs, those with production's answer, and those of these whose body came whole. */
  readonly answered?: number;
  readonly whole?: number;
  /** The record of a second destination that runs production's version. */
  readonly noise?: boolean;
}

export interface AnsweredLogs {
  readonly production: string;
  readonly mirror: string;
  /** Of the second one; empty without. */
  readonly noise: string;
}

const START_MS = Date.UTC(2026, 10, 20, 12);

export function answeredLogs(options: AnsweredLogsOptions): AnsweredLogs {
  const { site, plants = {}, pairs, seed = 1, answered = 1, whole = 1, noise = false } = options;
  const chance = new Random(seed);
  const dice = new Random(seed ^ 0x5555_5555);
  const printer = new Fingerprinter(new Uint8Array(32).fill(7));
  const lines = { production: [] as string[], mirror: [] as string[], noise: [] as string[] };
  for (let i = 0; i < pairs; i++) {
    const id = `7F000001:${i.toString(16).padStart(6, '0')}`;
    const time = new Date(START_MS + 20 * i).toISOString();
    const answerOf = (server: Server) => site.answer(server, new Random(dataSeed(seed, i)), chance, plants);
    const production = answerOf('production');
    const [method = '', route = ''] = production.route.split(' ');
    const path = route.replace('{…}', String(1000 + i));
    const isKnown = dice.chance(answered);
    const print = (answer: SimulatedAnswer, isWhole = true) =>
      JSON.stringify(printer.print(id, raw(answer, method, isWhole)));
    const printed = isKnown ? print(production, dice.chance(whole)) : undefined;
    lines.production.push(accessLine(i, id, `${method} ${path}`, production.status));
    const record = (server: Server) => {
      const answer = answerOf(server);
      const line = {
        ts: new Date(START_MS + 20 * i + 9).toISOString(),
        message: 'mirror',
        engine_id: 'e1',
        stream_id: i,
        frame_id: 1,
        unique_id: id,
        method,
        path,
        status: answer.status,
        ttfb_ms: 9,
        latency_ms: 9,
        request_bytes: 0,
        response_bytes: 500,
        truncated: false,
        attempts: 1,
        error: null,
      };
      return `${JSON.stringify(line).slice(0, -1)},"answer":${print(answer)}}`;
    };
    const kept = `{"ts":"${time}","kind":"production","message":"answer-body","unique_id":"${id}","answer":${printed}}`;
    lines.mirror.push(record('candidate'), ...(printed === undefined ? [] : [kept]));
    if (noise) lines.noise.push(record('secondary'), ...(printed === undefined ? [] : [kept]));
  }
  const text = (of: readonly string[]) => of.map((line) => `${line}\n`).join('');
  return { production: text(lines.production), mirror: text(lines.mirror), noise: text(lines.noise) };
}

function accessLine(number: number, id: string, request: string, status: number): string {
  const time = new Date(START_MS + 20 * number);
  const clock = time.toISOString().slice(11, 23);
  return `Nov 20 ${clock.slice(0, 8)} lb haproxy[7]: 127.0.0.1:9 [20/Nov/2026:${clock}] fe be/app 0/0/0/9/9 ${status} 500 - - ---- 1/1/0/0/0 0/0 "${request} HTTP/1.1" ${id} ${number}`;
}

function raw({ status, headers, body }: SimulatedAnswer, method: string, isWhole: boolean): RawAnswer {
  const bytes = Buffer.from(JSON.stringify(body));
  const all = Object.entries({ ...headers, 'content-length': String(bytes.length) });
  return { status, headers: all, body: isWhole ? bytes : bytes.subarray(0, 9), method, bodySize: bytes.length };
}
