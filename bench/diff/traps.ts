/** What real logs hold besides ordinary requests. A request has at most one fate, one form and one address of these. */
import { entryAt, type Random } from '../random.ts';
import type { Timers } from './haproxy-lines.ts';
import { QUOTED_ROUTE, SPOE_ROUTE } from './routes.ts';
import type { DataSettings } from './settings.ts';
import { answerWith, failWith, type Request, type Traffic, withoutServer } from './traffic.ts';

/** What a change needs to know besides. */
interface Context {
  readonly format: DataSettings['mirror'];
  readonly traffic: Traffic;
}

type Trap = readonly [name: string, change: (request: Request, random: Random, context: Context) => unknown];

/** What happens to one request. */
interface Fortune {
  /** What becomes of it. */
  readonly fate?: Trap | undefined;
  /** What its request line looks like. */
  readonly form?: Trap | undefined;
  readonly isIpv6?: boolean;
}

const RESPONSE_EVENT = 'on-http-response';
const SPOE_TEXT = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=5 st=257 0 1/2';
const SPOE_FAILURES = [1, 1, 1, 2, 256, 257, 259];
/** Attempts are apart by more than a second, the unit of nginx's times. */
const RETRY_MS = 2000;

function badRequest(request: Request, status: number, termination: string, Ta: number): void {
  Object.assign(request, { malformed: true, answers: [], spoe: [] });
  withoutServer(request, status, termination);
  request.timers = { ...request.timers, TR: -1, Ta };
  request.bytes = 0;
}

/** The client left before a response: HAProxy tells it in many ways, with Tr = -1 in all of them. */
function abort(
  request: Request,
  random: Random,
  status: number,
  termination: string,
  timers: Partial<Timers> = {},
): void {
  failWith(request, status, termination, { Tr: -1, ...timers });
  if (status === -1) request.bytes = 0;
  if (random.chance(0.5)) request.answers = [];
}

function abortWithoutServer(request: Request, random: Random, status: number, termination: string): void {
  withoutServer(request, status, termination, 'be_shop');
  request.bytes = 0;
  if (random.chance(0.5)) request.answers = [];
}

/** It waited for a server until `timeout queue`. */
function waitInVain(request: Request): void {
  withoutServer(request, 503, 'sQ--', 'be_shop');
  request.timers = { ...request.timers, Tw: 5000, Ta: request.timers.TR + 5000 };
}

/** HAProxy answers; the SPOE event came before, so the agent mirrored it all the same, or not. */
function answerByProxy(request: Request, random: Random, status: number, termination: string): void {
  withoutServer(request, status, termination);
  if (random.chance(0.3)) request.answers = [];
}

/** More than one answer of the mirror: status codes or error codes in the order of time. */
function retry(request: Request, outcomes: readonly (number | string)[], format: Context['format']): void {
  const [first] = request.answers;
  if (first === undefined) throw new Error('no answer that could be tried again');
  request.answers = outcomes.map((outcome, i) =>
    answerWith({ ...first, delayMs: first.delayMs + i * RETRY_MS }, outcome, format),
  );
}

function lose(request: Request, st: number, random: Random): void {
  request.answers = [];
  for (const line of request.spoe) {
    line.st = st;
    if (st === 1) line.took = 1000 + random.below(3);
  }
  if (st === 1) request.timers = shift(request.timers, 1000);
}

/** The SPOE held the request up for as long. */
function shift(timers: Timers, ms: number): Timers {
  return { ...timers, TR: timers.TR + ms, Ta: timers.Ta + ms };
}

const line = (agent: 'mirror' | 'iprep', event: string, st: number, took: number) => ({ agent, event, st, took });

/** [part, name, change]: these happen without --traps too: each with its part of the requests. */
const COMMON: readonly (readonly [share: number, ...Trap])[] = [
  [0.015, 'not-mirrored', (r) => Object.assign(r, { spoe: [], answers: [] })],
  [0.006, 'spoe-failed', (r, random) => lose(r, random.pick(SPOE_FAILURES), random)],
  [0.006, 'acked-but-missing', (r, random) => lose(r, 0, random)],
  [0.005, 'denied', (r, random) => answerByProxy(r, random, 403, 'PR--')],
  [0.005, 'aborted-minus-1-cc', (r, random) => abort(r, random, -1, 'CC--', { Tc: -1 })],
];

/** [name, change]: each happens to one request in a thousand, and once among the first. */
const FATES: readonly Trap[] = [
  ['badreq-400-cr', (r) => badRequest(r, 400, 'CR--', 0)],
  ['badreq-408-cr', (r) => badRequest(r, 408, 'cR--', 1001)],
  ['badreq-400-pr', (r) => badRequest(r, 400, 'PR--', 0)],
  ['line-cut-within-request', (r) => Object.assign(r, { loggedId: 'cut-within', query: `?q=${'c'.repeat(1500)}` })],
  ['line-cut-after-request', (r) => Object.assign(r, { loggedId: 'cut-after', query: '?pad=' })],
  ['id-dash', (r) => Object.assign(r, { loggedId: 'dash' })],
  ['aborted-and-cut', (r, random) => cutAbort(r, random)],
  ['ambiguous-two', (r) => Object.assign(r, { twins: 1 })],
  ['ambiguous-three', (r) => Object.assign(r, { twins: 2 })],
  ['ambiguous-aborted', (r, random) => abort(ambiguous(r), random, 400, 'CD--')],
  ['aborted-minus-1-cr', (r, random) => abortWithoutServer(r, random, -1, 'CR--')],
  ['aborted-400-cd', (r, random) => abort(r, random, 400, 'CD--')],
  ['aborted-400-ch', (r, random) => abort(r, random, 400, 'CH--')],
  ['aborted-503-cc', (r, random) => abort(r, random, 503, 'CC--', { Tc: -1 })],
  ['aborted-408-ch', (r, random) => abort(r, random, 408, 'cH--')],
  ['cd-with-tr-400', (r) => failWith(r, 400, 'CD--')],
  ['cd-with-tr-200', (r) => failWith(r, 200, 'CD--')],
  ['cl-with-tr', (r) => failWith(r, 200, 'cL--')],
  ['redirected', (r, random) => answerByProxy(r, random, 302, 'LR--')],
  ['returned-204', (r, random) => answerByProxy(r, random, 204, 'LR--')],
  ['sc-503-no-server', (r) => withoutServer(r, 503, 'SC--', 'be_empty')],
  ['sq-503-no-server', waitInVain],
  ['sc-503-with-server', (r) => failWith(r, 503, 'SC--', { Tc: -1, Tr: -1 })],
  ['sd-200', (r) => failWith(r, 200, 'SD--')],
  ['sd-200-timeout', (r) => failWith(r, 200, 'sD--')],
  ['sh-504', (r) => failWith(r, 504, 'sH--', { Tr: -1 })],
  ['ph-502', (r) => failWith(r, 502, 'PH--', { Tr: -1 })],
  ['head', (r, _, { format }) => bodiless(r, 'HEAD', 200, format)],
  ['delete-204', (r, _, { format }) => bodiless(r, 'DELETE', 204, format)],
  ['get-304', (r, _, { format }) => bodiless(r, 'GET', 304, format)],
  ['retried-last-ok', (r, _, { format }) => retry(r, [503, 200], format)],
  ['retried-last-error', (r, _, { format }) => retry(r, [200, 'timeout'], format)],
  ['retried-all-differ', (r, _, { format }) => retry(r, [404, 503, 200], format)],
  ['retried-4xx', (r, _, { format }) => retry(r, [404, 200], format)],
  ['retried-out-of-order', (r, _, { format }) => outOfOrder(r, [500, 200, 404], format)],
  ['failed-yet-paired', (r, random) => failYetPaired(r, random)],
  ['paired-without-spoe', (r) => Object.assign(r, { spoe: [] })],
  ['both-events', (r) => r.spoe.push(line('mirror', RESPONSE_EVENT, 0, 1))],
  ['both-events-failed', (r, random) => loseBoth(r, 257, random)],
  ['both-events-acked', (r, random) => loseBoth(r, 0, random)],
  ['other-agent-acked', (r) => otherAgent(r, 0)],
  ['other-agent-failed', (r) => otherAgent(r, 257)],
  ['other-agent-failed-ours-acked', (r, random) => besideOther(r, 0, 257, random)],
  ['other-agent-acked-ours-failed', (r, random) => besideOther(r, 257, 0, random)],
  ['mirror-without-id', (r) => r.strays.push('without-id')],
  ['mirror-unknown-id', (r) => r.strays.push('unknown-id')],
  ['mirror-unknown-id-same-sid', (r) => r.strays.push('same-sid')],
  ['mirror-unparsed', (r) => r.strays.push('unparsed')],
  ['notice', (r) => Object.assign(r, { notice: true })],
];

/** They have a request line of their own, or none. */
const SHAPED = /^(badreq|line-cut|aborted-and-cut)/;

/** The request lines that a reader gets wrong. */
const FORMS: readonly Trap[] = [
  ['absolute-uri', (r) => secure(r, 'https://shop.example')],
  ['absolute-uri-with-port', (r) => secure(r, 'https://shop.example:8443')],
  ['quotes-in-query', (r) => Object.assign(r, { query: '?q="red"&note="#1"' })],
  ['quotes-in-path', (r, _, { traffic }) => traffic.takeRoute(r, QUOTED_ROUTE)],
  ['fragment', (r) => Object.assign(r, { query: '?page=2#top/9?x' })],
  ['cut-at-1023', (r) => Object.assign(r, { query: `?q=${'a'.repeat(1400)}` })],
  ['cut-at-1023-quotes', (r) => Object.assign(r, { query: `?q=${'"'.repeat(1400)}` })],
  [
    'cut-at-1023-absolute',
    (r) => secure(Object.assign(r, { query: `?q=${'b'.repeat(1400)}` }), 'https://shop.example'),
  ],
  ['spoe-in-query', (r) => Object.assign(r, { query: `?q=${SPOE_TEXT.replaceAll(' ', '+')}` })],
  ['spoe-in-path', (r, _, { traffic }) => traffic.takeRoute(r, SPOE_ROUTE)],
  ['spoe-in-captured-header', (r) => Object.assign(r, { front: 'fe_api', captures: SPOE_TEXT })],
  [
    'captured-header',
    (r) => Object.assign(r, { front: 'fe_api', captures: 'Mozilla/5.0 (X11; #22q#22 #7Ba#7Cb#7D) #231' }),
  ],
];

function ambiguous(request: Request): Request {
  request.twins = 1;
  return request;
}

function cutAbort(request: Request, random: Random): void {
  abort(request, random, 400, 'CD--');
  Object.assign(request, { loggedId: 'cut-within', query: `?q=${'d'.repeat(1500)}` });
}

function bodiless(request: Request, method: string, status: number, format: Context['format']): void {
  Object.assign(request, { method, status });
  for (const answer of request.answers) answerWith(answer, status, format);
}

/** The first attempts stand in the file behind the last one, as when two logs are put together. */
function outOfOrder(request: Request, outcomes: readonly number[], format: Context['format']): void {
  retry(request, outcomes, format);
  request.answers.forEach((answer, i) => {
    answer.lateMs = (outcomes.length - 1 - i) * 2 * RETRY_MS;
  });
}

/** The agent was too late for HAProxy, not for the mirror. */
function failYetPaired(request: Request, random: Random): void {
  const { answers } = request;
  lose(request, 1, random);
  request.answers = answers;
}

function loseBoth(request: Request, st: number, random: Random): void {
  request.spoe.push(line('mirror', RESPONSE_EVENT, st, 1));
  lose(request, st, random);
}

function otherAgent(request: Request, st: number): void {
  request.spoe = request.spoe.map(({ event }) => line('iprep', event, st, 1));
  request.answers = [];
}

function besideOther(request: Request, ours: number, theirs: number, random: Random): void {
  lose(request, ours, random);
  request.spoe = request.spoe.flatMap((own) => [line('iprep', own.event, theirs, 1), own]);
}

function secure(request: Request, prefix: string): Request {
  return Object.assign(request, { front: 'fe_tls~', frontPort: 443, prefix, version: 'HTTP/2.0' });
}

const FATE_RATE = 0.001;
const FORM_RATE = 0.006;
const ADDRESS_RATE = 0.1;
const ANY_FATE = [...COMMON, ...FATES.map((fate) => [FATE_RATE, ...fate] as const)];

/** Draws what happens to each request; the first requests have every trap at least twice. */
export class Traps {
  readonly #random: Random;
  readonly #context: Context;
  readonly #isOn: boolean;

  constructor(settings: DataSettings, traffic: Traffic, random: Random) {
    this.#random = random;
    this.#isOn = settings.traps;
    this.#context = { format: settings.mirror, traffic };
  }

  /** For the request number `index`. */
  draw(index: number): Fortune {
    const fate = this.#fate(index);
    if (!this.#isOn) return { fate };
    const isShaped = fate !== undefined && SHAPED.test(fate[0]);
    return { fate, form: isShaped ? undefined : this.#form(index), isIpv6: this.#random.chance(ADDRESS_RATE) };
  }

  apply([, change]: Trap, request: Request): void {
    change(request, this.#random, this.#context);
  }

  #fate(index: number): Trap | undefined {
    if (this.#isOn && index % 4 === 0 && index < 8 * FATES.length) return FATES[(index / 4) % FATES.length];
    const entry = entryAt(this.#isOn ? ANY_FATE : COMMON, this.#random.next());
    return entry && [entry[1], entry[2]];
  }

  #form(index: number): Trap | undefined {
    if (index % 4 === 2 && index < 8 * FORMS.length) return FORMS[(index >> 2) % FORMS.length];
    return FORMS[Math.floor(this.#random.next() / FORM_RATE)];
  }
}
