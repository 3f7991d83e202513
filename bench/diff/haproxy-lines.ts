/** Lines as HAProxy 2.6 to 3.2 write them; each form was seen from the real program. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** tune.http.logurilen: of a longer request line this much is logged, before it is escaped, and then the quote. */
const LONGEST_REQUEST_LINE = 1023;
/** What `len 1024`, the default, leaves of a line without its <PRI>. */
const LONGEST_LINE = 1018;

const two = (n) => (n < 10 ? `0${n}` : `${n}`);

/** The texts of a second are made once: lines of few seconds are under way at a time. */
const seconds = new Map();
const MOST_SECONDS = 256;

function textsOf(ms) {
  const at = Math.floor(ms / 1000);
  const known = seconds.get(at);
  if (known !== undefined) return known;
  const date = new Date(at * 1000);
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const month = MONTHS[date.getUTCMonth()];
  const texts = {
    header: `${month} ${String(date.getUTCDate()).padStart(2)} ${clock}`,
    date: `${two(date.getUTCDate())}/${month}/${date.getUTCFullYear()}:${clock}`,
  };
  if (seconds.size >= MOST_SECONDS) seconds.clear();
  seconds.set(at, texts);
  return texts;
}

/** `20/Nov/2026:06:00:00` */
export function logDate(ms) {
  return textsOf(ms).date;
}

/** `Nov 20 06:00:00 lb1 haproxy[576]: ` */
export function header(ms, { host, pid }) {
  return `${textsOf(ms).header} ${host} haproxy[${pid}]: `;
}

/** `20/Nov/2026:06:00:00.123` */
export function acceptDate(ms) {
  return `${logDate(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

/** The request line between its quotes: cut, then escaped. */
export function loggedRequestLine(method, target, version) {
  const line = `${method} ${target} ${version}`;
  const cut = line.length > LONGEST_REQUEST_LINE ? line.slice(0, LONGEST_REQUEST_LINE) : line;
  return /["#]/.test(cut) ? cut.replace(/["#]/g, (sign) => (sign === '"' ? '#22' : '#23')) : cut;
}

/** Everything before the request line. */
function accessHead(request, process) {
  const { client, acceptMs, front, backend, server, timers, status, bytes, termination, captures } = request;
  const { TR, Tw, Tc, Tr, Ta } = timers;
  const shown = captures === undefined ? '' : `{shop.example|${captures}} {} `;
  return (
    `${header(acceptMs + Math.max(Ta, 0), process)}${client.text}:${client.port} [${acceptDate(acceptMs)}] ` +
    `${front} ${backend}/${server} ${TR}/${Tw}/${Tc}/${Tr}/${Ta} ${status} ${bytes} - - ${termination} ` +
    `${request.counts} ${shown}"`
  );
}

/** `… "GET / HTTP/1.1" ID RT`: httplog and ` %ID %rt`. */
export function accessLine(request, process = request.process, sid = request.sid) {
  const head = accessHead(request, process);
  if (request.malformed) return `${head}<BADREQ>" - ${sid}`;
  const { method, version, id, loggedId } = request;
  if (loggedId === 'cut-after') return cutAfterRequestLine(head, request);
  const line = `${head}${loggedRequestLine(method, request.target, version)}" ${loggedId === 'dash' ? '-' : id} ${sid}`;
  return loggedId === 'cut-within' ? line.slice(0, LONGEST_LINE) : line;
}

/** `len 1024` can cut just there: the query is as long as it takes. Sometimes the space is left, sometimes not. */
function cutAfterRequestLine(head, { method, target, version, sid }) {
  const line = (pad) => `${head}${method} ${target}${'p'.repeat(pad)} ${version}"`;
  return sid % 2 === 0 ? line(LONGEST_LINE - line(0).length) : `${line(LONGEST_LINE - 1 - line(0).length)} `;
}

/** Timers of HAProxy <= 3.0 for the failures: reqT/qT/wT/resT/pT. */
function legacyTimers(st, took) {
  if (st === 0) return `0/0/${took}/0/${took}`;
  return st === 1 ? `0/0/-1/-1/${took}` : `0/0/${took}/-1/${took}`;
}

/** Counts as HAProxy does, so that no two lines of a process are the same. */
export function spoeLine({ process, sid }, { agent, event, st, took }, atMs) {
  const counters = process.spoe[agent];
  counters.processed++;
  if (st !== 0) counters.failed++;
  const head = `${header(atMs, process)}SPOE: [${agent}] <EVENT:${event}> sid=${sid} st=${st}`;
  const counted = `${counters.failed}/${counters.processed}`;
  return process.modern
    ? `${head} ${took} ${counted}`
    : `${head} ${legacyTimers(st, took)} 5/5 0/${sid % 3} ${counted}`;
}

/** What HAProxy says besides; no two are the same. */
const NOTICES = [
  (n) =>
    `Server be_shop/srv${1 + (n % 3)} is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: ${n}ms. 2 active and 0 backup servers left. ${n} sessions active, 0 requeued, 0 remaining in queue.`,
  (n) =>
    `Server be_shop/srv${1 + (n % 3)} is UP, reason: Layer7 check passed, code: 200, check duration: ${n}ms. 3 active and 0 backup servers online. 0 sessions requeued, ${n} total in queue.`,
  (n) => `Proxy fe_main stopped (cumulated conns: FE: ${n}, BE: 0).`,
];

export function noticeLine(process, atMs, n) {
  return `${header(atMs, process)}${NOTICES[n % NOTICES.length](n)}`;
}
