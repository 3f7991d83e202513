/** Logs that show a page all that can be on one. */
import { eventLine } from '../stats/read-log.ts';

/** Two hosts, a slow time, and a time in which half of the events fail; `minutes` from 2026-11-22 07:00:00 on. */
export function troubledLog(minutes: number): string {
  const lines: string[] = [];
  const processed = { lb1: 0, lb2: 0 };
  const errors = { lb1: 0, lb2: 0 };
  for (let second = 0; second < minutes * 60; second++) {
    const host = second % 3 === 0 ? 'lb1' : 'lb2';
    const slow = second > minutes * 15 && second < minutes * 25;
    const failed = second > minutes * 35 && second < minutes * 45 && second % 2 === 0;
    const wait = slow ? 40 + (second % 37) : 1 + (second % 5);
    processed[host] += 1;
    if (failed) errors[host] += 1;
    const st = failed ? (second % 4 === 0 ? 1 : 257) : 0;
    const timers = failed ? `0/1/-1/-1/${wait + 1} 0/4 2/3` : `0/1/${wait}/0/${wait + 1} ${slow ? 0 : 2}/4 1/2`;
    lines.push(eventLine(second, { host, st, timers, processed: processed[host], nbError: errors[host] }));
  }
  return lines.join('');
}

/** A record of the agent: two destinations, one of which refuses now and then. */
export function recordOf(requests: number): string {
  return Array.from({ length: requests }, (_, i) => {
    const time = new Date(Date.UTC(2026, 10, 22, 7) + i * 1000).toISOString();
    const failed = i % 20 === 0;
    return JSON.stringify({
      ts: time,
      message: 'mirror',
      destination: i % 2 === 0 ? 'http://blue:8080' : 'http://green:8080',
      engine_id: 'f9799bf3-31cc-47fc-bb40-29fb5d30f4af',
      ...{ stream_id: i, frame_id: 1, unique_id: `id-${i}`, method: 'GET', path: '/orders' },
      status: failed ? null : 200,
      ...{ ttfb_ms: failed ? null : 4, latency_ms: 12 + (i % 9), request_bytes: 0, response_bytes: 3 },
      error: failed ? 'connect-refused' : null,
    });
  }).join('\n');
}
