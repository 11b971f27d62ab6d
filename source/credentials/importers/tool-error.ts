import { CcrError } from '../../shared/errors.ts';

/** The error of a store of another tool; nothing was imported from it, or nothing removed. */
export const toolError = (path: string, what: string, hint: string, cause?: unknown): CcrError =>
  new CcrError('failed', `${path} ${what}`, { hint, cause });
