import { connect } from 'node:net';
import { systemCode } from '../shared/system-code.ts';

/** Errors of a listener that is there and busy: a full backlog, a pipe whose instances are all taken. */
const busy = new Set(['EAGAIN', 'EBUSY']);

/** Whether somebody listens on the socket. One that does not answer within `timeoutMs` does. Never rejects. */
export const isListening = (path: string, timeoutMs = 1000): Promise<boolean> =>
  new Promise((resolve) => {
    const finish = (listening: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(listening);
    };
    const timer = setTimeout(() => finish(true), timeoutMs);
    const socket = connect(path);
    socket.on('connect', () => finish(true));
    socket.on('error', (error) => finish(busy.has(systemCode(error))));
  });
