/**
 * What may stand before the message of a line: one entry for each way that a shipper, daemon or terminal writes
 * it. To read another one, add an entry: its example is its test (test/logs/framing/framings.test.ts), for SPOE lines,
 * access lines, both scanners and client text, and becomes its row in docs/LOGS.md.
 *
 * A line has at most one entry of each layer: one of the first two, the next three in any order, then the message:
 *
 *     [search | count] [label] [stamp] [priority] [header [priority [header]]] MESSAGE
 *
 * Patterns are text with pieces (pieces.ts) in braces. Entries are tried in the order of this table; the first that fits
 * is taken. A pattern must not be able to reach text of a client: an access line is client text in parts, and
 * may begin with an address, a time, a name of the configuration, or a bracket.
 */
import type { Severity } from '../record.ts';

export type Layer = 'search' | 'count' | 'label' | 'stamp' | 'priority' | 'header';

export interface Framing {
  readonly name: string;
  readonly layer: Layer;
  readonly pattern: string;
  /** What most lines of it look like, as a small pattern, which is ready sooner: it takes nothing that `pattern` takes otherwise. */
  readonly usual?: string;
  /**
   * `known`: only where something that is known follows: another entry, `SPOE:`, `{` or the address of a client. `spoe`: not
   * before an address, because it may be the beginning of an access line. `header`: only before one with a time and a tag.
   */
  readonly before?: 'known' | 'spoe' | 'header';
  /** True for an entry that is read only in a member of JSON or a cell of a table, where a shipper says that a line begins. */
  readonly inside?: true;
  /** All that stands before the message. */
  readonly example: string;
  readonly yields: Yields;
  /** Programs that write it. */
  readonly seen: string;
  /** Further forms that the pattern takes, each with an example of its own. */
  readonly variants?: readonly FramingVariant[];
}

export type FramingVariant = Pick<Framing, 'name' | 'example' | 'yields' | 'seen'>;

/** The meaning of an example; `time` as a UTC moment when read with --tz UTC --year 2024. */
interface Yields {
  readonly time?: string;
  readonly host?: string;
  readonly process?: string;
  readonly pid?: number;
  readonly severity?: Severity;
  readonly scope?: string;
}

const LB1 = { host: 'lb1', process: 'haproxy', pid: 7 } as const;
const HAPROXY = { process: 'haproxy', pid: 7 } as const;
const NOON = '2024-03-07T12:00:01.000Z';
const NOON_MS = '2024-03-07T12:00:01.123Z';
const TASK = '0123456789abcdef0123456789abcdef';

export const FRAMINGS: readonly Framing[] = [
  // ── headers that begin with a date in words ─────────────────────────────────────────────────────────────────
  {
    name: 'RFC 3164',
    layer: 'header',
    pattern: '{date} {looseOrigin}',
    usual: '{usualDate} {usualOrigin}',
    example: 'Mar  7 12:00:01 lb1 haproxy[7]: ',
    yields: { time: NOON, ...LB1 },
    seen: 'rsyslog, syslog-ng, journalctl -o short, HAProxy format rfc3164 and local',
    variants: [
      {
        name: 'busybox syslogd',
        example: 'Mar  7 12:00:01 lb1 local0.notice haproxy[7]: ',
        yields: { time: NOON, ...LB1, severity: 'notice' },
        seen: 'busybox syslogd (Alpine); the facility may stand before the host or behind the tag, too',
      },
      {
        name: 'FreeBSD syslogd -vv',
        example: 'Mar  7 12:00:01 <16.5> lb1 haproxy[7]: ',
        yields: { time: NOON, ...LB1, severity: 'notice' },
        seen: 'FreeBSD: facility and level as numbers; -v writes their names',
      },
      {
        name: "rsyslog's %fromhost-ip%",
        example: 'Mar  7 12:00:01 192.0.2.5 lb1 haproxy[7]: ',
        yields: { time: NOON, ...LB1 },
        seen: 'templates that put the address in front of the host',
      },
      {
        name: 'no space before the message',
        example: 'Mar  7 12:00:01 lb1 haproxy[7]:',
        yields: { time: NOON, ...LB1 },
        seen: 'QNAP, Synology, templates of %syslogtag%%msg%',
      },
      {
        name: 'OpenWrt',
        example: 'Thu Mar  7 12:00:01 2024 local0.notice haproxy[7]: ',
        yields: { time: NOON, ...HAPROXY, severity: 'notice' },
        seen: 'logread of OpenWrt',
      },
      {
        name: 'RFC 3164 with a year',
        example: 'Mar  7 2024 12:00:01 lb1 haproxy[7]: ',
        yields: { time: NOON, ...LB1 },
        seen: 'Cisco, Juniper, syslog-ng ts-format(full); the year before the month, behind the day or the time',
      },
      {
        name: 'RFC 3164 with a zone',
        example: 'Mar  7 13:00:01.123 CET lb1 haproxy[7]: ',
        yields: { time: NOON_MS, ...LB1 },
        seen: 'syslog-ng, Cisco, templates; an abbreviation or +0100 (zone-names.ts)',
      },
      {
        name: 'RFC 3164 with the day first',
        example: '07 Mar 2024 12:00:01 lb1 haproxy[7]: ',
        yields: { time: NOON, ...LB1 },
        seen: 'templates',
      },
      {
        name: 'RFC 3164 in another locale',
        example: 'févr. 29 12:00:01 lb1 haproxy[7]: ',
        yields: { time: '2024-02-29T12:00:01.000Z', ...LB1 },
        seen: 'journalctl -o short in 20 languages (month-names.ts)',
      },
    ],
  },
  {
    name: 'RFC 3164 without a tag',
    layer: 'header',
    pattern: '{date} {host} {message}',
    example: 'Mar  7 12:00:01 lb1 ',
    yields: { time: NOON, host: 'lb1' },
    seen: "rsyslog that takes HAProxy's format raw",
  },
  {
    name: 'RFC 3164, the time alone',
    layer: 'header',
    pattern: '{date} {message}',
    example: 'Mar  7 12:00:01 ',
    yields: { time: NOON },
    seen: 'templates of %timestamp% %msg%, ts of moreutils',
  },
  {
    name: 'forwarded by FreeBSD',
    layer: 'header',
    pattern: '{date} {forwarded} {looseTag}',
    example: 'Mar  7 12:00:01 Forwarded from lb1: haproxy[7]: ',
    yields: { time: NOON, ...LB1 },
    seen: 'syslogd of FreeBSD, NetBSD, AIX (`Message forwarded from`)',
  },
  {
    name: 'journalctl in Chinese, Japanese or Korean',
    layer: 'header',
    pattern: '{cjkDate} {looseOrigin}',
    example: '3月 07 12:00:01 lb1 haproxy[7]: ',
    yields: { time: NOON, ...LB1 },
    seen: 'journalctl -o short with LANG=zh_CN, ja_JP, ko_KR',
  },

  // ── headers in digits ───────────────────────────────────────────────────────────────────────────────────────
  {
    // The second field is the drain, the same for all of an application.
    name: 'Heroku log drain',
    layer: 'header',
    pattern: '1 {iso} {herokuDrain} {word} {dyno} - ',
    example: '1 2024-03-07T12:00:01.123456+00:00 d.9173ea1f-6f14-4976-9cf0-7cd0dafdcbbc app web.1 - ',
    yields: { time: NOON_MS, host: 'web.1' },
    seen: 'Logplex over HTTPS or syslog: RFC 5424 without structured data, behind a count and a priority',
  },
  {
    name: 'RFC 5424',
    layer: 'header',
    pattern: '1 {iso} {hostToken} {processToken} {pidToken} {token} {structuredData}',
    example: '1 2024-03-07T12:00:01.123Z lb1 haproxy 7 - - ',
    yields: { time: NOON_MS, ...LB1 },
    seen: 'HAProxy format rfc5424, rsyslog, syslog-ng; mostly behind <PRI>',
  },
  {
    name: 'RFC 5424 without a time',
    layer: 'header',
    pattern: '1 {nil} {hostToken} {processToken} {pidToken} {token} {structuredData}',
    example: '1 - lb1 haproxy 7 - - ',
    yields: { ...LB1 },
    seen: 'senders without a clock',
  },
  {
    name: 'heroku logs',
    layer: 'header',
    pattern: '{iso} {herokuProcess}[{dyno}]: ',
    example: '2024-03-07T12:00:01.123456+00:00 app[web.1]: ',
    yields: { time: NOON_MS, host: 'web.1', process: 'app' },
    seen: 'heroku logs, Papertrail of Heroku',
  },
  {
    name: 'ISO',
    layer: 'header',
    pattern: '{iso} {strictOrigin}',
    usual: '{iso} {usualOrigin}',
    example: '2024-03-07T12:00:01.123456+00:00 lb1 haproxy[7]: ',
    yields: { time: NOON_MS, ...LB1 },
    seen: 'rsyslog FileFormat, journalctl -o short-iso and short-iso-precise',
    variants: [
      {
        name: 'OpenShift',
        example: '2024-03-07T12:00:01.123456+00:00 lb1 lb1 haproxy[7]: ',
        yields: { time: NOON_MS, ...LB1 },
        seen: "the router's rsyslog sidecar: the host twice",
      },
      {
        name: 'ISO with a facility',
        example: '2024-03-07T12:00:01+00:00 lb1 haproxy[7]: local0.notice ',
        yields: { time: NOON, ...LB1, severity: 'notice' },
        seen: 'templates; in brackets or not, before the host, the tag or behind it',
      },
      {
        name: 'ISO with a zone after a space',
        example: '2024/03/07 13:00:01 +0100 lb1 haproxy[7]: ',
        yields: { time: NOON, ...LB1 },
        seen: 'templates',
      },
      {
        name: 'ISO with facility and level in words',
        example: '2024-03-07T12:00:01.123456+00:00 local0 notice lb1 haproxy[7]: ',
        yields: { time: NOON_MS, ...LB1, severity: 'notice' },
        seen: "rsyslog's %syslogfacility-text% %syslogseverity-text%",
      },
      {
        name: 'macOS, log --style syslog',
        example: '2024-03-07 12:00:01.123456+0000  localhost haproxy[7]: ',
        yields: { time: NOON_MS, host: 'localhost', process: 'haproxy', pid: 7 },
        seen: 'log show, log stream with --style syslog',
      },
    ],
  },
  {
    name: 'ISO, the tag in brackets',
    layer: 'header',
    pattern: '{iso} {host} [{haproxyTag}] {message}',
    example: '2024-03-07T12:00:01+00:00 lb1 [haproxy] ',
    yields: { time: NOON, host: 'lb1', process: 'haproxy' },
    seen: 'templates of [%programname%]',
  },
  {
    name: 'macOS, log show',
    layer: 'header',
    pattern: '{iso} {macOrigin}',
    example: '2024-03-07 12:00:01.123456+0000 0x1a2b     Default     0x0                  7      0    haproxy: ',
    yields: { time: NOON_MS, ...HAPROXY },
    seen: 'log show, log stream',
  },
  {
    name: 'logcat',
    layer: 'header',
    pattern: '{monthDay} {logcatThread}: ',
    example: '03-07 12:00:01.123     7     9 I haproxy : ',
    yields: { time: NOON_MS, ...HAPROXY },
    seen: 'Android: logcat -v threadtime',
  },
  {
    name: 'logcat -v brief',
    layer: 'header',
    pattern: '{logcatTag}: ',
    example: 'I/haproxy (    7): ',
    yields: { ...HAPROXY },
    seen: 'Android: logcat -v brief, -v time without its time',
  },
  {
    name: 'ISO, the time alone',
    layer: 'header',
    pattern: '{iso} {marker}',
    example: '2024-03-07T12:00:01.123456+00:00 ',
    yields: { time: NOON_MS },
    seen: 'HAProxy format iso and timed, docker logs -t, s6-log T',
  },
  {
    name: 'journalctl -o short-full',
    layer: 'header',
    pattern: '{weekday} {iso} {abbreviation} {host} {strictTag}',
    example: 'Thu 2024-03-07 12:00:01 UTC lb1 haproxy[7]: ',
    yields: { time: NOON, ...LB1 },
    seen: 'journalctl -o short-full, -o with-unit',
  },
  {
    name: 'journalctl -o short-unix',
    layer: 'header',
    pattern: '{epoch} {host} {strictTag}',
    example: '1709812801.123456 lb1 haproxy[7]: ',
    yields: { time: NOON_MS, ...LB1 },
    seen: 'journalctl -o short-unix',
  },
  {
    name: 'journalctl -o short-monotonic',
    layer: 'header',
    pattern: '[{monotonic}] {strictOrigin}',
    example: '[ 1234.567890] lb1 haproxy[7]: ',
    yields: { ...LB1 },
    seen: 'journalctl -o short-monotonic, -o short-delta, dmesg',
  },

  {
    name: 'the tag alone',
    layer: 'header',
    pattern: '{pidTag} {message}',
    inside: true,
    example: 'haproxy[7]: ',
    yields: { ...HAPROXY },
    seen: 'what shippers leave of RFC 3164 in a member of JSON, a cell or behind a time of their own',
  },

  // ── the priority ────────────────────────────────────────────────────────────────────────────────────────────
  {
    name: '<PRI>',
    layer: 'priority',
    pattern: '{pri}',
    example: '<133>',
    yields: { severity: 'notice' },
    seen: 'HAProxy format short and priority; again behind a header of journald or docker',
  },
  {
    name: 'facility and level in front',
    layer: 'priority',
    pattern: '{facility} ',
    before: 'known',
    example: '<local0.notice> ',
    yields: { severity: 'notice' },
    seen: "rsyslog's %pri-text%",
  },

  // ── what containers and terminals put in front ──────────────────────────────────────────────────────────────
  {
    name: 'Kubernetes CRI',
    layer: 'stamp',
    pattern: '{iso} {criStream} {criFlag} ',
    example: '2024-03-07T12:00:01.123456789Z stdout F ',
    yields: { time: NOON_MS },
    seen: '/var/log/containers, podman k8s-file',
  },
  {
    name: 'logcli',
    layer: 'label',
    pattern: '{iso} {labels} ',
    example: '2024-03-07T12:00:01Z {app="haproxy", pod="haproxy-0"} ',
    yields: { time: NOON, host: 'haproxy-0' },
    seen: 'logcli query',
  },
  {
    name: 'aws logs tail',
    layer: 'label',
    pattern: '{iso} {stream} ',
    example: `2024-03-07T12:00:01.123000+00:00 ecs/haproxy/${TASK} `,
    yields: { time: NOON_MS, host: TASK },
    seen: 'aws logs tail: streams of ECS tasks, EC2 instances and EKS containers',
  },
  {
    name: 'awslogs',
    layer: 'label',
    pattern: '{logGroup} {stream} ',
    example: `/ecs/haproxy ecs/haproxy/${TASK} `,
    yields: { host: TASK },
    seen: 'awslogs get: group and stream; a time behind them with --timestamp',
  },
  {
    name: 'fly logs',
    layer: 'label',
    pattern: '{iso} app[{machine}] {region} [{severityName}]',
    example: '2024-03-07T12:00:01Z app[3287e2] ams [info]',
    yields: { time: NOON, host: '3287e2', severity: 'info' },
    seen: 'flyctl logs',
  },
  {
    name: 'cf logs',
    layer: 'label',
    pattern: '{iso} [{cfInstance}] {cfStream} ',
    example: '2024-03-07T12:00:01.12+0000 [APP/PROC/WEB/0] OUT ',
    yields: { time: '2024-03-07T12:00:01.120Z', host: 'APP/PROC/WEB/0' },
    seen: 'Cloud Foundry: cf logs',
  },
  {
    name: 'fluentd out_file',
    layer: 'label',
    pattern: '{iso}\t{fluentTag}\t',
    before: 'known',
    example: '2024-03-07T12:00:01+00:00\tsyslog.local0.notice\t',
    yields: { time: NOON },
    seen: 'fluentd: time, tag and JSON or a line',
  },
  {
    name: 'time and a tab',
    layer: 'stamp',
    pattern: '{iso}\t',
    before: 'known',
    example: '2024-03-07T12:00:01Z\t',
    yields: { time: NOON },
    seen: 'gcloud logging read --format="value(…)", TSV of two columns',
  },
  {
    name: 'time of docker logs -t',
    layer: 'stamp',
    pattern: '{iso} ',
    before: 'spoe',
    example: '2024-03-07T12:00:01.123456789Z ',
    yields: { time: NOON_MS },
    seen: 'docker logs -t, docker compose logs -t, kubectl logs --timestamps, s6-log T, tai64nlocal',
  },
  {
    name: 'time and a colon',
    layer: 'stamp',
    pattern: '{iso}: ',
    before: 'known',
    example: '2024-03-07 12:00:01 +00:00: ',
    yields: { time: NOON },
    seen: 'pm2 logs --timestamp, in front of the line or behind its label',
  },
  {
    name: 'seconds since the start',
    layer: 'stamp',
    pattern: '{clock} {message}',
    example: '00:00:05 ',
    yields: {},
    seen: 'ts -s of moreutils; a time without a day',
  },
  {
    name: 'time in brackets',
    layer: 'stamp',
    pattern: '[{iso}] ',
    before: 'known',
    example: '[2024-03-07T12:00:01.123Z] ',
    yields: { time: NOON_MS },
    seen: 'supervisors and shell wrappers',
  },
  {
    name: 'svlogd',
    layer: 'stamp',
    pattern: '{runitTime} ',
    example: '2024-03-07_12:00:01.12345 ',
    yields: { time: NOON_MS },
    seen: 'runit: svlogd -tt (GitLab omnibus, baseimage)',
  },
  {
    name: 'TAI64N',
    layer: 'stamp',
    pattern: '{tai64n} ',
    example: '@4000000065e9ac4b0754d4c0 ',
    yields: { time: NOON_MS },
    seen: 'daemontools multilog t, s6-log t, svlogd -t',
  },
  {
    name: 'docker compose',
    layer: 'label',
    pattern: '{service}| ',
    example: 'haproxy-1  | ',
    yields: { host: 'haproxy-1' },
    seen: 'docker compose (v1 and v2), docker service logs, podman-compose; colours are left out',
  },
  {
    name: 'foreman, overmind',
    layer: 'label',
    pattern: '{clock} {service}| ',
    example: '12:00:01 haproxy.1 | ',
    yields: { host: 'haproxy.1' },
    seen: 'foreman, honcho, overmind: a time without a day; without it only names of HAProxy',
  },
  {
    name: 'kubectl logs --prefix',
    layer: 'label',
    pattern: '[pod/{anyPod}/{anyContainer}] ',
    example: '[pod/haproxy-ingress-bsqlr/haproxy] ',
    yields: { host: 'haproxy-ingress-bsqlr' },
    seen: 'kubectl logs --prefix, oc logs --prefix',
  },
  {
    name: 'kubetail',
    layer: 'label',
    pattern: '[{pod}] ',
    example: '[haproxy-ingress-bsqlr] ',
    yields: { host: 'haproxy-ingress-bsqlr' },
    seen: 'kubetail',
  },
  {
    name: 'kubetail with containers',
    layer: 'label',
    pattern: '[{pod} {container}] ',
    example: '[haproxy-ingress-bsqlr haproxy] ',
    yields: { host: 'haproxy-ingress-bsqlr' },
    seen: 'kubetail, pods of several containers',
  },
  {
    name: 'stern',
    layer: 'label',
    pattern: '{pod} {container} ',
    example: 'haproxy-ingress-bsqlr haproxy ',
    yields: { host: 'haproxy-ingress-bsqlr' },
    seen: 'stern',
  },
  {
    name: 'stern, several namespaces',
    layer: 'label',
    pattern: '{namespace} {anyPod} › {container} ',
    example: 'edge haproxy-x-1 › haproxy ',
    yields: { host: 'haproxy-x-1', scope: 'edge' },
    seen: 'stern -A',
  },
  {
    name: 'kail',
    layer: 'label',
    pattern: '{namespace}/{pod}[{container}]: ',
    example: 'edge/haproxy-ingress-bsqlr[haproxy]: ',
    yields: { host: 'haproxy-ingress-bsqlr', scope: 'edge' },
    seen: 'kail',
  },
  {
    name: 'supervisor',
    layer: 'label',
    pattern: '{supervised} | ',
    example: 'haproxy:haproxy_00 stdout | ',
    yields: { host: 'haproxy:haproxy_00' },
    seen: 'event listeners such as supervisor-stdout',
  },
  {
    name: 'pm2 logs',
    layer: 'label',
    pattern: '{pm2Name}| ',
    example: '0|haproxy  | ',
    yields: { host: '0|haproxy' },
    seen: 'pm2 logs',
  },
  {
    name: 'podman logs --names -t',
    layer: 'label',
    pattern: '{podmanName} {isoNanos} ',
    before: 'known',
    example: 'haproxy 2024-03-07T12:00:01.123456789+00:00 ',
    yields: { time: NOON_MS, host: 'haproxy' },
    seen: 'podman logs --names -t of containers that are called after HAProxy, or by their id',
  },
  {
    name: 'Datadog agent stream-logs',
    layer: 'label',
    pattern: 'Integration Name: {datadogFields}Message: ',
    example:
      'Integration Name: haproxy | Type: file | Status: info | Timestamp: 2024-03-07T12:00:01 | Hostname: lb1 | Service: haproxy | Source: haproxy | Tags: filename:haproxy.log | Message: ',
    yields: { host: 'lb1' },
    seen: 'datadog-agent stream-logs',
  },
  {
    name: 'Papertrail archive',
    layer: 'label',
    pattern: '{number}\t{iso}\t{word}\t{number}\t{hostToken}\t{word}\t{facilityWord}\t{severityWord}\t{processToken}\t',
    example: '7711\t2024-03-07T12:00:01Z\t2024-03-07T12:00:02Z\t42\tlb1\t192.0.2.1\tLocal0\tNotice\thaproxy\t',
    yields: { time: NOON, host: 'lb1', process: 'haproxy', severity: 'notice' },
    seen: 'archives that Papertrail keeps',
  },
  {
    name: 'Grafana, download as TXT',
    layer: 'label',
    pattern: '{iso}\t{millis}\t',
    example: '2024-03-07T12:00:01.123Z\t1709812801123\t',
    yields: { time: NOON_MS },
    seen: 'Explore of Grafana: time, milliseconds and the line',
  },
  {
    // RFC 6587 section 3.4.1: the count is there only together with <PRI>. Its value is not checked: lines get cut.
    name: 'octet count',
    layer: 'count',
    pattern: '{octets} ',
    before: 'known',
    example: '123 <133>',
    yields: { severity: 'notice' },
    seen: 'a capture of syslog over TCP; frames may follow each other without a newline',
  },
  {
    name: 'grep -n, several files',
    layer: 'search',
    pattern: '{file}:{number}:',
    before: 'known',
    example: 'haproxy.log.1.gz:12:',
    yields: {},
    seen: 'grep -n, zgrep -n, rg; lines around a match have dashes',
  },
  {
    name: 'grep, several files',
    layer: 'search',
    pattern: '{file}:',
    before: 'known',
    example: '/var/log/haproxy.log:',
    yields: {},
    seen: 'grep -H, zgrep, xzgrep, rg -N',
  },
  {
    name: 'grep -n',
    layer: 'search',
    pattern: '{number}:',
    before: 'known',
    example: '12:',
    yields: {},
    seen: 'grep -n, grep -b, grep -nb before a header or an SPOE message',
  },
  {
    name: 'grep -C',
    layer: 'search',
    pattern: '{file}-{number}-',
    before: 'known',
    example: 'haproxy.log-12-',
    yields: {},
    seen: 'lines around a match of grep -n -A, -B, -C',
  },
  {
    name: 'cat -n',
    layer: 'search',
    pattern: '{number}\t',
    before: 'known',
    example: '12\t',
    yields: {},
    seen: 'cat -n, nl',
  },
  {
    name: 'diff, quoted text',
    layer: 'search',
    pattern: '{diffMark}',
    before: 'known',
    example: '> ',
    yields: {},
    seen: 'diff, diff -u (`+`), mail',
  },
  {
    name: 'pssh',
    layer: 'search',
    pattern: '{sshHost}: ',
    before: 'header',
    example: 'lb1: Mar  7 12:00:01 haproxy[7]: ',
    yields: { time: NOON, ...LB1 },
    seen: 'pssh -P, clush, dsh, in front of a header with a time and a tag',
  },
  {
    name: 'ansible -o',
    layer: 'search',
    pattern: '{sshHost} | {ansibleState} | rc={number} | (stdout) ',
    example: 'lb1 | CHANGED | rc=0 | (stdout) ',
    yields: { host: 'lb1' },
    seen: 'ansible -o; it puts only the first line behind it',
  },
  {
    name: 'MESSAGE=',
    layer: 'search',
    pattern: '{messageField}',
    before: 'known',
    example: 'MESSAGE=',
    yields: {},
    seen: 'one line of journalctl -o export or -o verbose; whole records: below',
  },
  {
    name: 'server-sent events',
    layer: 'search',
    pattern: '{sseField}',
    before: 'known',
    example: 'data: ',
    yields: {},
    seen: 'journalctl -o json-sse, streams of log services',
  },
  {
    name: 'RFC 7464',
    layer: 'search',
    pattern: '{recordSeparator}',
    before: 'known',
    example: '\u001e',
    yields: {},
    seen: 'journalctl -o json-seq',
  },
];
