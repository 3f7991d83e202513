/** What the guard knows, for Prometheus, and where it is asked. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { answerScrape, type MetricFamily } from '../text/exposition.ts';
import type { Budget } from './budget.ts';
import type { Guard, GuardState } from './guard.ts';
import { OperateError } from './operate-error.ts';

const STATES: readonly GuardState[] = ['closed', 'open', 'half-open', 'standby'];
const PREFIX = 'spoe_logs_guard';
/** For a request, and until that is looked at. */
const REQUEST_MS = 5000;
const CHECK_MS = 1000;
const MAX_CONNECTIONS = 16;

export function guardFamilies(guard: Guard, budget: Budget, nowMs: number): MetricFamily[] {
  const { counts, state, lastEventMs, pauseMs, failing } = guard;
  const { limits, overwritten } = budget;
  const { events, failed } = guard.judge();
  const p99Ms = guard.p99Ms();
  const families: (MetricFamily | undefined)[] = [
    {
      name: `${PREFIX}_state`,
      help: 'Whether the guard is in this state: closed (mirroring on), open (off), half-open (a probe), standby (switched off by somebody else).',
      type: 'gauge',
      samples: STATES.map((each) => ({ labels: { state: each }, value: each === state ? 1 : 0 })),
    },
    {
      name: `${PREFIX}_transitions_total`,
      help: 'Changes of the state.',
      type: 'counter',
      samples: [...counts.transitions].map(([key, value]) => {
        const [from = '', to = ''] = key.split(',');
        return { labels: { from, to }, value };
      }),
    },
    counter(
      'events_total',
      'SPOE events of the agent: their lines, and where only failures are logged what nb_processed says was between.',
      counts.events,
    ),
    counter('failed_events_total', 'Of these, with a status other than 0.', counts.failed),
    gauge('window_events', 'Events in the window.', events),
    gauge(
      'window_error_ratio',
      'Of the events in the window, those that failed.',
      events === 0 ? undefined : failed / events,
    ),
    gauge(
      'window_p99_seconds',
      'Processing time that 99 % of the events in the window took at most.',
      p99Ms === undefined ? undefined : p99Ms / 1000,
    ),
    gauge('budget_p99_seconds', 'The limit of it.', limits.maxP99Ms === undefined ? undefined : limits.maxP99Ms / 1000),
    gauge('budget_error_ratio', 'The limit of the error ratio.', limits.maxErrorRate),
    gauge(
      'last_event_age_seconds',
      'Since the last event: silence is no proof of health.',
      lastEventMs === undefined ? undefined : (nowMs - lastEventMs) / 1000,
    ),
    gauge('events_while_off', 'Events that came in this state though mirroring is off.', counts.whileOff),
    gauge('pause_seconds', 'How long mirroring will be off, or is off, before a probe.', pauseMs / 1000),
    counter('switched_total', 'Times the guard has switched.', counts.switched),
    counter('switch_failures_total', 'Attempts to switch that failed.', counts.switchFailures),
    gauge('switch_failing', 'Attempts that failed one after the other: the switch is not what it should be.', failing),
    counter('read_failures_total', 'Times the switch could not be read.', counts.readFailures),
    counter('foreign_changes_total', 'Changes of the switch by somebody else.', counts.foreign),
    counter('reloads_total', 'Times HAProxy was reloaded or started anew.', counts.reloads),
    counter('window_overwritten_total', 'Events that left the window early: there were too many.', overwritten),
  ];
  return families.filter((family) => family !== undefined);
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name: `${PREFIX}_${name}`, help, type: 'counter', samples: [{ value }] };
}

/** Undefined where there is nothing to say. */
function gauge(name: string, help: string, value: number | undefined): MetricFamily | undefined {
  return value === undefined ? undefined : { name: `${PREFIX}_${name}`, help, type: 'gauge', samples: [{ value }] };
}

/**
 * Serves `/metrics`. Who asks by a name other than localhost or an address is refused: a web page may be made to lead here.
 * Throws OperateError `cannot-listen`.
 */
export async function serveMetrics(
  address: { host: string; port: number },
  metrics: () => readonly MetricFamily[],
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS },
    ({ url, method, headers }, response) => {
      const answer = (status: number, body: string, type = 'text/plain; charset=utf-8') => {
        response.writeHead(status, {
          'content-type': type,
          'content-length': Buffer.byteLength(body),
          connection: 'close',
        });
        response.end(method === 'HEAD' ? undefined : body);
      };
      if (!isLocalName(headers.host)) answer(421, 'ask by address or as localhost\n');
      else if (method !== 'GET' && method !== 'HEAD') answer(405, 'GET only\n');
      else if (url?.split('?')[0] !== '/metrics') answer(404, 'not found: /metrics\n');
      else {
        const { contentType, body } = answerScrape(headers.accept, metrics());
        answer(200, body, contentType);
      }
    },
  );
  // An answer takes one turn: who is here longest has said nothing, and gives way.
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open;
    if (open.size <= MAX_CONNECTIONS || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });
  server.maxRequestsPerSocket = 1;
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'something else listens there' : (code ?? message);
    throw new OperateError(
      'cannot-listen',
      `cannot listen on ${address.host}:${address.port}: ${why}`,
      'choose another port with --listen',
    );
  }
  server.on('error', () => undefined);
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function isLocalName(host: string | undefined): boolean {
  if (host === undefined) return true;
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host) ?? [];
  return isIP(bracketed ?? plain) !== 0 || plain.toLowerCase() === 'localhost';
}
