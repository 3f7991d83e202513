/** Lines that HAProxy and the C agent write about themselves and about connections, among those of requests. */
import { parseHeader } from '../header.ts';

// check.c, server.c, proxy.c, haproxy.c, mworker.c, resolvers.c, stick_table.c, http_ana.c (1.8 to 3.2), with the words
// they begin with; `[NOTICE] (713) : …` and `[WARNING] 320/072043 (713) : …` is what goes to standard error.
const ABOUT_ITSELF = new RegExp(
  `^(?:${[
    '(?:Proxy|Frontend|Backend|Listener|Peers?) \\S+ (?:started|stopped|paused|resumed|enabled|disabled|failed)',
    '(?:Proxy|Frontend|Backend|Listener|Peers?) \\S+ (?:is|was|has|had|reached|hits?)\\b',
    '(?:Backup )?[Ss]erver \\S+ (?:is|was|has|check|administratively|started|ready)',
    'Server \\S+\\/\\S+ ',
    '[Bb]ackend \\S+ has no server',
    '(?:proxy|backend|frontend) \\S+ (?:has|reached|started|stopped)',
    'Health check for ',
    'Stopping |Pausing |Resuming |Enabling |Disabling |Starting |Reloading |Terminating |Stopped ',
    'New (?:worker|program|HAProxy)|Former worker|Current worker|Initializing new worker|Exiting Master|All workers exited',
    'Loading (?:success|failure)|Configuration file |haproxy version|path to executable|config : ',
    'Agent check |Detected |Program |Reexecuting Master|SIGHUP|SIGUSR1|SIGTERM|SIGTTOU|SIGTTIN',
    '\\[(?:NOTICE|WARNING|ALERT|DIAG|EMERG|INFO|CRIT|ERROR)\\] ',
    'Connect from ',
    'httpclient: |pcli: |sendmail|Could not |Cannot |Unable to ',
  ].join('|')})`,
);
/** The date of lines about a connection without a request: `dontlognull` off, `option tcplog`, `error-log-format` of HAProxy. */
const DATE = '\\[\\d\\d\\/[A-Z][a-z][a-z]\\/\\d{4}:[\\d:.]+(?: [+-]\\d{4})?\\]';
const CLIENT = '(?:\\S+ )?';
// Lines of session_build_err_string, `error-log-format`: `127.0.0.1:7 [22/Nov/2026:07:20:43.107] fe/1: SSL handshake failure`.
const OF_A_CONNECTION = new RegExp(`^${CLIENT}${DATE} [\\w.:~-]+\\/[\\w.:~-]+: [A-Z]`);
// `option tcplog`: three timers, bytes, a state of two letters, and no status.
const OF_TCP = new RegExp(
  `^${CLIENT}${DATE} \\S+ \\S+\\/\\S+ [+-]?\\d+\\/[+-]?\\d+\\/\\+?-?\\d+ \\+?\\d+ [A-Za-z-]{2} \\d+\\/\\d+\\/\\d+\\/\\d+\\/\\+?\\d+ \\d+\\/\\d+(?: |$)`,
);
/** `option httpslog` and `error-log-format` of the manual: no request, but the error of the handshake. */
const OF_TLS = new RegExp(`^${CLIENT}${DATE} \\S+ \\d+\\/\\d+ \\d+\\/[0-9A-Fa-f]+\\/\\d+\\/\\d+\\/\\d+ `);

// Lines of the C agent besides requests: `[ 1][1795331640.406960] (E) …`.
const OF_THE_AGENT = /^\[ *\d+\]\[ *\d+\.\d+\] (?!")/;

/** True for a line that tells of no request, and cannot be a client's text: it begins where the message does. */
export function isNotice(line: string): boolean {
  const message = line.slice(parseHeader(line).messageStart);
  return (
    message.trim() === '' ||
    ABOUT_ITSELF.test(message) ||
    OF_A_CONNECTION.test(message) ||
    OF_TCP.test(message) ||
    OF_TLS.test(message) ||
    OF_THE_AGENT.test(message)
  );
}
