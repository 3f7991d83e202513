/** Lines of different sources are never taken for one event that was written twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLine } from '../../../src/logs/line.ts';
import { Names } from '../../../src/logs/names.ts';
import { EVENT } from './examples.ts';

/** Pairs of what shippers say about two HAProxies that write the same text. */
const SOURCES: Readonly<Record<string, readonly [object, object]>> = {
  'source of Graylog': [{ source: 'a' }, { source: 'b' }],
  'container of journald': [
    { _HOSTNAME: 'lb1', _PID: '999', CONTAINER_NAME: 'a' },
    { _HOSTNAME: 'lb1', _PID: '999', CONTAINER_NAME: 'b' },
  ],
  "tag of docker's json-file": [{ attrs: { tag: 'a' } }, { attrs: { tag: 'b' } }],
  'container of FireLens': [
    { container_id: 'a', container_name: '/ecs-haproxy', source: 'stdout' },
    { container_id: 'b', container_name: '/ecs-haproxy', source: 'stdout' },
  ],
  'task of FireLens': [
    { container_name: '/ecs-haproxy', ecs_task_arn: 'arn:a' },
    { container_name: '/ecs-haproxy', ecs_task_arn: 'arn:b' },
  ],
  'a pod of the same name in two namespaces': [
    { kubernetes: { pod_name: 'haproxy-0', namespace_name: 'a' } },
    { kubernetes: { pod_name: 'haproxy-0', namespace_name: 'b' } },
  ],
  'two containers of one pod': [
    { kubernetes: { pod_name: 'haproxy-0', container_name: 'a' } },
    { kubernetes: { pod_name: 'haproxy-0', container_name: 'b' } },
  ],
  'containers of GELF': [
    { host: 'lb1', _container_id: 'a' },
    { host: 'lb1', _container_id: 'b' },
  ],
  'namespaces of Loki': [
    { labels: { pod: 'haproxy-0', namespace: 'a' } },
    { labels: { pod: 'haproxy-0', namespace: 'b' } },
  ],
  'namespaces of Google': [
    { resource: { labels: { pod_name: 'haproxy-0', namespace_name: 'a' } } },
    { resource: { labels: { pod_name: 'haproxy-0', namespace_name: 'b' } } },
  ],
  'stern -o json': [
    { podName: 'haproxy-0', namespace: 'a' },
    { podName: 'haproxy-0', namespace: 'b' },
  ],
};

function originOf(names: Names, line: string): number {
  const parsed = parseLine(line);
  return parsed.kind === 'event' ? names.origin(parsed.header) : assert.fail(line);
}

for (const [name, pair] of Object.entries(SOURCES)) {
  test(`${name}: two sources`, () => {
    const names = new Names();
    const [a, b] = pair.map((fields) => originOf(names, JSON.stringify({ ...fields, message: EVENT })));
    assert.notEqual(a, b);
    assert.equal(originOf(names, JSON.stringify({ ...pair[0], message: EVENT })), a);
  });
}

for (const [name, [first, second]] of Object.entries({
  'Heroku drain': ['1 2024-03-07T12:00:01Z host app web.1 - ', '1 2024-03-07T12:00:01Z host app web.2 - '],
  'heroku logs': ['2024-03-07T12:00:01Z app[web.1]: ', '2024-03-07T12:00:01Z app[web.2]: '],
  pm2: ['0|haproxy  | ', '1|haproxy  | '],
  'stern -A': ['a haproxy-0 › haproxy ', 'b haproxy-0 › haproxy '],
  kail: ['a/haproxy-0[haproxy]: ', 'b/haproxy-0[haproxy]: '],
}) as [string, [string, string]][]) {
  test(`${name}: two sources in lines`, () => {
    const names = new Names();
    assert.notEqual(originOf(names, first + EVENT), originOf(names, second + EVENT));
  });
}

test('what is no host names none: a stream, a file, HAProxy itself', () => {
  for (const source of ['stdout', 'stderr', '/var/log/haproxy.log', 'haproxy', 'hapee-lb', 'syslog']) {
    const parsed = parseLine(JSON.stringify({ source, message: EVENT }));
    assert.equal(parsed.kind === 'event' && parsed.header.host, undefined, source);
  }
});
