import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';

/** As variables of an environment are called, so that one can stand in for the other. */
const pattern = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const reference = /^\$(?:([A-Za-z_][A-Za-z0-9_]{0,63})|\{([A-Za-z_][A-Za-z0-9_]{0,63})\})$/;

/** The name, with or without the `$` in front. Throws `usage`; what does not look like a name is not repeated. */
export const checkSecretName = (text: string): string => {
  const name = text.startsWith('$') ? text.slice(1) : text;
  if (pattern.test(name)) return name;
  throw new CcrError('usage', 'this is not a name of a secret', {
    hint: 'use up to 64 letters, digits and _, such as RELAY_KEY; the secret itself comes on stdin',
  });
};

/** `RELAY_KEY` of `$RELAY_KEY` or `${RELAY_KEY}`; null for a secret that is none. */
export const referenceIn = (secret: string): string | null => {
  const [, plain, braced] = reference.exec(secret.trim()) ?? [];
  return plain ?? braced ?? null;
};

/** The error for a name that nothing is stored under. */
export const unknownSecret = (name: string): CcrError =>
  new CcrError('unknown_secret', `there is no secret ${sanitize(name, 64)}`, {
    hint: 'ccr-tui secret list shows them',
  });
