/** Random traffic with everything in it that a comparison has to tell apart. */
import fc from 'fast-check';
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
  /** Whether the mirror answered, and how often; whether HAProxy wrote an SPOE line. */
  answers: fc.constantFrom(0, 1, 1, 1, 1, 2, 3),
  spoe: fc.constantFrom(undefined, 0, 0, 0, 257),
  /** Another event of the same agent. */
  otherEvent: fc.constantFrom(undefined, undefined, 0, 257),
});

const answer = fc.record({
  status: fc.constantFrom(...STATUSES),
  error: fc.constantFrom('', '', '', '', 'connect-refused', 'dropped-queue-full', 'shutdown'),
  firstByteMs: fc.constantFrom(Number.NaN, 0, 4, 200),
  totalMs: fc.constantFrom(-1, 4, 300),
  seconds: fc.nat(5),
});

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

function productionLine(request: Request, side: Known): Line {
  const { id, hasId, answers, spoe, otherEvent, seconds, ...values } = request;
  return { side: 'production', record: record({ ...values, ...ids(request, side), timeMs: START + seconds * 1000 }) };
}

function mirrorLine(request: Request, answer: Answer, side: Known, destination: string): Line {
  const { method, target } = request;
  const { seconds, ...values } = answer;
  const timeMs = START + (request.seconds + seconds) * 1000;
  return {
    side: 'mirror',
    record: record({ method, target, ...values, ...ids(request, side), timeMs, termination: '', destination }),
  };
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
