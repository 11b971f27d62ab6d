import type { AccountRecord } from '../shared/types.ts';

/** 32 bits of a text, spread evenly (FNV-1a, and the finisher of MurmurHash3). */
const spreadBits = (text: string, seed: number): number => {
  let bits = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at += 1) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
};

/**
 * The lot that an account draws in one lottery: whoever has the highest wins, each as often as its weight says
 * (Efraimidis and Spirakis, 2006). The same lottery gives the same lots.
 */
export const lot = ({ id, weight }: Pick<AccountRecord, 'id' | 'weight'>, lottery: number): number =>
  ((spreadBits(id, Math.floor(lottery * 0xffffffff)) + 1) / 0x1_0000_0001) ** (1 / weight);
