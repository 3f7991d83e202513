/**
 * JSON that shippers and services wrap lines in: one entry for each, with the members that hold the line and what
 * is known about it. To read another one, add an entry: its example is its test, and its row in docs/LOGS.md.
 *
 * `a.b` is a member b of the object a, or a member with a dot in its name. Of several members that say the same thing the
 * one that comes first in this table is taken, so the names that mean the same everywhere are in the first entry. What
 * the header inside the line says wins over all of them.
 */
import type { FramingVariant } from './framings.ts';

export interface JsonFraming {
  readonly name: string;
  readonly members: JsonMembers;
  /** One line: an object, or an array of them. */
  readonly example: (line: string) => unknown;
  readonly yields: FramingVariant['yields'];
  readonly seen: string;
}

/** Paths of members, by what they hold. */
export interface JsonMembers {
  /** The line, header or not: a text, an array of its bytes, or a text that is JSON again. */
  readonly message?: readonly string[];
  /**
   * The line as well, but elsewhere such a member holds what a client sent: it is not taken from an object that describes a
   * request (a method, a URI, a user agent).
   */
  readonly content?: readonly string[];
  /** The text behind the stream in a line of CRI: `F SPOE: …`. */
  readonly rest?: readonly string[];
  readonly time?: readonly string[];
  readonly host?: readonly string[];
  /** The writer of the line where no host is named. */
  readonly pod?: readonly string[];
  readonly container?: readonly string[];
  /** The sender of the line where nothing else says it; a stream, a file and HAProxy's own name are no senders. */
  readonly source?: readonly string[];
  /** The members that together tell sources of one host apart: namespace, task, container. */
  readonly scope?: readonly string[];
  readonly process?: readonly string[];
  readonly pid?: readonly string[];
  /** `haproxy[7]:` */
  readonly tag?: readonly string[];
  readonly severity?: readonly string[];
  /** Several records in one object. */
  readonly records?: readonly string[];
}

const LB1 = { host: 'lb1', process: 'haproxy', pid: 7 } as const;
const NOON = '2024-03-07T12:00:01.000Z';
const NOON_MS = '2024-03-07T12:00:01.123Z';

export const JSON_FRAMINGS: readonly JsonFraming[] = [
  {
    name: 'rsyslog, syslog-ng, Vector',
    members: {
      message: ['message', 'log', 'MESSAGE', 'msg'],
      time: ['@timestamp', 'time', 'timestamp', 'ts'],
      host: ['host', 'host.name', 'host.hostname', 'hostname', 'fromhost'],
      process: ['program', 'programname', 'PROGRAM', 'appname', 'app-name', 'app_name', 'APP-NAME'],
      pid: ['procid', 'pid', 'PID', 'PROCID'],
      tag: ['syslogtag', 'tag'],
      severity: ['severity', 'level', 'syslogseverity-text', 'syslogseverity', 'LEVEL'],
    },
    example: (line) => ({
      '@timestamp': '2024-03-07T13:00:01.123+01:00',
      message: ` ${line}`,
      host: 'lb1',
      severity: 'notice',
      syslogtag: 'haproxy[7]:',
    }),
    yields: { time: NOON_MS, ...LB1, severity: 'notice' },
    seen: 'rsyslog templates, syslog-ng $(format-json), Vector syslog source, logstash',
  },
  {
    name: 'journalctl -o json',
    members: {
      time: ['__REALTIME_TIMESTAMP', '_SOURCE_REALTIME_TIMESTAMP'],
      host: ['_HOSTNAME', 'HOST'],
      process: ['SYSLOG_IDENTIFIER', '_COMM'],
      pid: ['_PID', 'SYSLOG_PID'],
      container: ['CONTAINER_NAME'],
      scope: ['CONTAINER_NAME', 'CONTAINER_ID_FULL', 'CONTAINER_ID', 'CONTAINER_TAG'],
      severity: ['PRIORITY'],
    },
    example: (line) => ({
      __REALTIME_TIMESTAMP: '1709812801123456',
      _HOSTNAME: 'lb1',
      SYSLOG_IDENTIFIER: 'haproxy',
      _PID: '7',
      PRIORITY: '5',
      MESSAGE: [...Buffer.from(line)],
    }),
    yields: { time: NOON_MS, ...LB1, severity: 'notice' },
    seen: 'journalctl -o json; a message that is not UTF-8 is an array of bytes',
  },
  {
    name: 'docker json-file, fluent-bit, fluentd',
    members: {
      time: ['date'],
      pod: ['kubernetes.pod_name', 'kubernetes.pod.name', 'k8s.pod.name', 'pod_name', 'podName', 'pod'],
      container: [
        ...['container.name', 'kubernetes.container_name', 'container_name', 'containerName', 'container'],
        ...['attrs.tag', 'attrs.name', 'container_id'],
      ],
      scope: [
        ...['kubernetes.namespace_name', 'kubernetes.namespace.name', 'kubernetes.namespace', 'k8s.namespace.name'],
        ...['namespace', 'namespace_name', 'kubernetes.container_name', 'kubernetes.container.name'],
        ...['kubernetes.docker_id', 'kubernetes.pod_id', 'container.id', 'container_id', 'containerName'],
        ...['attrs.tag', 'ecs_task_arn'],
      ],
    },
    example: (line) => ({
      date: 1_709_812_801.123456,
      stream: 'stdout',
      log: `${line}\n`,
      kubernetes: { pod_name: 'haproxy-0', container_name: 'haproxy', host: 'node-1' },
    }),
    yields: { time: NOON_MS, host: 'haproxy-0', scope: 'haproxy' },
    seen: "docker's json-file, fluent-bit and fluentd with kubernetes metadata, stern -o json",
  },
  {
    name: 'FireLens',
    members: { container: ['ecs_task_arn'] },
    example: (line) => ({
      container_id: '0123456789abcdef-1',
      ecs_cluster: 'edge',
      ecs_task_arn: 'arn:aws:ecs:eu-west-1:1:task/edge/0123456789abcdef',
      log: line,
      source: 'stdout',
    }),
    yields: {
      host: '0123456789abcdef-1',
      scope: '0123456789abcdef-1\narn:aws:ecs:eu-west-1:1:task/edge/0123456789abcdef',
    },
    seen: 'fluent-bit of AWS FireLens',
  },
  {
    name: 'Elastic Common Schema',
    members: {
      message: ['event.original'],
      host: ['log.syslog.hostname', 'observer.hostname'],
      process: ['process.name', 'log.syslog.appname'],
      pid: ['process.pid', 'log.syslog.procid'],
      severity: ['log.syslog.severity.name', 'log.syslog.severity.code', 'log.level', 'syslog.severity'],
      scope: ['container.id'],
      records: ['hits.hits'],
    },
    example: (line) => ({
      '@timestamp': '2024-03-07T12:00:01.123Z',
      message: line,
      process: { name: 'haproxy', pid: 7 },
      log: { syslog: { hostname: 'lb1', severity: { code: 5, name: 'Notice' } }, offset: 3 },
    }),
    yields: { time: NOON_MS, ...LB1, severity: 'notice' },
    seen: 'filebeat, Elastic Agent, Elasticsearch documents (_source)',
  },
  {
    name: 'Elasticsearch, fields',
    members: {
      message: ['fields.message', 'fields.event.original'],
      time: ['fields.@timestamp'],
      host: ['fields.host.name', 'fields.host.hostname'],
    },
    example: (line) => ({
      fields: { '@timestamp': ['2024-03-07T12:00:01.123Z'], message: [line], 'host.name': ['lb1'] },
    }),
    yields: { time: NOON_MS, host: 'lb1' },
    seen: 'searches with `fields`: every value is an array',
  },
  {
    name: 'GELF',
    members: {
      source: ['source'],
      scope: ['_container_id', '_container_name'],
      message: ['short_message', 'full_message'],
      process: ['_application_name', '_process_name', 'application_name'],
      pid: ['_process_id', 'process_id'],
      container: ['_container_name'],
    },
    example: (line) => ({
      version: '1.1',
      host: 'lb1',
      short_message: line,
      timestamp: 1_709_812_801.123,
      level: 5,
      _application_name: 'haproxy',
      _process_id: '7',
    }),
    yields: { time: NOON_MS, ...LB1, severity: 'notice' },
    seen: 'Graylog, docker gelf driver',
  },
  {
    name: 'Graylog',
    members: { records: ['messages'] },
    example: (line) => ({
      messages: [
        { message: { timestamp: '2024-03-07T12:00:01.123Z', source: 'lb1', message: line }, index: 'graylog_0' },
      ],
    }),
    yields: { time: NOON_MS, host: 'lb1' },
    seen: 'search API of Graylog; its messages alone, too',
  },
  {
    name: 'Loki',
    members: {
      content: ['line'],
      host: ['fields.hostname', 'fields.host', 'labels.hostname', 'labels.host', 'stream.hostname', 'stream.host'],
      pod: ['fields.pod', 'labels.pod', 'stream.pod', 'fields.instance', 'labels.instance', 'stream.instance'],
      container: ['fields.container', 'labels.container', 'stream.container'],
      scope: [
        ...['fields.namespace', 'labels.namespace', 'stream.namespace'],
        ...['fields.container', 'labels.container', 'stream.container'],
      ],
      records: ['data.result', 'streams'],
    },
    example: (line) => ({
      line,
      timestamp: '1709812801123456789',
      date: '2024-03-07T12:00:01.123Z',
      fields: { app: 'haproxy', pod: 'haproxy-0' },
    }),
    yields: { time: NOON_MS, host: 'haproxy-0' },
    seen: 'Grafana "download as JSON", logcli -o jsonl, answers of the query API',
  },
  {
    name: 'OpenTelemetry',
    members: {
      content: ['body.stringValue', 'body', 'Body'],
      time: ['timeUnixNano', 'observedTimeUnixNano', 'Timestamp', 'time_unix_nano'],
      host: [
        'attributes.host.name',
        'resource.host.name',
        'resource.attributes.host.name',
        'ResourceAttributes.host.name',
      ],
      pod: ['resource.k8s.pod.name', 'resource.service.instance.id', 'ResourceAttributes.k8s.pod.name'],
      container: ['resource.container.name', 'attributes.container.name'],
      scope: [
        ...['resource.k8s.namespace.name', 'resource.k8s.container.name', 'resource.container.id'],
        ...['ResourceAttributes.k8s.namespace.name', 'ResourceAttributes.k8s.container.name'],
      ],
      process: ['attributes.process.name', 'resource.process.executable.name', 'attributes.appname'],
      pid: ['attributes.process.pid', 'resource.process.pid', 'attributes.procid'],
      severity: ['severityText', 'SeverityText', 'severity_text'],
      records: ['resourceLogs', 'resource_logs'],
    },
    example: (line) => ({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'host.name', value: { stringValue: 'lb1' } }] },
          scopeLogs: [
            {
              scope: {},
              logRecords: [
                { timeUnixNano: '1709812801123456789', severityText: 'notice', body: { stringValue: line } },
              ],
            },
          ],
        },
      ],
    }),
    yields: { time: NOON_MS, host: 'lb1', severity: 'notice' },
    seen: "the Collector's file exporter: several records in one line; flat records of backends",
  },
  {
    name: 'Google Cloud Logging',
    members: {
      message: ['textPayload', 'jsonPayload.message', 'jsonPayload.log', 'jsonPayload.MESSAGE'],
      time: ['receiveTimestamp'],
      host: ['jsonPayload.host', 'jsonPayload.hostname', 'jsonPayload._HOSTNAME'],
      pod: ['resource.labels.pod_name', 'resource.labels.instance_id'],
      container: ['resource.labels.container_name'],
      scope: ['resource.labels.namespace_name', 'resource.labels.container_name', 'resource.labels.cluster_name'],
      process: ['jsonPayload.ident', 'jsonPayload.SYSLOG_IDENTIFIER'],
      pid: ['jsonPayload.pid', 'jsonPayload._PID'],
    },
    example: (line) => ({
      logName: 'projects/example/logs/stdout',
      resource: { type: 'k8s_container', labels: { pod_name: 'haproxy-0' } },
      textPayload: `${line}\n`,
      timestamp: '2024-03-07T12:00:01.123456789Z',
      severity: 'NOTICE',
    }),
    yields: { time: NOON_MS, host: 'haproxy-0', severity: 'notice' },
    seen: 'gcloud logging read, sinks; textPayload or jsonPayload',
  },
  {
    name: 'CloudWatch Logs',
    members: {
      message: ['@message'],
      time: ['eventTimestamp'],
      pod: ['logStream', 'logStreamName', '@logStream'],
      records: ['logEvents', 'events'],
    },
    example: (line) => ({
      messageType: 'DATA_MESSAGE',
      logStream: 'ecs/haproxy/1',
      logEvents: [{ id: '1', timestamp: 1_709_812_801_123, message: line }],
    }),
    yields: { time: NOON_MS, host: 'ecs/haproxy/1' },
    seen: 'subscriptions, aws logs filter-log-events: several records in one line; Insights (@message)',
  },
  {
    name: 'Azure Monitor',
    members: {
      message: ['LogMessage', 'SyslogMessage', 'LogEntry', 'Log_s', 'properties.message', 'properties.log'],
      rest: ['Log'],
      time: ['TimeGenerated', 'EventTime', 'TimeStamp', 'time_t'],
      host: ['HostName', 'Computer', 'properties.hostname', 'properties.host'],
      pod: ['PodName', 'ContainerGroupName_s', 'RevisionName_s', 'properties.pod'],
      container: ['ContainerName', 'ContainerAppName_s'],
      scope: ['PodNamespace', 'Namespace', 'ContainerId_s', 'ContainerId', 'ContainerName_s'],
      records: ['records'],
      process: ['ProcessName'],
      pid: ['ProcessID'],
      severity: ['SeverityLevel'],
    },
    example: (line) => ({
      TimeGenerated: '2024-03-07T12:00:01.123Z',
      HostName: 'lb1',
      ProcessName: 'haproxy',
      ProcessID: 7,
      SeverityLevel: 'notice',
      SyslogMessage: line,
    }),
    yields: { time: NOON_MS, ...LB1, severity: 'notice' },
    seen: 'Log Analytics: Syslog, ContainerLogV2, ContainerLog, Container Apps (Log_s; Log of az containerapp logs), Event Hubs (records)',
  },
  {
    name: 'Datadog',
    members: {
      message: ['attributes.message'],
      content: ['content', 'content.message', 'attributes.attributes.message'],
      time: ['attributes.timestamp', 'content.timestamp'],
      host: ['attributes.host', 'content.host'],
      process: ['attributes.syslog.appname', 'attributes.attributes.syslog.appname'],
      pid: ['attributes.syslog.procid', 'attributes.attributes.syslog.procid'],
      severity: ['attributes.status', 'content.status', 'status'],
      records: ['data'],
    },
    example: (line) => ({
      id: 'AQ',
      type: 'log',
      attributes: { service: 'haproxy', host: 'lb1', message: line, timestamp: '2024-03-07T12:00:01.123Z' },
    }),
    yields: { time: NOON_MS, host: 'lb1' },
    seen: 'Logs API, archives, exports (content)',
  },
  {
    name: 'Splunk',
    members: {
      content: ['event', 'event.message', '_raw', 'result._raw'],
      time: ['_time', 'result._time'],
      host: ['result.host'],
    },
    example: (line) => ({ time: 1_709_812_801.123, host: 'lb1', sourcetype: 'haproxy:http', event: line }),
    yields: { time: NOON_MS, host: 'lb1' },
    seen: 'HTTP Event Collector, exports of a search (_raw)',
  },
  {
    name: 'LogDNA, IBM Cloud Logs',
    members: { message: ['_line'], time: ['_ts'], host: ['_host'], process: ['_app'] },
    example: (line) => ({ _line: line, _ts: 1_709_812_801_123, _host: 'lb1', _app: 'haproxy' }),
    yields: { time: NOON_MS, host: 'lb1', process: 'haproxy' },
    seen: 'exports',
  },
  {
    name: 'a member of another name',
    members: {},
    example: (line) => ({ time: NOON_MS, host: 'lb1', data: { rawLine: line } }),
    yields: { time: NOON_MS, host: 'lb1' },
    seen: 'any shipper: a text in a member that is called after a message, a line or a log, at any depth',
  },
  {
    name: 'JSON in JSON',
    members: {},
    example: (line) => ({
      log: `${JSON.stringify({ timestamp: NOON, host: 'lb1', message: line })}\n`,
      stream: 'stdout',
      time: NOON_MS,
    }),
    yields: { time: NOON, host: 'lb1' },
    seen: "docker's json-file around a program that logs JSON; up to three deep",
  },
];
