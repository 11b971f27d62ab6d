import { isLoopback } from '../config/loopback.ts';

/** Where the requests of an account go: its base URL, taken apart once. */
export type Target = {
  secure: boolean;
  /** Whether it can only be this machine. */
  loopback: boolean;
  hostname: string;
  port: number;
  /** `host[:port]`, as the Host header says it. */
  host: string;
  /** Scheme, host and port: what may share connections. */
  origin: string;
  /** Path of the base URL, without a slash at its end. */
  prefix: string;
};

export const targetOf = (baseUrl: string): Target => {
  const { protocol, hostname, port, host, origin, pathname } = new URL(baseUrl);
  const secure = protocol === 'https:';
  return {
    secure,
    loopback: isLoopback(hostname),
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    host,
    origin,
    prefix: pathname.replace(/\/$/, ''),
  };
};

/** Whether both are the same server, spoken to in the same way. */
export const isSameHost = (one: Target, other: Target): boolean =>
  one.secure === other.secure && one.host === other.host;
