import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { shown, type Check } from './checks.ts';

/** An IP address, or a range of them such as 10.0.0.0/8. */
export const addressRange: Check<string> = {
  parse: (value) => {
    const [, address = '', bits] =
      /^([^/]+)(?:\/(\d{1,3}))?$/.exec(typeof value === 'string' ? value : '') ?? [];
    const family = isIP(address);
    // A zone (`fe80::1%eth0`) belongs to one machine's interface; ranges are compared without it.
    if (family !== 0 && !address.includes('%') && Number(bits ?? 0) <= (family === 4 ? 32 : 128)) {
      return { ok: true, value: String(value).toLowerCase() };
    }
    return {
      ok: false,
      what: `${shown(value)} is not an address or a range`,
      fix: 'use addresses such as 192.168.1.20 or ranges such as 10.0.0.0/8',
    };
  },
  fromText: (text) => text,
};

/** The absolute path of a file; empty for none. Whether it is there shows when it is read. */
export const filePath: Check<string> = {
  parse: (value) => {
    // A NUL ends a path for the system: the file that is opened would not be the one that is shown.
    if (typeof value === 'string' && value.length <= 4096 && !value.includes('\0')) {
      if (value === '' || isAbsolute(value)) return { ok: true, value };
    }
    return {
      ok: false,
      what: `${shown(value)} is not an absolute path`,
      fix: 'write the whole path, from the root on',
    };
  },
  fromText: (text) => text,
};
