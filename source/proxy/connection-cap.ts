import type { Socket } from 'node:net';
import { addressBucket } from './address-bucket.ts';
import { plainAddress } from './client-address.ts';

// Connections cost a client nothing and us a descriptor and memory each. Those that carry no request make way for new
// ones, so that nobody is shut out by a program that opens many and holds them; those that carry one are never ended.

export type ConnectionCapOptions = {
  /** Connections at a time. */
  most: number;
  /** Of them from one address. */
  mostOfOne: number;
  /** Whether many clients come from that address, so that only `most` counts for it. */
  standsForMany(address: string): boolean;
  /** The connections that carry a request, each as `connectionName` has it. */
  busy(): ReadonlySet<string>;
};

export type ConnectionCap = {
  /** Counts a connection that was opened until it closes; false when there is no room for it: the caller closes it. */
  admit(socket: Socket): boolean;
};

/** The other end of a connection; the same for TCP and for TLS over it. */
export const connectionName = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress} ${remotePort}`;

type Entry = { socket: Socket; name: string; bucket: string };

export const createConnectionCap = (options: ConnectionCapOptions): ConnectionCap => {
  const { most, mostOfOne, standsForMany, busy } = options;
  /** Oldest first. */
  const open = new Set<Entry>();
  const counts = new Map<string, number>();

  const forget = (entry: Entry): void => {
    if (!open.delete(entry)) return;
    const left = (counts.get(entry.bucket) ?? 0) - 1;
    if (left > 0) counts.set(entry.bucket, left);
    else counts.delete(entry.bucket);
  };

  /** Ends the oldest connection without a request: of this address, or else of the address that has most of them. */
  const makeRoom = (bucket: string | null): boolean => {
    const carrying = busy();
    let found: Entry | null = null;
    for (const entry of open) {
      if ((bucket !== null && entry.bucket !== bucket) || carrying.has(entry.name)) continue;
      if (found === null || countOf(entry) > countOf(found)) found = entry;
    }
    if (found === null) return false;
    forget(found);
    found.socket.destroy();
    return true;
  };
  const countOf = ({ bucket }: Entry): number => counts.get(bucket) ?? 0;

  return {
    admit(socket) {
      const address = plainAddress(socket.remoteAddress ?? '');
      const bucket = addressBucket(address);
      const isOne = !standsForMany(address);
      if (isOne && (counts.get(bucket) ?? 0) >= mostOfOne && !makeRoom(bucket)) return false;
      if (open.size >= most && !makeRoom(null)) return false;
      const entry = { socket, name: connectionName(socket), bucket };
      open.add(entry);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      socket.once('close', () => forget(entry));
      return true;
    },
  };
};
