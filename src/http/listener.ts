/** The HTTP server: bounds on slow clients, and an end that answers what has begun. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { SECOND } from '../clock.ts';
import { SekishoError } from '../errors.ts';

/** How long requests that have begun may take when the server is told to stop. */
const GRACE = 5 * SECOND;

/** @returns closes the server @throws SekishoError invalid_input when the port is taken */
export async function listen(
  server: Server,
  { port, host }: { port: number; host: string },
): Promise<() => Promise<void>> {
  server.requestTimeout = 30 * SECOND;
  server.headersTimeout = 10 * SECOND;
  server.keepAliveTimeout = 65 * SECOND;
  const connections = watchConnections(server);
  await new Promise<void>((done, failed) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const message = `port ${port} is in use; set PORT to another`;
      failed(taken ? new SekishoError('invalid_input', message, { cause }) : cause);
    });
    server.listen(port, host, () => done());
  });
  return () =>
    new Promise((done) => {
      server.close(() => done());
      connections.closeIdle();
      setTimeout(() => server.closeAllConnections(), GRACE).unref();
    });
}

/** Node closes those that wait for a next request; browsers also open some ahead of need, which it does not close. */
function watchConnections(server: Server): { closeIdle(): void } {
  /** How much of each connection is read and answered; undefined while a request is being answered. */
  const answered = new Map<Socket, number | undefined>();
  let closing = false;
  server.on('connection', (socket) => {
    answered.set(socket, 0);
    socket.once('close', () => answered.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    answered.set(socket, undefined);
    response.once('close', () => {
      if (closing) socket.end();
      else if (!socket.destroyed) answered.set(socket, socket.bytesRead);
    });
  });
  return {
    closeIdle() {
      closing = true;
      for (const [socket, bytes] of answered) if (bytes === socket.bytesRead) socket.destroy();
    },
  };
}
