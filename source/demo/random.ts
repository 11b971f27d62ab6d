import type { Random } from '../shared/seeded-random.ts';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** An id of the shape that the API uses: `req_011C…`, `msg_01…`, `toolu_01…`. */
export const randomId = (prefix: string, random: Random): string =>
  prefix + Array.from({ length: 22 }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');

/** A whole number in [from, to); `from` when there is none between. */
export const between = ([from, to]: readonly [number, number], random: Random): number =>
  from + Math.floor(random() * (to - from));
