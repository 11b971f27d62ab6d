/** Every address of the machine; as a client's target it means different things on different systems. */
const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The origin by which programs of this machine reach a port on that address. */
export const listenOrigin = (host: string, port: number, secure: boolean): string => {
  const name = wildcards[host] ?? host;
  const scheme = secure ? 'https' : 'http';
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`;
};
