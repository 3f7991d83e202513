/** The codec of src/spop for the demo. The library does not show it, so it is compiled when it is asked for, in memory. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../project.mjs';

const FILES = [
  'ack',
  'byte-writer',
  'disconnect',
  'frame-header',
  'frame-reader',
  'hello',
  'kv-list',
  'notify',
  'values',
];

const { outputFiles } = await build({
  stdin: {
    contents: FILES.map((name) => `export * from './${name}.ts';`).join('\n'),
    resolveDir: join(ROOT, 'src/spop'),
  },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'silent',
});
const [{ contents }] = outputFiles;

export const {
  ByteWriter,
  FrameReader,
  FrameType,
  KvList,
  binaryData,
  readAck,
  readAgentDisconnect,
  readAgentHello,
  readFrameHeader,
  stringData,
  writeHaproxyDisconnect,
  writeHaproxyHello,
  writeNotify,
  writeShortString,
} = await import(`data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`);
