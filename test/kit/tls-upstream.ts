import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { MadeCertificate } from '../../source/commands/make-certificate.ts';

export type TlsUpstream = {
  port: number;
  /** Oldest first, ended ones too. */
  sockets: readonly TLSSocket[];
  /** What came, a text for each read. */
  received: readonly string[];
  /** For each read, whether its connection resumed an earlier session. */
  resumed: readonly (boolean | null)[];
};

/** A server on loopback that speaks TLS and gives each request the same answer; ends with the test. */
export const startTlsUpstream = async (
  { cert, key }: Pick<MadeCertificate, 'cert' | 'key'>,
  answer: Uint8Array,
): Promise<TlsUpstream> => {
  const sockets: TLSSocket[] = [];
  const received: string[] = [];
  const resumed: (boolean | null)[] = [];
  const server = createServer({ cert, key }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      resumed.push(socket.isSessionReused());
      received.push(bytes.toString());
      socket.write(answer);
    });
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets, received, resumed };
};

/** Lets this process trust a certificate until the test ends. */
export const trust = ({ cert }: Pick<MadeCertificate, 'cert'>): void => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  onTestFinished(() => setDefaultCACertificates(before));
};
