/** Ports of 127.0.0.1 for programs that cannot choose one themselves. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/**
 * A port that nothing listens on and that the system gives to nobody for a minute, except to who names it: a connection
 * that its server has closed first stays on it in TIME_WAIT, which every server that sets SO_REUSEADDR may share.
 */
export async function reservePort(): Promise<number> {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1' });
  socket.resume();
  await once(socket, 'close');
  server.close();
  await once(server, 'close');
  return port;
}
