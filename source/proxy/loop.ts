import { randomBytes } from 'node:crypto';
import { keyPrefix } from '../shared/client-key.ts';
import type { Secret } from '../shared/secret.ts';

// A proxy whose account leads back to it, over other proxies of this kind or at once, would ask itself for ever. Each
// one puts its mark into the Connection header of what it sends to another: connection options are for the next hop
// alone (RFC 9110 section 7.6.1), so that nothing is added to the request itself, and providers never see it.

const prefix = 'ccr-hop-';

/** More proxies of this kind in a row than anybody sets up. */
const longestChain = 4;

/** The marks on a request, oldest first; none on nearly every one. */
export const hopsOf = (connection: string | undefined): readonly string[] => {
  const options = connection?.toLowerCase();
  if (options?.includes(prefix) !== true) return none;
  return options
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option.startsWith(prefix));
};

const none: readonly string[] = [];

/** A mark that no other proxy has. */
export const newHopMark = (): string => `${prefix}${randomBytes(6).toString('hex')}`;

export const isLoop = (hops: readonly string[], own: string): boolean =>
  hops.length > 0 && (hops.includes(own) || hops.length >= longestChain);

/** Whether a proxy of this kind may be there: on this machine, or where one of its keys is what opens. */
export const mayBeProxy = ({ loopback }: { loopback: boolean }, secret: Secret): boolean =>
  loopback || secret.reveal().startsWith(keyPrefix);

/** The Connection header of a request that goes on with these marks. */
export const markedConnection = (hops: readonly string[], own: string): string =>
  hops.length === 0 ? `keep-alive, ${own}` : `keep-alive, ${hops.join(', ')}, ${own}`;
