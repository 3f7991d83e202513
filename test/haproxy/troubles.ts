/** Kinds of trouble with mirroring: how each is made, and what the programs have to say of it (docs/TROUBLES.md). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Series } from './haproxy.ts';
import { answer, type Behaviour, keepSilent } from './recorder.ts';
import type { Stage, StageOptions } from './stage.ts';

export interface Trouble {
  readonly kind: string;
  readonly stage?: StageOptions;
  /** Headers of the requests besides Host. */
  readonly headers?: string;
  /** Before the first request. */
  readonly before?: (stage: Stage) => void;
  /** Makes the trouble, in the midst of requests; without it the trouble is there from the beginning. */
  readonly make?: (stage: Stage) => void | Promise<void>;
  readonly says: Said;
  /** What only some versions say. */
  readonly saysOf?: { readonly [series in Series]?: Partial<Said> };
}

/** The first line of summarize (log and record), the last lines of the agent's log, /readyz, the first line of diff. */
export interface Said {
  readonly summarize: RegExp;
  readonly agent: RegExp;
  readonly readyz: RegExp;
  readonly diff: RegExp;
}

const status =
  (code: number): Behaviour =>
  (_request, socket) => {
    socket.write(`HTTP/1.1 ${code} No\r\ncontent-length: 2\r\n\r\nno`);
  };

const late: Behaviour = (request, socket) => {
  setTimeout(() => answer(request, socket), 1500).unref();
};

const ready = /^200 ok$/;
const unreachable = /^no answer/;
const nothing = /^$/;
const well = /^PASS/;
const eventsWell = 'none of \\d+ events failed';

export const TROUBLES: readonly Trouble[] = [
  {
    kind: 'none',
    says: {
      summarize: /^HEALTHY — none of \d+ events failed; mirror: none of \d+ requests failed$/,
      agent: nothing,
      readyz: ready,
      diff: well,
    },
  },
  {
    kind: 'the agent is stopped',
    stage: { haproxy: { check: 'inter 100ms', processing: '500ms' } },
    make: async (stage) => {
      await stage.agent.stop();
    },
    says: {
      summarize: /^FAILING since .* — .* events .*failed/,
      agent: /stopping: signal received - SIGTERM/,
      readyz: unreachable,
      diff: /^INCONCLUSIVE — \d+ of \d+ requests have no answer of the mirror/,
    },
  },
  {
    kind: 'the agent hangs',
    stage: { haproxy: { processing: '300ms' } },
    make: (stage) => stage.agent.hang(),
    says: {
      summarize: /^FAILING since .* — .* events .*failed/,
      agent: nothing,
      readyz: unreachable,
      diff: /^INCONCLUSIVE — \d+ of \d+ requests have no answer of the mirror/,
    },
  },
  {
    kind: 'the agent is slow',
    stage: { agent: ['-t', '200ms'] },
    says: {
      summarize: /^DEGRADED — .*slow: pT p50 [2-9]\d\d ms/,
      agent: nothing,
      readyz: ready,
      diff: well,
    },
  },
  {
    kind: 'frames are too small (-m 512)',
    stage: { agent: ['-m', '512'], haproxy: { processing: '300ms' } },
    headers: `X-Long: ${'x'.repeat(900)}\r\n`,
    says: {
      summarize: /^FAILING/,
      agent: /512/,
      readyz: ready,
      diff: /^INCONCLUSIVE/,
    },
  },
  {
    kind: 'the mirror is dead',
    make: (stage) => stage.mirror.close(),
    says: {
      summarize: new RegExp(`^FAILING since .* — ${eventsWell}; mirror: .* failed \\(connect-refused \\d+\\)`),
      agent: /http:\/\/127\.0\.0\.1:\d+ fails: \d+ of \d+ requests \(.*connect-refused/,
      readyz: /^503 not ready: http:\/\/127\.0\.0\.1:\d+ fails/,
      diff: /^(FAIL — errors rose|INCONCLUSIVE — .*errors)/,
    },
  },
  {
    kind: 'the mirror hangs',
    make: (stage) => {
      stage.mirror.behaviour = keepSilent;
    },
    says: {
      summarize: new RegExp(`^UNKNOWN since .* — ${eventsWell}; mirror: no answer for [\\d.]+ s \\(\\d+ requests\\)`),
      agent: /http:\/\/127\.0\.0\.1:\d+ answers nothing: \d+ requests wait/,
      readyz: /^503 not ready: http:\/\/127\.0\.0\.1:\d+ answers nothing/,
      diff: /^INCONCLUSIVE — \d+ of \d+ requests have no answer of the mirror/,
    },
  },
  {
    kind: 'the mirror is slow',
    make: (stage) => {
      stage.mirror.behaviour = late;
    },
    says: {
      summarize: new RegExp(`^DEGRADED — ${eventsWell}; mirror: none of \\d+ requests failed, slow, p99 \\d+ ms`),
      agent: nothing,
      readyz: ready,
      diff: /^INCONCLUSIVE — .*slower/,
    },
  },
  {
    kind: 'the mirror answers 4xx',
    make: (stage) => {
      stage.mirror.behaviour = status(403);
    },
    says: {
      summarize: new RegExp(
        `^DEGRADED since .* — ${eventsWell}; mirror: none of \\d+ requests failed, answers 403 \\d+`,
      ),
      agent: nothing,
      readyz: ready,
      diff: /^(FAIL — status: |INCONCLUSIVE — status: perhaps )200 → 403/,
    },
  },
  {
    kind: 'the mirror answers 5xx',
    make: (stage) => {
      stage.mirror.behaviour = status(503);
    },
    says: {
      summarize: new RegExp(`^(FAILING|DEGRADED) since .* — ${eventsWell}; mirror: .* failed \\(503 \\d+\\)`),
      agent: /http:\/\/127\.0\.0\.1:\d+ fails: \d+ of \d+ requests \(503 \d+\)/,
      readyz: /^503 not ready: http:\/\/127\.0\.0\.1:\d+ fails/,
      diff: /^(FAIL — errors rose|INCONCLUSIVE — .*errors)/,
    },
  },
  {
    kind: "the agent's queue is full",
    stage: { agent: ['--queue', '20', '--connections', '1', '--no-pipelining'] },
    make: (stage) => {
      stage.mirror.behaviour = late;
    },
    says: {
      summarize: new RegExp(
        `^DEGRADED since .* — ${eventsWell}; mirror: none of \\d+ requests failed.* \\d+ never sent`,
      ),
      agent: /the queue for http:\/\/127\.0\.0\.1:\d+ is full: \d+ of \d+ requests dropped/,
      readyz: ready,
      diff: /^INCONCLUSIVE — \d+ of \d+ requests have no answer of the mirror/,
    },
  },
  {
    kind: '-u has a wrong path',
    stage: { prefix: '/nowhere' },
    before: (stage) => {
      stage.mirror.behaviour = status(404);
    },
    says: {
      summarize: new RegExp(
        `^DEGRADED since .* — ${eventsWell}; mirror: none of \\d+ requests failed, answers 404 \\d+`,
      ),
      agent: /http:\/\/127\.0\.0\.1:\d+\/nowhere answered none of the first \d+ requests with 2xx \(404 \d+\)/,
      readyz: ready,
      diff: /^FAIL — status: 200 → 404/,
    },
  },
  {
    kind: '-u has a wrong port',
    before: (stage) => stage.mirror.close(),
    says: {
      summarize: new RegExp(
        `^FAILING since .* — ${eventsWell}; mirror: 100 % of \\d+ requests failed \\(connect-refused \\d+\\)`,
      ),
      agent: /http:\/\/127\.0\.0\.1:\d+ fails: \d+ of \d+ requests? \(connect-refused \d+\)/,
      readyz: /^503 not ready: http:\/\/127\.0\.0\.1:\d+ fails/,
      diff: /^(FAIL — errors rose|INCONCLUSIVE — .*errors)/,
    },
  },
  {
    kind: 'the filter is removed (reload)',
    stage: { reloadable: true },
    make: async (stage) => {
      const file = join(stage.folder, 'haproxy.cfg');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^ *filter spoe .*$/m, ''));
      await stage.haproxy.reload();
    },
    says: {
      summarize: /^SILENT since .* — traffic, but nothing mirrored since/,
      agent: nothing,
      readyz: ready,
      diff: /^(INCONCLUSIVE|PASS)/,
    },
  },
  {
    kind: 'sampled by HAProxy, every tenth',
    stage: { haproxy: { condition: 'if { rand(100) lt 10 }' } },
    says: {
      summarize: /^HEALTHY — none of \d+ events failed; mirror: none of \d+ requests failed$/,
      agent: nothing,
      readyz: ready,
      diff: /^(PASS|INCONCLUSIVE)/,
    },
  },
  {
    kind: 'HAProxy is reloaded',
    stage: { reloadable: true },
    make: async (stage) => {
      await stage.haproxy.reload();
    },
    says: {
      summarize: /^HEALTHY — none of \d+ events failed; mirror: none of \d+ requests failed$/,
      agent: nothing,
      readyz: ready,
      diff: well,
    },
  },
  {
    kind: 'the log is rotated under tail -f',
    make: (stage) => {
      stage.log.file = join(stage.folder, 'rotated.log');
    },
    says: { summarize: /^SILENT since .* — no event comes any more/, agent: nothing, readyz: ready, diff: well },
  },
  {
    kind: 'two log targets',
    stage: { haproxy: ({ logPort }) => ({ global: [`log 127.0.0.1:${logPort} len 8192 local1 notice`] }) },
    says: {
      summarize: /^HEALTHY — none of \d+ events failed; mirror: none of \d+ requests failed$/,
      agent: nothing,
      readyz: ready,
      diff: well,
    },
  },
];
