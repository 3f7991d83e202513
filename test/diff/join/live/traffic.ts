/** Random traffic with everything in it that a comparison has to tell apart. */
import fc from 'fast-check';
import { print } from '../prints.ts';
import { type Line, record, START } from './lines.ts';

/** What lines of a side are recognised by. */
interface Known {
  readonly uniqueId: boolean;
  readonly traceId: boolean;
  /** With the parent id. */
  readonly span: boolean;
  readonly stream: boolean;
  readonly host: boolean;
}

const known = fc.record({
  uniqueId: fc.boolean(),
  traceId: fc.boolean(),
  span: fc.boolean(),
  stream: fc.boolean(),
  host: fc.boolean(),
});

const PATHS = ['/', '/users/17', '/users/18?q=a', '/orders/4711/items', '/search?q=x', 'https://a.example/users/9', ''];
const STATUSES = [200, 200, 200, 201, 302, 404, 409, 500, 503, -1];

const request = fc.record({
  /** Few: some are shared by several requests. */
  id: fc.nat(40),
  hasId: fc.nat(9).map((n) => n > 0),
  host: fc.constantFrom('lb1', 'lb2'),
  target: fc.constantFrom(...PATHS),
  method: fc.constantFrom('GET', 'GET', 'POST', ''),
  status: fc.constantFrom(...STATUSES),
  termination: fc.constantFrom('----', '----', '----', 'CD--', 'SD--', 'CR--', 'sH--'),
  malformed: fc.nat(19).map((n) => n === 0),
  noServer: fc.nat(9).map((n) => n === 0),
  firstByteMs: fc.constantFrom(-1, 0, 3, 70, 1500),
  totalMs: fc.constantFrom(0, 3, 80, 1600),
  seconds: fc.nat(20),
  responseBytes: fc.constantFrom(-1, 0, 800, 2_000_000),
  sentBytes: fc.constantFrom(-1, 1_000, 3_000),
  contentType: fc.constantFrom(undefined, '', 'application/json', 'text/html'),
  /** Whether the mirror answered, and how often; whether HAProxy wrote an SPOE line. */
  answers: fc.constantFrom(0, 1, 1, 1, 1, 2, 3),
  spoe: fc.constantFrom(undefined, 0, 0, 0, 257),
  /** What the records of the mirror and of the noise keep of production's answer, and what came of the noise. */
  answer: fc.constantFrom(undefined, 0, 1, 2, 3),
  noiseAnswer: fc.constantFrom(undefined, 0, 1, 3),
  noise: fc.constantFrom(0, 0, 1, 1, 2),
  /** Another event of the same agent. */
  otherEvent: fc.constantFrom(undefined, undefined, 0, 257),
});

const answer = fc.record({
  status: fc.constantFrom(...STATUSES),
  error: fc.constantFrom('', '', '', '', 'connect-refused', 'dropped-queue-full', 'shutdown'),
  firstByteMs: fc.constantFrom(Number.NaN, 0, 4, 200),
  totalMs: fc.constantFrom(-1, 4, 300),
  responseBytes: fc.constantFrom(-1, 0, 900, 1_048_576),
  sentBytes: fc.constantFrom(-1, 1_000, 9_000),
  contentType: fc.constantFrom(undefined, '', 'application/json', 'text/html'),
  seconds: fc.nat(5),
  print: fc.constantFrom(undefined, 0, 1, 2, 3),
  isSentCut: fc.constantFrom(false, false, false, true),
});

/** Of two keys; one has another status, one a field that is there twice. */
const PRINTS = [
  print({ '$.a': 'n:AAAAAAAA', '$.b': 's:BBBBBBBB' }),
  print({ '$.a': 's:AAAAAAAA' }),
  print({ '$.a': 'n*2:AAAAAAAA~BBBBBBBB' }, { status: 404 }),
  print({ '$.b': 's:BBBBBBBB' }, { key: 'KEYTWO--' }),
];

type Request = typeof request extends fc.Arbitrary<infer R> ? R : never;
type Answer = typeof answer extends fc.Arbitrary<infer A> ? A : never;

const exchange = fc.tuple(request, fc.tuple(answer, answer, answer));

function ids({ id, host, hasId }: Request, side: Known) {
  const pid = id % 2 === 0 ? 700 : 701;
  return {
    ...(hasId && side.uniqueId && { uniqueId: `id-${id}` }),
    // A trace has several requests.
    ...(hasId && side.traceId && { traceId: String(id >> 1).padStart(32, 'a') }),
    ...(hasId && side.traceId && side.span && { spanId: String(id).padStart(16, 'b') }),
    ...(hasId && side.stream && { pid, sid: id >> 1, ...(side.host && { host }) }),
  };
}

/** A media type that is not told is not there. */
function told<T extends { readonly contentType: string | undefined }>({ contentType, ...values }: T) {
  return contentType === undefined ? values : { ...values, contentType };
}

function productionLine(request: Request, side: Known): Line {
  const { id, hasId, answers, spoe, otherEvent, answer, noiseAnswer, noise, seconds, ...values } = request;
  return {
    side: 'production',
    record: record({ ...told(values), ...ids(request, side), timeMs: START + seconds * 1000 }),
  };
}

function mirrorLine(request: Request, answer: Answer, side: Known, destination: string): Line {
  const { method, target } = request;
  const { seconds, print, ...values } = answer;
  const timeMs = START + (request.seconds + seconds) * 1000;
  const kept = print === undefined ? {} : { answer: PRINTS[print] as string };
  return {
    side: 'mirror',
    record: record({
      method,
      target,
      ...told(values),
      ...ids(request, side),
      timeMs,
      termination: '',
      destination,
      ...kept,
    }),
  };
}

/** The noise is known by the unique id, of which only production's record may know nothing. */
function noiseLine(request: Request, answer: Answer): Line {
  const { record } = mirrorLine(request, answer, { ...NOTHING, uniqueId: true }, '') as Line & { side: 'mirror' };
  return { side: 'noise', record };
}

const NOTHING: Known = { uniqueId: false, traceId: false, span: false, stream: false, host: false };

function answerLine(of: 'mirror' | 'noise', { id, hasId }: Request, print: number | undefined): Line[] {
  if (print === undefined || !hasId) return [];
  return [{ side: 'answer', of, uniqueId: `id-${id}`, answer: PRINTS[print] as string }];
}

function linesOf(
  request: Request,
  answers: readonly Answer[],
  [production, mirror]: readonly Known[],
  destinations: readonly string[],
): Line[] {
  const { spoe, otherEvent, host, id } = request;
  const pid = id % 2 === 0 ? 700 : 701;
  const spoeLine = (st: number | undefined, event?: string): Line[] =>
    st === undefined ? [] : [{ side: 'spoe', host, pid, sid: id >> 1, st, ...(event !== undefined && { event }) }];
  // One id in ten: no request of production has it.
  const isUnknown = id % 10 === 9;
  return [
    ...(isUnknown ? [] : [productionLine(request, production as Known)]),
    ...answers
      .slice(0, request.answers)
      .map((answer, i) =>
        mirrorLine(request, answer, mirror as Known, destinations[i % destinations.length] as string),
      ),
    ...answerLine('mirror', request, request.answer),
    ...answerLine('noise', request, request.noiseAnswer),
    ...answers.slice(0, request.noise).map((answer) => noiseLine(request, answer)),
    ...spoeLine(spoe),
    ...spoeLine(otherEvent, 'GROUP:audit'),
  ];
}

/** The mirror's clock is wrong. */
function shifted(line: Line, skewMs: number): Line {
  if (line.side !== 'mirror') return line;
  return { ...line, record: { ...line.record, timeMs: line.record.timeMs + skewMs } };
}

export interface Traffic {
  /** With the number that is its hash. */
  readonly lines: readonly { readonly line: Line; readonly hash: number }[];
}

/** Lines in any order, some of them twice. */
export const traffic: fc.Arbitrary<Traffic> = fc
  .record({
    exchanges: fc.array(exchange, { minLength: 1, maxLength: 60 }),
    sides: fc.tuple(known, known),
    hasSpoe: fc.boolean(),
    destinations: fc.constantFrom([''], [''], ['http://a', 'http://b']),
    skewMs: fc.constantFrom(0, 0, 45_000, -7_200_000),
    again: fc.array(fc.nat(200), { maxLength: 10 }),
    seed: fc.array(fc.nat(1_000_000), { minLength: 200, maxLength: 200 }),
  })
  .map(({ exchanges, sides, hasSpoe, destinations, skewMs, again, seed }) => {
    const lines = exchanges
      .flatMap(([request, answers]) => linesOf(request, answers, sides, destinations))
      .map((line) => shifted(line, skewMs))
      .filter(({ side }) => hasSpoe || side !== 'spoe')
      .map((line, hash) => ({ line, hash }));
    const twice = again.flatMap((i) => lines[i] ?? []);
    const order = (i: number) => (seed[i % seed.length] as number) + i / 1000;
    const all = [...lines, ...twice].map((line, i) => ({ line, order: order(i) }));
    return { lines: all.sort((a, b) => a.order - b.order).map(({ line }) => line) };
  });
