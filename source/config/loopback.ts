import { isIPv4 } from 'node:net';

/** Whether that host (a name or an address, brackets allowed) can only be this machine. */
export const isLoopback = (host: string): boolean => {
  // Nearly always, and asked for each request.
  if (host === '127.0.0.1') return true;
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
};
