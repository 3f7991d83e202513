import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_KEY, SIDS } from '../../../../src/diff/join/ids.ts';
import { KeyColumns, RequestIds } from '../../../../src/diff/join/whole/request-ids.ts';
import { request } from '../../records.ts';

test('a stream is known by host, process and number, or by the latter two', () => {
  const ids = new RequestIds();
  const keys = new KeyColumns(ids);
  const streams = [
    { host: 'lb1', pid: 713, sid: 0 },
    { host: 'lb1', pid: 713, sid: SIDS - 1 },
    { host: 'lb2', pid: 713, sid: SIDS - 1 },
    { host: '', pid: 713, sid: 2 ** 31 },
    { host: 'lb1', pid: 713, sid: -1 },
    { host: 'lb1', pid: -1, sid: 7 },
  ];
  for (const stream of streams) keys.push(stream, ids.numbersOf(request({ uniqueId: '' })));
  const rows = [...streams.keys()];
  assert.deepEqual(
    rows.map((row) => keys.keyText(row, 'pid+sid')),
    ['lb1[713] 0', 'lb1[713] 4294967295', 'lb2[713] 4294967295', '[713] 2147483648', '', ''],
  );
  assert.deepEqual(
    rows.map((row) => ids.describeStream(keys.hostlessAt(row))),
    ['[713] 0', '[713] 4294967295', '[713] 4294967295', '[713] 2147483648', '', ''],
  );
  assert.equal(keys.hostlessAt(1), keys.hostlessAt(2));
  assert.deepEqual([keys.stream.at(4), keys.stream.at(5)], [NO_KEY, NO_KEY]);
  assert.equal(keys.stream.at(3), ids.stream('', 713, 2 ** 31));
});
