#!/usr/bin/env node
// A seeded mirror log of any size: half SPOE lines, half access lines, as rsyslogd writes them (RFC 3164).
// usage: make-log.mjs OUT [--bytes 1g] [--seed 1] [--rate 2000] [--hosts 2] [--errors 0.002] [--format 2.6|3.2|mixed]
//                         [--framing rfc3164|iso|rfc5424|raw|json]
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bytes: { type: 'string', default: '1g' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '2000' },
    hosts: { type: 'string', default: '2' },
    errors: { type: 'string', default: '0.002' },
    format: { type: 'string', default: '2.6' },
    framing: { type: 'string', default: 'rfc3164' },
  },
});
const out = positionals[0];
if (!out) {
  console.error('usage: make-log.mjs OUT [--bytes 1g] [--seed 1] [--rate 2000] [--hosts 2] [--errors 0.002] [--format 2.6|3.2|mixed] [--framing rfc3164]');
  process.exit(2);
}
const UNITS = { k: 1e3, m: 1e6, g: 1e9 };
const target = Number.parseFloat(values.bytes) * (UNITS[values.bytes.at(-1).toLowerCase()] ?? 1);
const rate = Number(values.rate);
const errorRatio = Number(values.errors);

// mulberry32: small, seeded, good enough for test data.
let state = Number(values.seed) >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
/** Mostly 0 or 1 ms, a tail of tens, as a mirror agent on the same host answers. */
const latency = () => (random() < 0.9 ? below(2) : random() < 0.9 ? below(20) : below(400));

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const PATHS = ['/', '/api/v1/orders?id=', '/static/app.js', '/login', '/api/v2/users/', '/search?q=shoes&page=', '/health'];
const hosts = Array.from({ length: Number(values.hosts) }, (_, i) => ({
  name: `lb${i + 1}`,
  pid: 1200 + 37 * i,
  sid: 0,
  processed: 0,
  modern: values.format === '3.2' || (values.format === 'mixed' && i % 2 === 1),
}));

const two = (n) => (n < 10 ? `0${n}` : `${n}`);
let clockMs = Date.UTC(2026, 10, 20, 6, 0, 0);

function header(host, level) {
  const date = new Date(clockMs);
  const day = date.getUTCDate();
  switch (values.framing) {
    case 'iso':
      return `${date.toISOString().slice(0, -1)}+00:00 ${host.name} haproxy[${host.pid}]: `;
    case 'rfc5424':
      return `<${128 + level}>1 ${date.toISOString().slice(0, -1)}000+00:00 ${host.name} haproxy ${host.pid} - - `;
    case 'raw':
      return '';
    default:
      return `${MONTHS[date.getUTCMonth()]} ${day < 10 ? ` ${day}` : day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${host.name} haproxy[${host.pid}]: `;
  }
}

function spoeMessage(host, q, w, r, failed) {
  const st = failed ? (random() < 0.7 ? 1 : 257) : 0;
  if (host.modern) return [st, `SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${host.sid} st=${st} ${st === 1 ? 1000 : q + w + r} 0/${host.processed}`];
  const timers = st === 1 ? '0/0/-1/-1/1000' : st === 257 ? `0/${q}/${w}/-1/${q + w}` : `0/${q}/${w}/${r}/${q + w + r}`;
  return [st, `SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${host.sid} st=${st} ${timers} ${1 + below(4)}/${4 + below(4)} ${below(2)}/${below(3)} 0/${host.processed}`];
}

function pair() {
  const host = hosts[below(hosts.length)];
  host.sid += 1 + below(2);
  host.processed += 1;
  clockMs += -Math.log(1 - random()) * (1000 / rate);
  const [st, spoe] = spoeMessage(host, latency(), latency(), below(2), random() < errorRatio);
  const total = 1 + below(30);
  const date = new Date(clockMs);
  const accept = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`;
  const path = PATHS[below(PATHS.length)];
  const access = `10.${below(256)}.${below(256)}.${below(256)}:${1024 + below(60000)} [${accept}] fe_main be_servers/srv${1 + below(3)} 0/0/0/${total}/${total} 200 ${below(60000)} - - ---- ${below(200)}/${below(200)}/${below(50)}/${below(20)}/0 0/0 "GET ${path}${path.endsWith('=') ? below(100000) : ''} HTTP/1.1"`;
  if (values.framing === 'json') {
    const wrap = (message, severity) => `${JSON.stringify({ '@timestamp': new Date(clockMs).toISOString(), host: host.name, severity, program: 'haproxy', procid: String(host.pid), message: ` ${message}` })}\n`;
    return wrap(spoe, st ? 'warning' : 'notice') + wrap(access, 'info');
  }
  return `${header(host, st ? 4 : 5)}${spoe}\n${header(host, 6)}${access}\n`;
}

const fd = openSync(out, 'w');
let written = 0;
while (written < target) {
  let block = '';
  while (block.length < 1 << 20 && written + block.length < target) block += pair();
  written += writeSync(fd, block);
}
closeSync(fd);
