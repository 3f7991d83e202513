/** Lines that HAProxy and the C agent write about themselves and about connections, among those of requests. */
import { parseHeader } from '../header.ts';

// check.c, server.c, proxy.c, haproxy.c; `[NOTICE] (713) : …` is what it writes to its standard error.
const ABOUT_ITSELF =
  /^(?:Proxy \S+ (?:started|stopped|paused|resumed)|(?:Backup )?Server \S+ (?:is|was|has|check|administratively)|Server \S+\/\S+ |[Bb]ackend \S+ has no server|Health check for |Stopping |Pausing |Resuming |Enabling |Disabling |Loading success|\[(?:NOTICE|WARNING|ALERT|DIAG)\]|Connect from )/;
// session_build_err_string, `error-log-format`: `127.0.0.1:7 [22/Nov/2026:07:20:43.107] fe/1: SSL handshake failure`.
const OF_A_CONNECTION = /^\S+ \[\d\d\/[A-Z][a-z][a-z]\/\d{4}:[\d:.]+\] [\w.:~-]+\/[\w.:-]+: [A-Z]/;

// What the C agent logs besides requests: `[ 1][1795331640.406960] (E) …`.
const OF_THE_AGENT = /^\[ *\d+\]\[ *\d+\.\d+\] (?!")/;

/** True for a line that tells of no request, and cannot be a client's text: it begins where the message does. */
export function isNotice(line: string): boolean {
  const message = line.slice(parseHeader(line).messageStart);
  return ABOUT_ITSELF.test(message) || OF_A_CONNECTION.test(message) || OF_THE_AGENT.test(message);
}
