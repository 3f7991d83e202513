/** The health check of HAProxy (`option spop-check`) asked by ourselves: what an agent offers, or why it is none. */
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ByteWriter } from '../spop/byte-writer.ts';
import { readAgentDisconnect } from '../spop/disconnect.ts';
import { FrameType, readFrameHeader } from '../spop/frame-header.ts';
import { FrameReader } from '../spop/frame-reader.ts';
import { type AgentHello, readAgentHello, writeHaproxyHello } from '../spop/hello.ts';
import { isTlsCode } from '../text/tls-code.ts';
import { OperateError } from './operate-error.ts';
import { describeAddress, type RuntimeAddress } from './runtime-api.ts';

/** HAProxy's own, without tune.bufsize. */
const MAX_FRAME_BYTES = 16_380;
/** Of these an agent answers with those that it offers, too. */
const CAPABILITIES = ['fragmentation', 'pipelining', 'async'];
const HELLO = {
  supportedVersions: ['2.0'],
  maxFrameSize: MAX_FRAME_BYTES,
  capabilities: CAPABILITIES,
  healthcheck: true,
};

/**
 * @param timeoutMs from connecting to the answer
 * @param tls where it is spoken to by TLS
 * @throws OperateError `no-socket`, `no-permission`, `not-listening`, `unreachable`, `no-answer`, `not-an-agent`
 */
export function askAgent(address: RuntimeAddress, timeoutMs: number, tls?: ConnectionOptions): Promise<AgentHello> {
  const where = describeAddress(address);
  return new Promise((resolve, reject) => {
    const socket = tls === undefined ? connect({ ...address }) : connectTls({ ...address, ...tls });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const refuse = (why: string) =>
      end(() => reject(new OperateError('not-an-agent', `what listens at ${where} is no SPOP agent: ${why}`, OTHER)));
    const timer = setTimeout(
      () => end(() => reject(new OperateError('no-answer', `${where} takes the connection and says nothing`, STUCK))),
      timeoutMs,
    );
    const reader = new FrameReader(MAX_FRAME_BYTES, (frame) => {
      const header = readFrameHeader(frame);
      if (header.type === FrameType.agentHello) {
        const hello = readAgentHello(header, frame);
        end(() => resolve(hello));
      } else if (header.type === FrameType.agentDisconnect) {
        const { statusCode } = readAgentDisconnect(header, frame);
        refuse(`it says goodbye to HELLO with status ${statusCode}`);
      } else refuse(`it answers HELLO with a frame of type ${header.type}`);
    });
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk);
      } catch {
        refuse('what it answers is not the protocol');
      }
    });
    socket.on('end', () => refuse('it closes the connection behind HELLO'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(() => reject(describeError(where, error))));
    const writer = new ByteWriter();
    writeHaproxyHello(writer, HELLO);
    socket.write(writer.take());
  });
}

const OTHER = 'name the address of the agent as the server line of its backend has it';
const STUCK = 'is it stopped, or busy? look at its log, and restart it';

function describeError(where: string, { code, message }: NodeJS.ErrnoException): OperateError {
  switch (code) {
    case 'ECONNREFUSED':
      return new OperateError(
        'not-listening',
        `nobody listens at ${where}`,
        'start the agent, or mend the server line',
      );
    case 'ENOENT':
      return new OperateError('no-socket', `there is no socket ${where}`, 'start the agent, or mend the server line');
    case 'EACCES':
    case 'EPERM':
      return new OperateError(
        'no-permission',
        `no permission to connect to ${where}`,
        'run as root, or as a user of its group',
      );
    default:
      if (code !== undefined && isTlsCode(code))
        return new OperateError(
          'no-tls',
          `${where} and the server line do not agree on TLS: ${code}`,
          'look at ssl, ca-file and crt there, at --tls-cert and --tls-ca of the agent',
        );
      return new OperateError(
        'unreachable',
        `cannot reach ${where}: ${code ?? message}`,
        'look at address, name and firewall',
      );
  }
}
