import { typedCharacter } from './text-field.ts';

/** A hidden line: kept as bytes that can be wiped, and shown to nobody. */
export type SecretField = {
  /** Puts text behind what is there; false, and nothing is taken, when it would be longer than any credential. */
  insert(text: string): boolean;
  /** One key by its name; false when it means nothing here. */
  press(name: string): boolean;
  /** How many characters it holds. */
  length(): number;
  /** The text as UTF-8 bytes of their own, for the callee to wipe. */
  copy(): Uint8Array;
  wipe(): void;
};

/** No credential of any provider comes near this. */
const longestBytes = 64 * 1024;

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** An empty one. Text arrives as strings, which nobody can wipe; at least no copy of ours stays behind. */
export const createSecretField = (): SecretField => {
  // The system commits what is written to, not what is reserved; a buffer that grew would leave old copies behind.
  const bytes = new Uint8Array(longestBytes);
  const encoder = new TextEncoder();
  let used = 0;
  const insert = (text: string): boolean => {
    const room = bytes.subarray(used);
    const { read, written } = encoder.encodeInto(text, room);
    if (read < text.length) {
      room.fill(0);
      return false;
    }
    used += written;
    return true;
  };
  const wipe = (): void => {
    bytes.fill(0, 0, used);
    used = 0;
  };
  const dropLast = (): void => {
    let start = used - 1;
    while (start > 0 && isContinuation(bytes[start] ?? 0)) start -= 1;
    bytes.fill(0, Math.max(0, start), used);
    used = Math.max(0, start);
  };
  return {
    insert,
    press: (name) => {
      const typed = typedCharacter(name);
      if (typed !== null) return insert(typed);
      if (name === 'backspace') dropLast();
      // A word of a secret that nobody sees is all of it.
      else if (name === 'ctrl+u' || name === 'ctrl+w') wipe();
      else return false;
      return true;
    },
    length: () => bytes.subarray(0, used).reduce((count, byte) => count + (isContinuation(byte) ? 0 : 1), 0),
    copy: () => bytes.slice(0, used),
    wipe,
  };
};
